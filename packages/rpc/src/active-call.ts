import type { CallSettings, CallSite } from "./call-options.ts";
import { Code } from "./code.ts";
import type { Connection, WireCall, WireListener, WireStatus } from "./connection.ts";
import { hintOf } from "./hint.ts";
import type { Metadata } from "./metadata.ts";
import type { Method } from "./method.ts";
import { RpcError, type RpcErrorInit } from "./rpc-error.ts";

/** Puts the caller's lines under an error's message, in place of ours. */
function showCaller(error: RpcError, site: CallSite): RpcError {
  const frames = site.stack?.indexOf("\n    at ") ?? -1;
  if (frames !== -1) {
    error.stack = `${error.name}: ${error.message}${site.stack?.slice(frames)}`;
  }
  return error;
}

/** What a call adds to its error. */
export type CallErrorInit = Pick<RpcErrorInit, "cause" | "metadata" | "attempts" | "elapsed" | "hint">;

/** An error of this call, with method, address and the caller's line. */
export function callError(
  method: Method,
  target: string,
  settings: CallSettings,
  code: number,
  text: string,
  init: CallErrorInit = {},
): RpcError {
  return showCaller(new RpcError(code, text, { method: method.fullName, target, ...init }), settings.site);
}

/**
 * What all four kinds of call share: it opens the call, watches the signal, decodes, and turns the end into one
 * `succeed` or one `fail`. Whatever ends it, the abort listener is gone afterwards.
 */
export abstract class ActiveCall implements WireListener {
  readonly method: Method;
  protected readonly settings: CallSettings;
  protected ended = false;
  readonly #connection: Connection;
  #wire: WireCall | undefined;
  // When it began, by a clock that nobody sets; undefined before.
  #began: number | undefined;
  #attempts = 1;
  // Why we ended the call ourselves: `thrown` goes to the caller as it is, `cause` goes into the RpcError.
  #own:
    | { readonly thrown: unknown }
    | { readonly cause: unknown; readonly code: number; readonly text: string }
    | undefined;

  constructor(connection: Connection, method: Method, settings: CallSettings) {
    this.#connection = connection;
    this.method = method;
    this.settings = settings;
  }

  /** The call on the wire; undefined before it began, and for one that never did. */
  protected get wire(): WireCall | undefined {
    return this.#wire;
  }

  /** One decoded response. */
  protected abstract message(message: unknown): void;
  /** The call ended with OK. */
  protected abstract succeed(): void;
  /** The call ended otherwise; `error` is an RpcError, or what the caller's own code threw. `local`: ended by us. */
  protected abstract fail(error: unknown, local: boolean): void;

  /** Begins the call, or fails it when the signal is aborted or the client closed. Gives the wire when it began. */
  protected begin(): WireCall | undefined {
    const { signal } = this.settings;
    if (signal?.aborted === true) {
      this.ended = true;
      this.fail(this.error(Code.CANCELLED, "aborted before the call", { cause: signal.reason }), true);
      return undefined;
    }
    let wire: WireCall;
    try {
      wire = this.#connection.open(this.method, this.settings);
    } catch (cause) {
      this.ended = true;
      this.fail(this.error(Code.CANCELLED, "the client is closed", { cause }), true);
      return undefined;
    }
    this.#wire = wire;
    this.#began = performance.now();
    signal?.addEventListener("abort", this.#onAbort);
    wire.start(this);
    return wire;
  }

  protected error(code: number, text: string, init?: CallErrorInit): RpcError {
    const elapsed = this.#began === undefined ? undefined : Math.round(performance.now() - this.#began);
    const attempts = this.#attempts;
    return callError(this.method, this.#connection.target, this.settings, code, text, { ...init, attempts, elapsed });
  }

  /** The error that the other side, or the connection, ended the call with. */
  #failure({ code, details, cause, trailers }: WireStatus): RpcError {
    const metadata = trailers();
    const hint = cause === undefined ? hintOf(details, metadata) : undefined;
    return this.error(code, details, { cause, metadata, hint });
  }

  /** Cancels on the wire; the caller then gets `own`. */
  protected cancel(own: { readonly thrown: unknown } | { readonly cause: unknown }, code: number, text: string): void {
    if (!this.ended && this.#own === undefined) {
      this.#own = "thrown" in own ? own : { ...own, code, text };
      this.#wire?.cancel(code, text);
    }
  }

  readonly #onAbort = (): void => {
    this.cancel({ cause: this.settings.signal?.reason }, Code.CANCELLED, "aborted by the caller");
  };

  onHeader(header: () => Metadata, announced?: boolean): void {
    const { onHeader } = this.settings;
    const onAnnounced = announced ? this.method.onAnnounced : undefined;
    if ((onHeader === undefined && onAnnounced === undefined) || this.ended) {
      return;
    }
    try {
      const received = header();
      onAnnounced?.(received);
      onHeader?.(received);
    } catch (thrown) {
      this.cancel({ thrown }, Code.CANCELLED, "onHeader threw");
    }
  }

  onMessage(bytes: Uint8Array): void {
    if (this.ended || this.#own !== undefined) {
      return;
    }
    let message: unknown;
    try {
      message = this.method.decodeResponse(bytes);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.cancel({ cause }, Code.INTERNAL, `the response cannot be decoded: ${reason}`);
      return;
    }
    this.message(message);
  }

  onStatus(status: WireStatus): void {
    if (this.ended) {
      return;
    }
    this.ended = true;
    this.#attempts = status.attempts ?? 1;
    this.settings.onAttempts?.(this.#attempts);
    this.settings.signal?.removeEventListener("abort", this.#onAbort);
    const own = this.#own;
    try {
      this.settings.onTrailer?.(status.trailers());
    } catch (thrown) {
      this.fail(thrown, true);
      return;
    }
    if (own === undefined) {
      if (status.code === Code.OK) {
        this.succeed();
      } else {
        this.fail(this.#failure(status), false);
      }
    } else if ("thrown" in own) {
      this.fail(own.thrown, true);
    } else {
      // The call may have ended well in the very moment in which we ended it.
      const { code, details } = status.code === Code.OK ? { code: own.code, details: own.text } : status;
      this.fail(this.error(code, details, { cause: own.cause, metadata: status.trailers() }), true);
    }
  }
}
