import { OrderStatus } from "@bookstore/orders-v2";

/** v1's words, in the order in which an order gets them. */
const WORDS: readonly (readonly [word: string, status: OrderStatus])[] = [
  ["placed", OrderStatus.PLACED],
  ["paid", OrderStatus.PAID],
  ["shipped", OrderStatus.SHIPPED],
  ["delivered", OrderStatus.DELIVERED],
  ["cancelled", OrderStatus.CANCELLED],
];

export function statusOf(word: string): OrderStatus {
  return WORDS.find(([each]) => each === word)?.[1] ?? OrderStatus.UNSPECIFIED;
}

/** An order on hold is one that stays placed, as v2 says itself. */
export function wordOf(status: OrderStatus): string {
  const known = status === OrderStatus.ON_HOLD ? OrderStatus.PLACED : status;
  return WORDS.find(([, each]) => each === known)?.[0] ?? "";
}

/** The how-manieth status it is, counted from 1; 0 for one that is not known. */
export function stepOf(word: string): number {
  return WORDS.findIndex(([each]) => each === word) + 1;
}
