import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";

/** How a value of one field becomes one of another, as TypeScript. */
export interface Conversion {
  /** @param value an expression that is evaluated once or more. */
  readonly apply: (value: string) => string;
  /** The value is taken as it is. */
  readonly same: boolean;
  /** The result can be undefined although the value is not: a text that holds no time. */
  readonly partial: boolean;
  /** What does not come back, in words; undefined when all does. */
  readonly loss: string | undefined;
}

/** The functions that convert the types of the two versions. */
export interface TypeConverters {
  /** @returns an expression of a function; undefined for types that do not belong together. */
  message(from: DescMessage, to: DescMessage): string | undefined;
  enum(from: DescEnum, to: DescEnum): string | undefined;
}

/** What a text or a number holds, by the bridge's file. */
export const FORMATS = ["rfc3339", "milliseconds", "seconds", "minutes", "hours", "days"] as const;
export type Format = (typeof FORMATS)[number];

const WRAPPERS: Readonly<Record<string, ScalarType>> = {
  "google.protobuf.DoubleValue": ScalarType.DOUBLE,
  "google.protobuf.FloatValue": ScalarType.FLOAT,
  "google.protobuf.Int64Value": ScalarType.INT64,
  "google.protobuf.UInt64Value": ScalarType.UINT64,
  "google.protobuf.Int32Value": ScalarType.INT32,
  "google.protobuf.UInt32Value": ScalarType.UINT32,
  "google.protobuf.BoolValue": ScalarType.BOOL,
  "google.protobuf.StringValue": ScalarType.STRING,
  "google.protobuf.BytesValue": ScalarType.BYTES,
};

/** What one value of a field is. */
export type Element =
  | { readonly kind: "scalar"; readonly scalar: ScalarType }
  | { readonly kind: "enum"; readonly desc: DescEnum }
  | { readonly kind: "message"; readonly desc: DescMessage };

export function elementOf(field: DescField): Element {
  if (field.enum !== undefined) return { kind: "enum", desc: field.enum };
  if (field.message !== undefined) {
    const scalar = field.fieldKind === "message" ? WRAPPERS[field.message.typeName] : undefined;
    return scalar === undefined ? { kind: "message", desc: field.message } : { kind: "scalar", scalar };
  }
  return { kind: "scalar", scalar: field.scalar ?? ScalarType.STRING };
}

/** Whether the property can be undefined. */
export function isOptional(field: DescField): boolean {
  if (field.fieldKind === "list" || field.fieldKind === "map") return false;
  return field.fieldKind === "message" || field.presence === FeatureSet_FieldPresence.EXPLICIT;
}

/** The value that means unset. */
export function defaultOf(field: DescField): string {
  if (isOptional(field)) return "undefined";
  if (field.fieldKind === "list") return "[]";
  if (field.fieldKind === "map") return usesMap(field) ? "new Map()" : "{}";
  const element = elementOf(field);
  if (element.kind === "enum") return String(element.desc.values[0]?.number ?? 0);
  if (element.kind === "message") return "undefined";
  if (element.scalar === ScalarType.BYTES) return "new Uint8Array(0)";
  return { number: "0", bigint: "0n", boolean: "false", string: '""' }[scalarType(element.scalar)];
}

/** Whether the generated type of a map is a Map: where its keys are no property names. */
export function usesMap(field: DescField): boolean {
  return field.fieldKind === "map" && scalarType(field.mapKey) === "bigint";
}

/** An expression of whether a property that cannot be undefined is set. */
export function isSet(field: DescField, value: string): string {
  if (isOptional(field)) return `${value} !== undefined`;
  if (field.fieldKind === "list") return `${value}.length > 0`;
  if (field.fieldKind === "map") return usesMap(field) ? `${value}.size > 0` : `Object.keys(${value}).length > 0`;
  const element = elementOf(field);
  if (element.kind !== "scalar") return `${value} !== ${defaultOf(field)}`;
  if (element.scalar === ScalarType.BYTES) return `${value}.length > 0`;
  return element.scalar === ScalarType.BOOL ? value : `${value} !== ${defaultOf(field)}`;
}

/** @returns undefined where a person must say how. */
export function convertElement(
  from: Element,
  to: Element,
  types: TypeConverters,
  format: Format | undefined,
): Conversion | undefined {
  if (format !== undefined) return byFormat(from, to, format);
  if (from.kind === "scalar" && to.kind === "scalar") return convertScalar(from.scalar, to.scalar);
  if (from.kind === "enum" && to.kind === "enum") {
    if (from.desc.typeName === to.desc.typeName) return SAME;
    const name = types.enum(from.desc, to.desc);
    return name === undefined ? undefined : { ...SAME, same: false, apply: (value) => `${name}(${value}, onLoss)` };
  }
  if (from.kind === "message" && to.kind === "message") {
    if (from.desc.typeName === to.desc.typeName) return SAME;
    const name = types.message(from.desc, to.desc);
    return name === undefined ? undefined : { ...SAME, same: false, apply: (value) => `${name}(${value}, onLoss)` };
  }
  return undefined;
}

const SAME: Conversion = { apply: (value) => value, same: true, partial: false, loss: undefined };

type Words = "number" | "bigint" | "boolean" | "string";

/** The TypeScript type of a scalar that is not bytes. */
function scalarType(scalar: ScalarType): Words {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return "string";
    case ScalarType.BOOL:
      return "boolean";
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return "bigint";
    default:
      return "number";
  }
}

const [I32, U32, I64, U64] = [
  [-(2n ** 31n), 2n ** 31n - 1n],
  [0n, 2n ** 32n - 1n],
  [-(2n ** 63n), 2n ** 63n - 1n],
  [0n, 2n ** 64n - 1n],
] as const;

const RANGES: Readonly<Partial<Record<ScalarType, readonly [bigint, bigint]>>> = {
  [ScalarType.INT32]: I32,
  [ScalarType.SINT32]: I32,
  [ScalarType.SFIXED32]: I32,
  [ScalarType.UINT32]: U32,
  [ScalarType.FIXED32]: U32,
  [ScalarType.INT64]: I64,
  [ScalarType.SINT64]: I64,
  [ScalarType.SFIXED64]: I64,
  [ScalarType.UINT64]: U64,
  [ScalarType.FIXED64]: U64,
};

function convertScalar(from: ScalarType, to: ScalarType): Conversion | undefined {
  if (from === to) return SAME;
  const [own, other] = [RANGES[from], RANGES[to]];
  if (own !== undefined && other !== undefined) return convertInteger(scalarType(from), scalarType(to), own, other);
  const isFloat = (scalar: ScalarType): boolean => scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT;
  if (isFloat(from) && isFloat(to))
    return { ...SAME, loss: to === ScalarType.FLOAT ? "digits beyond 24 bits" : undefined };
  if (own === undefined || !isFloat(to)) return undefined;
  // A double holds every whole number of 32 bits.
  const exact = to === ScalarType.DOUBLE && scalarType(from) === "number";
  const loss = exact ? undefined : "digits that a floating-point number cannot hold";
  return scalarType(from) === "number"
    ? { ...SAME, loss }
    : { ...SAME, same: false, loss, apply: (value) => `Number(${value})` };
}

function convertInteger(
  from: Words,
  to: Words,
  [least, greatest]: readonly [bigint, bigint],
  [min, max]: readonly [bigint, bigint],
): Conversion {
  const fits = min <= least && greatest <= max;
  const loss = fits ? undefined : "numbers out of range";
  const fit = (value: string): string => {
    if (fits) return value;
    return from === "bigint" ? `fit(${value}, ${min}n, ${max}n)` : `fit(${value}, ${min}, ${max})`;
  };
  if (from === to) return { ...SAME, same: fits, loss, apply: fit };
  return { ...SAME, same: false, loss, apply: (value) => `${to === "bigint" ? "BigInt" : "Number"}(${fit(value)})` };
}

const MILLISECONDS: Readonly<Record<Exclude<Format, "rfc3339">, number>> = {
  milliseconds: 1,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};

function byFormat(from: Element, to: Element, format: Format): Conversion | undefined {
  const [before, after] = [textOrTime(from), textOrTime(to)];
  if (format === "rfc3339") {
    if (before === "string" && after === "time") {
      return {
        apply: (value) => `timeOf(${value})`,
        same: false,
        partial: true,
        loss: "texts that are no time in UTC",
      };
    }
    return before === "time" && after === "string"
      ? { ...SAME, same: false, apply: (value) => `textOf(${value})` }
      : undefined;
  }
  const unit = MILLISECONDS[format];
  if ((before === "number" || before === "bigint") && after === "duration") {
    return { ...SAME, same: false, apply: (value) => `durationOf(Number(${value}), ${unit})`, ...fraction(from) };
  }
  if (before === "duration" && (after === "number" || after === "bigint")) {
    const count = (value: string): string => `countOf(${value}, ${unit})`;
    const loss = `what is less than one of its ${format}`;
    if (to.kind === "scalar" && RANGES[to.scalar] === undefined) return { ...SAME, same: false, loss, apply: count };
    const [min, max] = (to.kind === "scalar" ? RANGES[to.scalar] : undefined) ?? I32;
    const whole = (value: string): string =>
      after === "bigint" ? `BigInt(Math.trunc(${count(value)}))` : `fit(Math.trunc(${count(value)}), ${min}, ${max})`;
    return { ...SAME, same: false, loss, apply: whole };
  }
  return undefined;
}

function fraction(from: Element): { readonly loss: string | undefined } {
  return {
    loss:
      from.kind === "scalar" && RANGES[from.scalar] === undefined ? "digits that a duration cannot hold" : undefined,
  };
}

function textOrTime(element: Element): Words | "time" | "duration" | undefined {
  if (element.kind === "scalar") return element.scalar === ScalarType.BYTES ? undefined : scalarType(element.scalar);
  if (element.kind === "enum") return undefined;
  if (element.desc.typeName === "google.protobuf.Timestamp") return "time";
  return element.desc.typeName === "google.protobuf.Duration" ? "duration" : undefined;
}
