import { encodeChecked, encodeNamed, unencodable } from "./check-request.ts";
import { clientMethodName, type MessageType, type MethodDefinition, type ServiceDefinition } from "./definition.ts";
import type { Inspect } from "./deprecation.ts";
import type { Marks } from "./marks.ts";
import type { ReadonlyMetadata } from "./metadata.ts";

/** Who streams in an rpc: nobody, the server, the client, both. */
export type MethodKind = "unary" | "serverStream" | "clientStream" | "bidiStream";

/** What a retry may assume: `NO_SIDE_EFFECTS` and `IDEMPOTENT` may be sent twice, `UNKNOWN` may not. */
export type Idempotency = "NO_SIDE_EFFECTS" | "IDEMPOTENT" | "UNKNOWN";

/** What the schema says of an rpc. */
export interface MethodInfo {
  /** The property of the definition: `"getBook"`. */
  readonly key: string;
  /** The service's full name: `"bookstore.catalog.v1.CatalogService"`. */
  readonly service: string;
  /** The rpc's own name: `"GetBook"`. */
  readonly name: string;
  /** For people: `"bookstore.catalog.v1.CatalogService/GetBook"`. */
  readonly fullName: string;
  /** For the wire: the full name after a slash. */
  readonly path: string;
  readonly kind: MethodKind;
  readonly idempotency: Idempotency;
  readonly deprecated: boolean;
  /** The full names of the messages; empty when their codecs do not say (`$type`). */
  readonly requestType: string;
  readonly responseType: string;
  /** What is marked in the service and its messages, for `redact`. */
  readonly marks: Marks;
}

/** One rpc made ready for use, computed once per client or service. */
export interface Method extends MethodInfo {
  /** Fills in the defaults of a partial message: a copy. Throws as encoding does. */
  readonly completeRequest: (message: unknown) => unknown;
  /** A partial message to bytes. Throws a TypeError that names the method and holds the codec's error as cause. */
  readonly encodeRequest: (message: unknown) => Uint8Array;
  readonly decodeRequest: (bytes: Uint8Array) => unknown;
  readonly completeResponse: (message: unknown) => unknown;
  readonly encodeResponse: (message: unknown) => Uint8Array;
  readonly decodeResponse: (bytes: Uint8Array) => unknown;
  /** Of a client: hears of headers by which a server says that the method is deprecated. */
  readonly onAnnounced?: ((header: ReadonlyMetadata) => void) | undefined;
}

function kindOf(definition: MethodDefinition): MethodKind {
  if (definition.requestStream) {
    return definition.responseStream ? "bidiStream" : "clientStream";
  }
  return definition.responseStream ? "serverStream" : "unary";
}

function idempotencyOf(definition: MethodDefinition): Idempotency {
  const level = definition.options["idempotencyLevel"];
  return level === "NO_SIDE_EFFECTS" || level === "IDEMPOTENT" ? level : "UNKNOWN";
}

interface WithUnknownFields {
  _unknownFields?: unknown;
}

function describe(value: unknown): string {
  return value === null ? "null" : typeof value;
}

/**
 * fromPartial copies known fields only. The message's own unknown fields are put back, so that a message that was
 * received can be sent on without loss; those of messages inside it are lost.
 */
function createCompleter(type: MessageType, what: string): (message: unknown) => unknown {
  return (partial) => {
    if (typeof partial !== "object" || partial === null) {
      throw new TypeError(`the ${what} must be a message (an object), not ${describe(partial)}`);
    }
    let message: WithUnknownFields;
    try {
      message = type.fromPartial(partial as never) as WithUnknownFields;
    } catch (cause) {
      throw unencodable(type, what, partial, cause);
    }
    const unknownFields = (partial as WithUnknownFields)._unknownFields;
    if (unknownFields !== undefined) {
      message._unknownFields = unknownFields;
    }
    return message;
  };
}

function createEncoder(
  type: MessageType,
  what: string,
  complete: (message: unknown) => unknown,
  inspect: Inspect | undefined,
  encode: typeof encodeChecked,
): (message: unknown) => Uint8Array {
  return (partial) => {
    const message = complete(partial);
    inspect?.(message);
    return encode(type, what, partial as object, message);
  };
}

/**
 * Makes every method of a service ready, in the order of the definition.
 * @param inspector gives what sees each request before it is encoded.
 */
export function compileMethods(
  definition: ServiceDefinition,
  marks: Marks = {},
  inspector: (method: MethodInfo) => Inspect | undefined = () => undefined,
): Method[] {
  return Object.entries(definition.methods).map(([key, method]) => {
    const info = describeMethod(definition, key, method, marks);
    const { requestType, responseType } = method;
    const [request, response] = [`request of ${info.fullName}`, `response of ${info.fullName}`];
    const completeRequest = createCompleter(requestType, request);
    const completeResponse = createCompleter(responseType, response);
    return {
      ...info,
      completeRequest,
      encodeRequest: createEncoder(requestType, request, completeRequest, inspector(info), encodeChecked),
      decodeRequest: (bytes) => requestType.decode(bytes),
      completeResponse,
      encodeResponse: createEncoder(responseType, response, completeResponse, undefined, encodeNamed),
      decodeResponse: (bytes) => responseType.decode(bytes),
    };
  });
}

function describeMethod(
  definition: ServiceDefinition,
  key: string,
  method: MethodDefinition,
  marks: Marks,
): MethodInfo {
  const fullName = `${definition.fullName}/${method.name}`;
  const own = marks.methods?.[key] ?? marks.methods?.[clientMethodName(key)];
  return {
    key,
    service: definition.fullName,
    name: method.name,
    fullName,
    path: `/${fullName}`,
    kind: kindOf(method),
    idempotency: idempotencyOf(method),
    deprecated: own?.deprecated === true,
    requestType: method.requestType.$type ?? "",
    responseType: method.responseType.$type ?? "",
    marks,
  };
}
