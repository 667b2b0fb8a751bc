import {
  create,
  createRegistry,
  type DescEnum,
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { nestedTypes, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import {
  DurationSchema,
  EmptySchema,
  FeatureSet_FieldPresence,
  FieldOptions_JSType,
  StringValueSchema,
} from "@bufbuild/protobuf/wkt";
import { BYTES, DOUBLES, FLOATS, INTS, LONGS, NANOS, TEXTS } from "./bridge-boundaries.ts";
import { closureOf } from "./image.ts";

/** From 0 to below 1. */
export type Random = () => number;

/** What a string or a field mask of an API often says, so that a random one meets the converter that reads it. */
export interface Vocabulary {
  readonly words: readonly string[];
  readonly paths: readonly string[];
  /**
   * Numbers that no enum of the versions names. One that the other version names would mean there what it does not
   * here, so that no converter may keep it.
   */
  readonly unknown: readonly number[];
}

/** What an Any of a sample holds, for a reader of its JSON. */
export const ANY_TYPES = createRegistry(DurationSchema, EmptySchema, StringValueSchema);

/** A stream of numbers (sfc32) of its own for each message, so that one can be made again without those before it. */
export function randomOf(seed: number, label: string, index: number): Random {
  let name = 0x811c9dc5;
  for (let at = 0; at < label.length; at++) name = Math.imul(name ^ label.charCodeAt(at), 0x01000193);
  let [a, b, c, counter] = [seed | 0, name, index, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // Seeds that are alike give numbers that are not only after some rounds.
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** The names of the enums' values, whole, without their prefix and as a text would have them, and paths of fields. */
export function vocabularyOf(messages: readonly DescMessage[]): Vocabulary {
  const words = new Set<string>();
  const paths = new Set<string>();
  const named = new Set<number>();
  const packages = new Set(messages.map(({ file }) => file.proto.package));
  const files = closureOf(messages.map(({ file }) => file)).filter(({ proto }) => packages.has(proto.package));
  for (const type of files.flatMap((file) => [...nestedTypes(file)])) {
    if (type.kind === "enum") {
      for (const { name, number } of type.values) {
        named.add(number);
        const short = name.slice(type.sharedPrefix?.length ?? 0);
        for (const word of [name, short, short.toLowerCase()]) words.add(word);
      }
    } else if (type.kind === "message" && type.proto.options?.mapEntry !== true) {
      for (const field of type.fields) {
        paths.add(field.name);
        if (field.fieldKind !== "message") continue;
        for (const inner of field.message.fields) paths.add(`${field.name}.${inner.name}`);
      }
    }
  }
  const unknown = [-1, Math.max(0, ...named) + 1, 1000, 2 ** 31 - 1].filter((number) => !named.has(number));
  return { words: [...words], paths: [...paths], unknown };
}

/**
 * A message that a client may hold: empty, then with each field alone, then anything. What ts-proto's clients cannot
 * hold is left out, for no converter could keep it: a map key `__proto__`, a Value of no kind (nor NaN, which is no
 * JSON), a time outside of the years 0001 to 9999, an int64 that its jstype makes a number and that is no safe one, a
 * required field that is zero, and the number of UNRECOGNIZED. Their Dates keep nanoseconds.
 */
export function sampleMessage(desc: DescMessage, index: number, random: Random, vocabulary: Vocabulary): Message {
  const root = reflect(desc, create(desc), false);
  const { fields } = desc;
  const only = index === 0 ? "none" : index <= 3 * fields.length ? fields[(index - 1) % fields.length] : undefined;
  new Sampler(random, vocabulary).fill(root, DEPTH, only);
  return root.message;
}

function isRequired({ presence }: DescField): boolean {
  return presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
}

/** How deep messages hold messages, and about how many there are in one. */
const [DEPTH, SIZE] = [4, 24];

class Sampler {
  readonly #random: Random;
  readonly #vocabulary: Vocabulary;
  readonly #density: number;
  #left = SIZE;

  constructor(random: Random, vocabulary: Vocabulary) {
    this.#random = random;
    this.#vocabulary = vocabulary;
    this.#density = this.#pick([0.15, 0.5, 0.85, 1]);
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** @param only the one field that is set, beside required ones. */
  fill(message: ReflectMessage, depth: number, only?: DescField | "none"): void {
    this.#left--;
    for (const member of message.desc.members) {
      const fields = member.kind === "field" ? [member] : member.fields;
      const wanted = only === undefined ? this.#random() < this.#density : only !== "none" && fields.includes(only);
      const field = only === undefined || only === "none" || !wanted ? this.#pick(fields) : only;
      if (wanted || isRequired(field)) this.#setField(message, field, depth);
    }
  }

  #setField(message: ReflectMessage, field: DescField, depth: number): void {
    const required = isRequired(field);
    const deep = depth > 0 && this.#left > 0;
    if (field.fieldKind === "message") {
      if (deep || required) message.set(field, this.#message(field.message, depth - 1));
    } else if (field.fieldKind === "list") {
      if (field.message !== undefined && !deep) return;
      const list = message.get(field);
      for (let count = this.#pick(field.message === undefined ? [0, 1, 2, 3, 9] : [0, 1, 1, 2, 3]); count > 0; count--)
        list.add(this.#element(field, depth));
    } else if (field.fieldKind === "map") {
      if (field.message !== undefined && !deep) return;
      const map = message.get(field);
      for (let count = this.#pick([0, 1, 1, 2, 3]); count > 0; count--) {
        const key = this.#scalar(field.mapKey);
        if (key !== "__proto__") map.set(key, this.#element(field, depth));
      }
    } else {
      // Set to what an unset one reads as: only presence tells the two apart.
      const zero = field.presence === FeatureSet_FieldPresence.EXPLICIT && this.#random() < 0.15;
      let value = zero ? message.get(field) : this.#element(field, depth);
      for (let again = 0; required && !value && again < 20; again++) value = this.#element(field, depth);
      message.set(field, value);
    }
  }

  #element(field: DescField, depth: number): unknown {
    if (field.message !== undefined) return this.#message(field.message, depth - 1);
    if (field.enum !== undefined) return this.#number(field.enum);
    const value = field.scalar === undefined ? undefined : this.#scalar(field.scalar);
    const asNumber = field.proto.options?.jstype === FieldOptions_JSType.JS_NUMBER;
    return asNumber && typeof value === "bigint" ? value % 2n ** 53n : value;
  }

  #message(desc: DescMessage, depth: number): ReflectMessage {
    const message = reflect(desc, create(desc), false);
    const set = (name: string, value: unknown): void => {
      const field = desc.fields.find((each) => each.name === name);
      if (field !== undefined) message.set(field, value);
    };
    if (desc.typeName === "google.protobuf.Timestamp") {
      const [first, last] = [-62_135_596_800, 253_402_300_799];
      const boundary = this.#pick([first, last, -1, 0, 1, 2 ** 31]);
      set("seconds", BigInt(this.#random() < 0.3 ? boundary : first + this.#below(last - first + 1)));
      set("nanos", this.#nanos());
    } else if (desc.typeName === "google.protobuf.Duration") {
      const seconds = this.#pick([0, 1, 59, 60, 3600, 86_400, 2 ** 31, 315_576_000_000 - 1, this.#below(1e6)]);
      const sign = this.#pick([1, 1, -1]);
      set("seconds", BigInt(sign * seconds));
      set("nanos", sign * this.#nanos());
    } else if (desc.typeName === "google.protobuf.Any") {
      const content = this.#pick([
        toBinary(DurationSchema, create(DurationSchema, { seconds: BigInt(this.#below(100)) })),
        toBinary(StringValueSchema, create(StringValueSchema, { value: this.#text() })),
        new Uint8Array(),
      ]);
      // An Any of a Duration starts with the tag of its seconds, one of a StringValue with that of its text.
      const name = content[0] === 8 ? "Duration" : content[0] === 10 ? "StringValue" : "Empty";
      set("type_url", `type.googleapis.com/google.protobuf.${name}`);
      set("value", content);
    } else if (desc.typeName === "google.protobuf.Value") this.#value(message, depth);
    else if (desc.typeName === "google.protobuf.FieldMask" && this.#vocabulary.paths.length > 0) {
      const paths = desc.fields[0];
      if (paths?.fieldKind !== "list") return message;
      for (let count = this.#below(4); count > 0; count--) message.get(paths).add(this.#pick(this.#vocabulary.paths));
    } else this.fill(message, depth);
    return message;
  }

  #value(message: ReflectMessage, depth: number): void {
    const field = this.#pick(message.desc.fields.filter((each) => depth > 0 || each.fieldKind !== "message"));
    if (field.fieldKind === "message") message.set(field, this.#message(field.message, depth - 1));
    else if (field.name === "number_value")
      message.set(field, this.#pick([0, 1, -1.5, 1e21, 2 ** 53, this.#below(1e6) / 4]));
    else this.#setField(message, field, depth);
  }

  #nanos(): number {
    return this.#pick([...NANOS, this.#below(1e9), 1e6 * this.#below(1000)]);
  }

  #number({ values, open, typeName }: DescEnum): number {
    const known = !open || typeName === "google.protobuf.NullValue" || this.#random() < 0.8;
    return known ? this.#pick(values).number : this.#pick(this.#vocabulary.unknown);
  }

  #scalar(type: ScalarType): unknown {
    switch (type) {
      case ScalarType.STRING:
        return this.#text();
      case ScalarType.BYTES:
        return Uint8Array.from(this.#pick(BYTES));
      case ScalarType.BOOL:
        return this.#random() < 0.7;
      case ScalarType.DOUBLE:
        return this.#real(DOUBLES);
      case ScalarType.FLOAT:
        return Math.fround(this.#real(FLOATS));
      case ScalarType.INT64:
      case ScalarType.SINT64:
      case ScalarType.SFIXED64:
        return BigInt.asIntN(64, this.#long());
      case ScalarType.UINT64:
      case ScalarType.FIXED64:
        return BigInt.asUintN(64, this.#long());
      case ScalarType.UINT32:
      case ScalarType.FIXED32:
        return this.#int() >>> 0;
      default:
        return this.#int() | 0;
    }
  }

  #real(boundaries: readonly number[]): number {
    return this.#random() < 0.7 ? this.#pick(boundaries) : (this.#random() - 0.5) * 1e6;
  }

  #int(): number {
    return this.#random() < 0.5 ? this.#pick(INTS) : this.#below(this.#pick([100, 10_000, 2 ** 32]));
  }

  #long(): bigint {
    if (this.#random() < 0.5) return this.#pick(LONGS);
    const wide = (BigInt(this.#below(2 ** 32)) << 32n) | BigInt(this.#below(2 ** 32));
    return this.#pick([wide, BigInt(this.#below(10_000)), -BigInt(this.#below(1_000_000))]);
  }

  #text(): string {
    const kind = this.#random();
    if (kind < 0.3) return this.#pick(TEXTS);
    if (kind < 0.5) return this.#time();
    if (kind < 0.7 && this.#vocabulary.words.length > 0) return this.#pick(this.#vocabulary.words);
    if (kind < 0.8) return String(this.#below(this.#pick([10, 1e4, 2 ** 53])));
    const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789 -_.";
    return Array.from({ length: this.#below(12) }, () => letters[this.#below(letters.length)]).join("");
  }

  /** As RFC 3339 and ISO 8601 have times and days, some of them in a way that is not the shortest. */
  #time(): string {
    const whole = new Date(this.#below(4e9) * 1000).toISOString().slice(0, 19);
    const digits = String(this.#below(1e9)).padStart(9, "0");
    if (this.#random() < 0.3) return `${whole}Z`;
    if (this.#random() < 0.3) return whole.slice(0, this.#pick([10, 19]));
    return whole + this.#pick([`.${digits.slice(0, 3)}Z`, `.${digits}Z`, ".5Z", "+02:00"]);
  }
}
