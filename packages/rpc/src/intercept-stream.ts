import type { CallSettings } from "./call-options.ts";
import { InterceptedRun } from "./intercept-run.ts";
import type { Reply } from "./interceptor.ts";
import { Metadata } from "./metadata.ts";
import type { Method } from "./method.ts";
import { RpcError } from "./rpc-error.ts";
import type { Transport } from "./transport.ts";

type Step = IteratorResult<unknown, undefined>;
type Failure = { readonly error: unknown };

interface Waiter {
  readonly resolve: (step: Step) => void;
  readonly reject: (error: unknown) => void;
}

const done = (): Step => ({ done: true, value: undefined });

/**
 * A stream of responses that comes through interceptors, as the caller reads it. The interceptors run at the first
 * read, so that a call that is never read costs nothing. Leaving the loop ends the call even when an interceptor does
 * not pass it on, because the call's signal is aborted.
 */
export class InterceptedStream implements AsyncIterableIterator<unknown, undefined, undefined> {
  readonly #settings: CallSettings;
  readonly #request: unknown;
  readonly #run: InterceptedRun;
  readonly #waiting = new Set<Waiter>();
  #start: Promise<void> | undefined;
  #reply: Reply | undefined;
  #source: AsyncIterator<unknown> | undefined;
  #ended = false;
  #failure: Failure | undefined;

  constructor(inner: Transport, method: Method, target: string, settings: CallSettings, request: unknown) {
    this.#settings = settings;
    this.#request = request;
    this.#run = new InterceptedRun(inner, method, target, settings, (error) => this.#end({ error }));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    if (this.#ended) {
      const failure = this.#failure;
      this.#failure = undefined;
      return failure === undefined ? Promise.resolve(done()) : Promise.reject(failure.error);
    }
    this.#start ??= this.#open();
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiting.add(waiter);
      this.#read(waiter, this.#start);
    });
  }

  /** `break` and an error in the loop's body come here. An interceptor's clean-up is waited for, and may throw. */
  async return(): Promise<Step> {
    if (!this.#ended) {
      const begun = this.#start !== undefined;
      this.#ended = true;
      for (const waiter of this.#waiting) {
        waiter.resolve(done());
      }
      this.#waiting.clear();
      if (begun) {
        await this.#leave();
      }
    }
    this.#failure = undefined;
    return done();
  }

  async throw(error: unknown): Promise<Step> {
    await this.return();
    throw error;
  }

  async #leave(): Promise<void> {
    let left: unknown;
    try {
      // First the orderly way through the interceptors, then the signal, for one that is not passed on.
      left = this.#source?.return?.();
    } finally {
      this.#run.leave();
      try {
        this.#settings.onTrailer?.(this.#reply?.trailer ?? new Metadata());
      } catch {
        // The caller has left: there is no outcome to replace.
      }
    }
    await left;
  }

  async #open(): Promise<void> {
    const reply = await this.#run.start(this.#request);
    this.#reply = reply;
    this.#source = (reply.response as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    if (this.#ended) {
      this.#close();
    }
  }

  async #read(waiter: Waiter, start: Promise<void> | undefined): Promise<void> {
    try {
      await start;
      // The caller may have left meanwhile: what an interceptor has closed is not read.
      const step = this.#ended ? undefined : await this.#source?.next();
      if (step === undefined || !this.#waiting.has(waiter)) {
        return;
      }
      this.#run.tellHeader(this.#reply?.header ?? new Metadata());
      if (step.done === true) {
        this.#end(undefined);
      } else {
        this.#waiting.delete(waiter);
        waiter.resolve({ done: false, value: step.value });
      }
    } catch (error) {
      this.#end({ error });
    }
  }

  /** The end that was not the reader's wish. What waits first gets the error, the others the end. */
  #end(failure: Failure | undefined): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    let outcome = failure;
    try {
      const error = failure?.error;
      this.#settings.onTrailer?.(RpcError.is(error) ? error.metadata : (this.#reply?.trailer ?? new Metadata()));
    } catch (error) {
      outcome = { error };
    }
    const [first, ...others] = this.#waiting;
    this.#waiting.clear();
    if (outcome !== undefined && first !== undefined) {
      first.reject(outcome.error);
    } else {
      this.#failure = outcome;
      first?.resolve(done());
    }
    for (const waiter of others) {
      waiter.resolve(done());
    }
    if (failure !== undefined) {
      this.#close();
    }
    this.#run.end();
  }

  /** Lets the interceptors clean up. What they throw has no one left to go to. */
  #close(): void {
    try {
      Promise.resolve(this.#source?.return?.()).catch(() => {});
    } catch {}
  }
}
