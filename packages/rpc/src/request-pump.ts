import type { WireCall } from "./connection.ts";
import type { Method } from "./method.ts";

/** What a streaming request may be given as. */
export type Requests = Iterable<unknown> | AsyncIterable<unknown>;

type RequestIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** @throws TypeError when the argument of a streaming request cannot be iterated. */
export function checkRequests(requests: unknown, method: Method): asserts requests is Requests {
  const iterable =
    typeof requests === "object" &&
    requests !== null &&
    (Symbol.asyncIterator in requests || Symbol.iterator in requests);
  if (!iterable) {
    throw new TypeError(`${method.fullName} takes a stream of requests: pass an array or an (async) iterable`);
  }
}

/**
 * Sends an iterable's messages one by one, each after the one before was taken, so that a slow server slows the
 * iterable. `stop` ends it: the iterable is told by `return()`, and nothing is sent any more.
 */
export class RequestPump {
  readonly #method: Method;
  readonly #wire: WireCall;
  readonly #requests: Requests;
  // Defined while the iterable is under way: it is told to stop at most once, and never after its own end.
  #iterator: RequestIterator | undefined;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(method: Method, wire: WireCall, requests: Requests) {
    this.#method = method;
    this.#wire = wire;
    this.#requests = requests;
  }

  /** Runs to the end. It never rejects: what the iterable or the encoder throws goes to `onError`. */
  async run(onError: (thrown: unknown) => void): Promise<void> {
    const requests = this.#requests;
    try {
      const iterator =
        Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
      this.#iterator = iterator;
      while (!this.#stopped) {
        const next = iterator.next();
        // A plain iterable needs no turn of the event loop per message.
        const step = "then" in next ? await next : next;
        if (this.#stopped) {
          return;
        }
        if (step.done === true) {
          this.#iterator = undefined;
          this.#wire.halfClose();
          return;
        }
        const bytes = this.#encode(step.value);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          this.#wire.send(bytes, resolve);
        });
      }
    } catch (thrown) {
      this.#iterator = undefined;
      onError(thrown);
    }
  }

  /** A message that cannot be encoded ends the iterable too, which a `next()` that throws has done by itself. */
  #encode(message: unknown): Uint8Array {
    try {
      return this.#method.encodeRequest(message);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
    const iterator = this.#iterator;
    this.#iterator = undefined;
    // Not awaited, and an error of its clean-up has no one left to go to: the call's outcome is settled.
    try {
      Promise.resolve(iterator?.return?.()).catch(() => {});
    } catch {}
  }
}
