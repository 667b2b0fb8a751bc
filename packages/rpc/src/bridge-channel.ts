import { Metadata as GrpcMetadata } from "@grpc/grpc-js";
import { type BackingChannel, backChannel } from "./backed-channel.ts";
import type { CallSettings } from "./call-options.ts";
import type { Channel } from "./channel.ts";
import { Code } from "./code.ts";
import type { WireCall, WireStatus } from "./connection.ts";
import { fromGrpcMetadata, toBuffer, toGrpcMetadata } from "./grpc-metadata.ts";
import { logError } from "./grpc-service.ts";
import { type AnyHandler, type HandlerContext, handlerOf, type ServiceImplementation } from "./implementation.ts";
import { MemoryConnection } from "./memory-connection.ts";
import { compileMethods, type Method } from "./method.ts";
import { checkKeys } from "./nearest.ts";
import { RpcError } from "./rpc-error.ts";
import type { OnError } from "./serve-call.ts";

/** What `connectInProcess` takes beside the service. */
export interface InProcessOptions {
  /**
   * Hears of what a handler threw that was no RpcError; the client only gets INTERNAL and an id. Default:
   * `console.error`.
   */
  readonly onError?: OnError | undefined;
}

/**
 * A channel to a service in this process, for any client of it: `createCatalogClient(connectInProcess(service))`.
 * There is no port and no socket; all else is as over one: messages are encoded and decoded, deadlines and aborts end
 * calls, interceptors run, calls are tried again, a slow reader holds the handler back. Unlike a fake it keeps nothing
 * of its calls, and a client does not see what a handler threw.
 */
export function connectInProcess(service: ServiceImplementation, options: InProcessOptions = {}): Channel {
  checkKeys(options, ["onError"], "connectInProcess");
  return backChannel(
    { target: "in process", secure: true },
    new InProcessChannel(service, options.onError ?? logError),
  );
}

type GrpcCall = ReturnType<BackingChannel["createCall"]>;
type GrpcListener = Parameters<GrpcCall["start"]>[1];

interface Served {
  readonly method: Method;
  readonly handler: AnyHandler | undefined;
}

/** What GrpcConnection calls in place of a channel of grpc-js. */
class InProcessChannel implements BackingChannel {
  readonly #served: ReadonlyMap<string, Served>;
  readonly #onError: OnError;
  #closed = false;

  constructor({ definition, implementation, marks }: ServiceImplementation, onError: OnError) {
    const methods = compileMethods(definition, marks);
    this.#served = new Map(
      methods.map((method) => [method.path, { method, handler: handlerOf(implementation, method.key) }]),
    );
    this.#onError = onError;
  }

  createCall(path: string, deadline: Date | number): GrpcCall {
    if (this.#closed) {
      throw new Error("the channel was closed");
    }
    const moment = deadline instanceof Date ? deadline.getTime() : deadline;
    const served = this.#served.get(path);
    return served === undefined ? new UnknownCall(path) : new InProcessCall(served, moment, this.#onError);
  }

  close(): void {
    this.#closed = true;
  }
}

/** What every call has that nobody asks for in one process. */
abstract class LocalCall implements GrpcCall {
  abstract start(metadata: GrpcMetadata, listener: GrpcListener): void;
  abstract sendMessageWithContext(context: { readonly callback?: () => void }, message: Buffer): void;
  abstract halfClose(): void;
  abstract startRead(): void;
  abstract cancelWithStatus(code: number, details: string): void;

  getPeer(): string {
    return "in process";
  }

  getCallNumber(): number {
    return 0;
  }

  setCredentials(): void {}

  getAuthContext(): null {
    return null;
  }
}

class InProcessCall extends LocalCall {
  readonly #served: Served;
  readonly #deadline: number;
  readonly #onError: OnError;
  #wire: WireCall | undefined;
  #context: HandlerContext | undefined;

  constructor(served: Served, deadline: number, onError: OnError) {
    super();
    this.#served = served;
    this.#deadline = deadline;
    this.#onError = onError;
  }

  start(metadata: GrpcMetadata, listener: GrpcListener): void {
    const { method, handler } = this.#served;
    const observed: AnyHandler | undefined =
      handler &&
      ((input, context) => {
        this.#context = context;
        return handler(input, context);
      });
    const connection = new MemoryConnection(
      () => observed,
      () => () => {},
    );
    this.#wire = connection.open(method, this.#settings(metadata));
    this.#wire.start({
      onHeader: (header) => listener.onReceiveMetadata(toGrpcMetadata(header())),
      onMessage: (bytes) => listener.onReceiveMessage(toBuffer(bytes)),
      onStatus: (status) => {
        this.#report(status);
        const { code, details, trailers } = status;
        listener.onReceiveStatus({ code, details, metadata: toGrpcMetadata(trailers()) });
      },
    });
  }

  sendMessageWithContext({ callback }: { readonly callback?: () => void }, message: Buffer): void {
    // A view, so that bytes fields are Uint8Array and not Buffer.
    const bytes = new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
    this.#wire?.send(bytes, () => callback?.());
  }

  halfClose(): void {
    this.#wire?.halfClose();
  }

  startRead(): void {
    this.#wire?.read();
  }

  cancelWithStatus(code: number, details: string): void {
    this.#wire?.cancel(code, details);
  }

  /** Only what one call needs: its client has done the rest by now. */
  #settings(metadata: GrpcMetadata): CallSettings {
    return {
      signal: undefined,
      deadline: { moment: this.#deadline },
      metadata: fromGrpcMetadata(metadata),
      waitForReady: false,
      retry: undefined,
      credentials: undefined,
      compression: false,
      interceptors: [],
      onHeader: undefined,
      onTrailer: undefined,
      site: {},
    };
  }

  /** Tells of what a handler threw, under the id that the client got. */
  #report({ code, details, cause }: WireStatus): void {
    const [, id] = /^internal error ([0-9a-f]{8})$/.exec(details) ?? [];
    const context = this.#context;
    if (id === undefined || context === undefined || code !== Code.INTERNAL || RpcError.is(cause)) {
      return;
    }
    try {
      this.#onError(cause, context, id);
    } catch {
      // A logger that fails must not take the call down.
    }
  }
}

/** A method that the service does not have: it is answered as a server does. */
class UnknownCall extends LocalCall {
  readonly #path: string;
  #listener: GrpcListener | undefined;

  constructor(path: string) {
    super();
    this.#path = path;
  }

  start(_: GrpcMetadata, listener: GrpcListener): void {
    this.#listener = listener;
    queueMicrotask(() =>
      this.#end(Code.UNIMPLEMENTED, `the service in this process has no method ${this.#path.slice(1)}`),
    );
  }

  sendMessageWithContext(): void {}

  halfClose(): void {}

  startRead(): void {}

  cancelWithStatus(code: number, details: string): void {
    queueMicrotask(() => this.#end(code, details));
  }

  #end(code: number, details: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onReceiveStatus({ code, details, metadata: new GrpcMetadata() });
  }
}
