import type {
  ServiceDefinition as GrpcServiceDefinition,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { toBuffer } from "./grpc-metadata.ts";
import { SingleServerCall, StreamServerCall } from "./grpc-server-call.ts";
import { requestsOf } from "./grpc-server-requests.ts";
import { handlerOf, type ServiceImplementation } from "./implementation.ts";
import { compileMethods, type Method } from "./method.ts";
import { type OnError, serveCall } from "./serve-call.ts";

/** What `toGrpcService` takes beside the service. */
export interface ServiceOptions {
  /**
   * Hears of what a handler threw that was no RpcError; the client only gets INTERNAL. Default: `console.error`, so
   * that no bug is silent.
   */
  readonly onError?: OnError | undefined;
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
  const onError = options.onError ?? ((error, context) => console.error(`${context.method} failed:`, error));
  const methods = compileMethods(service.definition, service.marks);
  return {
    definition: Object.fromEntries(methods.map((method) => [method.key, describeMethod(method)])),
    implementation: Object.fromEntries(methods.map((method) => [method.key, createHandler(method, service, onError)])),
  };
}

function describeMethod(method: Method): GrpcServiceDefinition[string] {
  return {
    path: method.path,
    requestStream: method.kind === "clientStream" || method.kind === "bidiStream",
    responseStream: method.kind === "serverStream" || method.kind === "bidiStream",
    requestSerialize: (message: unknown) => toBuffer(method.encodeRequest(message)),
    // A plain view, so that bytes fields are Uint8Array and not Buffer.
    requestDeserialize: (bytes: Buffer) =>
      method.decodeRequest(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    responseSerialize: toBuffer,
    responseDeserialize: (bytes: Buffer) => method.decodeResponse(bytes),
  };
}

function createHandler(
  method: Method,
  service: ServiceImplementation,
  onError: OnError,
): UntypedServiceImplementation[string] {
  const handler = handlerOf(service.implementation, method.key);
  switch (method.kind) {
    case "unary":
      return (call: ServerUnaryCall<unknown, Uint8Array>, callback: sendUnaryData<Uint8Array>): void =>
        serveCall(method, handler, call.request, new SingleServerCall(call, callback), onError);
    case "clientStream":
      return (call: ServerReadableStream<unknown, Uint8Array>, callback: sendUnaryData<Uint8Array>): void =>
        serveCall(method, handler, requestsOf(call), new SingleServerCall(call, callback), onError);
    case "serverStream":
      return (call: ServerWritableStream<unknown, Uint8Array>): void =>
        serveCall(method, handler, call.request, new StreamServerCall(call), onError);
    case "bidiStream":
      return (call: ServerDuplexStream<unknown, Uint8Array>): void =>
        serveCall(method, handler, requestsOf(call), new StreamServerCall(call), onError);
  }
}
