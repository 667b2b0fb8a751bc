import type { WatchOrderResponse } from "@bookstore/orders-v2";
import { RpcError } from "@bookstore/rpc";
import { watchOrderResponseToV2 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";
import { countOf } from "./gen/values.ts";
import { stepOf } from "./status.ts";

const [DEFAULT_MS, SHORTEST_MS, LONGEST_MS] = [30_000, 5_000, 2 ** 31 - 1];

/**
 * v1 counts no changes, but an order gets its statuses in one order: their numbers are those of the changes. Parcels are
 * not reported.
 */
export const serveV2WatchOrder: open.ServeV2WatchOrder = async function* (request, context, v1) {
  const { orderId, afterSequence, heartbeatInterval } = request;
  const interval = heartbeatInterval === undefined ? DEFAULT_MS : countOf(heartbeatInterval, 1);
  if (interval < SHORTEST_MS) throw new RpcError("INVALID_ARGUMENT", "heartbeat_interval is less than 5 seconds");
  const changes = v1.watchOrder({ orderId }, context)[Symbol.asyncIterator]();
  let sequence = afterSequence ?? 0n;
  let next = changes.next();
  try {
    while (true) {
      const step = await orSilence(next, Math.min(interval, LONGEST_MS));
      if (step === undefined) {
        yield { sequence, eventTime: new Date(), update: { $case: "heartbeat", value: {} } };
        continue;
      }
      if (step.done === true) return;
      next = changes.next();
      const own = BigInt(stepOf(step.value.status));
      if (afterSequence !== undefined && own <= afterSequence) continue;
      sequence = own;
      const change: WatchOrderResponse = watchOrderResponseToV2(step.value);
      yield { ...change, sequence };
    }
  } finally {
    // Not awaited: a stream that waits for its next change would only end after that.
    next.catch(() => {});
    changes.return?.().catch(() => {});
  }
};

/** What comes within some milliseconds; undefined for silence. */
async function orSilence<T>(next: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([next, silence]);
  } finally {
    clearTimeout(timer);
  }
}
