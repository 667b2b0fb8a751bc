// What only a person can say of bookstore.orders.v1 and v2. `charter bridge` lists what is missing; nothing writes to
// this file.
import { addressOf, addressText } from "./address.ts";
import { orderLineToV2 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";
import { lose } from "./gen/losses.ts";
import { moneyOf, sumOf } from "./money.ts";
import { statusOf, wordOf } from "./status.ts";

export { getOrderResponseOrderToV1, getOrderResponseOrderToV2, getOrderResponseShipmentsToV2 } from "./parcel.ts";
export {
  placeOrderRequestCardTokenToV1,
  placeOrderRequestIbanToV1,
  placeOrderRequestPaymentMethodToV2,
  placeOrderRequestVoucherCodeToV1,
} from "./payment.ts";
export { serveV1GetOrderStatus, serveV1ListOrders, serveV1PlaceOrder, serveV1WatchOrder } from "./serve-v1.ts";
export { serveV2ListOrders } from "./serve-v2.ts";
export { serveV2PlaceOrder } from "./serve-v2-place.ts";
export { serveV2WatchOrder } from "./serve-v2-watch.ts";

export const orderStatusToV2: open.OrderStatusToV2 = ({ status }) => statusOf(status);

export const orderStatusToV1: open.OrderStatusToV1 = ({ status }) => wordOf(status);

export const orderTotalToV2: open.OrderTotalToV2 = ({ total, currency }) =>
  total === 0 && currency === "" ? undefined : moneyOf(total, currency);

export const orderTotalToV1: open.OrderTotalToV1 = ({ total }) => sumOf(total);

export const orderShipToToV2: open.OrderShipToToV2 = ({ shipTo }) => addressOf(shipTo);

export const orderShipToToV1: open.OrderShipToToV1 = ({ shipTo }) => addressText(shipTo);

/** A line of v1 does not say its currency: it is that of the order. */
export const orderLinesToV2: open.OrderLinesToV2 = ({ lines, currency }, onLoss) =>
  lines.map((each) => {
    const line = orderLineToV2(each, onLoss);
    return { ...line, unitPrice: line.unitPrice && { ...line.unitPrice, currencyCode: currency } };
  });

/** In the currency of the order, which is not known here. */
export const orderLineUnitPriceToV2: open.OrderLineUnitPriceToV2 = ({ unitPrice }) =>
  unitPrice === 0 ? undefined : moneyOf(unitPrice, "");

export const orderLineUnitPriceToV1: open.OrderLineUnitPriceToV1 = ({ unitPrice }) => sumOf(unitPrice);

export const placeOrderRequestShipToToV2: open.PlaceOrderRequestShipToToV2 = ({ shipTo }) => addressOf(shipTo);

export const placeOrderRequestShipToToV1: open.PlaceOrderRequestShipToToV1 = ({ shipTo }) => addressText(shipTo);

export const watchOrderResponseUpdateToV2: open.WatchOrderResponseUpdateToV2 = ({ status }) =>
  status === "" ? undefined : { $case: "statusChange", value: { status: statusOf(status), details: [] } };

export const watchOrderResponseStatusToV1: open.WatchOrderResponseStatusToV1 = ({ update }, onLoss) => {
  if (update?.$case !== "statusChange") return "";
  if (onLoss !== undefined && update.value.details.length > 0) {
    lose(onLoss, "v2.WatchOrderResponse.status_change");
  }
  return wordOf(update.value.status);
};
