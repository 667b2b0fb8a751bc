import { setTimeout as delay } from "node:timers/promises";
import type * as v2 from "@bookstore/recommendations-v2";
import { type PartialMessage, RpcError, type Signal } from "@bookstore/rpc";
import type { HandlerContext } from "@bookstore/rpc/server";
import type { History } from "./history.ts";
import { rank, type Suggestion, type Wanted } from "./ranking.ts";
import { toRecommendation } from "./recommendations-messages.ts";

type Change = PartialMessage<v2.StreamRecommendationsResponse>;

/** The whole list first, and then what changes in it, until the client leaves or the server does. */
export async function* watch(
  history: History,
  wanted: Wanted,
  intervalMs: number,
  context: Pick<HandlerContext, "signal" | "closing">,
): AsyncGenerator<Change, void, undefined> {
  const signal = AbortSignal.any([context.signal, context.closing] as AbortSignal[]);
  let sent: ReadonlyMap<string, Suggestion> = new Map();
  let first = true;
  while (!signal.aborted) {
    // Listening begins before ranking: an event that comes while the client reads is not missed.
    const changed = nextRecord(history, signal);
    const found = new Map(rank(history, wanted).map((each) => [each.book.id, each]));
    const change = difference(sent, found);
    sent = found;
    if (first || change.upserted.length > 0 || change.removedBookIds.length > 0) {
      yield change;
      await delay(intervalMs, undefined, { signal }).catch(() => {});
    }
    first = false;
    await changed;
  }
  // Any other server can go on with it.
  if (context.closing.aborted) throw new RpcError("UNAVAILABLE", "this server shuts down; call again");
}

function difference(before: ReadonlyMap<string, Suggestion>, after: ReadonlyMap<string, Suggestion>) {
  const upserted = [...after.values()].filter((each) => before.get(each.book.id)?.relevance !== each.relevance);
  const removedBookIds = [...before.keys()].filter((id) => !after.has(id));
  return { upserted: upserted.map(toRecommendation), removedBookIds };
}

/** Settles after the next event, or when the client leaves. */
function nextRecord(history: History, signal: Signal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      stop();
      signal.removeEventListener("abort", settle);
      resolve();
    };
    const stop = history.onRecord(settle);
    if (signal.aborted) settle();
    else signal.addEventListener("abort", settle);
  });
}
