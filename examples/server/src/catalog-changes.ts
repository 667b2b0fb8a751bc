import type { Book } from "@bookstore/catalog-v2";
import { RpcError } from "@bookstore/rpc";
import { invalid } from "./invalid.ts";
import { isIsbn } from "./isbn.ts";
import type { Shelves } from "./shelves.ts";

const MOST_ATTRIBUTES = 50;

/** What a caller may change, by its name in a mask. */
const FIELDS = {
  title: "title",
  subtitle: "subtitle",
  contributors: "contributors",
  editions: "editions",
  category_ids: "categoryIds",
  attributes: "attributes",
  state: "state",
  description: "description",
} as const satisfies Readonly<Record<string, keyof Book>>;

const OUTPUT_ONLY = ["book_id", "create_time", "update_time", "revision"];

/** The stored book with the fields of another that a mask names. @throws RpcError for a mask that cannot be. */
export function changeBook(stored: Book, given: Book, mask: readonly string[]): Book {
  if (mask.length === 0) throw invalid("update_mask", "must be set");
  const changed = { ...stored };
  for (const path of mask) {
    if (OUTPUT_ONLY.includes(path)) throw invalid("update_mask", `names ${path}, which the server sets`);
    if (!Object.hasOwn(FIELDS, path)) throw invalid("update_mask", `names ${path}, which a book does not have`);
    copy(changed, given, FIELDS[path as keyof typeof FIELDS]);
  }
  return changed;
}

function copy<K extends keyof Book>(to: Book, from: Book, field: K): void {
  to[field] = from[field];
}

/** @throws RpcError for a book that cannot be stored. */
export function checkBook(book: Book, shelves: Shelves): void {
  if (book.title === "") throw invalid("book.title", "must be set");
  if (book.editions.length === 0) throw invalid("book.editions", "must have at least one");
  const attributes = Object.keys(book.attributes).length;
  if (attributes > MOST_ATTRIBUTES) throw invalid("book.attributes", `are ${attributes}, more than ${MOST_ATTRIBUTES}`);
  const seen = new Set<string>();
  for (const [index, { isbn, medium }] of book.editions.entries()) {
    const field = `book.editions[${index}]`;
    if (!isIsbn(isbn)) throw invalid(`${field}.isbn`, `"${isbn}" is no ISBN-13: its check digit is wrong`);
    if (medium === undefined) throw invalid(`${field}.medium`, "must be set");
    const other = shelves.findByIsbn(isbn);
    if (seen.has(isbn) || (other !== undefined && other.bookId !== book.bookId)) {
      throw new RpcError("ALREADY_EXISTS", `the ISBN ${isbn} is taken`);
    }
    seen.add(isbn);
  }
}
