import type { CallGate, OpenCall } from "./call-gate.ts";
import { Code } from "./code.ts";
import { Countdown } from "./countdown.ts";
import { Metadata, type ReadonlyMetadata } from "./metadata.ts";
import { RpcError } from "./rpc-error.ts";
import type { Outcome, ServerCall } from "./serve-call.ts";

/** The time that a server gives its calls whose clients set no deadline. */
export class TimeLimit {
  /** Milliseconds. */
  readonly limit: number;
  readonly running: Countdown<ServedCall>;

  constructor(limit: number) {
    this.limit = limit;
    const text = `the server gives a call ${limit} ms`;
    this.running = new Countdown(limit, (call) => call.stop(new RpcError(Code.DEADLINE_EXCEEDED, text)));
  }
}

/** A call that its server can end, too: at its gate, or when the server's own time for it is over. */
export class ServedCall implements ServerCall, OpenCall {
  readonly deadline: number;
  readonly #inner: ServerCall;
  #listeners: (() => void)[] | undefined;
  #gate: CallGate | undefined;
  #running: Countdown<ServedCall> | undefined;
  #ended = false;
  /** Why the server ended it. */
  stopped: RpcError | undefined;

  /** @param time for a call whose client set no deadline. */
  constructor(inner: ServerCall, time: TimeLimit | undefined) {
    this.#inner = inner;
    this.deadline = inner.deadline;
    if (time !== undefined && !Number.isFinite(this.deadline)) {
      this.deadline = Date.now() + time.limit;
      this.#running = time.running;
      this.#running.add(this);
    }
    inner.onCancel(() => this.#cancel());
  }

  /** @returns false when it was refused, which the client has then been told. */
  enter(gate: CallGate): boolean {
    const refused = gate.enter(this);
    if (refused !== undefined) {
      this.stop(refused);
      return false;
    }
    this.#gate = gate;
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
      this.#listeners ??= [];
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
      for (const listener of this.#listeners?.splice(0) ?? []) {
        listener();
      }
    }
  }

  #finish(): void {
    this.#ended = true;
    this.#running?.delete(this);
    this.#gate?.leave(this);
    this.#gate = undefined;
  }
}
