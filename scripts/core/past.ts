import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import type { EnumValueSchema, FieldSchema, FieldType, MethodSchema, PackageSchema, Scalar } from "./schema.ts";

/** A field or an enum value that some release had. */
export interface PastMember {
  readonly number: number;
  readonly name: string;
  /**
   * What the same element is called since, as `name = number`: a rename or another number does not make it something
   * else. undefined: it ended under this name and number.
   */
  readonly now: string | undefined;
}

/** A field as far as binary and JSON see it. */
export interface PastField extends PastMember {
  /** `string`, `repeated enum acme.orders.v1.Status`, `map<string, message acme.type.v1.Money>`. */
  readonly type: string;
  readonly jsonName: string;
}

export interface PastRpc {
  readonly name: string;
  /** A full name, after `stream ` where there are many. */
  readonly request: string;
  readonly response: string;
}

export function pastField(field: FieldSchema): PastField {
  const { number, name, jsonName } = field;
  return { number, name, now: undefined, type: typeText(field), jsonName };
}

export function pastValue({ number, name }: EnumValueSchema): PastMember {
  return { number, name, now: undefined };
}

export function pastRpc({ name, input, output, streamsIn, streamsOut }: MethodSchema): PastRpc {
  const message = (type: string, streams: boolean): string => (streams ? `stream ${type}` : type);
  return { name, request: message(input, streamsIn), response: message(output, streamsOut) };
}

/** What tells an element of a message or an enum from the others: `note = 3`. */
export function statementOf({ name, number }: { readonly name: string; readonly number: number }): string {
  return `${name} = ${number}`;
}

/** An extension is called by its full name. */
export function derivedJsonName(name: string): string {
  return name.includes(".") ? `[${name}]` : protoCamelCase(name);
}

/** A message, as far as extensions give it fields. */
export interface Extended {
  readonly path: string;
  readonly fields: readonly FieldSchema[];
}

/** The extensions of a package by what they extend, each with its full name as its name. */
export function extensionsOf({ extensions }: PackageSchema): ReadonlyMap<string, Extended> {
  const found = new Map<string, FieldSchema[]>();
  for (const field of extensions.values()) {
    const path = field.extendee ?? "";
    found.set(path, [...(found.get(path) ?? []), { ...field, name: field.path }]);
  }
  return new Map([...found].map(([path, fields]) => [path, { path, fields }]));
}

/** What is extended on both sides. */
export function pairExtended(
  before: ReadonlyMap<string, Extended>,
  after: ReadonlyMap<string, Extended>,
  renames: ReadonlyMap<string, string>,
): readonly (readonly [before: Extended, after: Extended])[] {
  return [...before.values()].flatMap((old) => {
    const now = after.get(renames.get(old.path) ?? old.path);
    return now === undefined ? [] : [[old, now] as const];
  });
}

/** Without presence: what `optional` and `required` change is no other meaning of what stands there. */
function typeText({ cardinality, mapKey, type, delimited }: FieldSchema): string {
  const kind = type.name === "" ? type.kind : `${delimited ? "delimited " : ""}${type.kind} ${type.name}`;
  if (cardinality === "map") return `map<${mapKey}, ${kind}>`;
  return cardinality === "repeated" ? `repeated ${kind}` : kind;
}

const SCALARS: readonly string[] =
  "double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes".split(" ");

/** What of a field a type says. */
type Shape = Pick<FieldSchema, "cardinality" | "mapKey" | "type" | "delimited">;

/** @returns undefined when the text is no type. */
export function parseType(text: string): Shape | undefined {
  const [, key, value = text] = /^map<(\w+), (.+)>$/.exec(text) ?? [];
  const [, repeated, single = ""] = /^(repeated )?(.+)$/.exec(value) ?? [];
  const type = parseSingle(single);
  if (type === undefined || (key !== undefined && (repeated !== undefined || !SCALARS.includes(key)))) return undefined;
  const cardinality = key !== undefined ? "map" : repeated === undefined ? "singular" : "repeated";
  return { cardinality, mapKey: key as Scalar | undefined, type, delimited: single.startsWith("delimited ") };
}

function parseSingle(text: string): FieldType | undefined {
  if (SCALARS.includes(text)) return { kind: text as Scalar, name: "", closed: false };
  const [, message, name] = /^(?:((?:delimited )?message)|enum) ([\w.]+)$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return { kind: message === undefined ? "enum" : "message", name, closed: false };
}

/** A type whose message or enum may have another name now. */
export function renameType(type: string, renames: ReadonlyMap<string, string>): string {
  return type.replace(/[\w.]+(?=>?$)/, (name) => renames.get(name) ?? name);
}

/** As a person would write it: `repeated acme.orders.v1.Status states = 4`. */
export function renderPastField(field: PastField): string {
  return `${field.type.replace(/\b(?:delimited message|message|enum) /, "")} ${statementOf(field)}`;
}

export function renderPastRpc({ name, request, response }: PastRpc): string {
  return `rpc ${name}(${request}) returns (${response})`;
}
