import { Availability, Book as OldBook } from "@bookstore/catalog-v1";
import { Book, Book_State, type Edition } from "@bookstore/catalog-v2";
import type { OnLoss } from "@bookstore/rpc/bridge";
import { editionOf, FORMATS } from "./edition-to-v2.ts";
import type * as open from "./gen/holes.ts";
import { lose } from "./gen/losses.ts";
import { countOf, fit } from "./gen/values.ts";
import { isbn10Of } from "./isbn.ts";
import { publishedText } from "./published.ts";

const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

export const bookEditionsToV2: open.BookEditionsToV2 = (from, onLoss) => {
  const edition = editionOf(from);
  if (onLoss !== undefined) {
    const back = oldBookOf(Book.fromPartial({ editions: [edition] }));
    for (const [field, path] of CARRIED) if (!Object.is(back[field], from[field])) lose(onLoss, path);
  }
  return [edition];
};

/** The first edition, where there are several: the bridge takes them apart before. */
export const bookIsbnToV1: open.BookIsbnToV1 = (from, onLoss) => {
  const isbn = from.editions[0]?.isbn ?? from.bookId;
  if (onLoss !== undefined) {
    tellEditions(from, onLoss);
    if (from.bookId !== isbn) lose(onLoss, "v2.Book.book_id");
  }
  return isbn;
};

function tellEditions(from: Book, onLoss: OnLoss): void {
  const bytes = ({ editions }: Pick<Book, "editions">) => Book.encode(Book.fromPartial({ editions })).finish().join();
  if (bytes({ editions: [editionOf(oldBookOf(from))] }) !== bytes(from)) lose(onLoss, "v2.Book.editions");
}

export const bookPublisherToV1: open.BookPublisherToV1 = ({ editions: [first] }) => first?.publisher ?? "";

export const bookPublishedToV1: open.BookPublishedToV1 = ({ editions: [first] }) => publishedText(first?.publishDate);

export const bookFormatToV1: open.BookFormatToV1 = ({ editions: [first] }) => {
  const word = FORMATS.find(([, format]) => format === first?.format)?.[0];
  if (word !== undefined) return word;
  const kind = first?.medium?.$case;
  return kind === "ebook" || kind === "audiobook" ? kind : "";
};

/** Rounded towards zero, where a price has less than a cent. */
export const bookPriceCentsToV1: open.BookPriceCentsToV1 = ({ editions: [first] }) => {
  const { units = 0n, nanos = 0 } = first?.price ?? {};
  return fit(units * 100n + BigInt(Math.trunc(nanos / 10_000_000)), LEAST, MOST);
};

export const bookCurrencyToV1: open.BookCurrencyToV1 = ({ editions: [first] }) => first?.price?.currencyCode ?? "";

export const bookCoverUrlToV1: open.BookCoverUrlToV1 = ({ editions: [first] }) => first?.coverUrl ?? "";

export const bookIsbn10ToV1: open.BookIsbn10ToV1 = ({ editions: [first] }) =>
  isbn10Of(first?.isbn ?? "", first?.publishDate?.year ?? 0);

export const bookPageCountToV1: open.BookPageCountToV1 = ({ editions: [first] }) =>
  first?.medium === undefined || first.medium.$case === "audiobook" ? undefined : first.medium.value.pageCount;

export const bookWeightGramsToV1: open.BookWeightGramsToV1 = ({ editions: [first] }) =>
  first?.medium?.$case === "print" ? first.medium.value.weightGrams : 0;

/** All copies that are in a warehouse, ordered or not. */
export const bookStockToV1: open.BookStockToV1 = ({ editions: [first] }) =>
  fit(
    levelsOf(first).reduce((sum, { available, allocated }) => sum + available + allocated, 0),
    0,
    2 ** 31 - 1,
  );

export const bookAvailabilityToV1: open.BookAvailabilityToV1 = ({ editions: [first], state }) => {
  if (first === undefined) return Availability.UNSPECIFIED;
  if (first.price === undefined || state === Book_State.RETIRED) return Availability.OUT_OF_PRINT;
  if (first.medium === undefined) return Availability.UNSPECIFIED;
  if (first.medium.$case !== "print") return Availability.IN_STOCK;
  return levelsOf(first).some(({ available }) => available > 0) ? Availability.IN_STOCK : Availability.BACKORDER;
};

function levelsOf(edition: Edition | undefined) {
  return edition?.medium?.$case === "print" ? Object.values(edition.medium.value.stock) : [];
}

export const bookFileSizeBytesToV1: open.BookFileSizeBytesToV1 = ({ editions: [first] }) =>
  first?.medium === undefined || first.medium.$case === "print" ? 0n : fit(first.medium.value.fileSizeBytes, 0n, MOST);

export const bookNarratorToV1: open.BookNarratorToV1 = ({ editions: [first] }) =>
  first?.medium?.$case === "audiobook" ? first.medium.value.narrator : "";

export const bookRunningMinutesToV1: open.BookRunningMinutesToV1 = ({ editions: [first] }) => {
  const time = first?.medium?.$case === "audiobook" ? first.medium.value.runningTime : undefined;
  return time === undefined ? 0 : fit(Math.trunc(countOf(time, 60_000)), -(2 ** 31), 2 ** 31 - 1);
};

const CARRIED = [
  ["isbn", "v1.Book.isbn", bookIsbnToV1],
  ["publisher", "v1.Book.publisher", bookPublisherToV1],
  ["published", "v1.Book.published", bookPublishedToV1],
  ["format", "v1.Book.format", bookFormatToV1],
  ["priceCents", "v1.Book.price_cents", bookPriceCentsToV1],
  ["currency", "v1.Book.currency", bookCurrencyToV1],
  ["coverUrl", "v1.Book.cover_url", bookCoverUrlToV1],
  ["pageCount", "v1.Book.page_count", bookPageCountToV1],
  ["weightGrams", "v1.Book.weight_grams", bookWeightGramsToV1],
  ["stock", "v1.Book.stock", bookStockToV1],
  ["availability", "v1.Book.availability", bookAvailabilityToV1],
  ["fileSizeBytes", "v1.Book.file_size_bytes", bookFileSizeBytesToV1],
  ["narrator", "v1.Book.narrator", bookNarratorToV1],
  ["runningMinutes", "v1.Book.running_minutes", bookRunningMinutesToV1],
] as const satisfies readonly (readonly [keyof OldBook, string, (book: Book) => unknown])[];

/** Only what an edition says. */
function oldBookOf(book: Book): OldBook {
  return OldBook.fromPartial(Object.fromEntries(CARRIED.map(([field, , read]) => [field, read(book)])));
}
