interface Waiter {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

interface Entry {
  readonly request: unknown;
  readonly taken: () => void;
}

/** The requests of an in-memory call as its handler reads them. Each sender hears when its request was taken. */
export class RequestQueue implements AsyncIterableIterator<unknown, undefined, undefined> {
  readonly #entries: Entry[] = [];
  readonly #waiting: Waiter[] = [];
  #end: { readonly error: unknown } | "ended" | undefined;

  /** Adds a request; `taken` is called when the handler takes it, or at once when it does not read any more. */
  push(request: unknown, taken: () => void): void {
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: request });
      taken();
    } else if (this.#end === undefined) {
      this.#entries.push({ request, taken });
    } else {
      taken();
    }
  }

  /** No more requests: the reader's loop ends when it has read those that are there. */
  end(): void {
    this.#end ??= "ended";
    for (const waiter of this.#waiting.splice(0)) {
      waiter.resolve({ done: true, value: undefined });
    }
  }

  /** The client left: the reader gets the error, what it has not read is dropped. */
  fail(error: unknown): void {
    this.#entries.length = 0;
    this.#end = { error };
    for (const waiter of this.#waiting.splice(0)) {
      waiter.reject(error);
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    const entry = this.#entries.shift();
    if (entry !== undefined) {
      entry.taken();
      return Promise.resolve({ done: false, value: entry.request });
    }
    if (this.#end === undefined) {
      return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
    if (this.#end === "ended") {
      return Promise.resolve({ done: true, value: undefined });
    }
    return Promise.reject(this.#end.error);
  }

  /** The handler left its loop: senders are let through, nothing is kept. */
  return(): Promise<IteratorResult<unknown, undefined>> {
    this.end();
    for (const entry of this.#entries.splice(0)) {
      entry.taken();
    }
    return Promise.resolve({ done: true, value: undefined });
  }
}
