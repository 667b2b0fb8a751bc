import { type FieldMarks, type MarkedMessages, type Marks, markedMessages } from "./marks.ts";

/** What stands in the place of a value that is kept out of logs. */
const REDACTED = "[redacted]";

// protobuf's own limit of nesting. What lies deeper is taken for secret, so that a circle of objects ends, too.
const DEEPEST = 100;

/**
 * Copies a message with `"[redacted]"` in the place of every field that the schema marks with `debug_redact`, also in
 * the messages inside, in lists, maps and oneofs. Only an absent field stays absent: a `false` or a `0` that is shown
 * would tell that the others are none. The message is never changed; parts without marks are shared, and a message
 * without any is given back as it is.
 *
 * @param typeName the full name of the message: `bookstore.orders.v2.Order`, the `$type` of its codec.
 */
export function redact(typeName: string, message: unknown, marks: Marks): unknown {
  return redactMessage(typeName, message, markedMessages(marks, "redact"), 0);
}

function redactMessage(typeName: string, message: unknown, marked: MarkedMessages, depth: number): unknown {
  const fields = marked.get(typeName);
  if (fields === undefined || typeof message !== "object" || message === null) {
    return message;
  }
  if (depth > DEEPEST) {
    return REDACTED;
  }
  return mapValues(message, (value, property) => {
    const field = fields.get(property);
    return field === undefined ? value : redactField(field, value, marked, depth);
  });
}

function redactField(field: FieldMarks, value: unknown, marked: MarkedMessages, depth: number): unknown {
  if (value === undefined || value === null) {
    return value;
  }
  if (field.redact === true) {
    return REDACTED;
  }
  if (field.cases !== undefined) {
    return redactCase(field.cases, value, marked, depth);
  }
  const { type } = field;
  if (type === undefined) {
    return value;
  }
  const inside = (item: unknown): unknown => redactMessage(type, item, marked, depth + 1);
  if (Array.isArray(value)) {
    return value.map(inside);
  }
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, inside(item)]));
  }
  return field.map === true ? mapValues(value, inside) : inside(value);
}

function redactCase(
  cases: { readonly [name: string]: FieldMarks },
  chosen: object,
  marked: MarkedMessages,
  depth: number,
): unknown {
  const { $case, value } = chosen as { readonly $case?: unknown; readonly value?: unknown };
  const field = typeof $case === "string" && Object.hasOwn(cases, $case) ? cases[$case] : undefined;
  return field === undefined ? chosen : { $case, value: redactField(field, value, marked, depth) };
}

/** By entries and not by assignment: a map may have the key `__proto__`. */
function mapValues(object: object, change: (value: unknown, key: string) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}
