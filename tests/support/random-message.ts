import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/**
 * A message with every field set to something other than its default, one case of each oneof, nested to `depth`:
 * what a codec must carry through unchanged.
 */
export function randomMessage(desc: DescMessage, random: () => number, depth = 2): Message {
  const message = reflect(desc, create(desc));
  fill(message, random, depth);
  return message.message;
}

function fill(message: ReflectMessage, random: () => number, depth: number): void {
  const chosen = new Map(message.desc.oneofs.map((oneof) => [oneof, pick(oneof.fields, random)]));
  for (const field of message.fields) {
    if (field.oneof !== undefined && chosen.get(field.oneof) !== field) continue;
    setField(message, field, random, depth);
  }
  repair(message, random);
}

/** Messages whose fields have rules of their own. */
function repair(message: ReflectMessage, random: () => number): void {
  const { typeName } = message.desc;
  const set = (name: string, value: unknown): void => {
    const field = message.fields.find((each) => each.name === name);
    if (field !== undefined) message.set(field, value as never);
  };
  if (typeName === "google.protobuf.Timestamp") {
    set("seconds", BigInt(Math.floor((random() - 0.5) * 4e9)));
    set("nanos", Math.floor(random() * 1e9));
  } else if (typeName === "google.protobuf.Value") set("number_value", 1 + Math.floor(random() * 1000));
}

function setField(message: ReflectMessage, field: DescField, random: () => number, depth: number): void {
  if (field.fieldKind === "scalar") message.set(field, scalar(field.scalar, random) as never);
  else if (field.fieldKind === "enum") message.set(field, enumNumber(field, random) as never);
  else if (field.fieldKind === "message") {
    if (depth > 0) message.set(field, nested(field.message, random, depth - 1) as never);
  } else if (field.fieldKind === "list") {
    const list = message.get(field);
    for (let count = 0; count < 2; count++) {
      const item = element(field, random, depth);
      if (item !== undefined) list.add(item as never);
    }
  } else if (field.fieldKind === "map") {
    const value = element(field, random, depth);
    if (value !== undefined) message.get(field).set(scalar(field.mapKey, random) as never, value as never);
  }
}

function element(field: DescField & { fieldKind: "list" | "map" }, random: () => number, depth: number): unknown {
  if (field.message !== undefined) return depth > 0 ? nested(field.message, random, depth - 1) : undefined;
  if (field.enum !== undefined) return enumNumber(field, random);
  return field.scalar === undefined ? undefined : scalar(field.scalar, random);
}

function nested(desc: DescMessage, random: () => number, depth: number): ReflectMessage {
  const message = reflect(desc, create(desc));
  fill(message, random, depth);
  return message;
}

function enumNumber(field: DescField, random: () => number): number {
  const values = (field.enum?.values ?? []).filter((value) => value.number !== 0);
  return pick(values, random)?.number ?? 0;
}

function scalar(type: ScalarType, random: () => number): unknown {
  const small = 1 + Math.floor(random() * 1e6);
  switch (type) {
    case ScalarType.STRING:
      return `t${small}é`;
    case ScalarType.BYTES:
      return Uint8Array.of(1, small & 255, 0);
    case ScalarType.BOOL:
      return true;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return small / 4;
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return -BigInt(small);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return BigInt(small);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return -small;
    default:
      return small;
  }
}

function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}
