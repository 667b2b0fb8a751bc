import { BOOKS, type Book } from "./books.ts";
import type { History } from "./history.ts";

export type Reason = "bought-together" | "same-author" | "same-series" | "bestseller" | "staff-pick";

export interface Suggestion {
  readonly book: Book;
  /** From 0 to 1. */
  readonly relevance: number;
  readonly reason: Reason;
  /** The book that led to this one. */
  readonly because: Book | undefined;
  /** What the relevance is made of, before it was brought between 0 and 1. */
  readonly weights: ReadonlyMap<Reason, number>;
}

/** Whose taste counts, and which books may appear. */
export interface Wanted {
  /** Undefined: somebody who has not signed in. */
  readonly readerId: string | undefined;
  /** Empty: all. */
  readonly categories: readonly string[];
  readonly language: string | undefined;
  readonly maxCents: number | undefined;
  readonly includeOwned: boolean;
  /** Count only what this book leads to. */
  readonly similarTo: Book | undefined;
}

export const ANYTHING: Wanted = {
  readerId: undefined,
  categories: [],
  language: undefined,
  maxCents: undefined,
  includeOwned: false,
  similarTo: undefined,
};

const MOST_SOLD = Math.max(...BOOKS.map((book) => book.sold));

/** The one ranking behind every version of the API. Best first. */
export function rank(history: History, wanted: Wanted): readonly Suggestion[] {
  const { readerId, similarTo } = wanted;
  const owned = readerId === undefined ? new Set<string>() : history.purchased(readerId);
  const dismissed = readerId === undefined ? new Set<string>() : history.dismissed(readerId);
  const liked = readerId === undefined ? new Set<string>() : history.liked(readerId);
  const seeds = similarTo === undefined ? BOOKS.filter((book) => liked.has(book.id)) : [similarTo];
  return BOOKS.filter((book) => book !== similarTo && matches(book, wanted))
    .filter((book) => !dismissed.has(book.id) && (wanted.includeOwned || !owned.has(book.id)))
    .flatMap((book) => weigh(book, seeds, history, similarTo === undefined) ?? [])
    .sort((a, b) => b.relevance - a.relevance || b.book.sold - a.book.sold);
}

function matches(book: Book, { categories, language, maxCents }: Wanted): boolean {
  if (categories.length > 0 && !categories.includes(book.category)) return false;
  if (language !== undefined && book.language !== language) return false;
  return maxCents === undefined || (book.cents !== undefined && book.cents <= maxCents);
}

/** @param popular whether sales and staff count as reasons. @returns undefined when nothing speaks for the book. */
function weigh(book: Book, seeds: readonly Book[], history: History, popular: boolean): Suggestion | undefined {
  const weights = new Map<Reason, number>();
  let best: { readonly reason: Reason; readonly because: Book | undefined; readonly weight: number } | undefined;
  const add = (reason: Reason, weight: number, because?: Book): void => {
    if (weight === 0) return;
    weights.set(reason, Math.max(weight, weights.get(reason) ?? 0));
    if (best === undefined || weight > best.weight) best = { reason, because, weight };
  };
  if (popular) {
    add("bestseller", (0.4 * book.sold) / MOST_SOLD);
    if (book.staffPick === true) add("staff-pick", 0.3);
  }
  for (const seed of seeds) {
    if (seed === book) continue;
    const follows = seed.series?.name === book.series?.name && book.series?.volume === (seed.series?.volume ?? 0) + 1;
    if (follows) add("same-series", 0.6, seed);
    if (seed.author === book.author) add("same-author", 0.45, seed);
    add("bought-together", 0.5 * history.boughtTogether(seed.id, book.id), seed);
  }
  if (best === undefined) return undefined;
  const sum = [...weights.values()].reduce((total, weight) => total + weight, 0);
  const { reason, because } = best;
  // Calibrated: many reasons come close to 1 and never reach it.
  const relevance = Math.round((1 - Math.exp(-sum)) * 1000) / 1000;
  return { book, relevance, reason, because, weights };
}
