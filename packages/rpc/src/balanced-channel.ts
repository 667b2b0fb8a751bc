import { type ChannelInterface, connectivityState } from "@grpc/grpc-js";
import type { BackingChannel } from "./backed-channel.ts";

type OneChannel = BackingChannel & Pick<ChannelInterface, "getConnectivityState">;

/**
 * Several channels as one: each call goes to the next of those that are connected; while none is, to the next of those
 * that may be soon. The others go on trying to connect meanwhile.
 *
 * Not grpc-js's own balancing: that takes IP addresses alone, and checks all of their certificates against one name.
 */
export class BalancedChannel implements BackingChannel {
  readonly #channels: readonly OneChannel[];
  #next = 0;

  constructor(channels: readonly OneChannel[]) {
    this.#channels = channels;
  }

  createCall(...args: Parameters<BackingChannel["createCall"]>): ReturnType<BackingChannel["createCall"]> {
    return this.#pick().createCall(...args);
  }

  close(): void {
    for (const each of this.#channels) {
      each.close();
    }
  }

  #pick(): BackingChannel {
    const count = this.#channels.length;
    const { READY, TRANSIENT_FAILURE } = connectivityState;
    let [best, weight] = [this.#next % count, -1];
    for (let step = 0; step < count; step++) {
      const at = (this.#next + step) % count;
      // Asked of all, so that one that was lost comes back.
      const state = this.#channels[at]?.getConnectivityState(true);
      const own = state === READY ? 2 : state === TRANSIENT_FAILURE ? 0 : 1;
      if (own > weight) {
        [best, weight] = [at, own];
      }
    }
    this.#next = (best + 1) % count;
    return this.#channels[best] as OneChannel;
  }
}
