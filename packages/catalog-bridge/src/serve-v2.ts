import { Book, Book_State } from "@bookstore/catalog-v2";
import { RpcError } from "@bookstore/rpc";
import { cutBelow, findCategory } from "./categories.ts";
import { bookToV1, bookToV2, createBookRequestToV1, listCategoriesResponseToV2 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";

export const serveV2GetBook: open.ServeV2GetBook = async ({ key, readMask = [] }, context, v1) => {
  if (key === undefined) throw new RpcError("INVALID_ARGUMENT", "book_id or isbn must be set");
  const { book } = await v1.getBook({ isbn: key.value }, context);
  return { book: book && masked(bookToV2(book), readMask) };
};

/** With the fields that a mask names, whole. */
function masked(book: Book, mask: readonly string[]): Book {
  if (mask.length === 0) return book;
  const wanted = new Set(mask.map((path) => camel(path.split(".")[0] ?? "")));
  return Book.fromPartial(Object.fromEntries(Object.entries(book).filter(([name]) => wanted.has(name))));
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What would be dropped in silence is refused. */
export const serveV2CreateBook: open.ServeV2CreateBook = async (request, context, v1) => {
  checkEditions(request.book);
  const { book } = await v1.createBook(createBookRequestToV1(request), context);
  return { book: book && bookToV2(book) };
};

function checkEditions(book: Book | undefined): void {
  const count = book?.editions.length ?? 0;
  if (count === 1) return;
  throw new RpcError("INVALID_ARGUMENT", `book.editions must be one, as this store has version 1, not ${count}`);
}

/** Field of v2 → fields of v1. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["title", ["title"]],
  ["subtitle", ["subtitle"]],
  ["contributors", ["authors"]],
  [
    "editions",
    [
      ["publisher", "published", "format", "price_cents", "currency", "page_count", "cover_url", "availability"],
      ["stock", "weight_grams", "file_size_bytes", "narrator", "running_minutes"],
    ].flat(),
  ],
  ["category_ids", ["category_id"]],
  ["attributes", ["attributes"]],
  ["state", []],
  ["description", []],
]);

export const serveV2UpdateBook: open.ServeV2UpdateBook = async ({ book, updateMask = [] }, context, v1) => {
  if (book === undefined || updateMask.length === 0) {
    throw new RpcError("INVALID_ARGUMENT", "book and update_mask must be set");
  }
  const unknown = updateMask.find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw new RpcError("INVALID_ARGUMENT", `update_mask: ${unknown} cannot be changed`);
  if (book.revision !== 0n) throw new RpcError("ABORTED", "revision is not current: version 1 has none");
  const isbn = book.bookId;
  if (updateMask.includes("editions")) {
    checkEditions(book);
    if (book.editions[0]?.isbn !== isbn) {
      throw new RpcError("INVALID_ARGUMENT", "book.editions[0].isbn is the book_id in version 1, and stays");
    }
  }
  const mask = updateMask.flatMap((name) => FIELDS.get(name) ?? []);
  // An empty mask would change everything.
  const stored =
    mask.length === 0
      ? await v1.getBook({ isbn }, context)
      : await v1.updateBook({ book: { ...bookToV1(book), isbn }, updateMask: mask }, context);
  const isRetired = updateMask.includes("state") && book.state === Book_State.RETIRED;
  if (isRetired) await v1.deleteBook({ isbn }, context);
  const made = stored.book && bookToV2(stored.book);
  return { book: made && (isRetired ? { ...made, state: Book_State.RETIRED } : made) };
};

export const serveV2ListCategories: open.ServeV2ListCategories = async (request, context, v1) => {
  const { rootCategoryId, maxDepth } = request;
  const { categories } = listCategoriesResponseToV2(await v1.listCategories({}, context));
  const trees = rootCategoryId === undefined ? categories : (findCategory(categories, rootCategoryId)?.children ?? []);
  return { categories: maxDepth === undefined ? trees : [...cutBelow(trees, maxDepth)] };
};
