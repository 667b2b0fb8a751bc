import { defaultOf, type Fields, type Kind, mapEntry, Wire, wireTypeOf } from "./details-fields.ts";
import { checkKeys } from "./nearest.ts";

const utf8 = new TextEncoder();

function writeVarint(out: number[], value: bigint): void {
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) {
    out.push(Number(rest & 0x7fn) | 0x80);
  }
  out.push(Number(rest));
}

function toInteger(value: unknown, bits: 32 | 64, what: string): bigint {
  const isInteger = typeof value === "bigint" || Number.isInteger(value) || /^-?\d+$/.test(String(value));
  const integer = isInteger ? BigInt(value as bigint) : undefined;
  if (integer === undefined || integer !== BigInt.asIntN(bits, integer)) {
    throw new TypeError(`${what} must be an integer of ${bits} bits, not ${String(value)}`);
  }
  return integer;
}

/** The content of a field that is written with its length. */
function contentOf(kind: Kind, value: unknown, what: string): Iterable<number> & { readonly length: number } {
  if (kind === "string" && typeof value === "string") {
    return utf8.encode(value);
  }
  if (kind === "bytes" && value instanceof Uint8Array) {
    return value;
  }
  if (typeof kind === "object" && typeof value === "object" && value !== null) {
    return encodeFields(kind as Fields, value, what);
  }
  const expected = { string: "a string", bytes: "a Uint8Array" }[String(kind)] ?? "a message (an object)";
  throw new TypeError(`${what} must be ${expected}, not ${value === null ? "null" : typeof value}`);
}

function writeField(out: number[], number: number, kind: Kind, value: unknown, what: string): void {
  if (kind === "map") {
    for (const [key, item] of Object.entries(value as object)) {
      writeField(out, number, mapEntry, { key, value: item }, what);
    }
  } else if (Array.isArray(kind)) {
    for (const [index, item] of [...(value as Iterable<unknown>)].entries()) {
      writeField(out, number, kind[0], item, `${what}[${index}]`);
    }
  } else if (wireTypeOf(kind) === Wire.VARINT) {
    const integer = toInteger(value, kind === "int32" ? 32 : 64, what);
    writeVarint(out, BigInt(number * 8 + Wire.VARINT));
    writeVarint(out, integer);
  } else {
    const content = contentOf(kind, value, what);
    writeVarint(out, BigInt(number * 8 + Wire.DELIMITED));
    writeVarint(out, BigInt(content.length));
    for (const byte of content) {
      out.push(byte);
    }
  }
}

function encodeFields(fields: Fields, message: object, what: string): number[] {
  const known = Object.entries(fields);
  checkKeys(
    message,
    known.map(([name]) => name),
    what,
  );
  const out: number[] = [];
  for (const [index, [name, kind]] of known.entries()) {
    const value = (message as { readonly [name: string]: unknown })[name];
    if (value !== undefined && value !== defaultOf(kind)) {
      writeField(out, index + 1, kind, value, `${what}.${name}`);
    }
  }
  return out;
}

/**
 * Encodes a partial message; undefined is a field that is left out.
 * @param what its name, for errors.
 * @throws TypeError that names the field, for a value of the wrong type and for a field that does not exist.
 */
export function encode(fields: Fields, message: object, what: string): Uint8Array {
  return Uint8Array.from(encodeFields(fields, message, what));
}
