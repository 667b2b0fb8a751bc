import type { MessageType, MethodDefinition, ServiceDefinition } from "./definition.js";

export type MethodKind = "unary" | "serverStream" | "clientStream" | "bidiStream";

/** What a retry may assume: `NO_SIDE_EFFECTS` and `IDEMPOTENT` may be sent twice, `UNKNOWN` may not. */
export type Idempotency = "NO_SIDE_EFFECTS" | "IDEMPOTENT" | "UNKNOWN";

/** One rpc made ready for use, computed once per client or service. */
export interface Method {
  /** The property of the definition: `"getBook"`. */
  readonly key: string;
  /** For people: `"bookstore.catalog.v1.CatalogService/GetBook"`. */
  readonly fullName: string;
  /** For the wire: the full name after a slash. */
  readonly path: string;
  readonly kind: MethodKind;
  readonly idempotency: Idempotency;
  /** A partial message to bytes. Throws a TypeError that names the method and holds the codec's error as cause. */
  readonly encodeRequest: (message: unknown) => Uint8Array;
  readonly decodeRequest: (bytes: Uint8Array) => unknown;
  readonly encodeResponse: (message: unknown) => Uint8Array;
  readonly decodeResponse: (bytes: Uint8Array) => unknown;
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
function createEncoder(type: MessageType, what: string): (message: unknown) => Uint8Array {
  return (partial) => {
    if (typeof partial !== "object" || partial === null) {
      throw new TypeError(`the ${what} must be a message (an object), not ${describe(partial)}`);
    }
    try {
      const message = type.fromPartial(partial as never) as WithUnknownFields;
      const unknownFields = (partial as WithUnknownFields)._unknownFields;
      if (unknownFields !== undefined) {
        message._unknownFields = unknownFields;
      }
      return type.encode(message as never).finish();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TypeError(`the ${what} cannot be encoded: ${reason}`, { cause });
    }
  };
}

/** Makes every method of a service ready, in the order of the definition. */
export function compileMethods(definition: ServiceDefinition): Method[] {
  return Object.entries(definition.methods).map(([key, method]) => {
    const fullName = `${definition.fullName}/${method.name}`;
    const { requestType, responseType } = method;
    return {
      key,
      fullName,
      path: `/${fullName}`,
      kind: kindOf(method),
      idempotency: idempotencyOf(method),
      encodeRequest: createEncoder(requestType, `request of ${fullName}`),
      decodeRequest: (bytes) => requestType.decode(bytes),
      encodeResponse: createEncoder(responseType, `response of ${fullName}`),
      decodeResponse: (bytes) => responseType.decode(bytes),
    };
  });
}
