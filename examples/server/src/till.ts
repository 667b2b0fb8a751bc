import type { PlaceOrderRequest } from "@bookstore/orders-v2";
import { RpcError } from "@bookstore/rpc";
import { invalid } from "./invalid.ts";

/** What vouchers are worth, in cents. */
const VOUCHERS: ReadonlyMap<string, number> = new Map([
  ["GIFT-20", 2000],
  ["GIFT-50", 5000],
]);

/** Stands in for bookstore.payments.v1: reserves a sum. @throws RpcError when the payment is refused. */
export function reserve(paymentMethod: PlaceOrderRequest["paymentMethod"], cents: number): void {
  const method = paymentMethod?.method;
  if (method === undefined) throw invalid("payment_method", "must be set");
  const refused = (why: string): RpcError => new RpcError("FAILED_PRECONDITION", `the payment is refused: ${why}`);
  switch (method.$case) {
    case "voucher": {
      const worth = VOUCHERS.get(method.value.code) ?? 0;
      if (worth < cents) throw refused("the voucher does not cover the total");
      return;
    }
    case "card":
      if (method.value.token === "" || method.value.token.startsWith("declined")) throw refused("the card is declined");
      return;
    case "transfer":
      if (!/^[A-Z]{2}\d{2}[A-Z\d]{8,30}$/.test(method.value.iban)) throw refused("the IBAN is not valid");
      return;
  }
}
