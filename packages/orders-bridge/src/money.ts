import type { Order } from "@bookstore/orders-v2";

type Money = NonNullable<Order["total"]>;

const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

/** The decimal digits of a sum, so that 12.99 is 12 units and 990,000,000 nanos. */
export function moneyOf(sum: number, currencyCode: string): Money {
  if (!Number.isFinite(sum)) return { currencyCode, units: 0n, nanos: 0 };
  if (Math.abs(sum) >= 1e18) {
    const units = BigInt(Math.trunc(sum));
    return { currencyCode, units: units < LEAST ? LEAST : units > MOST ? MOST : units, nanos: 0 };
  }
  const [, minus, whole = "0", fraction = "0"] = /^(-?)(\d+)\.(\d+)$/.exec(sum.toFixed(9)) ?? [];
  const sign = minus === "-" ? -1 : 1;
  return { currencyCode, units: BigInt(sign) * BigInt(whole), nanos: sign * Number(fraction) };
}

/** The number that is nearest to the decimal digits. */
export function sumOf(money: Money | undefined): number {
  if (money === undefined) return 0;
  const billionths = money.units * 1_000_000_000n + BigInt(money.nanos);
  const digits = String(billionths < 0n ? -billionths : billionths).padStart(10, "0");
  const size = Number(`${digits.slice(0, -9)}.${digits.slice(-9)}`);
  return billionths < 0n ? -size : size;
}
