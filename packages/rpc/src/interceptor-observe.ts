import type { Signal } from "./abort.ts";
import { attemptsOf } from "./attempts.ts";
import { Code } from "./code.ts";
import type { InterceptedCall, Next, Reply } from "./interceptor.ts";
import { RpcError } from "./rpc-error.ts";

/** How a call ended. */
export interface CallEnd {
  /** `Code.OK`, that of the RpcError, or `Code.UNKNOWN` for another error. */
  readonly code: number;
  /** What the call failed with; undefined when it did not fail. */
  readonly error: unknown;
  /** True when the reader left a stream before its end, which is no failure. The code is then CANCELLED. */
  readonly left: boolean;
  /** How often the call was tried: 1 without retries. */
  readonly attempts: number;
}

/** Sees what passes through a call. What these functions throw ends the call, and comes out of it. */
export interface CallObserver {
  /** Each complete request, before it is sent. */
  readonly onRequest?: ((message: unknown) => void) | undefined;
  /** Each response, before the caller has it. */
  readonly onResponse?: ((message: unknown) => void) | undefined;
  /** Once, however the call ends. */
  readonly onEnd?: ((end: CallEnd) => void) | undefined;
}

/**
 * Goes on with a call of any kind, and tells what passes through, and how it ends:
 * ```ts
 * const measure: Interceptor = (call, next) => {
 *   const start = performance.now();
 *   return observe(call, next, {
 *     onEnd: ({ code }) => record(call.method.fullName, code, performance.now() - start),
 *   });
 * };
 * ```
 */
export async function observe<Response>(
  call: InterceptedCall<unknown, Response>,
  next: Next,
  observer: CallObserver,
): Promise<Reply<Response>> {
  const { kind } = call.method;
  const { onRequest, onResponse } = observer;
  const { signal } = call;
  let ended = false;
  const end = (how: CallEnd): void => {
    if (!ended) {
      ended = true;
      signal.removeEventListener("abort", onAbort);
      observer.onEnd?.(how);
    }
  };
  // Another interceptor may be stuck, or throw the reply away. The call itself says more, and within a turn.
  const onAbort = (): void => {
    setImmediate(() => {
      try {
        end(aborted(signal));
      } catch {
        // The call has ended: there is no one left to throw to.
      }
    });
  };
  if (signal.aborted) {
    onAbort();
  } else {
    signal.addEventListener("abort", onAbort);
  }
  try {
    const streamsRequests = kind === "clientStream" || kind === "bidiStream";
    let { request } = call;
    if (!streamsRequests) {
      onRequest?.(request);
    } else if (onRequest !== undefined) {
      // What the caller gives after the end is not sent.
      const look = (message: unknown): void => (ended ? undefined : onRequest(message));
      request = observeRequests(request as AsyncIterable<unknown>, look);
    }
    const reply = await next({ ...call, request });
    if (kind === "serverStream" || kind === "bidiStream") {
      return { ...reply, response: new ObservedStream(reply, onResponse, end) as Response };
    }
    onResponse?.(reply.response);
    end(succeeded(reply));
    return reply;
  } catch (error) {
    end(failed(error));
    throw error;
  }
}

function succeeded({ trailer }: Reply): CallEnd {
  return { code: Code.OK, error: undefined, left: false, attempts: attemptsOf(trailer) };
}

function failed(error: unknown): CallEnd {
  return RpcError.is(error)
    ? { code: error.code, error, left: false, attempts: error.attempts }
    : { code: Code.UNKNOWN, error, left: false, attempts: 1 };
}

function aborted({ reason }: Signal): CallEnd {
  return { ...failed(reason), code: RpcError.is(reason) ? reason.code : Code.CANCELLED };
}

function observeRequests(
  requests: AsyncIterable<unknown>,
  onRequest: (message: unknown) => void,
): AsyncIterable<unknown> {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const request of requests) {
        onRequest(request);
        yield request;
      }
    },
  };
}

/**
 * Responses on their way to the reader. By hand, because an async generator that was not read yet does not hear that
 * its reader leaves.
 */
class ObservedStream implements AsyncIterableIterator<unknown, undefined, undefined> {
  readonly #reply: Reply;
  readonly #onResponse: ((message: unknown) => void) | undefined;
  readonly #end: (end: CallEnd) => void;
  #source: AsyncIterator<unknown> | undefined;

  constructor(reply: Reply, onResponse: ((message: unknown) => void) | undefined, end: (end: CallEnd) => void) {
    this.#reply = reply;
    this.#onResponse = onResponse;
    this.#end = end;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    try {
      const step = await this.#open().next();
      if (step.done !== true) {
        this.#onResponse?.(step.value);
        return { done: false, value: step.value };
      }
    } catch (error) {
      this.#end(failed(error));
      throw error;
    }
    this.#end(succeeded(this.#reply));
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    try {
      this.#end({ code: Code.CANCELLED, error: undefined, left: true, attempts: 1 });
    } finally {
      await this.#open().return?.();
    }
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<unknown, undefined>> {
    await this.return();
    throw error;
  }

  #open(): AsyncIterator<unknown> {
    this.#source ??= (this.#reply.response as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    return this.#source;
  }
}
