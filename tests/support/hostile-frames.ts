import { randomBytes } from "node:crypto";

// HTTP/2 by hand: what no library would send.

export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PING = 6;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 1;
export const END_HEADERS = 4;

/** One frame. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HPACK's length: seven bits, and more bytes for what does not fit. */
function length(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** Headers as HPACK literals that are not indexed. */
export function block(headers: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(
    headers.flatMap(([name, value]) => [
      Buffer.from([0]),
      length(name.length),
      Buffer.from(name),
      length(value.length),
      Buffer.from(value),
    ]),
  );
}

/** The headers of a gRPC call. */
export function call(path: string, more: readonly (readonly [string, string])[] = []): Buffer {
  return block([
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "localhost"],
    ["te", "trailers"],
    ["content-type", "application/grpc"],
    ...more,
  ]);
}

/** A message as gRPC sends it, perhaps cut off. */
export function message(bytes: Uint8Array, compressed = false): Buffer {
  const head = Buffer.from([compressed ? 1 : 0, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Bytes in frames that are not longer than a server takes by default. */
export function* data(stream: number, bytes: Uint8Array, last: boolean): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += 16_384) {
    const part = bytes.subarray(from, from + 16_384);
    yield frame(DATA, last && from + 16_384 >= bytes.length ? END_STREAM : 0, stream, part);
  }
}

/** A header block of any length in one HEADERS frame and CONTINUATIONs. */
export function* headers(stream: number, bytes: Buffer, flags = END_STREAM): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += 16_384) {
    const last = from + 16_384 >= bytes.length ? END_HEADERS : 0;
    const part = bytes.subarray(from, from + 16_384);
    yield frame(from === 0 ? HEADERS : CONTINUATION, (from === 0 ? flags : 0) | last, stream, part);
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** A field of protobuf that has a length. */
export function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

const MOST = 4 * 1024 * 1024 - 64;

/** A message of 4 MiB that holds as many elements as fit: two bytes each. */
export function crowd(pair: readonly [number, number]): Buffer {
  return Buffer.alloc(MOST, Buffer.from(pair));
}

/** Messages whose objects are much larger than their bytes, by what they hold. */
export const CROWDS: Readonly<Record<string, () => readonly [path: string, bytes: Buffer]>> = {
  // The lines of an order.
  "empty messages": () => ["/bookstore.orders.v2.OrdersService/PlaceOrder", crowd([0x1a, 0])],
  // A google.protobuf.ListValue of empty values, in the properties of an event.
  "empty values": () => {
    const list = field(6, crowd([0x0a, 0]));
    const entry = Buffer.concat([field(1, Buffer.from("a")), field(2, list)]);
    const properties = field(1, entry);
    return ["/bookstore.recommendations.v1.RecommendationsService/RecordEvent", field(8, properties)];
  },
  "empty strings": () => ["/bookstore.recommendations.v1.RecommendationsService/Recommend", crowd([0x22, 0])],
  "empty map entries": () => [
    "/bookstore.recommendations.v1.RecommendationsService/RecordEvent",
    field(8, crowd([0x0a, 0])),
  ],
  // Fields that the schema does not have are kept.
  "unknown fields": () => ["/bookstore.recommendations.v2.RecommendationsService/Recommend", crowd([0x78, 0])],
  "unknown fields of a stream": () => [
    "/bookstore.recommendations.v2.RecommendationsService/RecordEvents",
    crowd([0x7a, 0]),
  ],
};

export const noise = (bytes: number): Buffer => randomBytes(bytes);
