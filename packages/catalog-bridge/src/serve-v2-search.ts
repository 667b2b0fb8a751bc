import { Buffer } from "node:buffer";
import { Availability, type Book as OldBook } from "@bookstore/catalog-v1";
import type { CatalogServiceDefinition } from "@bookstore/catalog-v1/server";
import { type Category, SearchBooksRequest_Order as Order, type SearchBooksRequest } from "@bookstore/catalog-v2";
import { RpcError } from "@bookstore/rpc";
import type { Caller } from "@bookstore/rpc/bridge";
import type { HandlerContext } from "@bookstore/rpc/server";
import { findCategory } from "./categories.ts";
import { FORMATS } from "./edition-to-v2.ts";
import { bookToV2, listCategoriesResponseToV2 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";

type V1 = Caller<typeof CatalogServiceDefinition>;

/** FindBooks or ListBooks of v1, less what was not asked for, in pages. With a query v1 finds 200 books at most. */
export const serveV2SearchBooks: open.ServeV2SearchBooks = async (request, context, v1) => {
  const { pageSize } = request;
  if (pageSize < 0 || pageSize > 200) {
    throw new RpcError("INVALID_ARGUMENT", `page_size is ${pageSize}, not from 0 to 200`);
  }
  const start = startOf(request);
  const found = await booksFor(request, context, v1);
  const end = start + (pageSize === 0 ? 50 : pageSize);
  return {
    books: found.slice(start, end).map((each) => bookToV2(each)),
    nextPageToken: end < found.length ? tokenOf(request, end) : "",
    totalSize: BigInt(found.length),
  };
};

async function booksFor(request: SearchBooksRequest, context: HandlerContext, v1: V1): Promise<readonly OldBook[]> {
  const { query, formats, onlyAvailable, categoryId, order } = request;
  // v1 finds nothing by one character.
  const isFound = [...query].length >= 2;
  const { books } = isFound ? await v1.findBooks({ query }, context) : await v1.listBooks({}, context);
  const words = FORMATS.flatMap(([word, format]) => (formats.includes(format) ? [word] : []));
  const categories = categoryId === undefined ? undefined : await idsBelow(categoryId, context, v1);
  const kept = books.filter((book) => {
    if (!isFound && !textOf(book).includes(query.toLowerCase())) return false;
    if (formats.length > 0 && !words.includes(book.format)) return false;
    if (onlyAvailable && book.availability !== Availability.IN_STOCK) return false;
    return categories === undefined || categories.has(book.categoryId);
  });
  if (order === Order.NEWEST) return kept.toSorted((a, b) => compare(b.published, a.published));
  return order === Order.BEST_MATCH || (order === Order.UNSPECIFIED && query !== "")
    ? kept
    : kept.toSorted((a, b) => compare(a.isbn, b.isbn));
}

function textOf({ title, authors, publisher }: OldBook): string {
  return [title, ...authors, publisher].join("\n").toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function idsBelow(id: string, context: HandlerContext, v1: V1): Promise<ReadonlySet<string>> {
  const { categories } = listCategoriesResponseToV2(await v1.listCategories({}, context));
  const ids = (category: Category): readonly string[] => [category.categoryId, ...category.children.flatMap(ids)];
  const found = findCategory(categories, id);
  return new Set(found === undefined ? [] : ids(found));
}

/** Where a page begins, and of which query. */
function tokenOf(request: SearchBooksRequest, start: number): string {
  return Buffer.from(JSON.stringify([start, keyOf(request)])).toString("base64url");
}

function keyOf({ query, categoryId, formats, onlyAvailable, order }: SearchBooksRequest): string {
  return JSON.stringify([query, categoryId ?? null, formats, onlyAvailable, order]);
}

function startOf(request: SearchBooksRequest): number {
  if (request.pageToken === "") return 0;
  const damaged = new RpcError("INVALID_ARGUMENT", "page_token is damaged, or of another query");
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(request.pageToken, "base64url").toString());
  } catch {
    throw damaged;
  }
  const [start, key]: readonly unknown[] = Array.isArray(read) ? read : [];
  if (typeof start !== "number" || !Number.isSafeInteger(start) || start < 0 || key !== keyOf(request)) throw damaged;
  return start;
}
