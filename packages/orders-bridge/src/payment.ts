import type { PlaceOrderRequest } from "@bookstore/orders-v2";
import type * as open from "./gen/holes.ts";
import { lose } from "./gen/losses.ts";

type Method = NonNullable<PlaceOrderRequest["paymentMethod"]>["method"];

/** A voucher goes before a card, and a card before an account: v1 says so. */
export const placeOrderRequestPaymentMethodToV2: open.PlaceOrderRequestPaymentMethodToV2 = (from, onLoss) => {
  const { voucherCode: code, cardToken: token, iban } = from;
  if (onLoss !== undefined) {
    if (token !== "" && code !== "") lose(onLoss, "v1.PlaceOrderRequest.card_token");
    if (iban !== "" && (code !== "" || token !== "")) lose(onLoss, "v1.PlaceOrderRequest.iban");
  }
  const method: Method =
    code !== ""
      ? { $case: "voucher", value: { code } }
      : token !== ""
        ? { $case: "card", value: { token, lastFour: "", billingAddress: undefined } }
        : iban !== ""
          ? { $case: "transfer", value: { iban, accountHolder: "" } }
          : undefined;
  return method && { method };
};

export const placeOrderRequestCardTokenToV1: open.PlaceOrderRequestCardTokenToV1 = ({ paymentMethod }, onLoss) => {
  const method = paymentMethod?.method;
  if (onLoss !== undefined && method !== undefined && saysMore(method)) {
    lose(onLoss, "v2.PlaceOrderRequest.payment_method");
  }
  return method?.$case === "card" ? method.value.token : "";
};

function saysMore(method: NonNullable<Method>): boolean {
  if (method.$case === "card") return method.value.billingAddress !== undefined || method.value.lastFour !== "";
  return method.$case === "transfer" && method.value.accountHolder !== "";
}

export const placeOrderRequestIbanToV1: open.PlaceOrderRequestIbanToV1 = ({ paymentMethod }) =>
  paymentMethod?.method?.$case === "transfer" ? paymentMethod.method.value.iban : "";

export const placeOrderRequestVoucherCodeToV1: open.PlaceOrderRequestVoucherCodeToV1 = ({ paymentMethod }) =>
  paymentMethod?.method?.$case === "voucher" ? paymentMethod.method.value.code : "";
