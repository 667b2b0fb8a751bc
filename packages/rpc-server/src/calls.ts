import { RpcError } from "@bookstore/rpc";
import type { CallGate, OpenCall } from "@bookstore/rpc/server";

/** The calls that are being served. */
export class Calls implements CallGate {
  readonly #open = new Set<OpenCall>();
  readonly #controller = new AbortController();
  readonly #limit: number;
  #whenIdle: (() => void) | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get closing(): AbortSignal {
    return this.#controller.signal;
  }

  get size(): number {
    return this.#open.size;
  }

  enter(call: OpenCall): RpcError | undefined {
    if (this.#open.size >= this.#limit) {
      return new RpcError("RESOURCE_EXHAUSTED", `the server has ${this.#limit} calls in flight, and takes no more`);
    }
    this.#open.add(call);
    return undefined;
  }

  leave(call: OpenCall): void {
    this.#open.delete(call);
    if (this.#open.size === 0) {
      this.#whenIdle?.();
    }
  }

  /** Tells those that are open that the end has begun. */
  announce(reason: RpcError): void {
    this.#controller.abort(reason);
  }

  /** Resolves when none is open. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
      if (this.#open.size === 0) {
        resolve();
      }
    });
  }

  /** @returns how many there were. */
  endAll(reason: RpcError): number {
    const open = [...this.#open];
    for (const call of open) {
      call.stop(reason);
    }
    return open.length;
  }
}
