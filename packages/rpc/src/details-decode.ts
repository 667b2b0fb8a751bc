import { defaultOf, type Fields, type Kind, mapEntry, Wire, wireTypeOf } from "./details-fields.ts";

/** A decoded message: complete, with defaults for what was absent. */
export type Message = Record<string, unknown>;

// Damaged text is shown as well as it can be: it is for a person who looks for a fault.
const text = new TextDecoder("utf-8", { ignoreBOM: true });
const MAX_DEPTH = 100;

/** Reads bytes. It throws a RangeError where they end too early or say something that cannot be. */
class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#position === this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return BigInt.asUintN(64, value);
      }
    }
    throw new RangeError("a varint is longer than ten bytes");
  }

  take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.#bytes.length) {
      throw new RangeError("the bytes end inside a field");
    }
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }

  delimited(): Uint8Array {
    return this.take(Number(this.varint()));
  }

  tag(): { readonly number: number; readonly type: number } {
    const tag = this.varint();
    if (tag < 8n || tag > 0xffff_ffffn) {
      throw new RangeError("a field has a number that cannot be");
    }
    return { number: Number(tag >> 3n), type: Number(tag & 7n) };
  }

  skip(number: number, type: number, depth: number): void {
    if (type === Wire.VARINT) {
      this.varint();
    } else if (type === Wire.DELIMITED) {
      this.delimited();
    } else if (type === Wire.BIT64 || type === Wire.BIT32) {
      this.take(type === Wire.BIT64 ? 8 : 4);
    } else if (type === Wire.GROUP && depth < MAX_DEPTH) {
      let inner = this.tag();
      for (; inner.type !== Wire.GROUP_END; inner = this.tag()) {
        this.skip(inner.number, inner.type, depth + 1);
      }
      if (inner.number !== number) {
        throw new RangeError("a group is not closed");
      }
    } else {
      throw new RangeError(`a field has the wire type ${type}`);
    }
  }
}

/** @param before what the field holds by now. Lists and maps grow in place: to copy them each time is quadratic. */
function decodeValue(kind: Kind, reader: Reader, before: unknown): unknown {
  switch (kind) {
    case "string":
      return text.decode(reader.delimited());
    case "bytes":
      return reader.delimited().slice();
    case "int32":
      return Number(BigInt.asIntN(32, reader.varint()));
    case "int64":
    case "int64?":
      return BigInt.asIntN(64, reader.varint());
    case "map": {
      const { key, value } = decode(mapEntry, reader.delimited());
      // A property of its own whatever it is called, "__proto__" too.
      return Object.defineProperty(before as object, key as string, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    default:
      if (Array.isArray(kind)) {
        (before as unknown[]).push(decodeValue(kind[0], reader, undefined));
        return before;
      }
      return decode(kind as Fields, reader.delimited(), before as Message | undefined);
  }
}

/**
 * Decodes a message. What it does not know is skipped.
 * @param into what to merge it into, as protobuf wants it for a field that occurs twice.
 * @throws RangeError for bytes that are no message.
 */
export function decode(fields: Fields, bytes: Uint8Array, into?: Message): Message {
  const known = Object.entries(fields);
  const message = into ?? Object.fromEntries(known.map(([name, kind]) => [name, defaultOf(kind)]));
  const reader = new Reader(bytes);
  while (!reader.done) {
    const { number, type } = reader.tag();
    const [name, kind] = known[number - 1] ?? [];
    if (name !== undefined && kind !== undefined && type === wireTypeOf(Array.isArray(kind) ? kind[0] : kind)) {
      message[name] = decodeValue(kind, reader, message[name]);
    } else {
      reader.skip(number, type, 0);
    }
  }
  return message;
}
