import { DatabaseSync, type StatementSync } from "node:sqlite";
import { findBook } from "./books.ts";

/** What a reader did to a book, in the store's own words: each version of the API translates into them. */
export type Activity =
  | { readonly kind: "viewed"; readonly seconds: number | undefined }
  | { readonly kind: "purchased"; readonly quantity: number }
  | { readonly kind: "rated"; readonly stars: number }
  | { readonly kind: "dismissed" };

export interface ReaderEvent {
  /** Picked by the caller; a repeat is not counted. Undefined: version 1 had none, so each event counts. */
  readonly id: string | undefined;
  readonly readerId: string;
  readonly bookId: string;
  readonly time: Date;
  readonly activity: Activity;
}

/** A field of an event that cannot be taken, by its name here, and why. */
export interface Fault {
  readonly field: "readerId" | "bookId" | "stars";
  readonly detail: string;
}

/** Why an event cannot be stored; undefined when it can. */
export function findFault({ readerId, bookId, activity }: ReaderEvent): Fault | undefined {
  if (readerId === "") return { field: "readerId", detail: "the reader is missing" };
  if (findBook(bookId) === undefined) return { field: "bookId", detail: `there is no book "${bookId}"` };
  if (activity.kind === "rated" && !(activity.stars >= 1 && activity.stars <= 5)) {
    return { field: "stars", detail: `${activity.stars} stars are not between 1 and 5` };
  }
  return undefined;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS event (
  position INTEGER PRIMARY KEY,
  id TEXT UNIQUE,
  reader TEXT NOT NULL,
  book TEXT NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  amount REAL
) STRICT;
CREATE INDEX IF NOT EXISTS event_by_reader ON event (reader, kind);
CREATE INDEX IF NOT EXISTS event_by_book ON event (book, kind);`;

/** All that readers did, in SQLite. */
export class History implements Disposable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #booksOf: StatementSync;
  readonly #likedBy: StatementSync;
  readonly #buyers: StatementSync;
  readonly #shared: StatementSync;
  readonly #listeners = new Set<() => void>();

  /** @param path of the file; `:memory:` for as long as the process lives. */
  constructor(path = ":memory:") {
    const database = new DatabaseSync(path);
    // A reader is not held up by a writer; what was answered is on the disk, but for a machine that loses power.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;");
    database.exec(SCHEMA);
    this.#database = database;
    this.#insert = database.prepare(
      "INSERT OR IGNORE INTO event (id, reader, book, time, kind, amount) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#booksOf = database.prepare("SELECT DISTINCT book FROM event WHERE reader = ? AND kind = ?");
    this.#likedBy = database.prepare(
      "SELECT DISTINCT book FROM event WHERE reader = ? AND (kind = 'purchased' OR (kind = 'rated' AND amount >= 4))",
    );
    this.#buyers = database.prepare(
      "SELECT count(DISTINCT reader) AS count FROM event WHERE book = ? AND kind = 'purchased'",
    );
    this.#shared = database.prepare(
      `SELECT count(DISTINCT one.reader) AS count FROM event one JOIN event other USING (reader, kind)
       WHERE one.book = ? AND other.book = ? AND kind = 'purchased'`,
    );
  }

  /** @returns false for an event that was stored before. */
  record({ id, readerId, bookId, time, activity }: ReaderEvent): boolean {
    const { changes } = this.#insert.run(
      id ?? null,
      readerId,
      bookId,
      time.getTime(),
      activity.kind,
      amountOf(activity) ?? null,
    );
    if (changes === 0) return false;
    for (const listener of [...this.#listeners]) listener();
    return true;
  }

  /** Calls back after each new event, until the returned function is called. */
  onRecord(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  purchased(readerId: string): ReadonlySet<string> {
    return booksIn(this.#booksOf.all(readerId, "purchased"));
  }

  /** Bought, or given at least four stars. */
  liked(readerId: string): ReadonlySet<string> {
    return booksIn(this.#likedBy.all(readerId));
  }

  dismissed(readerId: string): ReadonlySet<string> {
    return booksIn(this.#booksOf.all(readerId, "dismissed"));
  }

  /** How many of those who bought `bookId` bought `otherId` too, from 0 to 1. */
  boughtTogether(bookId: string, otherId: string): number {
    const buyers = Number(this.#buyers.get(bookId)?.["count"]);
    return buyers === 0 ? 0 : Number(this.#shared.get(bookId, otherId)?.["count"]) / buyers;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function amountOf(activity: Activity): number | undefined {
  switch (activity.kind) {
    case "viewed":
      return activity.seconds;
    case "purchased":
      return activity.quantity;
    case "rated":
      return activity.stars;
    case "dismissed":
      return undefined;
  }
}

function booksIn(rows: readonly Readonly<Record<string, unknown>>[]): ReadonlySet<string> {
  return new Set(rows.map(({ book }) => String(book)));
}

/** With what was bought before the server started: enough for every kind of reason to occur. */
export function sampleHistory(path?: string): History {
  const history = new History(path);
  const purchases = {
    "reader-7": ["earthsea-1", "hound"],
    "reader-8": ["hound", "moonstone", "frankenstein"],
    "reader-9": ["earthsea-1", "momo"],
  };
  for (const [readerId, books] of Object.entries(purchases)) {
    for (const bookId of books) {
      const activity = { kind: "purchased", quantity: 1 } as const;
      history.record({ id: `${readerId}/${bookId}`, readerId, bookId, time: new Date(0), activity });
    }
  }
  return history;
}
