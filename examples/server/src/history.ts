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

/** All that readers did. It lives as long as the process. */
export class History {
  readonly #events: ReaderEvent[] = [];
  readonly #ids = new Set<string>();
  readonly #listeners = new Set<() => void>();

  /** @returns false for an event that was stored before. */
  record(event: ReaderEvent): boolean {
    if (event.id !== undefined && this.#ids.has(event.id)) return false;
    if (event.id !== undefined) this.#ids.add(event.id);
    this.#events.push(event);
    for (const listener of [...this.#listeners]) listener();
    return true;
  }

  /** Calls back after each new event, until the returned function is called. */
  onRecord(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  purchased(readerId: string): ReadonlySet<string> {
    return this.#books(readerId, ({ kind }) => kind === "purchased");
  }

  /** Bought, or given at least four stars. */
  liked(readerId: string): ReadonlySet<string> {
    return this.#books(readerId, (it) => it.kind === "purchased" || (it.kind === "rated" && it.stars >= 4));
  }

  dismissed(readerId: string): ReadonlySet<string> {
    return this.#books(readerId, ({ kind }) => kind === "dismissed");
  }

  /** How many of those who bought `bookId` bought `otherId` too, from 0 to 1. */
  boughtTogether(bookId: string, otherId: string): number {
    const buyers = this.#buyers(bookId);
    const both = [...this.#buyers(otherId)].filter((reader) => buyers.has(reader));
    return buyers.size === 0 ? 0 : both.length / buyers.size;
  }

  #books(readerId: string, wanted: (activity: Activity) => boolean): ReadonlySet<string> {
    const events = this.#events.filter((event) => event.readerId === readerId && wanted(event.activity));
    return new Set(events.map((event) => event.bookId));
  }

  #buyers(bookId: string): ReadonlySet<string> {
    const events = this.#events.filter((event) => event.bookId === bookId && event.activity.kind === "purchased");
    return new Set(events.map((event) => event.readerId));
  }
}

/** What was bought before the server started: enough for every kind of reason to occur. */
export function sampleHistory(): History {
  const history = new History();
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
