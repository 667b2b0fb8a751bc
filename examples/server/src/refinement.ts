import type * as v2 from "@bookstore/recommendations-v2";
import { RefineRequest_Feedback_Sentiment as Sentiment } from "@bookstore/recommendations-v2";
import { type PartialMessage, RpcError } from "@bookstore/rpc";
import type { Book } from "./books.ts";
import type { History } from "./history.ts";
import { rank, type Suggestion, type Wanted } from "./ranking.ts";
import { toRecommendation, toWanted } from "./recommendations-messages.ts";

const SILENCE_MS = 10 * 60 * 1000;
const SHORTLIST = 3;
const LONGEST_WISH = 500;

/** What the reader let us know in one dialogue. */
interface Taste {
  readonly wanted: Wanted;
  readonly offered: Map<string, Book>;
  /** Added to the relevance, by category. */
  readonly leaning: Map<string, number>;
  readonly known: Set<string>;
  shorter: boolean;
}

type Answer = PartialMessage<v2.RefineResponse>;

/** The dialogue of one reader: every step is answered by a new shortlist. */
export async function* refine(
  history: History,
  requests: AsyncIterable<v2.RefineRequest>,
): AsyncGenerator<Answer, void, undefined> {
  let taste: Taste | undefined;
  for await (const { step } of withinSilence(requests, SILENCE_MS)) {
    if (step === undefined) throw new RpcError("INVALID_ARGUMENT", "step must be set");
    if ((step.$case === "start") !== (taste === undefined)) {
      throw new RpcError("FAILED_PRECONDITION", `${step.$case} cannot come ${taste === undefined ? "first" : "later"}`);
    }
    taste = taste === undefined ? begin(step) : learn(taste, step);
    yield offer(history, taste);
  }
}

type Step = NonNullable<v2.RefineRequest["step"]>;

function begin(step: Step): Taste {
  const { audience, filter } = step.$case === "start" ? step.value : { audience: undefined, filter: undefined };
  const wanted = toWanted(audience, filter);
  return { wanted, offered: new Map(), leaning: new Map(), known: new Set(), shorter: false };
}

function learn(taste: Taste, step: Step): Taste {
  if (step.$case === "feedback") react(taste, step.value);
  if (step.$case === "wish") wish(taste, step.value);
  return taste;
}

function react({ offered, leaning, known }: Taste, { bookId, sentiment }: v2.RefineRequest_Feedback): void {
  const book = offered.get(bookId);
  if (book === undefined) throw new RpcError("INVALID_ARGUMENT", `"${bookId}" was not offered`);
  const lean = (by: number): void => void leaning.set(book.category, (leaning.get(book.category) ?? 0) + by);
  if (sentiment === Sentiment.MORE_LIKE_THIS) lean(0.5);
  if (sentiment === Sentiment.LESS_LIKE_THIS) lean(-0.5);
  if (sentiment === Sentiment.ALREADY_READ) known.add(bookId);
}

function wish(taste: Taste, text: string): void {
  if (text.length > LONGEST_WISH) {
    throw new RpcError("INVALID_ARGUMENT", `a wish has at most ${LONGEST_WISH} characters`);
  }
  if (/short|quick|thin/i.test(text)) taste.shorter = true;
  for (const word of text.toLowerCase().match(/[a-z-]+/g) ?? []) {
    taste.leaning.set(word, (taste.leaning.get(word) ?? 0) + 0.5);
  }
}

function offer(history: History, { wanted, offered, leaning, known, shorter }: Taste): Answer {
  const score = ({ book, relevance }: Suggestion): number =>
    relevance + (leaning.get(book.category) ?? 0) - (shorter ? book.pages / 500 : 0);
  const shortlist = rank(history, wanted)
    .filter(({ book }) => !known.has(book.id))
    .sort((a, b) => score(b) - score(a))
    .slice(0, SHORTLIST);
  for (const { book } of shortlist) offered.set(book.id, book);
  const [one, other] = new Set(shortlist.map(({ book }) => book.category));
  const question = one === undefined || other === undefined ? undefined : `Rather ${one} or ${other}?`;
  return { shortlist: shortlist.map(toRecommendation), question };
}

/**
 * The same items, but the call ends with DEADLINE_EXCEEDED when the next one takes longer than `milliseconds`: a client
 * that is gone without a word must not keep a dialogue open for ever.
 */
async function* withinSilence<T>(items: AsyncIterable<T>, milliseconds: number): AsyncGenerator<T, void> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    while (true) {
      const step = await withTimeout(iterator.next(), milliseconds);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    // Not awaited: an iterator that still waits for its next item would only answer after that.
    iterator.return?.().catch(() => {});
  }
}

function withTimeout<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new RpcError("DEADLINE_EXCEEDED", `nothing was said for ${milliseconds / 1000} seconds`));
    }, milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
