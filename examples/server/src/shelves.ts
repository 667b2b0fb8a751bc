import { createHash } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Book } from "@bookstore/catalog-v2";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS book (id TEXT PRIMARY KEY, message BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS edition (isbn TEXT PRIMARY KEY, book TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS edition_by_book ON edition (book);`;

/** Every book that the store sells or has sold, in SQLite: as messages, beside what they are found by. */
export class Shelves implements Disposable {
  readonly #database: DatabaseSync;
  readonly #byId: StatementSync;
  readonly #byIsbn: StatementSync;
  readonly #all: StatementSync;
  readonly #putBook: StatementSync;
  readonly #putEdition: StatementSync;
  readonly #dropEditions: StatementSync;

  /** @param path of the file; `:memory:` for as long as the process lives. */
  constructor(path = ":memory:") {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;");
    database.exec(SCHEMA);
    this.#database = database;
    this.#byId = database.prepare("SELECT message FROM book WHERE id = ?");
    this.#byIsbn = database.prepare("SELECT message FROM book JOIN edition ON book.id = edition.book WHERE isbn = ?");
    this.#all = database.prepare("SELECT message FROM book ORDER BY id");
    this.#putBook = database.prepare("INSERT OR REPLACE INTO book (id, message) VALUES (?, ?)");
    this.#putEdition = database.prepare("INSERT INTO edition (isbn, book) VALUES (?, ?)");
    this.#dropEditions = database.prepare("DELETE FROM edition WHERE book = ?");
  }

  find(bookId: string): Book | undefined {
    return read(this.#byId.get(bookId));
  }

  findByIsbn(isbn: string): Book | undefined {
    return read(this.#byIsbn.get(isbn));
  }

  all(): readonly Book[] {
    return this.#all.all().flatMap((row) => read(row) ?? []);
  }

  /** Adds or replaces a book. @returns it as stored, with its revision. */
  put(book: Book): Book {
    const stored = { ...book, revision: revisionOf(book) };
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#putBook.run(book.bookId, Book.encode(stored).finish());
      this.#dropEditions.run(book.bookId);
      for (const { isbn } of book.editions) this.#putEdition.run(isbn, book.bookId);
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
    return stored;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function read(row: Readonly<Record<string, unknown>> | undefined): Book | undefined {
  const bytes = row?.["message"];
  return bytes instanceof Uint8Array ? Book.decode(bytes) : undefined;
}

/** A hash of the contents, never 0: that means "do not check". */
function revisionOf(book: Book): bigint {
  const bytes = Book.encode({ ...book, revision: 0n, updateTime: undefined }).finish();
  return createHash("sha256").update(bytes).digest().readBigUInt64LE() || 1n;
}
