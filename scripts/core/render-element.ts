import type { EnumValueSchema, FieldSchema, MethodSchema, Range, Reserved } from "./schema.ts";

/** Elements as a person would write them, without comments and options: what a change shows, and what identifies it. */

export function renderType(field: FieldSchema): string {
  const type = field.type.name === "" ? field.type.kind : field.type.name;
  if (field.cardinality === "map") return `map<${field.mapKey}, ${type}>`;
  if (field.cardinality === "repeated") return `repeated ${type}`;
  if (field.presence === "required") return `required ${type}`;
  const optional = field.presence === "explicit" && field.type.kind !== "message" && field.oneof === undefined;
  return optional ? `optional ${type}` : type;
}

export function renderField(field: FieldSchema): string {
  return `${renderType(field)} ${field.name} = ${field.number}`;
}

export function renderValue(value: EnumValueSchema): string {
  return `${value.name} = ${value.number}`;
}

export function renderMethod({ name, input, output, streamsIn, streamsOut }: MethodSchema): string {
  return `rpc ${name}(${streamsIn ? "stream " : ""}${input}) returns (${streamsOut ? "stream " : ""}${output})`;
}

export function renderReserved({ ranges, names }: Reserved): string {
  return [...ranges.map(renderRange), ...names.map((name) => `"${name}"`)].join(", ");
}

export function renderRange([from, to]: Range): string {
  return from === to ? String(from) : `${from} to ${to}`;
}
