import { OrderStatus, type WatchOrderRequest, type WatchOrderResponse } from "@bookstore/orders-v2";
import { type PartialMessage, RpcError, type Signal } from "@bookstore/rpc";
import type { HandlerContext } from "@bookstore/rpc/server";
import { invalid } from "./invalid.ts";
import type { Ledger } from "./ledger.ts";

const [DEFAULT_MS, SHORTEST_MS, LONGEST_MS] = [30_000, 5_000, 24 * 60 * 60 * 1000];

type Change = PartialMessage<WatchOrderResponse>;

/** The state of now, or what the caller has not seen, and then each change; a heartbeat where there is none. */
export async function* watchOrder(
  ledger: Ledger,
  { orderId, afterSequence, heartbeatInterval }: WatchOrderRequest,
  context: Pick<HandlerContext, "signal" | "closing">,
): AsyncGenerator<Change, void, undefined> {
  const asked =
    heartbeatInterval === undefined
      ? DEFAULT_MS
      : Number(heartbeatInterval.seconds) * 1000 + heartbeatInterval.nanos / 1e6;
  if (asked < SHORTEST_MS) throw invalid("heartbeat_interval", "must be at least 5 seconds");
  const silence = Math.min(asked, LONGEST_MS);
  const signal = AbortSignal.any([context.signal, context.closing] as AbortSignal[]);
  let last = afterSequence ?? 0n;
  if (afterSequence === undefined) {
    const status = find(ledger, orderId).status;
    const now = ledger.changes(orderId, 0n).findLast(({ update }) => update?.$case === "statusChange");
    last = ledger.changes(orderId, 0n).at(-1)?.sequence ?? 0n;
    yield { sequence: last, eventTime: now?.eventTime, update: { $case: "statusChange", value: { status } } };
  }
  while (!signal.aborted) {
    // Listening begins before reading: a change that comes while the client reads is not missed.
    const changed = nextChange(ledger, signal, silence);
    const { status } = find(ledger, orderId);
    const changes = ledger.changes(orderId, last);
    for (const change of changes) {
      last = change.sequence;
      yield change;
    }
    if (status === OrderStatus.DELIVERED || status === OrderStatus.CANCELLED) return;
    if ((await changed) === "silence") yield { sequence: last, eventTime: new Date(), update: HEARTBEAT };
  }
  // Any other server can go on with it.
  if (context.closing.aborted) throw new RpcError("UNAVAILABLE", "this server shuts down; call again");
}

const HEARTBEAT = { $case: "heartbeat", value: {} } as const;

function find(ledger: Ledger, orderId: string) {
  const order = ledger.find(orderId);
  if (order === undefined) throw new RpcError("NOT_FOUND", `there is no order "${orderId}"`);
  return order;
}

/** Settles after the next change, after some milliseconds without one, or when the client or the server leaves. */
function nextChange(ledger: Ledger, signal: Signal, milliseconds: number): Promise<"change" | "silence" | "left"> {
  return new Promise((resolve) => {
    const settle = (outcome: "change" | "silence" | "left"): void => {
      stop();
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
      resolve(outcome);
    };
    const leave = (): void => settle("left");
    const timer = setTimeout(() => settle("silence"), milliseconds);
    const stop = ledger.onChange(() => settle("change"));
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave);
  });
}
