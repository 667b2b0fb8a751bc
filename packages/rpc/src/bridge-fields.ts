import { STATUS_DETAILS_KEY } from "./details.ts";
import { decode } from "./details-decode.ts";
import { encode } from "./details-encode.ts";
import { type Fields, knownDetails, status } from "./details-fields.ts";
import type { BadRequest } from "./google-rpc.ts";
import { RpcError } from "./rpc-error.ts";

/** Where the fields of one version's requests are in the other. */
export interface FieldNames {
  /** The full name of the request that the paths are of, as a server of it says them. */
  readonly request: string;
  /** The full name of the request that the client sent. */
  readonly own: string;
  /** As of Route. */
  readonly fieldOf: (path: string) => string | undefined;
}

const BAD_REQUEST = "google.rpc.BadRequest";

/**
 * The path as the other version's clients read it. One that they do not have keeps its own, after the full name of the
 * message that it is in: `bookstore.catalog.v2.ListBooksRequest.filter.max_price`, which is no path of theirs by chance.
 * A bridge back takes that name off again. The empty path, the request itself, stays empty.
 */
function nameOf(path: string, { request, own, fieldOf }: FieldNames): string {
  if (path.startsWith(`${own}.`)) {
    return path.slice(own.length + 1);
  }
  return path === "" ? "" : (fieldOf(path) ?? `${request}.${path}`);
}

interface Any {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

function isBadRequest({ typeUrl }: Any): boolean {
  return typeUrl === BAD_REQUEST || typeUrl.endsWith(`/${BAD_REQUEST}`);
}

/** One that is damaged stays: it is not ours to lose. */
function turnBadRequest(detail: Any, names: FieldNames): Any {
  const fields = knownDetails[BAD_REQUEST];
  const { fieldViolations } = (tryDecode(fields, detail.value) ?? {}) as Partial<BadRequest>;
  if (fieldViolations === undefined) {
    return detail;
  }
  const turned = fieldViolations.map((each) => ({ ...each, field: nameOf(each.field, names) }));
  return { ...detail, value: encode(fields, { fieldViolations: turned }, BAD_REQUEST) };
}

function tryDecode(fields: Fields, bytes: Uint8Array): object | undefined {
  try {
    return decode(fields, bytes);
  } catch {
    return undefined;
  }
}

/** The details of a status with their paths turned; undefined when none speaks of a field, or the bytes are damaged. */
function turnDetails(bytes: Uint8Array, names: FieldNames): readonly Any[] | undefined {
  const { details = [] } = (tryDecode(status, bytes) ?? {}) as { readonly details?: readonly Any[] };
  return details.some(isBadRequest)
    ? details.map((each) => (isBadRequest(each) ? turnBadRequest(each, names) : each))
    : undefined;
}

/**
 * What was thrown, with the fields that it complains about named as in the other version. Everything else of it, and
 * everything that is no RpcError, stays.
 */
export function turnFields(thrown: unknown, names: FieldNames): unknown {
  const bytes = RpcError.is(thrown) ? thrown.metadata.getBinary(STATUS_DETAILS_KEY) : undefined;
  const details = bytes && turnDetails(bytes, names);
  if (details === undefined || !RpcError.is(thrown)) {
    return thrown;
  }
  const { code, rawMessage, metadata } = thrown;
  return new RpcError(code, rawMessage, {
    details: details.map(({ typeUrl, value }) => ({ type: typeUrl, value })),
    metadata,
    cause: thrown,
  });
}
