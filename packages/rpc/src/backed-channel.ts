import type { ChannelInterface } from "@grpc/grpc-js";
import type { Channel } from "./channel.ts";

// Registered globally: a client of another installed copy of this package can use our channel. It is kept out of the
// public type, so that a consumer of it needs no types of grpc-js.
const backing = Symbol.for("charter.rpc.backing");

/** What calls are made on: a channel of grpc-js, or several. */
export type BackingChannel = Pick<ChannelInterface, "createCall" | "close">;

/** What is known of a channel. Another copy of this package may know more or less: do not count on the optional ones. */
export interface ChannelTraits {
  readonly target: string;
  /** TLS, or what it sends does not leave this machine. */
  readonly secure?: boolean;
  /** Stands for several channels, each of which may be gone while others are not. */
  readonly several?: boolean;
  /** A request may say that it is not to be compressed. */
  readonly compresses?: boolean;
}

interface Backing extends ChannelTraits {
  readonly channel: BackingChannel;
}

interface BackedChannel extends Channel {
  readonly [backing]: Backing;
}

/** Our channel around one of grpc-js. */
export function backChannel(traits: ChannelTraits, channel: BackingChannel): Channel {
  const backed: BackedChannel = {
    target: traits.target,
    close: () => channel.close(),
    [Symbol.asyncDispose]: async () => channel.close(),
    [backing]: { ...traits, channel },
  };
  return backed;
}

/** What stands behind a channel of ours. @throws TypeError for anything else. */
export function backingOf(channel: Channel): Backing {
  const found = typeof channel === "object" ? (channel as Partial<BackedChannel> | null)?.[backing] : undefined;
  if (found === undefined) {
    throw new TypeError('a target must be an address such as "http://localhost:50051", or what createChannel returned');
  }
  return found;
}
