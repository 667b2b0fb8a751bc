import type { ChannelInterface } from "@grpc/grpc-js";
import type { Channel } from "./channel.js";

// Registered globally: a client of another installed copy of this package can use our channel. It is kept out of the
// public type, so that a consumer of it needs no types of grpc-js.
const grpcChannel = Symbol.for("charter.rpc.grpcChannel");

interface BackedChannel extends Channel {
  readonly [grpcChannel]: ChannelInterface;
}

/** Our channel around one of grpc-js. */
export function backChannel(target: string, inner: ChannelInterface): Channel {
  const channel: BackedChannel = {
    target,
    close: () => inner.close(),
    [Symbol.asyncDispose]: async () => inner.close(),
    [grpcChannel]: inner,
  };
  return channel;
}

/** The grpc-js channel inside ours. @throws TypeError for anything else. */
export function grpcChannelOf(channel: Channel): ChannelInterface {
  const inner = typeof channel === "object" ? (channel as Partial<BackedChannel> | null)?.[grpcChannel] : undefined;
  if (inner === undefined) {
    throw new TypeError('a target must be an address such as "http://localhost:50051", or what createChannel returned');
  }
  return inner;
}
