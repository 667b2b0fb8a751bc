import { type CallSettings, deadlineOf } from "./call-options.ts";
import { Code } from "./code.ts";
import type { WireCall, WireListener, WireStatus } from "./connection.ts";
import { Metadata } from "./metadata.ts";
import { backoff, type RetryBudget, type RetryPolicy } from "./retry.ts";
import { soon } from "./soon.ts";
import { LONGEST_MS } from "./timer.ts";

// What a call keeps of its requests to send them again. One that has sent more is not repeated any more.
const BUFFER_BYTES = 256 * 1024;
const PREVIOUS_ATTEMPTS = "grpc-previous-rpc-attempts";

export interface RetryTraits {
  /** Whether another try may reach another server. */
  readonly several?: boolean;
  /** Whether there is one answer: it is of use with its status alone. */
  readonly single?: boolean;
}

interface Request {
  readonly bytes: Uint8Array;
  // Called once, by the first try that sends it.
  done: (() => void) | undefined;
}

/**
 * A call that is several on the wire: when a try fails in a way that is worth it, the next one gets the same requests.
 *
 * It is committed, and never tried again, once the caller has a message, or headers came that are not those of a proxy's
 * error page and the connection stays, or once its requests exceed the buffer. From then on it only hands through.
 */
export class RetryingCall implements WireCall, WireListener {
  readonly #policy: RetryPolicy | undefined;
  readonly #budget: RetryBudget;
  readonly #settings: CallSettings;
  readonly #open: (settings: CallSettings) => WireCall;
  // Of the whole call, in milliseconds since 1970.
  readonly #deadline: number;
  // Undefined between two tries, and after the end.
  #wire: WireCall | undefined;
  #listener: WireListener | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 1;
  // Whether it may go to another server when none has seen it: once, as grpc-js does within one address.
  #movable: boolean;
  readonly #single: boolean;
  // A single answer whose status has not come: without one it is as if it had not come either.
  #held: Uint8Array | undefined;
  #answered = false;
  #committed = false;
  #cancelled = false;
  #reads = 0;
  // The requests, as far as they are needed, and which of them the wire gets next.
  #requests: Request[] = [];
  #next = 0;
  #size = 0;
  #complete = false;
  // Of the present try: a request is on its way; requests are being handed over; the end was told.
  #sending = false;
  #flushing = false;
  #halfClosed = false;

  /**
   * @param policy undefined for a call that may have effects: it is only repeated when no server has seen it.
   * @param open makes one try. @throws what `open` throws for the first.
   */
  constructor(
    policy: RetryPolicy | undefined,
    budget: RetryBudget,
    settings: CallSettings,
    open: (settings: CallSettings) => WireCall,
    { several = false, single = false }: RetryTraits = {},
  ) {
    this.#policy = policy;
    this.#budget = budget;
    this.#settings = settings;
    this.#movable = several;
    this.#single = single;
    this.#open = open;
    this.#deadline = deadlineOf(settings);
    this.#wire = open(settings);
  }

  start(listener: WireListener): void {
    this.#listener = listener;
    this.#wire?.start(this);
  }

  send(bytes: Uint8Array, done: () => void): void {
    if (this.#committed && this.#requests.length === 0 && this.#wire !== undefined) {
      this.#wire.send(bytes, done);
      return;
    }
    this.#requests.push({ bytes, done });
    this.#size += bytes.length;
    if (this.#size > BUFFER_BYTES) {
      this.#commit();
    }
    this.#flush();
  }

  halfClose(): void {
    this.#complete = true;
    this.#flush();
  }

  read(): void {
    this.#reads++;
    this.#wire?.read();
  }

  cancel(code: number, details: string): void {
    this.#cancelled = true;
    if (this.#timer === undefined) {
      this.#wire?.cancel(code, details);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    soon(() => this.#end({ code, details, trailers: () => new Metadata() }));
  }

  onHeader(header: () => Metadata, announced?: boolean): void {
    this.#answered = true;
    if (this.#settings.onHeader !== undefined && this.#settings.repeatHeader !== true) {
      this.#commit();
    }
    this.#listener?.onHeader(header, announced);
  }

  onMessage(bytes: Uint8Array): void {
    if (this.#single && !this.#committed && this.#held === undefined) {
      this.#held = bytes;
      // The status comes after what else there may be.
      this.#wire?.read();
      return;
    }
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) {
      this.#deliver(held);
    }
    this.#deliver(bytes);
  }

  #deliver(bytes: Uint8Array): void {
    this.#reads--;
    this.#commit();
    this.#listener?.onMessage(bytes);
  }

  onStatus(status: WireStatus): void {
    const policy = this.#policy;
    if (status.code === Code.OK) {
      this.#budget.succeeded();
    } else if (this.#mayMove(status)) {
      this.#movable = false;
      this.#rest();
      this.#timer = setTimeout(() => this.#again(status), 0);
      return;
    } else if (!this.#cancelled && policy?.codes.has(status.code)) {
      this.#budget.failed();
      const wait = this.#mayRepeat(status, policy) ? backoff(policy, this.#tries, status.trailers()) : undefined;
      // A try that would begin after the deadline can only fail: so the caller hears at once, and the better reason.
      if (wait !== undefined && wait < LONGEST_MS && Date.now() + wait < this.#deadline) {
        this.#rest();
        this.#timer = setTimeout(() => this.#again(status), wait);
        return;
      }
    }
    this.#end(status);
  }

  /** Costs no budget: the server that is gone has not been loaded, and the other one gets a call that it would get anyway. */
  #mayMove(status: WireStatus): boolean {
    return (
      this.#movable && status.unsent === true && !this.#cancelled && !this.#committed && Date.now() < this.#deadline
    );
  }

  #mayRepeat(status: WireStatus, policy: RetryPolicy): boolean {
    if (this.#committed || this.#tries >= policy.attempts || !this.#budget.open) {
      return false;
    }
    // A proxy that has no server behind it answers with headers and a page of HTML, which no server has seen.
    if (this.#answered && status.lost !== true && !status.details.startsWith("Received HTTP status code ")) {
      return false;
    }
    // Set by grpc-js when it has repeated the call by a service config: the two must not multiply.
    return !status.trailers().has(PREVIOUS_ATTEMPTS);
  }

  /** Nothing is on the wire. */
  #rest(): void {
    this.#wire = undefined;
    this.#next = 0;
    this.#sending = false;
    this.#halfClosed = false;
    this.#answered = false;
    this.#held = undefined;
  }

  #again(last: WireStatus): void {
    this.#timer = undefined;
    const wire = this.#reopen();
    if (wire === undefined) {
      this.#end(last);
      return;
    }
    this.#tries++;
    this.#wire = wire;
    wire.start(this);
    for (let read = 0; read < this.#reads; read++) {
      wire.read();
    }
    this.#flush();
  }

  /** One more try; undefined when the timer was so late that the deadline passed, or the connection was closed. */
  #reopen(): WireCall | undefined {
    if (Date.now() >= this.#deadline) {
      return undefined;
    }
    const metadata = new Metadata(this.#settings.metadata);
    metadata.set(PREVIOUS_ATTEMPTS, String(this.#tries));
    try {
      return this.#open({ ...this.#settings, deadline: { moment: this.#deadline }, metadata });
    } catch {
      return undefined;
    }
  }

  #end(status: WireStatus): void {
    const held = this.#held;
    this.#rest();
    if (held !== undefined && status.code === Code.OK) {
      this.#deliver(held);
    }
    this.#requests = [];
    const others = status.code === Code.OK ? undefined : status.trailers().get(PREVIOUS_ATTEMPTS);
    const attempts = this.#tries + (Number(others) || 0);
    this.#listener?.onStatus(attempts === 1 ? status : { ...status, attempts });
  }

  #commit(): void {
    this.#committed = true;
    this.#release();
  }

  /** Lets go of requests that are not sent again. */
  #release(): void {
    if (this.#committed && this.#next === this.#requests.length) {
      this.#requests = [];
      this.#next = 0;
    }
  }

  /** Hands requests to the wire, each when the one before was taken. */
  #flush(): void {
    const wire = this.#wire;
    if (wire === undefined || this.#flushing) {
      return;
    }
    // `taken` may be called at once; a loop, not a recursion, lets a buffer of many small requests pass.
    this.#flushing = true;
    while (this.#wire === wire && !this.#sending && this.#next < this.#requests.length) {
      this.#sendNext(wire);
    }
    this.#flushing = false;
    const left = this.#requests.length - this.#next - (this.#sending ? 1 : 0);
    if (this.#wire === wire && this.#complete && left === 0 && !this.#halfClosed) {
      this.#halfClosed = true;
      wire.halfClose();
    }
  }

  #sendNext(wire: WireCall): void {
    const request = this.#requests[this.#next];
    if (request === undefined) {
      return;
    }
    this.#sending = true;
    wire.send(request.bytes, () => {
      // A try that has failed may still say so: the next one sends the request again.
      if (this.#wire !== wire) {
        return;
      }
      const { done } = request;
      request.done = undefined;
      this.#sending = false;
      this.#next++;
      this.#release();
      done?.();
      this.#flush();
    });
  }
}
