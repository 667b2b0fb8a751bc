import { type ChannelInterface, Metadata as GrpcMetadata, type StatusObject } from "@grpc/grpc-js";
import { grpcChannelOf } from "./backed-channel.js";
import { type CallSettings, deadlineOf } from "./call-options.js";
import type { Channel } from "./channel.js";
import type { Connection, WireCall, WireListener } from "./connection.js";
import { fromGrpcMetadata, toBuffer, toGrpcMetadata } from "./grpc-metadata.js";
import type { Method } from "./method.js";
import { RetryBudget } from "./retry.js";
import { RetryingCall } from "./retry-call.js";

type GrpcCall = ReturnType<ChannelInterface["createCall"]>;

// One per channel, whichever clients share it: they load the same server.
const budgets = new WeakMap<ChannelInterface, RetryBudget>();

function budgetOf(channel: ChannelInterface): RetryBudget {
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
  readonly #channel: ChannelInterface;
  readonly #budget: RetryBudget;

  constructor(channel: Channel) {
    this.target = channel.target;
    this.#channel = grpcChannelOf(channel);
    this.#budget = budgetOf(this.#channel);
  }

  open(method: Method, settings: CallSettings): WireCall {
    return settings.retry === undefined
      ? this.#openOnce(method, settings)
      : new RetryingCall(settings.retry, this.#budget, settings, (each) => this.#openOnce(method, each));
  }

  #openOnce(method: Method, settings: CallSettings): WireCall {
    const call = this.#channel.createCall(method.path, deadlineOf(settings), null, null, null);
    return new GrpcWireCall(call, settings);
  }
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

class GrpcWireCall implements WireCall {
  readonly #call: GrpcCall;
  readonly #settings: CallSettings;

  constructor(call: GrpcCall, settings: CallSettings) {
    this.#call = call;
    this.#settings = settings;
  }

  start(listener: WireListener): void {
    this.#call.start(outgoing(this.#settings), {
      onReceiveMetadata: (metadata: GrpcMetadata) => listener.onHeader(() => fromGrpcMetadata(metadata)),
      // A plain view, so that bytes fields are Uint8Array and not Buffer, here as in the fake.
      onReceiveMessage: (message: Buffer) =>
        listener.onMessage(new Uint8Array(message.buffer, message.byteOffset, message.byteLength)),
      onReceiveStatus: (status: StatusObject) =>
        listener.onStatus({
          code: status.code,
          details: status.details,
          trailers: () => fromGrpcMetadata(status.metadata),
        }),
    });
  }

  send(bytes: Uint8Array, done: () => void): void {
    this.#call.sendMessageWithContext({ callback: done }, toBuffer(bytes));
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
