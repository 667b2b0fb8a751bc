import type { CallSettings } from "./call-options.ts";
import type { Metadata } from "./metadata.ts";
import type { Method } from "./method.ts";

/** How a call ended. `trailers` is a function because most calls never look. */
export interface WireStatus {
  readonly code: number;
  readonly details: string;
  readonly trailers: () => Metadata;
  /** In memory only: what the handler threw. */
  readonly cause?: unknown;
  /** No server has seen it, so that it may go to another one, whatever it does. */
  readonly unsent?: boolean;
  /** The connection was lost: no server says so. */
  readonly lost?: boolean;
  /** How often it was tried; absent for once. */
  readonly attempts?: number;
}

/** Who hears about a call. Nothing is heard before `start` returned, and nothing after `onStatus`. */
export interface WireListener {
  /** @param announced whether the header says that the method is deprecated: most do not, and are then not read. */
  onHeader(header: () => Metadata, announced?: boolean): void;
  /** One response; each follows a `read()`. */
  onMessage(bytes: Uint8Array): void;
  onStatus(status: WireStatus): void;
}

/**
 * One call in bytes: the narrow waist that grpc-js and the in-memory fake both fit, so that every promise about
 * cancelling, deadlines, order and backpressure is kept in one place above it.
 */
export interface WireCall {
  start(listener: WireListener): void;
  /** Sends one request. `done` says that the next may be sent; it is not called once the call has ended. */
  send(bytes: Uint8Array, done: () => void): void;
  halfClose(): void;
  /** Asks for one more response. Without it the sender is held back. */
  read(): void;
  /** Ends the call on the wire at once; `onStatus` follows with this status, unless one came before. */
  cancel(code: number, details: string): void;
}

/** Where calls go. */
export interface Connection {
  /** The address for error messages. */
  readonly target: string;
  /** True when credentials may be sent: it is encrypted, or does not leave this machine. */
  readonly secure: boolean;
  /** Makes a call. @throws Error when the connection was closed. */
  open(method: Method, settings: CallSettings): WireCall;
}
