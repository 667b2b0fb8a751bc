import type { CallGate } from "./call-gate.ts";
import { Code } from "./code.ts";
import { Metadata, type ReadonlyMetadata } from "./metadata.ts";
import { RpcError } from "./rpc-error.ts";
import type { Outcome, ServerCall } from "./serve-call.ts";

// Node's longest timer.
const LONGEST_MS = 2 ** 31 - 1;

/** A call that its server can end, too: at its gate, or when the server's own time for it is over. */
export class ServedCall implements ServerCall {
  readonly deadline: number;
  readonly #inner: ServerCall;
  readonly #listeners: (() => void)[] = [];
  #leave: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;
  /** Why the server ended it. */
  stopped: RpcError | undefined;

  /** @param timeLimit milliseconds for a call whose client set no deadline; Infinity for none. */
  constructor(inner: ServerCall, timeLimit: number) {
    this.#inner = inner;
    const limited = !Number.isFinite(inner.deadline) && Number.isFinite(timeLimit);
    this.deadline = limited ? Date.now() + timeLimit : inner.deadline;
    if (limited) {
      const late = (): void =>
        this.stop(new RpcError(Code.DEADLINE_EXCEEDED, `the server gives a call ${timeLimit} ms`));
      this.#timer = setTimeout(late, Math.min(timeLimit, LONGEST_MS));
    }
    inner.onCancel(() => this.#cancel());
  }

  /** @returns false when it was refused, which the client has then been told. */
  enter(gate: CallGate): boolean {
    const entered = gate.enter({ end: (error) => this.stop(error) });
    if (typeof entered !== "function") {
      this.stop(entered);
      return false;
    }
    this.#leave = entered;
    return true;
  }

  /** Ends it for the client, and aborts its handler. */
  stop(error: RpcError): void {
    if (this.#ended || this.cancelled) {
      return;
    }
    this.stopped = error;
    this.#inner.end({ code: error.code, details: error.rawMessage, trailers: new Metadata(error.metadata) });
    this.#cancel();
  }

  get peer(): string {
    return this.#inner.peer;
  }

  get cancelled(): boolean {
    return this.stopped !== undefined || this.#inner.cancelled;
  }

  metadata = (): ReadonlyMetadata => this.#inner.metadata();

  onCancel(listener: () => void): void {
    if (this.cancelled) {
      listener();
    } else {
      this.#listeners.push(listener);
    }
  }

  sendHeaders(headers: Metadata): void {
    if (this.stopped === undefined) {
      this.#inner.sendHeaders(headers);
    }
  }

  send(bytes: Uint8Array): Promise<void> | undefined {
    return this.stopped === undefined ? this.#inner.send(bytes) : undefined;
  }

  end(outcome: Outcome): void {
    if (this.stopped === undefined) {
      this.#inner.end(outcome);
      this.#finish();
    }
  }

  #cancel(): void {
    if (!this.#ended) {
      this.#finish();
      for (const listener of this.#listeners.splice(0)) {
        listener();
      }
    }
  }

  #finish(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#leave?.();
    this.#leave = undefined;
  }
}
