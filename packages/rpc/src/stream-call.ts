import { ActiveCall } from "./active-call.ts";
import type { CallSettings } from "./call-options.ts";
import { Code } from "./code.ts";
import type { Connection, WireCall } from "./connection.ts";
import type { Method } from "./method.ts";
import { RequestPump, type Requests } from "./request-pump.ts";

// Responses decoded ahead of the reader. grpc-js hands over one per turn of the event loop, so one ahead would do;
// a few even out a reader that awaits. Each may be 4 MiB: keep it small.
const AHEAD = 4;

interface Waiter {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

type Request = { readonly bytes: Uint8Array } | { readonly requests: Requests };

/**
 * A call with a stream of responses, server-streaming and bidirectional, as the iterator that the caller reads.
 *
 * The call starts at the first `next()`, so one that is never read costs nothing. Responses are asked for as they are
 * read. It is an iterator by hand because an async generator costs three promises per message.
 */
export class StreamCall extends ActiveCall implements AsyncIterableIterator<unknown, undefined, undefined> {
  readonly #request: Request;
  readonly #ready: unknown[] = [];
  readonly #waiting: Waiter[] = [];
  #started = false;
  // True when AHEAD responses lie ready and no read is under way.
  #paused = false;
  #abandoned = false;
  #failure: { readonly error: unknown } | undefined;
  #pump: RequestPump | undefined;

  constructor(connection: Connection, method: Method, settings: CallSettings, request: Request) {
    super(connection, method, settings);
    this.#request = request;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (!this.#started) {
      this.#start();
    }
    if (this.#ready.length > 0) {
      const value = this.#ready.shift();
      if (this.#paused) {
        this.#paused = false;
        this.wire?.read();
      }
      return Promise.resolve({ done: false, value });
    }
    if (!this.ended && !this.#abandoned) {
      return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(failure.error);
  }

  /** `break` and an error in the loop's body come here. */
  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#abandon();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<unknown, undefined>> {
    this.#abandon();
    return Promise.reject(error);
  }

  #abandon(): void {
    this.cancel({ cause: undefined }, Code.CANCELLED, "the reader left");
    if (!this.#started) {
      this.#started = true;
      this.ended = true;
    }
    this.#ready.length = 0;
    this.#failure = undefined;
    this.#abandoned = true;
    this.#pump?.stop();
    this.#finish();
  }

  #start(): void {
    this.#started = true;
    const wire = this.begin();
    if (wire === undefined) {
      return;
    }
    wire.read();
    if ("bytes" in this.#request) {
      wire.send(this.#request.bytes, () => {});
      wire.halfClose();
    } else {
      this.#sendAll(wire, this.#request.requests);
    }
  }

  #sendAll(wire: WireCall, requests: Requests): void {
    this.#pump = new RequestPump(this.method, wire, requests);
    this.#pump.run((thrown) => this.cancel({ thrown }, Code.CANCELLED, "the stream of requests threw"));
  }

  protected message(message: unknown): void {
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: message });
    } else {
      this.#ready.push(message);
    }
    if (this.#ready.length < AHEAD) {
      this.wire?.read();
    } else {
      this.#paused = true;
    }
  }

  protected succeed(): void {
    this.#pump?.stop();
    this.#finish();
  }

  protected fail(error: unknown, local: boolean): void {
    this.#pump?.stop();
    if (local) {
      // Ended at our own wish: what lies ready is not wanted any more. A server's error waits behind its messages.
      this.#ready.length = 0;
    }
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) {
      waiter.reject(error);
    } else if (!this.#abandoned) {
      this.#failure = { error };
    }
    this.#finish();
  }

  #finish(): void {
    for (const waiter of this.#waiting.splice(0)) {
      waiter.resolve({ done: true, value: undefined });
    }
  }
}
