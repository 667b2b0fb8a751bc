/**
 * What a schema says of its elements that behaviour needs and types do not hold. A generated package gives it to the
 * runtime; only what is marked is listed.
 */
export interface Marks {
  /** The package or the service is deprecated. */
  readonly deprecated?: true;
  /** When, where that is known. */
  readonly dates?: Dates;
  /** By the method's key in the definition. */
  readonly methods?: { readonly [key: string]: { readonly deprecated?: true; readonly dates?: Dates } };
  /** By the full name of the message: only messages that hold a mark, also somewhere inside. */
  readonly messages?: { readonly [typeName: string]: { readonly [property: string]: FieldMarks } };
}

/** What the owner of something deprecated has said of its end: days in UTC, as 2027-07-01. */
export interface Dates {
  /** The first day on which it was deprecated. */
  readonly since: string;
  /** The first day on which it may be gone. */
  readonly sunset?: string;
  /** The full name of what takes its place. */
  readonly successor?: string;
}

/** The marks of one field, by its property. */
export interface FieldMarks {
  readonly deprecated?: true;
  /** When, where that is known. */
  readonly dates?: Dates;
  /** `debug_redact`: its value is kept out of logs. */
  readonly redact?: true;
  /** The full name of the message inside (singular, repeated, or a map's value) when that is listed too. */
  readonly type?: string;
  /** `type` is of the values of a map, which as an object looks like a message. */
  readonly map?: true;
  /** For a oneof's property: by case. */
  readonly cases?: { readonly [name: string]: FieldMarks };
}

/** What a mark is looked up for. */
export type MarkKind = "deprecated" | "redact";

/** A message's marked fields, by property. */
export type MarkedFields = ReadonlyMap<string, FieldMarks>;

/** Of each message that holds a mark of one kind, also somewhere inside: the fields that lead to it. */
export type MarkedMessages = ReadonlyMap<string, MarkedFields>;

// A generated package has one object of marks for each service, so each is worked out once.
const known: Record<MarkKind, WeakMap<Marks, MarkedMessages>> = { deprecated: new WeakMap(), redact: new WeakMap() };

/** The messages that hold a mark of a kind: the others need not be looked into. */
export function markedMessages(marks: Marks, kind: MarkKind): MarkedMessages {
  const found = known[kind].get(marks);
  if (found !== undefined) {
    return found;
  }
  const made = findMarked(marks, kind);
  known[kind].set(marks, made);
  return made;
}

function findMarked(marks: Marks, kind: MarkKind): MarkedMessages {
  const messages = Object.entries(marks.messages ?? {}).map(
    ([name, fields]) => [name, Object.entries(fields)] as const,
  );
  const marked = new Set<string>();
  const leads = (field: FieldMarks): boolean =>
    field[kind] === true ||
    (field.type !== undefined && marked.has(field.type)) ||
    Object.values(field.cases ?? {}).some(leads);
  // Messages may hold each other in a circle, so this goes on until nothing is added.
  for (let before = -1; before !== marked.size; ) {
    before = marked.size;
    for (const [name, fields] of messages) {
      if (fields.some(([, field]) => leads(field))) {
        marked.add(name);
      }
    }
  }
  return new Map(
    messages
      .filter(([name]) => marked.has(name))
      .map(([name, fields]) => [name, new Map(fields.filter(([, field]) => leads(field)))]),
  );
}
