import { Buffer } from "node:buffer";
import type { ListOrdersRequest, Order } from "@bookstore/orders-v2";
import { RpcError } from "@bookstore/rpc";
import { orderToV2 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";

/** All orders of v1, less what was not asked for, in pages. */
export const serveV2ListOrders: open.ServeV2ListOrders = async (request, context, v1) => {
  const { buyerId: customerId, pageSize, statuses } = request;
  if (pageSize < 0 || pageSize > 500) {
    throw new RpcError("INVALID_ARGUMENT", `page_size is ${pageSize}, not from 0 to 500`);
  }
  const start = startOf(request);
  const { orders } = await v1.listOrders({ customerId }, context);
  const found = orders
    .map((order) => orderToV2(order))
    .filter((order) => statuses.length === 0 || statuses.includes(order.status))
    .filter((order) => isWithin(order, request.placedWithin));
  const end = start + (pageSize === 0 ? 50 : pageSize);
  return { orders: found.slice(start, end), nextPageToken: end < found.length ? tokenOf(request, end) : "" };
};

type Range = ListOrdersRequest["placedWithin"];

/** Days in UTC, of which the first and the last count. A month or year stands for all of its days. */
function isWithin({ placeTime }: Order, range: Range): boolean {
  if (range === undefined) return true;
  if (placeTime === undefined) return false;
  const day = numberOf({
    year: placeTime.getUTCFullYear(),
    month: placeTime.getUTCMonth() + 1,
    day: placeTime.getUTCDate(),
  });
  const { start, end } = range;
  const isAfter = start === undefined || day >= numberOf(start);
  return isAfter && (end === undefined || day <= numberOf({ ...end, month: end.month || 12, day: end.day || 31 }));
}

function numberOf({ year, month, day }: NonNullable<NonNullable<Range>["start"]>): number {
  return (year * 100 + month) * 100 + day;
}

/** Where a page begins, and of which filters. */
function tokenOf(request: ListOrdersRequest, start: number): string {
  return Buffer.from(JSON.stringify([start, keyOf(request)])).toString("base64url");
}

function keyOf({ buyerId, placedWithin, statuses }: ListOrdersRequest): string {
  const days = [placedWithin?.start, placedWithin?.end].map((each) => (each === undefined ? null : numberOf(each)));
  return JSON.stringify([buyerId, days, statuses]);
}

function startOf(request: ListOrdersRequest): number {
  if (request.pageToken === "") return 0;
  const damaged = new RpcError("INVALID_ARGUMENT", "page_token is damaged, or of other filters");
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(request.pageToken, "base64url").toString());
  } catch {
    throw damaged;
  }
  const [start, key]: readonly unknown[] = Array.isArray(read) ? read : [];
  if (typeof start !== "number" || !Number.isSafeInteger(start) || start < 0 || key !== keyOf(request)) throw damaged;
  return start;
}
