import type { Order as OldOrder } from "@bookstore/orders-v1";
import type { Order, Shipment } from "@bookstore/orders-v2";
import type { OnLoss } from "@bookstore/rpc/bridge";
import { orderToV1, orderToV2 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";
import { lose } from "./gen/losses.ts";
import { countOf, durationOf, fit, textOf, timeOf } from "./gen/values.ts";

type Parcel = Pick<OldOrder, "carrier" | "trackingNumber" | "shippedAt" | "transitDays">;

const NONE: Parcel = { carrier: "", trackingNumber: "", shippedAt: "", transitDays: 0 };

/** The parcel of v1: the first that has been sent, as v1 says nothing of it before. */
function parcelOf(shipments: readonly Shipment[]): Parcel {
  const sent = shipments.find(({ shipTime }) => shipTime !== undefined);
  if (sent?.shipTime === undefined) return NONE;
  const { carrier, trackingNumber = "", shipTime, transitTime } = sent;
  const days = transitTime === undefined ? 0 : Math.trunc(countOf(transitTime, DAY));
  return { carrier, trackingNumber, shippedAt: textOf(shipTime), transitDays: fit(days, -(2 ** 31), 2 ** 31 - 1) };
}

function shipmentsOf({ carrier, trackingNumber, shippedAt, transitDays }: Parcel): Shipment[] {
  if (carrier === "" && trackingNumber === "" && shippedAt === "" && transitDays === 0) return [];
  const shipment = {
    shipmentId: "",
    quantities: {},
    carrier,
    trackingNumber: trackingNumber === "" ? undefined : trackingNumber,
    shipTime: timeOf(shippedAt),
    transitTime: transitDays === 0 ? undefined : durationOf(transitDays, DAY),
  };
  return [shipment];
}

const DAY = 86_400_000;

/** An order of v1 with its parcel. */
export function orderWithParcel(order: Order, shipments: readonly Shipment[], onLoss?: OnLoss): OldOrder {
  return { ...orderToV1(order, onLoss), ...parcelOf(shipments) };
}

export const getOrderResponseOrderToV1: open.GetOrderResponseOrderToV1 = ({ order, shipments }, onLoss) => {
  if (onLoss !== undefined && shipments.length > 0) lose(onLoss, "v2.GetOrderResponse.shipments");
  return order && orderWithParcel(order, shipments, onLoss);
};

/** The parcel is not lost: it is in the shipments. */
export const getOrderResponseOrderToV2: open.GetOrderResponseOrderToV2 = ({ order }, onLoss) =>
  order && orderToV2({ ...order, ...NONE }, onLoss);

export const getOrderResponseShipmentsToV2: open.GetOrderResponseShipmentsToV2 = ({ order }) =>
  order === undefined ? [] : shipmentsOf(order);
