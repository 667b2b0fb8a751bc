import { CURRENCY } from "./books.ts";

/** `bookstore.type.v1.Money`, which both versions of the API share. */
export interface Money {
  readonly currencyCode: string;
  readonly units: bigint;
  readonly nanos: number;
}

const NANOS_PER_CENT = 10_000_000;

export function toMoney(cents: number | undefined): Money | undefined {
  if (cents === undefined) return undefined;
  const units = Math.trunc(cents / 100);
  return { currencyCode: CURRENCY, units: BigInt(units), nanos: (cents - units * 100) * NANOS_PER_CENT };
}

/** Rounded down: what costs less than a cent more is above the limit. */
export function toCents({ units, nanos }: Money): number {
  return Number(units) * 100 + Math.floor(nanos / NANOS_PER_CENT);
}
