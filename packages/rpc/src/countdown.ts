import { LONGEST_MS } from "./timer.ts";

/**
 * Many things that each have the same time, under one timer: one for each would cost a call more than all else that is
 * done for it.
 */
export class Countdown<T> {
  readonly #limit: number;
  readonly #over: (item: T) => void;
  // In the order in which their time ends.
  readonly #ends = new Map<T, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param limit milliseconds.
   * @param over called with what was not taken away in time.
   */
  constructor(limit: number, over: (item: T) => void) {
    this.#limit = limit;
    this.#over = over;
  }

  add(item: T): void {
    this.#ends.set(item, performance.now() + this.#limit);
    if (this.#timer === undefined) {
      this.#arm(this.#limit);
    }
  }

  delete(item: T): void {
    this.#ends.delete(item);
  }

  #arm(wait: number): void {
    this.#timer = setTimeout(this.#check, Math.min(wait, LONGEST_MS));
    // It is left to run when all were taken away, which must hold up no process.
    this.#timer.unref();
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (const [item, end] of this.#ends) {
      if (end > now) {
        this.#arm(end - now);
        return;
      }
      this.#ends.delete(item);
      this.#over(item);
    }
  };
}
