import {
  type CallDefaults,
  type CallOptions,
  type CallSettings,
  type CallSite,
  callDefaultKeys,
  type ResolvedDefaults,
  resolveCall,
  resolveDefaults,
} from "./call-options.ts";
import { type Channel, type ChannelOptions, channelOptionKeys } from "./channel.ts";
import type { Connection } from "./connection.ts";
import { createChannel } from "./create-channel.ts";
import {
  type ClientMethodName,
  clientMethodName,
  type MethodDefinition,
  type RequestOf,
  type ResponseOf,
  type ServiceDefinition,
} from "./definition.ts";
import { DeprecationWatch } from "./deprecation.ts";
import type { AsyncDisposal } from "./disposal.ts";
import { GrpcConnection } from "./grpc-connection.ts";
import { interceptTransport } from "./intercept.ts";
import type { Marks } from "./marks.ts";
import { compileMethods, type Method } from "./method.ts";
import { checkKeys } from "./nearest.ts";
import type { PartialMessage } from "./partial-message.ts";
import type { Requests } from "./request-pump.ts";
import { createTransport, type Transport } from "./transport.ts";

/** What every client has beside its methods. */
export interface Client extends AsyncDisposal {
  /**
   * Refuses new calls with CANCELLED; calls in flight go on to their end. It closes the connection, unless that is a
   * shared channel. `await using` does the same.
   */
  close(): void;
}

/** Where a client calls: an address, or a list of them (see `createChannel`), or a channel that several clients share. */
export type Target = string | readonly string[] | Channel;

/** What a client says for all its calls, and how it connects. */
export interface ClientOptions extends ChannelOptions, CallDefaults {}

/** A method of a client, by the kind of its rpc. */
export type ClientMethod<M extends MethodDefinition> = M["requestStream"] extends true
  ? M["responseStream"] extends true
    ? (
        requests: Iterable<PartialMessage<RequestOf<M>>> | AsyncIterable<PartialMessage<RequestOf<M>>>,
        options?: CallOptions,
      ) => AsyncIterable<ResponseOf<M>>
    : (
        requests: Iterable<PartialMessage<RequestOf<M>>> | AsyncIterable<PartialMessage<RequestOf<M>>>,
        options?: CallOptions,
      ) => Promise<ResponseOf<M>>
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
 * @param marks what the schema says of its elements beside their types, as the generated package gives it.
 * @throws TypeError for an address or option that is not known, with the fix.
 */
export function createClient<D extends ServiceDefinition>(
  definition: D,
  target: Target,
  options: ClientOptions = {},
  marks: Marks = {},
): ClientOf<D> {
  checkKeys(options, [...callDefaultKeys, ...channelOptionKeys], "createClient");
  const [defaults, channelOptions] = splitOptions(options);
  // Before the channel: one that nobody closes keeps the process alive.
  const service = prepareService(definition, defaults, marks);
  if (typeof target === "string" || Array.isArray(target)) {
    const own = createChannel(target, channelOptions);
    return assembleClient(service, new GrpcConnection(own), () => own.close());
  }
  const misplaced = Object.keys(channelOptions);
  if (misplaced.length > 0) {
    throw new TypeError(`a shared channel has its own "${misplaced.join('", "')}": give it to createChannel`);
  }
  const connection = new GrpcConnection(target as Channel);
  let closed = false;
  const guarded = {
    target: connection.target,
    secure: connection.secure,
    open: (method: Method, settings: CallSettings) => {
      if (closed) {
        throw new Error("this client was closed, the channel it shares was not");
      }
      return connection.open(method, settings);
    },
  };
  return assembleClient(service, guarded, () => {
    closed = true;
  });
}

function splitOptions(options: ClientOptions): readonly [CallDefaults, ChannelOptions] {
  const isDefault = ([key]: [string, unknown]): boolean => (callDefaultKeys as readonly string[]).includes(key);
  const entries = Object.entries(options);
  return [
    Object.fromEntries(entries.filter(isDefault)),
    Object.fromEntries(entries.filter((entry) => !isDefault(entry))),
  ];
}

/** All of a client that does not depend on where it calls. */
export interface PreparedService<D extends ServiceDefinition> {
  readonly definition: D;
  readonly methods: readonly Method[];
  readonly defaults: ResolvedDefaults;
  readonly watch: DeprecationWatch;
}

/** Checks the options of a client. @throws TypeError for a wrong value, or what `onDeprecated` throws. */
export function prepareService<D extends ServiceDefinition>(
  definition: D,
  options: CallDefaults,
  marks: Marks,
): PreparedService<D> {
  const defaults = resolveDefaults(options);
  const watch = new DeprecationWatch(marks, options.onDeprecated);
  watch.onService(definition);
  const compiled = compileMethods(definition, marks, (method) => watch.onRequest(method));
  const methods = compiled.map((method) => ({ ...method, onAnnounced: watch.onAnnounced(method) }));
  return { definition, methods, defaults, watch };
}

/** Hangs the methods of a service on a connection. */
export function assembleClient<D extends ServiceDefinition>(
  { methods, defaults, watch }: PreparedService<D>,
  connection: Connection,
  close: () => void,
): ClientOf<D> {
  const plain = createTransport(connection);
  const transports = { plain, intercepted: interceptTransport(plain, connection.target) };
  const admit = (settings: { readonly credentials: unknown }): void => {
    if (settings.credentials !== undefined && !connection.secure) {
      throw new TypeError(`credentials would go to ${connection.target} in plain text: use https://, or TLS`);
    }
  };
  admit(defaults);
  const client: Record<string | symbol, unknown> = {};
  for (const method of methods) {
    client[clientMethodName(method.key)] = createMethod(method, transports, {
      defaults,
      admit,
      onCall: watch.onCall(method),
    });
  }
  client["close"] = close;
  client[Symbol.asyncDispose] = async () => close();
  return client as ClientOf<D>;
}

interface Transports {
  readonly plain: Transport;
  readonly intercepted: Transport;
}

interface CallRules {
  readonly defaults: ResolvedDefaults;
  /** @throws TypeError for what may not go over this connection. */
  readonly admit: (settings: CallSettings) => void;
  readonly onCall: (() => void) | undefined;
}

/** One function per rpc. Each captures the stack from its caller on, for the error that may come. */
function createMethod(
  method: Method,
  { plain, intercepted }: Transports,
  { defaults, admit, onCall }: CallRules,
): unknown {
  const settle = (options: CallOptions | undefined, entry: (input: never) => unknown): CallSettings => {
    onCall?.();
    const site: CallSite = {};
    Error.captureStackTrace(site, entry);
    const settings = resolveCall(method, defaults, options, site);
    admit(settings);
    return settings;
  };
  // Without interceptors nothing stands between the call and the wire.
  const via = ({ interceptors }: CallSettings): Transport => (interceptors.length === 0 ? plain : intercepted);
  switch (method.kind) {
    case "unary":
      return function call(request: unknown, options?: CallOptions): Promise<unknown> {
        // Not an async function: that would cost the most used kind a second promise and three turns.
        try {
          const settings = settle(options, call);
          return via(settings).unary(method, request, settings);
        } catch (error) {
          return Promise.reject(error);
        }
      };
    case "clientStream":
      return function call(requests: Requests, options?: CallOptions): Promise<unknown> {
        try {
          const settings = settle(options, call);
          return via(settings).clientStream(method, requests, settings);
        } catch (error) {
          return Promise.reject(error);
        }
      };
    case "serverStream":
      return function call(request: unknown, options?: CallOptions): AsyncIterable<unknown> {
        const settings = settle(options, call);
        return via(settings).serverStream(method, request, settings);
      };
    case "bidiStream":
      return function call(requests: Requests, options?: CallOptions): AsyncIterable<unknown> {
        const settings = settle(options, call);
        return via(settings).bidiStream(method, requests, settings);
      };
  }
}
