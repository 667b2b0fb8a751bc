import { Buffer } from "node:buffer";
import { PlaceOrderRequest, type PlaceOrderResponse } from "@bookstore/orders-v2";
import { RpcError } from "@bookstore/rpc";
import { placeOrderRequestToV1, placeOrderResponseToV2 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";

interface Placed {
  readonly content: string;
  readonly answer: Promise<PlaceOrderResponse>;
}

/** By the version 1 that was called, and by `request_id`. */
const placed = new WeakMap<object, Map<string, Placed>>();
const MOST_REMEMBERED = 10_000;

/** After these nobody knows whether there is an order. */
const UNCERTAIN = ["CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "ABORTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"];

/**
 * A call of v1 that is repeated places a second order, and v2 promises that it does not: what was placed is remembered,
 * here and as long as this process lives. A call whose answer was lost is not made again.
 */
export const serveV2PlaceOrder: open.ServeV2PlaceOrder = async (request, context, v1) => {
  const { requestId } = request;
  if (requestId === "") throw new RpcError("INVALID_ARGUMENT", "request_id must be set");
  const known = placed.get(v1) ?? new Map<string, Placed>();
  placed.set(v1, known);
  const content = Buffer.from(PlaceOrderRequest.encode(request).finish()).toString("base64");
  const before = known.get(requestId);
  if (before !== undefined) {
    if (before.content === content) return await before.answer;
    throw new RpcError("ALREADY_EXISTS", "the request_id was used for another order");
  }
  const answer = v1.placeOrder(placeOrderRequestToV1(request), context).then(
    (response) => placeOrderResponseToV2(response),
    (error: unknown) => {
      if (!RpcError.is(error) || UNCERTAIN.includes(error.codeName)) throw unknown(error);
      known.delete(requestId);
      throw error;
    },
  );
  known.set(requestId, { content, answer });
  for (const oldest of known.keys()) {
    if (known.size <= MOST_REMEMBERED) break;
    known.delete(oldest);
  }
  return await answer;
};

/** With a code after which no client calls again by itself. */
function unknown(cause: unknown): RpcError {
  return new RpcError("UNKNOWN", "the answer was lost: see by ListOrders whether there is an order", { cause });
}
