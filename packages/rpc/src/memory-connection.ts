import { DEPRECATION } from "./announcement.ts";
import { type CallSettings, deadlineOf } from "./call-options.ts";
import { Code } from "./code.ts";
import type { Connection, WireCall, WireListener, WireStatus } from "./connection.ts";
import type { AnyHandler } from "./implementation.ts";
import { Metadata, type ReadonlyMetadata } from "./metadata.ts";
import type { Method } from "./method.ts";
import { openCall } from "./open-call.ts";
import { RequestQueue } from "./request-queue.ts";
import { RetryBudget } from "./retry.ts";
import { RpcError } from "./rpc-error.ts";
import { type Outcome, type ServerCall, serveCall } from "./serve-call.ts";
import { soon } from "./soon.ts";

/** Hears of a call when it begins; what it gives back hears each request, decoded. */
export type Recorder = (method: Method, metadata: ReadonlyMetadata) => (request: unknown) => void;

/** A connection whose other end is in the same process: bytes go to the handlers, nothing goes to a socket. */
export class MemoryConnection implements Connection {
  readonly target = "in memory";
  readonly secure = true;
  readonly #handlerOf: (method: Method) => AnyHandler | undefined;
  readonly #recorder: Recorder;
  readonly #budget = new RetryBudget();
  #closed = false;

  constructor(handlerOf: (method: Method) => AnyHandler | undefined, recorder: Recorder) {
    this.#handlerOf = handlerOf;
    this.#recorder = recorder;
  }

  open(method: Method, settings: CallSettings): WireCall {
    return openCall(this, method, settings, this.#budget, (each) => this.#openOnce(method, each));
  }

  #openOnce(method: Method, settings: CallSettings): WireCall {
    if (this.#closed) {
      throw new Error("the fake was closed");
    }
    return new MemoryCall(method, settings, this.#handlerOf(method), this.#recorder);
  }

  close(): void {
    this.#closed = true;
  }
}

/** As HTTP/2 hands it over: the text values of a key in one. */
function asReceived(metadata: Metadata): Metadata {
  const received = new Metadata();
  for (const [key, value] of metadata) {
    const before = received.get(key);
    if (typeof value === "string" && before !== undefined) {
      received.set(key, `${before}, ${value}`);
    } else {
      received.append(key, value);
    }
  }
  return received;
}

/**
 * The client's end of a call, and the server's end within. What crosses from server to client does so in a microtask
 * of its own, so that no handler runs inside the caller's stack, as if there were a wire.
 */
class MemoryCall implements WireCall {
  readonly #method: Method;
  readonly #handler: AnyHandler | undefined;
  readonly #deadline: number;
  readonly #metadata: Metadata;
  readonly #record: (request: unknown) => void;
  readonly #requests = new RequestQueue();
  readonly #responses: Uint8Array[] = [];
  readonly #cancelListeners: (() => void)[] = [];
  #listener: WireListener | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reads = 0;
  #headersSent = false;
  // How the handler ended; told once the client has read what came before.
  #outcome: WireStatus | undefined;
  #done = false;
  #cancelled = false;
  #wake: (() => void) | undefined;

  constructor(method: Method, settings: CallSettings, handler: AnyHandler | undefined, recorder: Recorder) {
    this.#method = method;
    this.#handler = handler;
    this.#deadline = deadlineOf(settings);
    this.#metadata = asReceived(new Metadata(settings.metadata));
    this.#record = recorder(method, this.#metadata);
  }

  start(listener: WireListener): void {
    this.#listener = listener;
    const left = this.#deadline - Date.now();
    if (Number.isFinite(left)) {
      this.#timer = setTimeout(() => this.cancel(Code.DEADLINE_EXCEEDED, "the deadline passed"), Math.max(left, 0));
    }
    if (this.#streamsRequests) {
      soon(() => this.#serve(this.#requests));
    }
  }

  send(bytes: Uint8Array, done: () => void): void {
    if (this.#done) {
      return;
    }
    let request: unknown;
    try {
      request = this.#method.decodeRequest(bytes);
    } catch {
      this.cancel(Code.INTERNAL, "the request cannot be decoded");
      return;
    }
    this.#record(request);
    if (this.#streamsRequests) {
      this.#requests.push(request, done);
    } else {
      soon(() => this.#serve(request));
    }
  }

  halfClose(): void {
    this.#requests.end();
  }

  read(): void {
    this.#reads++;
    soon(() => this.#deliver());
  }

  cancel(code: number, details: string): void {
    if (this.#done) {
      return;
    }
    this.#done = true;
    clearTimeout(this.#timer);
    this.#responses.length = 0;
    this.#cancelled = this.#outcome === undefined;
    this.#requests.fail(new RpcError(Code.CANCELLED, "the client left"));
    this.#wake?.();
    soon(() => {
      this.#listener?.onStatus({ code, details, trailers: () => new Metadata() });
      for (const listener of this.#cancelled ? this.#cancelListeners.splice(0) : []) {
        listener();
      }
    });
  }

  get #streamsRequests(): boolean {
    return this.#method.kind === "clientStream" || this.#method.kind === "bidiStream";
  }

  #serve(input: unknown): void {
    if (!this.#done) {
      // The client gets what the handler threw as the RpcError's cause, so there is nothing to log.
      serveCall(this.#method, this.#handler, input, this.#serverEnd(), () => {});
    }
  }

  #serverEnd(): ServerCall {
    const isCancelled = (): boolean => this.#cancelled;
    return {
      peer: "in memory",
      deadline: this.#deadline,
      metadata: () => this.#metadata,
      get cancelled() {
        return isCancelled();
      },
      onCancel: (listener) => {
        if (this.#cancelled) {
          listener();
        } else {
          this.#cancelListeners.push(listener);
        }
      },
      sendHeaders: (headers) => this.#sendHeaders(headers),
      send: (bytes) => this.#respond(bytes),
      end: ({ code, details, trailers, cause }: Outcome) => {
        this.#outcome = { code, details, trailers: () => asReceived(trailers), cause };
        soon(() => this.#deliver());
      },
    };
  }

  #sendHeaders(headers: Metadata): void {
    if (!this.#headersSent && !this.#done && this.#outcome === undefined) {
      this.#headersSent = true;
      soon(() => this.#listener?.onHeader(() => asReceived(headers), headers.has(DEPRECATION)));
    }
  }

  #respond(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#done) {
      return undefined;
    }
    this.#sendHeaders(new Metadata());
    this.#responses.push(bytes);
    soon(() => this.#deliver());
    if (this.#responses.length <= this.#reads) {
      return undefined;
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #deliver(): void {
    while (!this.#done && this.#reads > 0 && this.#responses.length > 0) {
      this.#reads--;
      const bytes = this.#responses.shift();
      if (bytes !== undefined) {
        this.#listener?.onMessage(bytes);
      }
    }
    if (this.#responses.length === 0) {
      this.#wake?.();
    }
    if (!this.#done && this.#responses.length === 0 && this.#outcome !== undefined) {
      this.#done = true;
      clearTimeout(this.#timer);
      this.#listener?.onStatus(this.#outcome);
    }
  }
}
