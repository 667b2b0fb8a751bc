import type { Signal } from "./abort.ts";
import type { MethodDefinition, RequestOf, ResponseOf, ServiceDefinition } from "./definition.ts";
import type { Marks } from "./marks.ts";
import type { Metadata, MetadataInit, ReadonlyMetadata } from "./metadata.ts";
import type { PartialMessage } from "./partial-message.ts";

/** What a handler knows of its call. */
export interface HandlerContext {
  /** The method, `package.Service/Method`. */
  readonly method: string;
  /** Aborted when the client cancels or leaves, or the deadline passes. Pass it on to what the handler waits for. */
  readonly signal: Signal;
  /**
   * Aborted when the server begins to shut down: a stream that has no end of its own should find one now. The call goes
   * on until `signal` is aborted. Never in a fake.
   */
  readonly closing: Signal;
  /** When the client stops waiting, or the server's own limit; undefined when there is neither. */
  readonly deadline: Date | undefined;
  /** Milliseconds until the deadline, never less than 0; Infinity without one. */
  readonly timeLeft: number;
  /** The client's address, `127.0.0.1:51234`; `"in memory"` in a fake. */
  readonly peer: string;
  /** What `authenticate` gave for this call: who calls. */
  readonly caller: unknown;
  /** What the client sent with the call. */
  readonly metadata: ReadonlyMetadata;
  /** Sends the response headers now. Without it they go out, empty, with the first response. @throws Error when sent. */
  sendHeaders(headers: MetadataInit): void;
  /** Goes out with the status. An RpcError's own metadata is added to it. */
  readonly trailers: Metadata;
}

/** One response, or the promise of one. */
export type Answer<T> = PartialMessage<T> | Promise<PartialMessage<T>>;

/** Responses: an async generator, or any (async) iterable. */
export type Answers<T> = AsyncIterable<PartialMessage<T>> | Iterable<PartialMessage<T>>;

/** The handler of a method, by the kind of its rpc. Requests are complete, responses partial. */
export type Handler<M extends MethodDefinition> = M["requestStream"] extends true
  ? M["responseStream"] extends true
    ? (requests: AsyncIterable<RequestOf<M>>, context: HandlerContext) => Answers<ResponseOf<M>>
    : (requests: AsyncIterable<RequestOf<M>>, context: HandlerContext) => Answer<ResponseOf<M>>
  : M["responseStream"] extends true
    ? (request: RequestOf<M>, context: HandlerContext) => Answers<ResponseOf<M>>
    : (request: RequestOf<M>, context: HandlerContext) => Answer<ResponseOf<M>>;

/**
 * The handlers of a service: an object of functions, or an instance of a class with such methods. One that is left
 * out answers UNIMPLEMENTED, so an rpc that is added to the schema breaks no implementer.
 *
 * A handler chooses its status by throwing an RpcError. Anything else thrown is INTERNAL, its text kept from the client.
 */
export type Implementation<D extends ServiceDefinition> = {
  readonly [Key in keyof D["methods"]]?: Handler<D["methods"][Key]> | undefined;
};

/** A service with its handlers, ready to be served. */
export interface ServiceImplementation {
  readonly definition: ServiceDefinition;
  readonly implementation: object;
  /** What the schema says of its elements beside their types. */
  readonly marks?: Marks;
  /** The service's FileDescriptorSet with all that it imports, for reflection. */
  readonly schema?: (() => Uint8Array) | undefined;
}

/**
 * Joins a service and its handlers, checked against each other.
 * @param marks as of `createClient`.
 * @param schema as of ServiceImplementation.
 */
export function implement<D extends ServiceDefinition>(
  definition: D,
  implementation: Implementation<D>,
  marks: Marks = {},
  schema?: () => Uint8Array,
): ServiceImplementation {
  return { definition, implementation, marks, schema };
}

/** A handler as the runtime calls it: a request or an async iterable of them in, an answer or an iterable out. */
export type AnyHandler = (input: unknown, context: HandlerContext) => unknown;

/**
 * The handler of a method, bound to its object; undefined when it was left out. What every object inherits
 * (`toString`, `constructor`) is no handler of an rpc that happens to have that name.
 */
export function handlerOf(implementation: object, key: string): AnyHandler | undefined {
  const handler: unknown = Reflect.get(implementation, key);
  if (typeof handler !== "function" || handler === Reflect.get(Object.prototype, key)) {
    return undefined;
  }
  const isOwn = Object.hasOwn(implementation, key);
  return key === "constructor" && !isOwn ? undefined : (handler.bind(implementation) as AnyHandler);
}
