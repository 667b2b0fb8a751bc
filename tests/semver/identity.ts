import type { DescEnum, DescMessage, Registry } from "@bufbuild/protobuf";
import { type Field, fieldsOf } from "./reading.ts";

/**
 * What a person means by the same field on two sides, without asking the diff: the one of the same name, else the one
 * of the same number, if its name is new.
 */
export function sameField(field: Field, own: readonly Field[], others: readonly Field[]): Field | undefined {
  const names = new Set(own.map(nameOf));
  const byName = others.find((other) => nameOf(other) === nameOf(field));
  if (byName !== undefined) return byName;
  const otherNames = new Set(others.map(nameOf));
  if (otherNames.has(nameOf(field))) return undefined;
  return others.find((other) => other.number === field.number && !names.has(nameOf(other)));
}

function nameOf(field: Field): string {
  return field.kind === "extension" ? field.typeName : field.name;
}

export type Encoding = "wire" | "json";

/** The fields of the reader that the writer's field is about: where its content arrives, and where it should. */
export function counterparts(
  field: Field,
  own: readonly Field[],
  others: readonly Field[],
  encoding: Encoding,
): readonly Field[] {
  const arrives = others.find((other) =>
    encoding === "wire" ? other.number === field.number : readsName(other, field.jsonName),
  );
  return [...new Set([arrives, sameField(field, own, others)])].filter((each) => each !== undefined);
}

/** A reader of JSON takes the name in JSON and the one in the schema. */
function readsName(field: Field, name: string): boolean {
  return field.jsonName === name || (field.kind === "field" && field.name === name);
}

/** Whether a schema has anything that a field of the other one may be about. */
export function isKnown(
  field: Field,
  desc: DescMessage,
  registry: Registry,
  other: DescMessage,
  there: Registry,
): boolean {
  const [own, others] = [fieldsOf(desc, registry), fieldsOf(other, there)];
  return (["wire", "json"] as const).some((each) => counterparts(field, own, others, each).length > 0);
}

/** The number that the old enum has for what the new one calls by a number; `undefined` when it means another thing. */
export function oldNumber(number: number, now: DescEnum, old: DescEnum): number | undefined {
  const namesAt = (type: DescEnum): readonly string[] =>
    type.values.filter((value) => value.number === number).map((value) => value.name);
  for (const name of namesAt(now)) {
    const value = old.values.find((each) => each.name === name);
    if (value !== undefined) return value.number;
  }
  // Not known by name: renamed, added, or known to neither, unless the old name of the number is elsewhere now.
  const moved = namesAt(old).some((name) => now.values.some((value) => value.name === name));
  return moved ? undefined : number;
}
