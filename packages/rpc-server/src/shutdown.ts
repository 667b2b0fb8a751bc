import { setTimeout as sleep } from "node:timers/promises";
import { RpcError } from "@bookstore/rpc";
import type { Calls } from "./calls.ts";
import type { Listener } from "./listener.ts";
import { LONGEST_MS } from "./options.ts";
import type { Ending } from "./serve.ts";

/** For the last words to reach their clients, in milliseconds. */
const FLUSH_MS = 200;

export interface ShutdownParts {
  readonly grace: number;
  readonly lameDuck: number;
  readonly calls: Calls;
  readonly listener: Listener;
  /** What tells balancers to look elsewhere. */
  readonly beginWith: () => void;
  /** Asks all clients to leave: a GOAWAY on each connection. */
  readonly drain: () => void;
  readonly endWith: () => void;
}

/** The end of a server, once. */
export class Shutdown {
  readonly #parts: ShutdownParts;
  readonly #forced = new AbortController();
  #ending: Promise<Ending> | undefined;
  #tell: (ending: Ending) => void = () => {};
  readonly ended: Promise<Ending>;

  constructor(parts: ShutdownParts) {
    this.#parts = parts;
    this.ended = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  get begun(): boolean {
    return this.#ending !== undefined;
  }

  /** @param grace milliseconds, in place of the one that it has. */
  begin(grace: number = this.#parts.grace): Promise<Ending> {
    this.#ending ??= this.#run(grace).then((ending) => {
      this.#tell(ending);
      return ending;
    });
    return this.#ending;
  }

  /** No more waiting. */
  force(): void {
    this.#forced.abort();
  }

  async #run(grace: number): Promise<Ending> {
    const { lameDuck, calls, listener, beginWith, drain, endWith } = this.#parts;
    const reason = new RpcError("UNAVAILABLE", "the server shuts down");
    beginWith();
    await this.#within(lameDuck, new Promise(() => {}));
    calls.announce(reason);
    listener.stop();
    drain();
    // A call may still be on its way on a connection that is open, so that none being served does not mean the end.
    await this.#within(
      grace,
      listener.quiet().then(() => calls.idle()),
    );
    const cut = calls.endAll(reason);
    await this.#within(FLUSH_MS, listener.empty());
    listener.destroy();
    endWith();
    return cut > 0 ? "forced" : "clean";
  }

  /** Waits for something, but not longer than that, and not when it is forced. */
  async #within(milliseconds: number, something: Promise<void>): Promise<void> {
    const { signal } = this.#forced;
    if (signal.aborted) {
      // What was written before must still leave.
      await sleep(0);
      return;
    }
    const stop = new AbortController();
    const given = AbortSignal.any([signal, stop.signal]);
    await Promise.race([
      something,
      sleep(Math.min(milliseconds, LONGEST_MS), undefined, { signal: given }).catch(() => {}),
    ]);
    stop.abort();
  }
}
