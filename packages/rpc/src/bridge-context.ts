import type { Signal } from "./abort.ts";
import type { HandlerContext } from "./implementation.ts";
import type { Metadata, MetadataInit, ReadonlyMetadata } from "./metadata.ts";

/** The context of a call under another method's name. What it holds is looked up when it is asked for: a signal is dear. */
export class BridgedContext implements HandlerContext {
  readonly method: string;
  protected readonly outer: HandlerContext;
  #headersSent = false;

  constructor(outer: HandlerContext, method: string) {
    this.method = method;
    this.outer = outer;
  }

  get signal(): Signal {
    return this.outer.signal;
  }

  get closing(): Signal {
    return this.outer.closing;
  }

  get deadline(): Date | undefined {
    return this.outer.deadline;
  }

  get timeLeft(): number {
    return this.outer.timeLeft;
  }

  get peer(): string {
    return this.outer.peer;
  }

  get caller(): unknown {
    return this.outer.caller;
  }

  get metadata(): ReadonlyMetadata {
    return this.outer.metadata;
  }

  get trailers(): Metadata {
    return this.outer.trailers;
  }

  get headersSent(): boolean {
    return this.#headersSent;
  }

  sendHeaders(headers: MetadataInit): void {
    this.outer.sendHeaders(headers);
    this.#headersSent = true;
  }
}

/**
 * The context of one of several calls that serve one: the first that sends headers sends those of the whole, and what
 * the others would send is left out.
 */
export class PartContext extends BridgedContext {
  override sendHeaders(headers: MetadataInit): void {
    if (!(this.outer instanceof BridgedContext && this.outer.headersSent)) {
      super.sendHeaders(headers);
    }
  }
}
