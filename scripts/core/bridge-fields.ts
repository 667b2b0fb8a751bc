import type { DescField } from "@bufbuild/protobuf";
import {
  type Conversion,
  convertElement,
  defaultOf,
  elementOf,
  type Format,
  isOptional,
  isSet,
  type TypeConverters,
  usesMap,
} from "./bridge-convert.ts";
import { propertyOf } from "./ts-names.ts";

/** Where a value is read from. */
export interface Reading {
  readonly text: string;
  readonly field: DescField;
  /** Whether it can be undefined. */
  readonly optional: boolean;
  /** An expression of whether it is set, and what it then is: of the type without undefined. */
  readonly isSet: string;
  readonly certain: string;
}

/** A value of the other version's field, and what of the field that was read does not come back. */
export interface FieldValue {
  readonly text: string;
  /** An expression of whether there is anything to be converted. */
  readonly isSet: string;
  /** The value where there is something: never undefined. */
  readonly given: string | undefined;
  readonly losses: readonly string[];
}

export interface FieldContext {
  readonly types: TypeConverters;
  readonly formatOf: (field: DescField) => Format | undefined;
  /** The table of the paths that a mask of this message may hold; undefined where that cannot be told. */
  readonly maskTable: string | undefined;
}

/** @returns undefined for a path that only a person can follow: through a list, a map, or a oneof on its way. */
export function readPath(path: readonly DescField[]): Reading | undefined {
  const [first, ...inner] = path;
  if (first === undefined) return undefined;
  const own = readFirst(first);
  if (inner.length === 0) return own;
  if (first.oneof !== undefined || inner.some(({ oneof }) => oneof !== undefined)) return undefined;
  const text = [own.text, ...inner.map(({ name }) => propertyOf(name))].join("?.");
  return { text, field: inner.at(-1) ?? first, optional: true, isSet: `${text} !== undefined`, certain: text };
}

function readFirst(field: DescField): Reading {
  const { oneof } = field;
  if (oneof === undefined) {
    const text = `from.${propertyOf(field.name)}`;
    return { text, field, optional: isOptional(field), isSet: isSet(field, text), certain: text };
  }
  const group = `from.${propertyOf(oneof.name)}`;
  const is = `${group}?.$case === "${propertyOf(field.name)}"`;
  return { text: `(${is} ? ${group}.value : undefined)`, field, optional: true, isSet: is, certain: `${group}.value` };
}

/** @returns undefined where a person must say how. */
export function convertField(reading: Reading, to: DescField, context: FieldContext): FieldValue | undefined {
  const from = reading.field;
  const conversion = conversionOf(from, to, context);
  if (conversion === undefined) return undefined;
  const losses = conversion.loss === undefined ? [] : [conversion.loss];
  const [many, others] = [from.fieldKind, to.fieldKind].map((kind) => kind === "list" || kind === "map");
  if (from.fieldKind === "map" || to.fieldKind === "map") {
    return from.fieldKind === "map" && to.fieldKind === "map" && from.mapKey === to.mapKey
      ? all(reading, losses, conversion.same ? undefined : (value) => mapValues(from, value, conversion))
      : undefined;
  }
  if (many && others) {
    return all(
      reading,
      losses,
      conversion.same ? undefined : (value) => `${value}.map((each) => ${conversion.apply("each")})`,
    );
  }
  if (conversion.partial && (many || others)) return undefined;
  if (others) {
    const given = `[${conversion.apply(reading.certain)}]`;
    return { text: `${reading.isSet} ? ${given} : []`, isSet: reading.isSet, given, losses };
  }
  if (many) {
    const text = `${reading.text}${reading.optional ? "?." : ""}[0]`;
    const first = { text, field: to, optional: true, isSet: `${text} !== undefined`, certain: text };
    return single(first, to, conversion, [...losses, "all but the first"]);
  }
  return single(reading, to, conversion, losses);
}

function conversionOf(from: DescField, to: DescField, context: FieldContext): Conversion | undefined {
  const [own, other] = [elementOf(from), elementOf(to)];
  const isMask = own.kind === "message" && own.desc.typeName === "google.protobuf.FieldMask";
  if (!isMask) return convertElement(own, other, context.types, context.formatOf(from) ?? context.formatOf(to));
  const { maskTable } = context;
  if (maskTable === undefined || other.kind !== "message" || other.desc.typeName !== own.desc.typeName)
    return undefined;
  const apply = (value: string): string => `maskTo(${value}, ${maskTable})`;
  return { apply, same: false, partial: false, loss: "paths of fields that the other version does not have" };
}

/** Of a list or a map. */
function all(
  reading: Reading,
  losses: readonly string[],
  convert: ((value: string) => string) | undefined,
): FieldValue {
  const value = reading.optional ? `(${reading.text} ?? ${defaultOf(reading.field)})` : reading.text;
  const text = convert === undefined ? value : convert(value);
  return { text, isSet: isSet(reading.field, value), given: text, losses };
}

function mapValues(field: DescField, value: string, { apply }: Conversion): string {
  if (usesMap(field)) return `new Map([...${value}].map(([key, each]) => [key, ${apply("each")}]))`;
  return `Object.fromEntries(Object.entries(${value}).map(([key, each]) => [key, ${apply("each")}]))`;
}

function single(reading: Reading, to: DescField, conversion: Conversion, found: readonly string[]): FieldValue {
  const { text, optional, isSet: set, certain } = reading;
  const target = isOptional(to);
  const given = conversion.partial ? undefined : conversion.apply(certain);
  const maybe = conversion.same ? text : `maybe(${text}, (value) => ${conversion.apply("value")})`;
  if (optional && target) return { text: maybe, isSet: set, given, losses: found };
  if (target) return { text: `${set} ? ${conversion.apply(certain)} : undefined`, isSet: set, given, losses: found };
  const fallback = defaultOf(to);
  if (optional) {
    const losses = [...found, "that it was set to what it is without being set"];
    return { text: `${maybe} ?? ${fallback}`, isSet: set, given, losses };
  }
  const value = conversion.apply(text);
  return { text: conversion.partial ? `${value} ?? ${fallback}` : value, isSet: set, given, losses: found };
}
