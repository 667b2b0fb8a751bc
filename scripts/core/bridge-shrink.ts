import { type DescField, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ReflectMap, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { sameBytes } from "./bridge-compare.ts";

/** How often a smaller message may be tried. Most need fewer than a hundred. */
const TRIES = 3000;

/**
 * The smallest message that still fails: fields dropped, lists and texts shortened, numbers nearer to 0, one step after
 * the other, until no step is left that fails.
 */
export function shrinkMessage(
  desc: DescMessage,
  failing: Uint8Array,
  fails: (bytes: Uint8Array) => boolean,
): Uint8Array {
  const read = (bytes: Uint8Array): ReflectMessage => reflect(desc, fromBinary(desc, bytes), false);
  let smallest = failing;
  let tries = 0;
  for (let smaller = true; smaller && tries < TRIES; ) {
    smaller = false;
    for (const edit of editsOf(read(smallest))) {
      if (++tries > TRIES) break;
      const copy = read(smallest);
      edit(copy);
      const bytes = toBinary(desc, copy.message);
      // A float may round to what it was.
      if (sameBytes(bytes, smallest) || !fails(bytes)) continue;
      smallest = bytes;
      smaller = true;
      break;
    }
  }
  return smallest;
}

/** Makes one thing in a message simpler. It is given a copy of the message of which it was made. */
type Edit = (message: ReflectMessage) => void;

/** Their values have rules of their own: they are dropped, or stay as they are. */
const ATOMS = new Set(["google.protobuf.Any", "google.protobuf.Duration", "google.protobuf.FieldMask"]);

function* editsOf(message: ReflectMessage): Generator<Edit> {
  // The big steps come first.
  for (const field of message.desc.fields) {
    if (message.isSet(field) && mayDrop(field)) yield (copy) => copy.clear(field);
  }
  for (const field of message.desc.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === "list") yield* listEdits(message, field);
    else if (field.fieldKind === "map") yield* mapEdits(message, field);
    // ts-proto does not write a required field that is zero.
    else if (!ATOMS.has(message.desc.typeName) && (field.message !== undefined || !isRequired(field))) {
      for (const change of changesOf(field, message.get(field))) {
        yield (copy) => copy.set(field, change(copy.get(field)));
      }
    }
  }
}

function isRequired({ presence }: DescField): boolean {
  return presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
}

function mayDrop(field: DescField): boolean {
  if (isRequired(field)) return false;
  // A Value must be of some kind, and an Any without its type is none.
  return field.parent.typeName !== "google.protobuf.Value" && field.parent.typeName !== "google.protobuf.Any";
}

function* listEdits(message: ReflectMessage, field: DescField & { fieldKind: "list" }): Generator<Edit> {
  const list = message.get(field);
  const without = (from: number, count: number): Edit => {
    return (copy) => {
      const target = copy.get(field);
      const kept = [...target].filter((_, at) => at < from || at >= from + count);
      target.clear();
      for (const item of kept) target.add(item);
    };
  };
  for (let count = list.size >> 1; count > 0; count >>= 1) {
    for (let from = 0; from < list.size; from += count) yield without(from, count);
  }
  if (ATOMS.has(message.desc.typeName)) return;
  for (let at = 0; at < list.size; at++) {
    for (const change of changesOf(field, list.get(at))) {
      yield (copy) => {
        const target = copy.get(field);
        target.set(at, change(target.get(at)));
      };
    }
  }
}

function* mapEdits(message: ReflectMessage, field: DescField & { fieldKind: "map" }): Generator<Edit> {
  const mapOf = (copy: ReflectMessage): ReflectMap => copy.get(field);
  for (const key of mapOf(message).keys()) yield (copy) => void mapOf(copy).delete(key);
  for (const [key, value] of mapOf(message)) {
    for (const change of changesOf(field, value)) {
      yield (copy) => void mapOf(copy).set(key, change(mapOf(copy).get(key)));
    }
    for (const smaller of simpler(key)) {
      // Two keys must not become one.
      if (mapOf(message).has(smaller)) continue;
      yield (copy) => {
        const map = mapOf(copy);
        const kept = map.get(key);
        map.delete(key);
        map.set(smaller, kept);
      };
    }
  }
}

type Change = (value: unknown) => unknown;

function* changesOf(field: DescField, value: unknown): Generator<Change> {
  if (field.message !== undefined) {
    for (const edit of editsOf(value as ReflectMessage)) {
      yield (inner) => {
        edit(inner as ReflectMessage);
        return inner;
      };
    }
  } else if (field.enum !== undefined) {
    const numbers = field.enum.values.map(({ number }) => number);
    const at = numbers.indexOf(value as number);
    for (const number of at === -1 ? numbers : numbers.slice(0, at)) yield () => number;
  } else for (const smaller of simpler(value)) yield () => smaller;
}

/** Each is nearer to the empty value than the one before it is, so that shrinking comes to an end. */
function* simpler(value: unknown): Generator<unknown> {
  if (value === true) yield false;
  else if (typeof value === "number") yield* simplerNumber(value);
  else if (typeof value === "bigint") yield* simplerLong(value);
  else if (typeof value === "string") yield* simplerText(value);
  else if (value instanceof Uint8Array) {
    for (const [from, count] of cuts(value.length)) {
      yield Uint8Array.from([...value.subarray(0, from), ...value.subarray(from + count)]);
    }
    if (value.some((byte) => byte !== 0)) yield new Uint8Array(value.length);
  }
}

function* simplerNumber(value: number): Generator<number> {
  if (value === 0) return;
  yield 0;
  // The smallest of all int32 has no counterpart above 0.
  if (value < 0 && value !== -(2 ** 31)) yield -value;
  if (!Number.isFinite(value)) {
    yield 1;
    return;
  }
  if (!Number.isInteger(value)) yield Math.trunc(value);
  // By half, by a quarter … by one: a limit is found as by a binary search.
  const size = Math.abs(value);
  // The logarithm of the greatest double is rounded up, and 2 ** 1024 is Infinity.
  for (let step = 2 ** Math.min(Math.floor(Math.log2(size)), 1023); step >= 1; step /= 2) {
    if (size - step > 0 && size - step < size) yield Math.sign(value) * (size - step);
  }
}

function* simplerLong(value: bigint): Generator<bigint> {
  if (value === 0n) return;
  yield 0n;
  const [sign, size] = value < 0n ? [-1n, -value] : [1n, value];
  // The smallest of all int64 has no counterpart above 0.
  if (sign < 0n && size < 2n ** 63n) yield size;
  for (let step = 2n ** BigInt(size.toString(2).length - 1); step >= 1n; step /= 2n) {
    if (size - step > 0n) yield sign * (size - step);
  }
}

function* simplerText(value: string): Generator<string> {
  const letters = [...value];
  for (const [from, count] of cuts(letters.length))
    yield [...letters.slice(0, from), ...letters.slice(from + count)].join("");
  for (let at = 0; at < letters.length; at++) {
    if (letters[at] !== "a") yield [...letters.slice(0, at), "a", ...letters.slice(at + 1)].join("");
  }
}

/** All of it, then its halves, its quarters … its single parts. */
function* cuts(length: number): Generator<readonly [from: number, count: number]> {
  for (let count = length; count > 0; count >>= 1) {
    for (let from = 0; from < length; from += count) yield [from, count];
  }
}
