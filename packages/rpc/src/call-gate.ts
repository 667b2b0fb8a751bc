import type { Signal } from "./abort.ts";
import type { RpcError } from "./rpc-error.ts";

/** A call that is being served. */
export interface OpenCall {
  /** Ends it for the client with this status, and aborts its handler; nothing when it has ended. */
  stop(error: RpcError): void;
}

/** Who lets calls in, and knows those that are inside: a server that has limits, and an end. */
export interface CallGate {
  /** As the context has it. */
  readonly closing: Signal;
  /**
   * Called before anything of a call is decoded.
   * @returns why it is refused; undefined when it is let in.
   */
  enter(call: OpenCall): RpcError | undefined;
  /** Called once at the end of a call that was let in. */
  leave(call: OpenCall): void;
}
