import { decode } from "./details-decode.ts";
import { encode } from "./details-encode.ts";
import { type Fields, knownDetails, status } from "./details-fields.ts";
import type { Duration, ErrorDetail, ErrorDetailInit, RetryInfo, TypeUrl } from "./google-rpc.ts";
import type { ReadonlyMetadata } from "./metadata.ts";

/** The trailer that carries google.rpc.Status. */
export const STATUS_DETAILS_KEY = "grpc-status-details-bin";

// Node ends the whole connection, with every call on it, when a peer's headers exceed 64 KiB. A status, in its worst
// encoding, must stay below: three times three bytes for a letter of its text, four thirds for a byte of its details.
const MAX_TEXT = 4096;
const MAX_BYTES = 16 * 1024;

/** A text that fits into a status: one of more than 4096 letters is cut. */
export function fitText(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

interface Any {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

function fieldsOf(type: string): Fields | undefined {
  return Object.hasOwn(knownDetails, type) ? knownDetails[type as keyof typeof knownDetails] : undefined;
}

function pack({ type, value }: ErrorDetailInit): Any {
  const fields = value instanceof Uint8Array ? undefined : fieldsOf(type);
  if (fields === undefined && !(value instanceof Uint8Array)) {
    throw new TypeError(`a detail of the type ${type} must be given as bytes (Uint8Array): it is not known here`);
  }
  const bytes = fields === undefined ? (value as Uint8Array) : encode(fields, value, type);
  return { typeUrl: type.includes("/") ? type : `type.googleapis.com/${type}`, value: bytes };
}

/**
 * Packs a status and its details. Above 16 KiB the last details are left out.
 * @throws TypeError that names the field, for a value of the wrong type.
 */
export function encodeStatus(code: number, text: string, details: readonly ErrorDetailInit[]): Uint8Array {
  const packed = details.map(pack);
  const message = fitText(text);
  for (;;) {
    const bytes = encode(status, { code, message, details: packed }, "google.rpc.Status");
    if (bytes.length <= MAX_BYTES || packed.pop() === undefined) {
      return bytes;
    }
  }
}

function decodeDetail({ typeUrl, value }: Any): ErrorDetail[] {
  const slash = typeUrl.lastIndexOf("/");
  const name = typeUrl.slice(slash + 1);
  const fields = fieldsOf(name);
  if (fields === undefined) {
    return [{ type: slash === -1 ? `/${name}` : (typeUrl as TypeUrl), value }];
  }
  try {
    return [{ type: name, value: decode(fields, value) } as unknown as ErrorDetail];
  } catch {
    // One detail that is damaged must not hide the others.
    return [];
  }
}

/** The details that came with a status; empty when there are none, or when their bytes are damaged. */
export function detailsOf(trailers: ReadonlyMetadata): readonly ErrorDetail[] {
  const bytes = trailers.getBinary(STATUS_DETAILS_KEY);
  if (bytes === undefined) {
    return [];
  }
  try {
    const { details } = decode(status, bytes);
    return (details as Any[]).flatMap(decodeDetail);
  } catch {
    return [];
  }
}

function toMilliseconds({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1000 + nanos / 1e6;
}

/** What RetryInfo asks a client to wait, in milliseconds; undefined when the status has none. */
export function retryDelayOf(trailers: ReadonlyMetadata): number | undefined {
  const info = detailsOf(trailers).find(({ type }) => type === "google.rpc.RetryInfo")?.value as RetryInfo | undefined;
  return info?.retryDelay === undefined ? undefined : toMilliseconds(info.retryDelay);
}
