import {
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescMessage,
  getExtension,
  hasExtension,
  type Message,
  type Registry,
  ScalarType,
  setExtension,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";

/** A field as the schema has it, or an extension, which is a field that another message declares. */
export type Field = DescField | DescExtension;

export function fieldsOf(desc: DescMessage, registry: Registry): readonly Field[] {
  const extensions = [...registry].filter(
    (type) => type.kind === "extension" && type.extendee.typeName === desc.typeName,
  );
  return [...desc.fields, ...(extensions as DescExtension[])];
}

/** One value: a scalar as a text that every type with this value has, an enum's number, or a message. */
export type Item =
  | { readonly kind: "scalar"; readonly text: string }
  | { readonly kind: "enum"; readonly number: number; readonly type: DescEnum }
  | { readonly kind: "message"; readonly message: ReflectMessage };

/** What a message says in a field. */
export type Said =
  | { readonly kind: "one"; readonly set: boolean; readonly item: Item | undefined }
  | { readonly kind: "list"; readonly items: readonly Item[] }
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, Item> };

export function isImplicit(field: Field): boolean {
  return isSingular(field) && field.message === undefined && field.presence === FeatureSet_FieldPresence.IMPLICIT;
}

export function isRequired(field: Field): boolean {
  return field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
}

export function isSingular(field: Field): boolean {
  return field.fieldKind !== "list" && field.fieldKind !== "map";
}

export function read(message: ReflectMessage, field: Field): Said {
  const value = field.kind === "extension" ? getExtension(message.message, field) : (message.get(field) as unknown);
  if (field.fieldKind === "list") {
    return { kind: "list", items: [...(value as Iterable<unknown>)].map((each) => itemOf(field, each)) };
  }
  if (field.fieldKind === "map") {
    const entries = [...(value as Iterable<[unknown, unknown]>)];
    return { kind: "map", entries: new Map(entries.map(([key, each]) => [scalarText(key), itemOf(field, each)])) };
  }
  const set = field.kind === "extension" ? hasExtension(message.message, field) : message.isSet(field);
  // A message that is not set is nothing; a scalar that is not set is read as its default.
  return { kind: "one", set, item: !set && field.message !== undefined ? undefined : itemOf(field, value) };
}

/** The one field of a wrapper, which means the value that it wraps; undefined for another message. */
export function wrappedField(desc: DescMessage | undefined): DescField | undefined {
  return desc !== undefined && WRAPPER.test(desc.typeName) ? desc.fields[0] : undefined;
}

const WRAPPER = /^google\.protobuf\.(?:Double|Float|U?Int(?:32|64)|Bool|String|Bytes)Value$/;

function itemOf(field: Field, value: unknown): Item {
  if (field.enum !== undefined) return { kind: "enum", number: value as number, type: field.enum };
  if (field.message === undefined) return { kind: "scalar", text: scalarText(rounded(field, value)) };
  const message = isReflected(value) ? value : reflect(field.message, value as Message);
  const wrapped = wrappedField(field.message);
  if (wrapped !== undefined) return { kind: "scalar", text: scalarText(message.get(wrapped)) };
  return { kind: "message", message };
}

/** The library rounds a float when it writes its bytes, and not when it reads JSON. */
function rounded(field: Field, value: unknown): unknown {
  return field.scalar === ScalarType.FLOAT && typeof value === "number" ? Math.fround(value) : value;
}

function isReflected(value: unknown): value is ReflectMessage {
  return typeof value === "object" && value !== null && "message" in value && "desc" in value;
}

/** The same text for the same value in different types: 1, 1n, 1.0 and true; a string and its bytes. */
export function scalarText(value: unknown): string {
  if (typeof value === "string") return scalarText(new TextEncoder().encode(value));
  if (value instanceof Uint8Array) return `x${[...value].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  if (typeof value === "number") return Number.isInteger(value) ? String(BigInt(value)) : String(value);
  return String(typeof value === "boolean" ? Number(value) : value);
}

export function write(message: ReflectMessage, field: Field, value: unknown): void {
  if (field.kind === "extension") setExtension(message.message, field, value as never);
  else if (field.fieldKind === "list") for (const each of value as unknown[]) message.get(field).add(each as never);
  else if (field.fieldKind === "map") {
    for (const [key, each] of value as [unknown, unknown][]) message.get(field).set(key as never, each as never);
  } else message.set(field, value as never);
}

/** Whether a reader takes bytes in it that are no UTF-8: in a string, a list of them, or the keys or values of a map. */
export function isLaxString(field: Field): boolean {
  const strings = field.fieldKind === "map" ? [field.mapKey, field.scalar] : [field.scalar];
  return strings.includes(ScalarType.STRING) && !field.utf8Validation;
}
