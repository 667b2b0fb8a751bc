import type { Break } from "./change.ts";
import type { FieldSchema, Scalar } from "./schema.ts";

/**
 * What a change from one scalar or enum type to another breaks. What the old type can say must mean the same to a
 * reader of the new one, and the other way round for what both can say.
 */
export function scalarBreaks(before: FieldSchema, after: FieldSchema): readonly Break[] {
  const [from, to] = [scalarKind(before), scalarKind(after)];
  if (from === undefined || to === undefined) return ["wire", "json", "source"];
  const breaks: Break[] = [];
  const wrapped = (before.type.kind === "message") !== (after.type.kind === "message");
  const closed = before.type.closed || after.type.closed;
  if (wrapped || closed || !keepsWire(from, to)) breaks.push("wire");
  if (!keepsJson(from, to)) breaks.push("json");
  if (typescriptOf(before, from) !== typescriptOf(after, to)) breaks.push("source");
  return breaks;
}

/** The same for the keys of two maps. In JSON a key is a text: that of its value. */
export function keyBreaks({ mapKey: from }: FieldSchema, { mapKey: to }: FieldSchema): readonly Break[] {
  if (from === undefined || to === undefined) return [];
  const breaks: Break[] = [];
  if (!keepsWire(from, to)) breaks.push("wire");
  if (!keepsJson(from, to)) breaks.push("json");
  // Not every type can be a key of an object: for the others it is a Map.
  if (typescriptOfScalar(from) !== typescriptOfScalar(to)) breaks.push("source");
  return breaks;
}

export type Kind = Scalar | "enum";

/** Of a field of a wrapper: of the value in it, which JSON and TypeScript see. Of another message: none. */
export function scalarKind({ type }: FieldSchema): Kind | undefined {
  if (type.kind !== "message") return type.kind;
  const [, wrapped] = /^google\.protobuf\.(Double|Float|U?Int(?:32|64)|Bool|String|Bytes)Value$/.exec(type.name) ?? [];
  return wrapped?.toLowerCase() as Scalar | undefined;
}

/** The row for a set of breaks. */
export function typeRule(breaks: readonly Break[]): string | undefined {
  const kinds = (["wire", "json", "source"] as const).filter((each) => breaks.includes(each));
  if (kinds.length === 0) return undefined;
  return kinds.length === 3 ? "field-type-changed" : `field-type-changed-${kinds.join("-")}`;
}

/** The encodings: types of one encoding write the same bytes for the same value. */
const ENCODINGS: Readonly<Record<Kind, string>> = {
  bool: "varint",
  bytes: "bytes",
  double: "double",
  enum: "varint",
  fixed32: "fixed32",
  fixed64: "fixed64",
  float: "float",
  int32: "varint",
  int64: "varint",
  sfixed32: "fixed32",
  sfixed64: "fixed64",
  sint32: "zigzag",
  sint64: "zigzag",
  string: "bytes",
  uint32: "varint",
  uint64: "varint",
};

/** The whole numbers that a type holds, both ends included. */
const RANGES: Readonly<Partial<Record<Kind, readonly [bigint, bigint]>>> = {
  bool: [0n, 1n],
  enum: [-(2n ** 31n), 2n ** 31n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed32: [-(2n ** 31n), 2n ** 31n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

function holds(outer: Kind, inner: Kind): boolean {
  const [low, high] = RANGES[outer] ?? [0n, -1n];
  const [from, to] = RANGES[inner] ?? [1n, 0n];
  return low <= from && to <= high;
}

function keepsWire(from: Kind, to: Kind): boolean {
  if (from === to) return true;
  if (ENCODINGS[from] !== ENCODINGS[to]) return false;
  // Every string is bytes; not all bytes are UTF-8.
  return ENCODINGS[from] === "bytes" ? from === "string" : holds(to, from);
}

/** Integers are read from numbers and from strings, whichever wrote them; an enum is its name, a bool is no number. */
function keepsJson(from: Kind, to: Kind): boolean {
  if (from === to) return true;
  if (isInteger(from) && isInteger(to)) return holds(to, from);
  if (to === "double") return from === "float" || (isInteger(from) && holds("int64", from) && !is64(from));
  return false;
}

function isInteger(kind: Kind): boolean {
  return kind !== "bool" && kind !== "enum" && RANGES[kind] !== undefined;
}

function is64(kind: Kind): boolean {
  return kind.endsWith("64");
}

/** The type of a scalar or an enum in the generated TypeScript. */
function typescriptOf({ type, jstype }: FieldSchema, kind: Kind): string {
  if (kind === "enum") return type.name;
  return is64(kind) && jstype !== "normal" ? jstype : typescriptOfScalar(kind);
}

function typescriptOfScalar(scalar: Scalar): string {
  if (is64(scalar)) return "bigint";
  switch (scalar) {
    case "bool":
      return "boolean";
    case "string":
      return "string";
    case "bytes":
      return "Uint8Array";
    default:
      return "number";
  }
}
