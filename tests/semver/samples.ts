import { create, type DescMessage, type Registry, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { draw } from "../support/random.ts";
import { counterparts, oldNumber } from "./identity.ts";
import { type Field, fieldsOf, isRequired, scalarText, wrappedField, write } from "./reading.ts";

/** Whose messages are made, and, when it is the new side, whose terms they must keep to. */
export interface Speaker {
  readonly registry: Registry;
  readonly terms: Registry | undefined;
  readonly random: () => number;
}

/** How deep messages are nested, and how many of random content there are. */
const DEPTH = 2;
const RANDOM = 8;

/**
 * Messages that use every field alone with each value of its boundary, and some that use all at once. `old` is what
 * the other side has of the message: fields that it does not know are left out, unless they are required.
 */
export function samples(
  desc: DescMessage,
  old: DescMessage | undefined,
  speaker: Speaker,
  depth = DEPTH,
): readonly ReflectMessage[] {
  if (desc.typeName === TimestampSchema.typeName) {
    // Not every number of seconds is a date in JSON.
    return [0n, 1n, -62_135_596_800n].map((seconds) => reflect(desc, create(TimestampSchema, { seconds, nanos: 5e8 })));
  }
  const fields = fieldsOf(desc, speaker.registry);
  const choices = new Map(fields.map((field) => [field, valuesOf(field, fields, old, speaker, depth)]));
  const required = fields.filter(isRequired).map((field) => [field, choices.get(field) ?? []] as const);
  // What must be there and cannot be said in the old terms: then nothing can.
  if (required.some(([, values]) => values.length === 0)) return [];
  const start = (): ReflectMessage => {
    const message = reflect(desc, create(desc));
    for (const [field, [first, second]] of required) write(message, field, second ?? first);
    return message;
  };
  const found = [start()];
  for (const [field, values] of choices) {
    for (const value of values) {
      const message = start();
      write(message, field, value);
      found.push(message);
    }
  }
  for (let count = 0; count < RANDOM; count++) {
    const message = start();
    for (const [field, values] of choices) {
      const [value] = draw(values, 1, speaker.random);
      if (value !== undefined && speaker.random() < 0.8) write(message, field, value);
    }
    found.push(message);
  }
  return found;
}

/** The values to try in a field; nothing where it is not in the terms of the old schema. */
function valuesOf(
  field: Field,
  fields: readonly Field[],
  old: DescMessage | undefined,
  speaker: Speaker,
  depth: number,
): readonly unknown[] {
  let known: Field | undefined;
  if (speaker.terms !== undefined && old !== undefined) {
    const others = fieldsOf(old, speaker.terms);
    known = (["wire", "json"] as const).flatMap((each) => [...counterparts(field, fields, others, each)].reverse())[0];
    if (known === undefined) return isRequired(field) ? items(field, undefined, speaker, depth) : [];
  }
  const values = items(field, known, speaker, depth);
  if (field.fieldKind === "list") {
    return values.length === 0 ? [] : [...values.map((each) => [each]), values, [...values].reverse()];
  }
  if (field.fieldKind !== "map") return values;
  const keys = scalars(field.mapKey, speaker.random).filter(
    (key) => known?.fieldKind !== "map" || fits(key, known.mapKey),
  );
  const pairs = keys.flatMap((key, index) => (values.length === 0 ? [] : [[key, values[index % values.length]]]));
  return [...pairs.map((pair) => [pair]), pairs];
}

function items(field: Field, known: Field | undefined, speaker: Speaker, depth: number): readonly unknown[] {
  const knownScalar = known?.scalar ?? wrappedField(known?.message)?.scalar;
  if (field.message !== undefined) {
    const wrapped = wrappedField(field.message);
    const all = depth === 0 ? [] : samples(field.message, wrapped ? undefined : known?.message, speaker, depth - 1);
    const meant = all.filter(
      (each) => wrapped === undefined || knownScalar === undefined || fits(each.get(wrapped), knownScalar),
    );
    return depth === DEPTH ? meant : meant.slice(0, 6);
  }
  if (field.enum !== undefined) {
    const numbers = [...field.enum.values.map(({ number }) => number), ...(field.enum.open ? [99, -7] : [])];
    return numbers.filter((number) => isInTerms(number, field, known));
  }
  const values = field.scalar === undefined ? [] : scalars(field.scalar, speaker.random);
  return values.filter((value) => {
    if (known?.enum !== undefined) return fits(value, ScalarType.INT32);
    return knownScalar === undefined || fits(value, knownScalar);
  });
}

/** A closed enum claims to have every value; an open one has said that there may be others, and speaks of its own. */
function isInTerms(number: number, field: Field, known: Field | undefined): boolean {
  if (known?.enum === undefined || field.enum === undefined) return known?.scalar !== ScalarType.BOOL || number === 1;
  if (!known.enum.open) return true;
  const own = field.enum.values.some((value) => value.number === number);
  const old = oldNumber(number, field.enum, known.enum);
  return !own || known.enum.values.some((value) => value.number === old);
}

function scalars(type: ScalarType, random: () => number): readonly unknown[] {
  switch (type) {
    case ScalarType.STRING:
      return ["", "a", "é 漢 🙂", "12", "true", "AAAA", "E_ONE", `t${Math.floor(random() * 1e6)}`];
    case ScalarType.BYTES:
      return [[], [0x61], [0xff, 0xfe], [0xc3, 0xa9], [0, 0, 0], [0x0a, 0x01, 0x61]].map((each) =>
        Uint8Array.from(each),
      );
    case ScalarType.BOOL:
      return [false, true];
    case ScalarType.DOUBLE:
      return [0, 1, -1.5, 0.1, 16_777_217, 1e300, Number.POSITIVE_INFINITY, Number.NaN, random() * 1e6];
    case ScalarType.FLOAT:
      return [0, 1, -1.5, 0.1, 16_777_216, 1e30, Number.NEGATIVE_INFINITY, Number.NaN, random()].map(Math.fround);
    default:
      return integers(type, random);
  }
}

const LONG = [ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64, ScalarType.UINT64, ScalarType.FIXED64];
const UNSIGNED = [ScalarType.UINT32, ScalarType.FIXED32, ScalarType.UINT64, ScalarType.FIXED64];

function range(type: ScalarType): readonly [bigint, bigint] {
  if (type === ScalarType.BOOL) return [0n, 1n];
  const bits = LONG.includes(type) ? 64n : 32n;
  return UNSIGNED.includes(type) ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

function integers(type: ScalarType, random: () => number): readonly unknown[] {
  const ends = [1n, 31n, 32n, 53n, 63n, 64n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits, -(2n ** bits)]);
  const [low, high] = range(type);
  const all = [0n, 1n, -1n, BigInt(Math.floor(random() * 1e6)), ...ends].filter((each) => low <= each && each <= high);
  return LONG.includes(type) ? all : all.map(Number);
}

/** Whether another type has the value too. Texts and numbers have none in common: then all is tried. */
function fits(value: unknown, type: ScalarType): boolean {
  const text = scalarText(value);
  const isText = type === ScalarType.STRING || type === ScalarType.BYTES;
  if (text.startsWith("x")) return type !== ScalarType.STRING || isUtf8(value);
  if (isText) return true;
  if (type === ScalarType.DOUBLE) return typeof value !== "bigint" || BigInt(Number(value)) === value;
  if (type === ScalarType.FLOAT) return Object.is(Math.fround(Number(value)), Number(value));
  if (!/^-?\d+$/.test(text)) return false;
  const [low, high] = range(type);
  return low <= BigInt(text) && BigInt(text) <= high;
}

function isUtf8(value: unknown): boolean {
  if (!(value instanceof Uint8Array)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(value);
    return true;
  } catch {
    return false;
  }
}
