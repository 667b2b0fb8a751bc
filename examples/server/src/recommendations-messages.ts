import type * as v2 from "@bookstore/recommendations-v2";
import { Recommendation_Reason as ReasonCode } from "@bookstore/recommendations-v2";
import { type PartialMessage, RpcError } from "@bookstore/rpc";
import { toCents, toMoney } from "./money.ts";
import { ANYTHING, type Reason, type Suggestion, type Wanted } from "./ranking.ts";

/** Whom and what a request asks for. @throws RpcError when it says nobody. */
export function toWanted(audience: v2.RecommendRequest["audience"], filter: v2.Filter | undefined): Wanted {
  if (audience === undefined) throw new RpcError("INVALID_ARGUMENT", "audience must be set");
  return {
    ...ANYTHING,
    readerId: audience.$case === "readerId" ? audience.value : undefined,
    categories: filter?.categoryIds ?? [],
    language: filter?.language,
    maxCents: filter?.maxPrice === undefined ? undefined : toCents(filter.maxPrice),
    includeOwned: filter?.includeOwned ?? false,
  };
}

const CODES: Readonly<Record<Reason, ReasonCode>> = {
  "bought-together": ReasonCode.BOUGHT_TOGETHER,
  "same-author": ReasonCode.SAME_AUTHOR,
  "same-series": ReasonCode.SAME_SERIES,
  bestseller: ReasonCode.BESTSELLER,
  "staff-pick": ReasonCode.STAFF_PICK,
};

/** Sentences for the reader; `{}` stands for the title of the book that led to the suggestion. */
const EXPLANATIONS: Readonly<Record<Reason, { readonly en: string; readonly de: string }>> = {
  "bought-together": { en: "Readers of {} bought this too", de: "Wer {} gekauft hat, kaufte auch dies" },
  "same-author": { en: "By the author of {}", de: "Aus derselben Feder wie {}" },
  "same-series": { en: "Comes after {}", de: "Folgt auf {}" },
  bestseller: { en: "Many readers buy it", de: "Wird viel gekauft" },
  "staff-pick": { en: "Our booksellers like it", de: "Empfohlen von unserem Team" },
};

export function toRecommendation({ book, relevance, reason, because }: Suggestion): PartialMessage<v2.Recommendation> {
  const { en, de } = EXPLANATIONS[reason];
  const fill = (text: string): string => text.replace("{}", because?.title ?? "");
  return {
    bookId: book.id,
    title: book.title,
    relevance,
    reason: CODES[reason],
    becauseOfBookId: because?.id,
    explanation: { translations: { en: fill(en), de: fill(de) }, defaultLanguage: "en" },
    price: toMoney(book.cents),
  };
}
