import { Availability, type Book } from "@bookstore/catalog-v1";
import { type Edition, Format } from "@bookstore/catalog-v2";
import { durationOf, fit } from "./gen/values.ts";
import { dayOf } from "./published.ts";

/** v1's words. */
export const FORMATS: readonly (readonly [word: string, format: Format])[] = [
  ["hardcover", Format.HARDCOVER],
  ["paperback", Format.PAPERBACK],
  ["ebook", Format.EBOOK],
  ["audiobook", Format.AUDIOBOOK],
];

/** The key of a stock that v1 knows only as a sum. */
export const ALL_WAREHOUSES = "all";

/** What v1 says of a book that v2 says of an edition. */
export function editionOf(from: Book): Edition {
  const format = FORMATS.find(([word]) => word === from.format)?.[1] ?? Format.UNSPECIFIED;
  return {
    isbn: from.isbn,
    format,
    publisher: from.publisher,
    publishDate: dayOf(from.published),
    price: priceOf(from),
    coverUrl: from.coverUrl === "" ? undefined : from.coverUrl,
    medium: mediumOf(format, from),
  };
}

function priceOf({ priceCents, currency: currencyCode, availability }: Book): Edition["price"] {
  if (availability === Availability.OUT_OF_PRINT || (priceCents === 0n && currencyCode === "")) return undefined;
  return { currencyCode, units: priceCents / 100n, nanos: Number(priceCents % 100n) * 10_000_000 };
}

function mediumOf(format: Format, from: Book): Edition["medium"] {
  const fileSizeBytes = fit(from.fileSizeBytes, 0n, 2n ** 63n - 1n);
  switch (format) {
    case Format.HARDCOVER:
    case Format.PAPERBACK: {
      const available = Math.max(from.stock, 0);
      const stock = available === 0 ? {} : { [ALL_WAREHOUSES]: { available, allocated: 0, adjustment: 0 } };
      return { $case: "print", value: { pageCount: from.pageCount, weightGrams: from.weightGrams, stock } };
    }
    case Format.EBOOK:
      return { $case: "ebook", value: { pageCount: from.pageCount, fileSizeBytes } };
    case Format.AUDIOBOOK: {
      const runningTime = from.runningMinutes === 0 ? undefined : durationOf(from.runningMinutes, 60_000);
      return { $case: "audiobook", value: { narrator: from.narrator, runningTime, fileSizeBytes } };
    }
    default:
      return undefined;
  }
}
