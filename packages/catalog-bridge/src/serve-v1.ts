import { Availability, type Book as OldBook } from "@bookstore/catalog-v1";
import {
  type Book,
  Book_State,
  SearchBooksRequest_Order as Order,
  type SearchBooksRequest,
} from "@bookstore/catalog-v2";
import type { CatalogServiceDefinition } from "@bookstore/catalog-v2/server";
import { type PartialMessage, RpcError } from "@bookstore/rpc";
import type { Caller } from "@bookstore/rpc/bridge";
import type { HandlerContext } from "@bookstore/rpc/server";
import { bookToV1 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";

export type V2 = Caller<typeof CatalogServiceDefinition>;

const PAGE_SIZE = 200;
const MOST_PAGES = 1000;
const MOST_FOUND = 200;
const TRIES = 4;

/** v1 has a book for each edition. */
export function booksOf(book: Book): readonly OldBook[] {
  return book.editions.map((edition) => bookToV1({ ...book, editions: [edition] }));
}

/** The book of an edition, which v1 does not have any more when it is retired. */
export async function findStored(isbn: string, context: HandlerContext, v2: V2): Promise<Book> {
  const { book } = await v2.getBook({ key: { $case: "isbn", value: isbn } }, context);
  if (book === undefined || book.state === Book_State.RETIRED) {
    throw new RpcError("NOT_FOUND", `no book has the ISBN ${isbn}`);
  }
  return book;
}

/** Reads and writes again when somebody else has written in between, as v1 has no word for that. */
export async function again<T>(change: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await change();
    } catch (error) {
      if (tries === TRIES || !RpcError.is(error) || error.codeName !== "ABORTED") throw error;
    }
  }
}

export const serveV1GetBook: open.ServeV1GetBook = async ({ isbn }, context, v2) => {
  const stored = await findStored(isbn, context, v2);
  return { book: booksOf(stored).find((each) => each.isbn === isbn) };
};

/** All pages of v2. */
async function* search(
  request: PartialMessage<SearchBooksRequest>,
  context: HandlerContext,
  v2: V2,
): AsyncGenerator<OldBook, void, undefined> {
  let pageToken = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const { books, nextPageToken } = await v2.searchBooks({ ...request, pageSize: PAGE_SIZE, pageToken }, context);
    for (const book of books) yield* booksOf(book);
    if (nextPageToken === "") return;
    pageToken = nextPageToken;
  }
  throw new RpcError("RESOURCE_EXHAUSTED", `there are more than ${MOST_PAGES * PAGE_SIZE} books: use v2, SearchBooks`);
}

export const serveV1ListBooks: open.ServeV1ListBooks = async (_, context, v2) => {
  const books: OldBook[] = [];
  for await (const book of search({ order: Order.ISBN }, context, v2)) books.push(book);
  // v2 orders works by their lowest ISBN.
  return { books: books.sort((a, b) => (a.isbn < b.isbn ? -1 : 1)) };
};

export const serveV1FindBooks: open.ServeV1FindBooks = async ({ query, categoryId, onlyAvailable }, context, v2) => {
  if ([...query].length < 2) throw new RpcError("INVALID_ARGUMENT", "query must have at least two characters");
  const wanted = { query, onlyAvailable, order: Order.BEST_MATCH, ...(categoryId === "" ? {} : { categoryId }) };
  const books: OldBook[] = [];
  for await (const book of search(wanted, context, v2)) {
    // v2 also finds what is in a category below, and works of which another edition is in stock.
    const isInCategory = categoryId === "" || book.categoryId === categoryId;
    const isAvailable = !onlyAvailable || book.availability === Availability.IN_STOCK;
    if (isInCategory && isAvailable && books.push(book) === MOST_FOUND) break;
  }
  return { books };
};

/** Orders refer to books for ever: the last edition stays, and its book is retired. */
export const serveV1DeleteBook: open.ServeV1DeleteBook = async ({ isbn }, context, v2) => {
  await again(async () => {
    try {
      const stored = await findStored(isbn, context, v2);
      const editions = stored.editions.filter((each) => each.isbn !== isbn);
      const [book, field] =
        editions.length > 0
          ? ([{ ...stored, editions }, "editions"] as const)
          : ([{ ...stored, state: Book_State.RETIRED }, "state"] as const);
      await v2.updateBook({ book, updateMask: [field] }, context);
    } catch (error) {
      if (!RpcError.is(error) || error.codeName !== "NOT_FOUND") throw error;
    }
  });
  return {};
};
