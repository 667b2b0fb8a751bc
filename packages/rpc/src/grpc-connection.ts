import { Metadata as GrpcMetadata, type StatusObject } from "@grpc/grpc-js";
import { DEPRECATION } from "./announcement.ts";
import { type BackingChannel, backingOf } from "./backed-channel.ts";
import { type CallSettings, deadlineOf } from "./call-options.ts";
import type { Channel } from "./channel.ts";
import { Code } from "./code.ts";
import type { Connection, WireCall, WireListener } from "./connection.ts";
import { fromGrpcMetadata, toBuffer, toGrpcMetadata } from "./grpc-metadata.ts";
import type { Method } from "./method.ts";
import { openCall } from "./open-call.ts";
import { RetryBudget } from "./retry.ts";

type GrpcCall = ReturnType<BackingChannel["createCall"]>;

// One per channel, whichever clients share it: they load the same server.
const budgets = new WeakMap<BackingChannel, RetryBudget>();

function budgetOf(channel: BackingChannel): RetryBudget {
  const budget = budgets.get(channel) ?? new RetryBudget();
  budgets.set(channel, budget);
  return budget;
}

/**
 * A connection over a grpc-js channel. It uses the channel's own calls, not grpc-js's Client: no event emitter and
 * no Node stream stands between the socket and the caller's promise or loop.
 */
export class GrpcConnection implements Connection {
  readonly target: string;
  readonly secure: boolean;
  readonly #channel: BackingChannel;
  readonly #several: boolean;
  readonly #compresses: boolean;
  readonly #budget: RetryBudget;

  constructor(given: Channel) {
    const { target, secure = false, several = false, compresses = false, channel } = backingOf(given);
    this.target = target;
    this.secure = secure;
    this.#channel = channel;
    this.#several = several;
    this.#compresses = compresses;
    this.#budget = budgetOf(channel);
  }

  open(method: Method, settings: CallSettings): WireCall {
    const open = (each: CallSettings): WireCall => {
      const call = this.#channel.createCall(method.path, deadlineOf(each), null, null, null);
      return new GrpcWireCall(call, each, this.#compresses);
    };
    return openCall(this, method, settings, this.#budget, open, this.#several);
  }
}

// grpc-js takes the end of a connection, by a GOAWAY with an error code, for what the server says of the call.
const LOST =
  /^Received RST_STREAM with code \d+ triggered by internal client error: Session closed with error code \d+$/;

// What grpc-js says of a call that found no connection, or that a server which was about to stop left unread.
const UNSENT = /^(?:\w+: )?No connection established|^Stream refused by server$/;

// What it says of a call whose connection ended. Trailers that follow headers need not hold more than a status, so that a
// server could say the same: then a call that may be repeated is repeated.
const GONE = /^Connection dropped|^(?:read|write) [A-Z]+$|Session closed with error code \d+$/;

/** A status that comes from a server without headers before it has at least one of HTTP's, whatever its text. */
function isOurs({ metadata }: StatusObject): boolean {
  return Object.keys(metadata.getMap()).length === 0;
}

function corrected({ code, details }: Partial<StatusObject>): { readonly code: number; readonly details: string } {
  if (code === undefined) {
    // What it throws itself at a response that it cannot read, it takes for a status.
    return { code: Code.INTERNAL, details: details ?? "a response is compressed in a way that is not known here" };
  }
  return { code: code === Code.INTERNAL && LOST.test(details ?? "") ? Code.UNAVAILABLE : code, details: details ?? "" };
}

// grpc-js copies the metadata of a call before it changes it, so calls without any can share these.
const none = new GrpcMetadata();
const noneButWait = new GrpcMetadata({ waitForReady: true });

function outgoing({ metadata, waitForReady }: CallSettings): GrpcMetadata {
  if (metadata === undefined) {
    return waitForReady ? noneButWait : none;
  }
  return toGrpcMetadata(metadata, new GrpcMetadata({ waitForReady }));
}

// Below, gzip makes a message longer about as often as shorter, and costs more than it saves.
const COMPRESSED_FROM_BYTES = 1024;
// grpc-js's write flag.
const NO_COMPRESS = 2;

class GrpcWireCall implements WireCall {
  readonly #call: GrpcCall;
  readonly #settings: CallSettings;
  // The length from which a request is compressed.
  readonly #compressed: number;

  constructor(call: GrpcCall, settings: CallSettings, compresses: boolean) {
    this.#call = call;
    this.#settings = settings;
    const fallback = compresses ? COMPRESSED_FROM_BYTES : 0;
    this.#compressed = settings.compression ? fallback : Number.POSITIVE_INFINITY;
  }

  start(listener: WireListener): void {
    this.#call.start(outgoing(this.#settings), {
      onReceiveMetadata: (metadata: GrpcMetadata) =>
        listener.onHeader(() => fromGrpcMetadata(metadata), metadata.get(DEPRECATION).length > 0),
      // A plain view, so that bytes fields are Uint8Array and not Buffer, here as in the fake.
      onReceiveMessage: (message: Buffer) =>
        listener.onMessage(new Uint8Array(message.buffer, message.byteOffset, message.byteLength)),
      onReceiveStatus: (status: StatusObject) => {
        const told = corrected(status);
        const ours = told.code === Code.UNAVAILABLE && isOurs(status);
        const [unsent, lost] = [ours && UNSENT.test(told.details), ours && GONE.test(told.details)];
        listener.onStatus({ ...told, lost, unsent, trailers: () => fromGrpcMetadata(status.metadata) });
      },
    });
  }

  send(bytes: Uint8Array, done: () => void): void {
    const flags = bytes.length < this.#compressed ? NO_COMPRESS : 0;
    this.#call.sendMessageWithContext({ callback: done, flags }, toBuffer(bytes));
  }

  halfClose(): void {
    this.#call.halfClose();
  }

  read(): void {
    this.#call.startRead();
  }

  cancel(code: number, details: string): void {
    this.#call.cancelWithStatus(code, details);
  }
}
