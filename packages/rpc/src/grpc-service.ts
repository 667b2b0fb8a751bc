import type {
  ServiceDefinition as GrpcServiceDefinition,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { AnnouncingCall, announcementOf } from "./announce.ts";
import type { CallGate } from "./call-gate.ts";
import { Code } from "./code.ts";
import { toBuffer } from "./grpc-metadata.ts";
import { SingleServerCall, StreamServerCall } from "./grpc-server-call.ts";
import { requestsOf } from "./grpc-server-requests.ts";
import { type AnyHandler, type HandlerContext, handlerOf, type ServiceImplementation } from "./implementation.ts";
import { interceptHandler } from "./intercept-served.ts";
import type { Interceptor } from "./interceptor.ts";
import { compileMethods, type Method } from "./method.ts";
import { RpcError } from "./rpc-error.ts";
import { CallContext, fail, type OnError, runHandler, type ServerCall } from "./serve-call.ts";
import { ServedCall, TimeLimit } from "./served-call.ts";

/** What `toGrpcService` takes beside the service. */
export interface ServiceOptions {
  /**
   * Hears of what a handler threw that was no RpcError; the client only gets INTERNAL and an id. Default:
   * `console.error`, so that no bug is silent.
   */
  readonly onError?: OnError | undefined;
  /**
   * Runs before anything of a request is decoded: throws an RpcError for who may not call. What it gives is the
   * context's `caller`.
   */
  readonly authenticate?: ((context: HandlerContext) => unknown) | undefined;
  /** Run around every handler, of all four kinds: the first is the outermost. They are those that a client has. */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /** Milliseconds for a call with one answer whose client set no deadline. Default: no limit. */
  readonly timeLimit?: number | undefined;
  /** Lets calls in, and knows those that are inside. Default: all are let in. */
  readonly gate?: CallGate | undefined;
}

/** Both arguments of grpc-js's `server.addService(definition, implementation)`. */
export interface GrpcService {
  readonly definition: GrpcServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/**
 * Makes a service ready for a grpc-js server:
 * ```ts
 * const { definition, implementation } = toGrpcService(implement(CatalogServiceDefinition, { … }));
 * server.addService(definition, implementation);
 * ```
 * Responses are encoded before grpc-js sees them, so that an answer that cannot be encoded is a handler's error.
 */
export function toGrpcService(service: ServiceImplementation, options: ServiceOptions = {}): GrpcService {
  const onError = options.onError ?? logError;
  const methods = compileMethods(service.definition, service.marks);
  const handlers = methods.map((method) => [method.key, createHandler(method, service, { ...options, onError })]);
  return {
    definition: Object.fromEntries(methods.map((method) => [method.key, describeMethod(method)])),
    implementation: Object.fromEntries(handlers),
  };
}

/** The default of `onError`. */
export const logError: OnError = (error, { method }, id) => console.error(`${method} failed (${id}):`, error);

function describeMethod(method: Method): GrpcServiceDefinition[string] {
  return {
    path: method.path,
    requestStream: method.kind === "clientStream" || method.kind === "bidiStream",
    responseStream: method.kind === "serverStream" || method.kind === "bidiStream",
    requestSerialize: (message: unknown) => toBuffer(method.encodeRequest(message)),
    // Decoded by us, for those that are let in.
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: toBuffer,
    responseDeserialize: (bytes: Buffer) => method.decodeResponse(bytes),
  };
}

type Serve = (call: ServerCall, inputOf: () => unknown) => void;

function createHandler(
  method: Method,
  service: ServiceImplementation,
  options: ServiceOptions & { readonly onError: OnError },
): UntypedServiceImplementation[string] {
  const own = handlerOf(service.implementation, method.key);
  const { interceptors = [] } = options;
  const handler = own === undefined || interceptors.length === 0 ? own : interceptHandler(own, method, interceptors);
  const serve = createServe(method, handler, options);
  const decode = (bytes: Buffer): unknown => decodeRequest(method, bytes);
  switch (method.kind) {
    case "unary":
      return (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>): void =>
        serve(new SingleServerCall(call, callback), () => decode(call.request));
    case "clientStream":
      return (call: ServerReadableStream<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>): void =>
        serve(new SingleServerCall(call, callback), () => requestsOf(call, decode));
    case "serverStream":
      return (call: ServerWritableStream<Buffer, Uint8Array>): void =>
        serve(new StreamServerCall(call), () => decode(call.request));
    case "bidiStream":
      return (call: ServerDuplexStream<Buffer, Uint8Array>): void =>
        serve(new StreamServerCall(call), () => requestsOf(call, decode));
  }
}

/** A plain view of the bytes, so that bytes fields are Uint8Array and not Buffer. */
function decodeRequest(method: Method, bytes: Buffer): unknown {
  try {
    return method.decodeRequest(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw new RpcError(Code.INTERNAL, "the request cannot be decoded", { cause });
  }
}

function createServe(
  method: Method,
  handler: AnyHandler | undefined,
  { onError, authenticate, timeLimit, gate }: ServiceOptions & { readonly onError: OnError },
): Serve {
  const single = method.kind === "unary" || method.kind === "clientStream";
  const time = single && timeLimit !== undefined && Number.isFinite(timeLimit) ? new TimeLimit(timeLimit) : undefined;
  const run = (call: ServerCall, inputOf: () => unknown, context: CallContext): void => {
    try {
      runHandler(method, handler, inputOf(), call, context, onError);
    } catch (thrown) {
      fail(call, context, thrown, onError);
    }
  };
  const managed = gate !== undefined || time !== undefined;
  const serve: Serve = (given, inputOf) => {
    const call = managed ? new ServedCall(given, time) : given;
    if (gate !== undefined && !(call as ServedCall).enter(gate)) {
      return;
    }
    const context = new CallContext(method, call, gate?.closing);
    if (authenticate === undefined || handler === undefined) {
      run(call, inputOf, context);
      return;
    }
    admit(authenticate, context).then(
      () => {
        if (!call.cancelled) run(call, inputOf, context);
      },
      (thrown: unknown) => {
        if (!call.cancelled) fail(call, context, thrown, onError);
      },
    );
  };
  const announcement = announcementOf(method);
  // Decided once, so that what is not deprecated pays nothing.
  return announcement === undefined ? serve : (call, inputOf) => serve(new AnnouncingCall(call, announcement), inputOf);
}

async function admit(authenticate: (context: HandlerContext) => unknown, context: CallContext): Promise<void> {
  context.caller = await authenticate(context);
}
