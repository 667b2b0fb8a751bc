import {
  type CallDefaults,
  type CallOptions,
  type CallSettings,
  type CallSite,
  callDefaultKeys,
  type ResolvedDefaults,
  resolveCall,
  resolveDefaults,
} from "./call-options.js";
import { type Channel, type ChannelOptions, channelOptionKeys } from "./channel.js";
import { createChannel } from "./create-channel.js";
import {
  type ClientMethodName,
  clientMethodName,
  type MethodDefinition,
  type RequestOf,
  type ResponseOf,
  type ServiceDefinition,
} from "./definition.js";
import type { AsyncDisposal } from "./disposal.js";
import { GrpcConnection } from "./grpc-connection.js";
import { compileMethods, type Method } from "./method.js";
import { checkKeys } from "./nearest.js";
import type { PartialMessage } from "./partial-message.js";
import type { Requests } from "./request-pump.js";
import { createTransport, type Transport } from "./transport.js";

/** What every client has beside its methods. */
export interface Client extends AsyncDisposal {
  /**
   * Refuses new calls with CANCELLED; calls in flight go on to their end. It closes the connection, unless that is a
   * shared channel. `await using` does the same.
   */
  close(): void;
}

/** Where a client calls: an address (see `createChannel`), or a channel that several clients share. */
export type Target = string | Channel;

/** What a client says for all its calls, and how it connects. */
export interface ClientOptions extends ChannelOptions, CallDefaults {}

type Streamed<T> = Iterable<PartialMessage<T>> | AsyncIterable<PartialMessage<T>>;

/** A method of a client, by the kind of its rpc. */
export type ClientMethod<M extends MethodDefinition> = M["requestStream"] extends true
  ? M["responseStream"] extends true
    ? (requests: Streamed<RequestOf<M>>, options?: CallOptions) => AsyncIterable<ResponseOf<M>>
    : (requests: Streamed<RequestOf<M>>, options?: CallOptions) => Promise<ResponseOf<M>>
  : M["responseStream"] extends true
    ? (request: PartialMessage<RequestOf<M>>, options?: CallOptions) => AsyncIterable<ResponseOf<M>>
    : (request: PartialMessage<RequestOf<M>>, options?: CallOptions) => Promise<ResponseOf<M>>;

/** The client of a service: one method per rpc, named as in the definition (`close`, `then`, `calls` get a `$`). */
export type ClientOf<D extends ServiceDefinition> = Client & {
  readonly [Key in keyof D["methods"] as ClientMethodName<Key>]: ClientMethod<D["methods"][Key]>;
};

/**
 * Makes a client of a service.
 *
 * Unary and client-streaming methods give a promise, which is rejected with an RpcError when the call fails. The
 * streaming responses are read by `for await`, once; such a call starts with the first read, and leaving the loop
 * ends it. Requests are partial messages, responses complete ones.
 *
 * It connects on its first call. Unknown fields of a request (`_unknownFields`, as of a message that was received
 * and is passed on) are kept for the message itself and dropped for messages inside it.
 *
 * @throws TypeError for an address or option that is not known, with the fix.
 */
export function createClient<D extends ServiceDefinition>(
  definition: D,
  target: Target,
  options: ClientOptions = {},
): ClientOf<D> {
  checkKeys(options, [...callDefaultKeys, ...channelOptionKeys], "createClient");
  const { deadline, metadata, waitForReady, ...channelOptions } = options;
  const defaults = resolveDefaults({ deadline, metadata, waitForReady });
  if (typeof target === "string") {
    const own = createChannel(target, channelOptions);
    const transport = createTransport(new GrpcConnection(own));
    return assembleClient(definition, transport, defaults, () => own.close());
  }
  const misplaced = Object.keys(channelOptions);
  if (misplaced.length > 0) {
    throw new TypeError(`a shared channel has its own "${misplaced.join('", "')}": give it to createChannel`);
  }
  const connection = new GrpcConnection(target);
  let closed = false;
  const guarded = {
    target: connection.target,
    open: (method: Method, settings: CallSettings) => {
      if (closed) {
        throw new Error("this client was closed, the channel it shares was not");
      }
      return connection.open(method, settings);
    },
  };
  return assembleClient(definition, createTransport(guarded), defaults, () => {
    closed = true;
  });
}

/** Hangs the methods of a service on a transport. */
export function assembleClient<D extends ServiceDefinition>(
  definition: D,
  transport: Transport,
  defaults: ResolvedDefaults,
  close: () => void,
): ClientOf<D> {
  const client: Record<string | symbol, unknown> = {};
  for (const method of compileMethods(definition)) {
    client[clientMethodName(method.key)] = createMethod(method, transport, defaults);
  }
  client["close"] = close;
  client[Symbol.asyncDispose] = async () => close();
  return client as ClientOf<D>;
}

/** One function per rpc. Each captures the stack from its caller on, for the error that may come. */
function createMethod(method: Method, transport: Transport, defaults: ResolvedDefaults): unknown {
  const settle = (options: CallOptions | undefined, entry: (input: never) => unknown): CallSettings => {
    const site: CallSite = {};
    Error.captureStackTrace(site, entry);
    return resolveCall(method, defaults, options, site);
  };
  switch (method.kind) {
    case "unary":
      return function call(request: unknown, options?: CallOptions): Promise<unknown> {
        // Not an async function: that would cost the most used kind a second promise and three turns.
        try {
          return transport.unary(method, request, settle(options, call));
        } catch (error) {
          return Promise.reject(error);
        }
      };
    case "clientStream":
      return function call(requests: Requests, options?: CallOptions): Promise<unknown> {
        try {
          return transport.clientStream(method, requests, settle(options, call));
        } catch (error) {
          return Promise.reject(error);
        }
      };
    case "serverStream":
      return function call(request: unknown, options?: CallOptions): AsyncIterable<unknown> {
        return transport.serverStream(method, request, settle(options, call));
      };
    case "bidiStream":
      return function call(requests: Requests, options?: CallOptions): AsyncIterable<unknown> {
        return transport.bidiStream(method, requests, settle(options, call));
      };
  }
}
