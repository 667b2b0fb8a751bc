import { Order, OrderStatus, Shipment } from "@bookstore/orders-v2";
import { Ledger } from "./ledger.ts";
import { toMoney } from "./money.ts";
import { sampleIsbn } from "./sample-shelves.ts";

const ADDRESS = {
  recipient: "Ada Reader",
  addressLines: ["Prinsengracht 263"],
  locality: "Amsterdam",
  postalCode: "1016 GV",
  regionCode: "NL",
};

/** With what was ordered before the server started: one order has arrived, and one is on its way. */
export function sampleOrders(path?: string): Ledger {
  const ledger = new Ledger(path);
  for (const [orderId, isArrived] of [
    ["order-1", true],
    ["order-2", false],
  ] as const) {
    if (ledger.find(orderId) !== undefined) continue;
    const placed = Order.fromPartial({
      orderId,
      buyerId: "reader-7",
      lines: [{ isbn: sampleIsbn(isArrived ? 0 : 6), quantity: 1, unitPrice: toMoney(isArrived ? 1099 : 799) }],
      status: OrderStatus.PAID,
      placeTime: new Date("2026-03-01T09:30:00Z"),
      total: toMoney((isArrived ? 1099 : 799) + 295),
      shipTo: ADDRESS,
      paymentId: `payment-${orderId}`,
    });
    ledger.place(placed, orderId, "");
    const shipment = Shipment.fromPartial({
      shipmentId: `${orderId}/1`,
      quantities: Object.fromEntries(placed.lines.map(({ isbn, quantity }) => [isbn, quantity])),
      carrier: "PostNL",
      trackingNumber: `3S${orderId.toUpperCase()}`,
      shipTime: new Date("2026-03-02T16:00:00Z"),
      transitTime: { seconds: 172_800n },
    });
    ledger.putParcel(placed, shipment);
    if (isArrived) ledger.setStatus(placed, OrderStatus.DELIVERED);
  }
  return ledger;
}
