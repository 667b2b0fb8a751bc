import { createHash, randomUUID } from "node:crypto";
import { type ListOrdersRequest, type Order, OrderStatus, PlaceOrderRequest } from "@bookstore/orders-v2";
import { implementOrders } from "@bookstore/orders-v2/server";
import { RpcError } from "@bookstore/rpc";
import type { ServiceImplementation } from "@bookstore/rpc/server";
import { invalid } from "./invalid.ts";
import type { Ledger } from "./ledger.ts";
import { toMoney } from "./money.ts";
import { price } from "./order-prices.ts";
import { watchOrder } from "./order-watch.ts";
import { readPageSize, readPageToken, writePageToken } from "./page-token.ts";
import type { Shelves } from "./shelves.ts";
import { reserve } from "./till.ts";

/** bookstore.orders.v2, by which v1 is served too. Who calls is for the option `authenticate` to know. */
export function serveOrders(ledger: Ledger, shelves: Shelves): ServiceImplementation {
  return implementOrders({
    placeOrder(request) {
      if (request.requestId === "") throw invalid("request_id", "must be set");
      const digest = digestOf(request);
      const before = ledger.findByRequest(request.requestId);
      if (before !== undefined && before.digest !== digest) {
        throw new RpcError("ALREADY_EXISTS", "the request_id was used for another order");
      }
      return { order: before?.order ?? place(request, digest, ledger, shelves) };
    },

    getOrder({ orderId }) {
      return { order: find(ledger, orderId), shipments: ledger.parcels(orderId) };
    },

    listOrders(request) {
      const { buyerId, pageSize, pageToken, statuses } = request;
      if (buyerId === "") throw invalid("buyer_id", "must be set");
      const size = readPageSize(pageSize, 500);
      const days = daysOf(request.placedWithin);
      const asked = [buyerId, days, statuses];
      const before = readPageToken(pageToken, asked) || Number.MAX_SAFE_INTEGER;
      const found = ledger
        .of(buyerId, before)
        .filter(({ order: { status } }) => statuses.length === 0 || statuses.includes(status))
        .filter(({ order }) => isWithin(order, days));
      const page = found.slice(0, size);
      const last = page.at(-1)?.position;
      return {
        orders: page.map(({ order }) => order),
        nextPageToken: last === undefined || page.length === found.length ? "" : writePageToken(last, asked),
      };
    },

    cancelOrder({ orderId }) {
      const order = find(ledger, orderId);
      if (order.status === OrderStatus.CANCELLED) return { order };
      if (order.status === OrderStatus.SHIPPED || order.status === OrderStatus.DELIVERED) {
        throw new RpcError("FAILED_PRECONDITION", `a parcel of the order "${orderId}" has left`);
      }
      return { order: ledger.setStatus(order, OrderStatus.CANCELLED) };
    },

    watchOrder: (request, context) => watchOrder(ledger, request, context),
  });
}

function place(request: PlaceOrderRequest, digest: string, ledger: Ledger, shelves: Shelves): Order {
  const { buyerId, shipTo, requestId } = request;
  if (buyerId === "") throw invalid("buyer_id", "must be set");
  const { lines, cents } = price(request, shelves);
  reserve(request.paymentMethod, cents);
  const order: Order = {
    orderId: randomUUID(),
    buyerId,
    lines: [...lines],
    status: OrderStatus.PAID,
    placeTime: new Date(),
    total: toMoney(cents),
    shipTo,
    paymentId: randomUUID(),
  };
  ledger.place(order, requestId, digest);
  return order;
}

function find(ledger: Ledger, orderId: string): Order {
  const order = ledger.find(orderId);
  if (order === undefined) throw new RpcError("NOT_FOUND", `there is no order "${orderId}"`);
  return order;
}

/** Of all but the identifier. */
function digestOf(request: PlaceOrderRequest): string {
  const bytes = PlaceOrderRequest.encode({ ...request, requestId: "" }).finish();
  return createHash("sha256").update(bytes).digest("base64url");
}

type Days = readonly [first: number, last: number];

/** A month or a year stands for all of its days. */
function daysOf(range: ListOrdersRequest["placedWithin"]): Days {
  const { start, end } = range ?? {};
  const first = start === undefined ? 0 : numberOf(start.year, start.month, start.day);
  const last = end === undefined ? 99_999_999 : numberOf(end.year, end.month || 12, end.day || 31);
  return [first, last];
}

function isWithin({ placeTime }: Order, [first, last]: Days): boolean {
  if (placeTime === undefined) return first === 0;
  const day = numberOf(placeTime.getUTCFullYear(), placeTime.getUTCMonth() + 1, placeTime.getUTCDate());
  return first <= day && day <= last;
}

function numberOf(year: number, month: number, day: number): number {
  return (year * 100 + month) * 100 + day;
}
