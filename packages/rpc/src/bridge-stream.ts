/** What a stream becomes on its way to the other version. */
export interface StreamTurn {
  readonly message: (message: unknown) => unknown;
  /** What is thrown in place of an error of the source. */
  readonly failure: (thrown: unknown) => unknown;
}

/**
 * The messages of a stream, each turned when it is asked for: whoever reads slowly holds the source back, and whoever
 * leaves ends it. An iterator by hand, because an async generator waits for its source before it can be left.
 */
export class TurnedStream implements AsyncIterableIterator<unknown, undefined, undefined> {
  readonly #source: AsyncIterator<unknown> | Iterator<unknown>;
  readonly #turn: StreamTurn;

  constructor(source: AsyncIterable<unknown> | Iterable<unknown>, turn: StreamTurn) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#turn = turn;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    let step: IteratorResult<unknown>;
    try {
      step = await this.#source.next();
    } catch (thrown) {
      throw this.#turn.failure(thrown);
    }
    if (step.done === true) {
      return { done: true, value: undefined };
    }
    try {
      return { done: false, value: this.#turn.message(step.value) };
    } catch (error) {
      // As a generator that throws, the source has then ended. Its own error comes second.
      this.return().catch(() => {});
      throw error;
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }
}

/** @throws TypeError when what a handler of a stream gave cannot be iterated. */
export function checkIterable(
  answers: unknown,
  method: string,
): asserts answers is AsyncIterable<unknown> | Iterable<unknown> {
  const iterable =
    typeof answers === "object" && answers !== null && (Symbol.asyncIterator in answers || Symbol.iterator in answers);
  if (!iterable) {
    throw new TypeError(`the handler of ${method} must give an (async) iterable, for example be an async generator`);
  }
}
