import { randomUUID } from "node:crypto";
import type { Order as OldOrder } from "@bookstore/orders-v1";
import { type Order, OrderStatus } from "@bookstore/orders-v2";
import type { OrdersServiceDefinition } from "@bookstore/orders-v2/server";
import { RpcError } from "@bookstore/rpc";
import type { Caller } from "@bookstore/rpc/bridge";
import type { HandlerContext } from "@bookstore/rpc/server";
import { orderToV1, placeOrderRequestToV2, placeOrderResponseToV1, watchOrderResponseToV1 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";
import { orderWithParcel } from "./parcel.ts";
import { wordOf } from "./status.ts";

type V2 = Caller<typeof OrdersServiceDefinition>;

const PAGE_SIZE = 500;
const MOST_PAGES = 200;

/**
 * v2 knows a repeated call by its identifier, and v1 has none: each call is a new order. A voucher that does not cover
 * the total leaves it to the card or the account, whole, as v2 has one payment method for an order.
 */
export const serveV1PlaceOrder: open.ServeV1PlaceOrder = async (request, context, v2) => {
  const place = async (voucherCode: string) => {
    const wanted = placeOrderRequestToV2({ ...request, voucherCode });
    return placeOrderResponseToV1(await v2.placeOrder({ ...wanted, requestId: randomUUID() }, context));
  };
  const hasOther = request.cardToken !== "" || request.iban !== "";
  try {
    return await place(request.voucherCode);
  } catch (error) {
    const isRefused = RpcError.is(error) && error.codeName === "FAILED_PRECONDITION";
    if (!isRefused || request.voucherCode === "" || !hasOther) throw error;
    return await place("");
  }
};

/** A field of v1's order. */
export const serveV1GetOrderStatus: open.ServeV1GetOrderStatus = async ({ orderId }, context, v2) => {
  const { order } = await v2.getOrder({ orderId }, context);
  return { status: wordOf(order?.status ?? OrderStatus.UNSPECIFIED) };
};

/** All pages, and the parcels of what was sent, which v2 has only in GetOrder. */
export const serveV1ListOrders: open.ServeV1ListOrders = async ({ customerId: buyerId }, context, v2) => {
  const all: OldOrder[] = [];
  let pageToken = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const { orders, nextPageToken } = await v2.listOrders({ buyerId, pageSize: PAGE_SIZE, pageToken }, context);
    for (const order of orders) all.push(await oldOrderOf(order, context, v2));
    if (nextPageToken === "") return { orders: all };
    pageToken = nextPageToken;
  }
  throw new RpcError("RESOURCE_EXHAUSTED", `there are more than ${MOST_PAGES * PAGE_SIZE} orders: use v2, ListOrders`);
};

async function oldOrderOf(order: Order, context: HandlerContext, v2: V2): Promise<OldOrder> {
  const isSent = order.status === OrderStatus.SHIPPED || order.status === OrderStatus.DELIVERED;
  if (!isSent) return orderToV1(order);
  const { shipments } = await v2.getOrder({ orderId: order.orderId }, context);
  return orderWithParcel(order, shipments);
}

/** Changes of the status alone. */
export const serveV1WatchOrder: open.ServeV1WatchOrder = async function* ({ orderId }, context, v2) {
  for await (const change of v2.watchOrder({ orderId }, context)) {
    if (change.update?.$case === "statusChange") yield watchOrderResponseToV1(change);
  }
};
