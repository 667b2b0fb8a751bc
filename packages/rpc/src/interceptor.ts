import type { Signal } from "./abort.ts";
import type { MethodDefinition, RequestOf, ResponseOf, ServiceDefinition } from "./definition.ts";
import type { Metadata } from "./metadata.ts";
import type { MethodInfo } from "./method.ts";

// Never set: it only holds the type of the response, for what `next` gives back.
declare const response: unique symbol;

/**
 * A call on its way through its interceptors: a plain object, to be copied with changes,
 * `next({ ...call, request: other })`. Every interceptor has a copy of its own.
 */
export interface InterceptedCall<Request = unknown, Response = unknown> {
  /** Which end this is: a client that calls, or a server that is called. */
  readonly side: "client" | "server";
  readonly method: MethodInfo;
  /** The other end: the address as the client was given it; on a server, the client's address. */
  readonly target: string;
  /** What goes with the request, joined from the client and the call. May be changed here, before `next`. */
  readonly metadata: Metadata;
  /**
   * Aborted when the caller aborts, the deadline passes, or the call has ended and left something behind. Pass it on to
   * what the interceptor waits for. Another one may be put in its place, for the call that follows.
   */
  readonly signal: Signal;
  /** When the caller stops waiting; undefined for never. A `next` after a pause does not get more time by it. */
  readonly deadline: Date | undefined;
  /** The complete message, or the async iterable of them for the kinds `clientStream` and `bidiStream`. */
  readonly request: Request;
  readonly [response]?: Response;
}

/** How a call was answered. A call that failed is not answered: `next` rejects, most often with an RpcError. */
export interface Reply<Response = unknown> {
  /**
   * The complete message, or the async iterable of them for the kinds `serverStream` and `bidiStream`. The call of such
   * a kind begins with the first read, and may fail in every read.
   */
  readonly response: Response;
  /** The response headers. Of a stream: empty until the first message was read. */
  readonly header: Metadata;
  /** The trailers. Of a stream: empty until the last message was read. */
  readonly trailer: Metadata;
}

/** What an interceptor gives back: what `next` gave, changed or not, or an answer of its own. */
export type ReplyInit<Response = unknown> = Pick<Reply<Response>, "response"> & Partial<Reply<Response>>;

/** Goes on with the next interceptor, and with the call itself after the last. */
export type Next = <Response>(call: InterceptedCall<unknown, Response>) => Promise<Reply<Response>>;

/**
 * Stands around every call of a client, of all four kinds:
 * ```ts
 * const authorize: Interceptor = async (call, next) => {
 *   call.metadata.set("authorization", `Bearer ${await token(call.signal)}`);
 *   return next(call);
 * };
 * ```
 * It may change the call, answer without `next`, call `next` again, change the reply, or throw: what it throws comes
 * out of the call as it is. To see what passes through, use `observe`. To change the messages of a stream, give
 * another async iterable: an async generator over the first, for example.
 *
 * Messages come complete, each field with its value or default. A request that takes the place of one may be partial; a
 * response must be complete, as its codec's `fromPartial` makes it.
 */
export type Interceptor = (call: InterceptedCall, next: Next) => Promise<ReplyInit>;

/** A call of one method: see `isCallOf`. */
export type CallOf<M extends MethodDefinition> = InterceptedCall<
  M["requestStream"] extends true ? AsyncIterable<RequestOf<M>> : RequestOf<M>,
  M["responseStream"] extends true ? AsyncIterable<ResponseOf<M>> : ResponseOf<M>
>;

/**
 * Whether a call is one of this method; its request, and the response that `next` gives, then have their types:
 * ```ts
 * if (isCallOf(call, CatalogServiceDefinition, "getBook")) console.log(call.request.bookId);
 * ```
 */
export function isCallOf<D extends ServiceDefinition, Key extends keyof D["methods"] & string>(
  call: InterceptedCall,
  definition: D,
  key: Key,
): call is CallOf<D["methods"][Key]> {
  // By name: the same package may be installed twice.
  return call.method.service === definition.fullName && call.method.key === key;
}
