import { callError } from "./active-call.ts";
import { noteAttempts } from "./attempts.ts";
import { type CallSettings, deadlineOf } from "./call-options.ts";
import { Code } from "./code.ts";
import { runInterceptors } from "./intercept-chain.ts";
import type { InterceptedCall, Reply } from "./interceptor.ts";
import { Metadata, type ReadonlyMetadata } from "./metadata.ts";
import type { Method } from "./method.ts";
import type { Requests } from "./request-pump.ts";
import type { RpcError } from "./rpc-error.ts";
import { LONGEST_MS } from "./timer.ts";
import type { Transport } from "./transport.ts";

// The call itself ends on its deadline, and says more about it than we could: only what still waits then is given up.
const GRACE_MS = 50;
/**
 * One call of a client through its interceptors, of any kind. It keeps the promises of a call's options also while an
 * interceptor works: an abort and the deadline end the call, whatever an interceptor waits for.
 */
export class InterceptedRun {
  readonly #inner: Transport;
  readonly #method: Method;
  readonly #target: string;
  readonly #settings: CallSettings;
  readonly #giveUp: (error: RpcError) => void;
  readonly #controller = new AbortController();
  #deadline = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // Calls behind the last interceptor that have not ended.
  #open = 0;
  #answeredHere = true;
  #headerTold = false;

  /** @param giveUp ends the call for the caller when its interceptors did not, after an abort or the deadline. */
  constructor(
    inner: Transport,
    method: Method,
    target: string,
    settings: CallSettings,
    giveUp: (error: RpcError) => void,
  ) {
    this.#inner = inner;
    this.#method = method;
    this.#target = target;
    this.#settings = settings;
    this.#giveUp = giveUp;
  }

  /** Rejects with what an interceptor threw, or the call itself. */
  start(request: unknown): Promise<Reply> {
    const { signal, metadata } = this.#settings;
    if (signal?.aborted === true) {
      this.#onAbort();
    } else {
      signal?.addEventListener("abort", this.#onAbort);
    }
    const deadline = deadlineOf(this.#settings);
    this.#waitUntil(deadline);
    const call: InterceptedCall = {
      side: "client",
      method: this.#method,
      target: this.#target,
      metadata: new Metadata(metadata),
      signal: this.#controller.signal,
      deadline: Number.isFinite(deadline) ? new Date(deadline) : undefined,
      request,
    };
    return runInterceptors(this.#settings.interceptors, call, (last) => this.#call(last));
  }

  /** The call has ended for the caller: what an interceptor left behind ends, too. */
  end(): void {
    clearTimeout(this.#timer);
    this.#settings.signal?.removeEventListener("abort", this.#onAbort);
    if (this.#open > 0) {
      this.#controller.abort(this.#error(Code.CANCELLED, "the call has ended"));
    }
  }

  /** The same for a caller that leaves before the end: an interceptor may be waiting for something. */
  leave(): void {
    this.#controller.abort(this.#error(Code.CANCELLED, "the reader left"));
    this.end();
  }

  /** Tells the headers of an answer that an interceptor gave by itself; the server's were told when they came. */
  tellHeader(header: ReadonlyMetadata): void {
    if (this.#answeredHere) {
      this.#onHeader(header);
    }
  }

  /** The call itself, behind the last interceptor. */
  async #call(call: InterceptedCall): Promise<Reply> {
    this.#answeredHere = false;
    const moment = call.deadline?.getTime() ?? Number.POSITIVE_INFINITY;
    this.#waitUntil(moment);
    const [header, trailer] = [new Metadata(), new Metadata()];
    let ended = false;
    const end = (): void => {
      this.#open -= ended ? 0 : 1;
      ended = true;
    };
    const settings: CallSettings = {
      ...this.#settings,
      interceptors: [],
      signal: call.signal,
      deadline: { moment },
      metadata: call.metadata,
      onHeader: (received) => {
        replace(header, received);
        this.#onHeader(received);
      },
      repeatHeader: this.#settings.onHeader === undefined,
      onTrailer: (received) => {
        replace(trailer, received);
        end();
      },
      onAttempts: (attempts) => noteAttempts(trailer, attempts),
    };
    this.#open++;
    try {
      const response = this.#send(call.request, settings);
      // A stream has not begun yet; it ends with its trailers.
      return { response: response instanceof Promise ? await response.finally(end) : response, header, trailer };
    } catch (error) {
      end();
      throw error;
    }
  }

  #send(request: unknown, settings: CallSettings): Promise<unknown> | AsyncIterable<unknown> {
    const method = this.#method;
    // The transport checks that requests can be iterated.
    return this.#inner[method.kind](method, request as Requests, settings);
  }

  #error(code: number, text: string, cause?: unknown): RpcError {
    return callError(this.#method, this.#target, this.#settings, code, text, { cause });
  }

  #onHeader(header: ReadonlyMetadata): void {
    if (!this.#headerTold) {
      this.#headerTold = true;
      this.#settings.onHeader?.(header);
    }
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#settings.signal?.reason;
    this.#abandon(reason, this.#error(Code.CANCELLED, "aborted by the caller", reason));
  };

  /** An interceptor may give the call more time than the caller did: then that counts. */
  #waitUntil(moment: number): void {
    if (moment <= this.#deadline) {
      return;
    }
    this.#deadline = moment;
    clearTimeout(this.#timer);
    if (Number.isFinite(moment)) {
      const left = Math.max(moment - Date.now(), 0) + GRACE_MS;
      this.#timer = setTimeout(
        () => {
          const error = this.#error(Code.DEADLINE_EXCEEDED, "the deadline passed");
          this.#abandon(error, error);
        },
        Math.min(left, LONGEST_MS),
      );
    }
  }

  /** Interceptors see the end of the call before the caller does, when they do not take longer than a turn for it. */
  #abandon(reason: unknown, error: RpcError): void {
    this.#controller.abort(reason);
    setImmediate(() => this.#giveUp(error));
  }
}

function replace(metadata: Metadata, received: ReadonlyMetadata): void {
  for (const [key] of [...metadata]) {
    metadata.delete(key);
  }
  metadata.merge(received);
}
