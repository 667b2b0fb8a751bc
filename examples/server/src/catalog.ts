import { randomUUID } from "node:crypto";
import { Book, Book_State, type Category, type GetBookRequest } from "@bookstore/catalog-v2";
import { implementCatalog } from "@bookstore/catalog-v2/server";
import { RpcError } from "@bookstore/rpc";
import type { ServiceImplementation } from "@bookstore/rpc/server";
import { changeBook, checkBook } from "./catalog-changes.ts";
import { findCategory, searchBooks } from "./catalog-search.ts";
import { invalid } from "./invalid.ts";
import { readPageSize, readPageToken, writePageToken } from "./page-token.ts";
import { CATEGORIES } from "./sample-shelves.ts";
import type { Shelves } from "./shelves.ts";

/**
 * bookstore.catalog.v2, by which v1 is served too. It asks nobody for a role, which is for the option `authenticate` to
 * do, and reads no ONIX: ImportBooks answers UNIMPLEMENTED.
 */
export function serveCatalog(shelves: Shelves): ServiceImplementation {
  return implementCatalog({
    getBook({ key, readMask = [] }) {
      return { book: masked(find(shelves, key), readMask) };
    },

    searchBooks({ pageSize, pageToken, ...wanted }) {
      const size = readPageSize(pageSize, 200);
      const { query, categoryId = null, formats, onlyAvailable, order } = wanted;
      const asked = [query, categoryId, formats, onlyAvailable, order];
      const start = readPageToken(pageToken, asked);
      const found = searchBooks(shelves.all(), wanted, CATEGORIES);
      const end = start + size;
      return {
        books: found.slice(start, end),
        nextPageToken: end < found.length ? writePageToken(end, asked) : "",
        totalSize: found.length,
      };
    },

    createBook({ book }) {
      if (book === undefined) throw invalid("book", "must be set");
      const now = new Date();
      const state = book.state === Book_State.UNSPECIFIED ? Book_State.ACTIVE : book.state;
      const made = { ...book, bookId: randomUUID(), state, createTime: now, updateTime: now };
      checkBook(made, shelves);
      return { book: shelves.put(made) };
    },

    updateBook({ book, updateMask = [] }) {
      if (book === undefined) throw invalid("book", "must be set");
      const stored = find(shelves, { $case: "bookId", value: book.bookId });
      const changed = changeBook(stored, book, updateMask);
      if (book.revision !== 0n && book.revision !== stored.revision) {
        throw new RpcError("ABORTED", "somebody else has changed the book: read it again");
      }
      checkBook(changed, shelves);
      return { book: shelves.put({ ...changed, updateTime: new Date() }) };
    },

    listCategories({ rootCategoryId, maxDepth }) {
      const top =
        rootCategoryId === undefined ? CATEGORIES : (findCategory(CATEGORIES, rootCategoryId)?.children ?? []);
      return { categories: maxDepth === undefined ? top : upTo(top, maxDepth) };
    },
  });
}

function find(shelves: Shelves, key: GetBookRequest["key"]): Book {
  if (key === undefined || key.value === "") throw invalid(key?.$case === "isbn" ? "isbn" : "book_id", "must be set");
  const book = key.$case === "isbn" ? shelves.findByIsbn(key.value) : shelves.find(key.value);
  if (book === undefined) throw new RpcError("NOT_FOUND", `there is no book "${key.value}"`);
  return book;
}

/** With the fields that a mask names, whole. */
function masked(book: Book, mask: readonly string[]): Book {
  if (mask.length === 0) return book;
  const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const wanted = new Set(mask.map((path) => camel(path.split(".")[0] ?? "")));
  return Book.fromPartial(Object.fromEntries(Object.entries(book).filter(([name]) => wanted.has(name))));
}

function upTo(categories: readonly Category[], depth: number): readonly Category[] {
  return depth === 0 ? [] : categories.map((each) => ({ ...each, children: [...upTo(each.children, depth - 1)] }));
}
