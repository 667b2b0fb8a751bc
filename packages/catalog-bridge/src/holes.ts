// What only a person can say of bookstore.catalog.v1 and v2. `charter bridge` lists what is missing; nothing writes to
// this file.
import { Book_State, Contributor_Role } from "@bookstore/catalog-v2";
import type * as open from "./gen/holes.ts";
import { lose } from "./gen/losses.ts";

export {
  categoryNameToV1,
  categoryNameToV2,
  listCategoriesResponseCategoriesToV1,
  listCategoriesResponseCategoriesToV2,
} from "./categories.ts";
export {
  bookAvailabilityToV1,
  bookCoverUrlToV1,
  bookCurrencyToV1,
  bookEditionsToV2,
  bookFileSizeBytesToV1,
  bookFormatToV1,
  bookIsbn10ToV1,
  bookIsbnToV1,
  bookNarratorToV1,
  bookPageCountToV1,
  bookPriceCentsToV1,
  bookPublishedToV1,
  bookPublisherToV1,
  bookRunningMinutesToV1,
  bookStockToV1,
  bookWeightGramsToV1,
} from "./edition-to-v1.ts";
export { serveV1DeleteBook, serveV1FindBooks, serveV1GetBook, serveV1ListBooks } from "./serve-v1.ts";
export { serveV2CreateBook, serveV2GetBook, serveV2ListCategories, serveV2UpdateBook } from "./serve-v2.ts";
export { serveV2SearchBooks } from "./serve-v2-search.ts";
export { serveV1UpdateBook } from "./update-v1.ts";

/** A v1 book has no other identifier, and a caller of v2 must have one to come back with. */
export const bookBookIdToV2: open.BookBookIdToV2 = ({ isbn }) => isbn;

export const bookContributorsToV2: open.BookContributorsToV2 = ({ authors }) =>
  authors.map((name) => ({ name, role: Contributor_Role.AUTHOR }));

export const bookAuthorsToV1: open.BookAuthorsToV1 = ({ contributors }, onLoss) => {
  const authors = contributors.filter(({ role }) => role === Contributor_Role.AUTHOR);
  if (onLoss !== undefined && authors.length < contributors.length) lose(onLoss, "v2.Book.contributors");
  return authors.map(({ name }) => name);
};

export const bookAttributesToV2: open.BookAttributesToV2 = ({ attributes }) => attributes;

export const bookAttributesToV1: open.BookAttributesToV1 = ({ attributes }, onLoss) => {
  const entries = Object.entries(attributes);
  if (onLoss !== undefined && entries.some(([, value]) => typeof value !== "string")) {
    lose(onLoss, "v2.Book.attributes");
  }
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? null));
  return Object.fromEntries(entries.map(([key, value]) => [key, text(value)]));
};

/** What v1 shows is for sale. */
export const bookStateToV2: open.BookStateToV2 = () => Book_State.ACTIVE;

/** Either key: a v1 book's identifier is its ISBN. */
export const getBookRequestIsbnToV1: open.GetBookRequestIsbnToV1 = ({ key }) => key?.value ?? "";
