import { type CallSettings, deadlineOf } from "./call-options.ts";
import { Code } from "./code.ts";
import type { WireCall, WireListener, WireStatus } from "./connection.ts";
import type { Credentials } from "./credentials.ts";
import { Metadata, type MetadataInit } from "./metadata.ts";
import { RpcError } from "./rpc-error.ts";
import { soon } from "./soon.ts";

/** A call that waits for its credentials, and is on the wire from then on. */
export class CredentialedCall implements WireCall {
  readonly #open: (settings: CallSettings) => WireCall;
  readonly #settings: CallSettings;
  readonly #ask: () => ReturnType<Credentials>;
  // From when the credentials are there.
  #wire: WireCall | undefined;
  #listener: WireListener | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;
  // What is to be done once there is a wire, in order.
  #waiting: ((wire: WireCall) => void)[] = [];

  /** @param open makes the call on the wire. */
  constructor(settings: CallSettings, ask: () => ReturnType<Credentials>, open: (settings: CallSettings) => WireCall) {
    this.#settings = settings;
    this.#ask = ask;
    this.#open = open;
  }

  start(listener: WireListener): void {
    this.#listener = listener;
    const moment = deadlineOf(this.#settings);
    if (Number.isFinite(moment)) {
      const late = (): void => this.cancel(Code.DEADLINE_EXCEEDED, "the credentials did not come before the deadline");
      this.#timer = setTimeout(late, Math.max(moment - Date.now(), 0));
    }
    // Not in the caller's stack, even when it is no async function.
    Promise.resolve()
      .then(this.#ask)
      .then(
        (init) => this.#begin(init, moment),
        (error) => this.#refuse(error),
      );
  }

  send(bytes: Uint8Array, done: () => void): void {
    this.#whenReady((wire) => wire.send(bytes, done));
  }

  halfClose(): void {
    this.#whenReady((wire) => wire.halfClose());
  }

  read(): void {
    this.#whenReady((wire) => wire.read());
  }

  cancel(code: number, details: string): void {
    if (this.#wire === undefined) {
      soon(() => this.#end({ code, details, trailers: () => new Metadata() }));
    } else {
      this.#wire.cancel(code, details);
    }
  }

  #whenReady(act: (wire: WireCall) => void): void {
    if (this.#wire === undefined) {
      this.#waiting.push(act);
    } else {
      act(this.#wire);
    }
  }

  #begin(init: MetadataInit, moment: number): void {
    if (this.#ended || this.#listener === undefined) {
      return;
    }
    let wire: WireCall;
    try {
      const metadata = new Metadata(this.#settings.metadata);
      metadata.merge(init);
      wire = this.#open({ ...this.#settings, deadline: { moment }, metadata });
    } catch (error) {
      this.#refuse(error);
      return;
    }
    clearTimeout(this.#timer);
    this.#wire = wire;
    wire.start(this.#listener);
    for (const act of this.#waiting.splice(0)) {
      act(wire);
    }
  }

  #refuse(cause: unknown): void {
    const code = RpcError.is(cause) ? cause.code : Code.UNAUTHENTICATED;
    const reason = RpcError.is(cause) ? cause.rawMessage : cause instanceof Error ? cause.message : String(cause);
    this.#end({ code, details: `the credentials failed: ${reason}`, trailers: () => new Metadata(), cause });
  }

  #end(status: WireStatus): void {
    if (!this.#ended && this.#wire === undefined) {
      this.#ended = true;
      clearTimeout(this.#timer);
      this.#waiting = [];
      this.#listener?.onStatus(status);
    }
  }
}
