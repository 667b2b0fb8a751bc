import type * as v1 from "@bookstore/recommendations-v1";
import { EventType } from "@bookstore/recommendations-v1";
import { implementRecommendations } from "@bookstore/recommendations-v1/server";
import { type PartialMessage, RpcError } from "@bookstore/rpc";
import type { ServiceImplementation } from "@bookstore/rpc/server";
import { findBook } from "../../examples/server/src/books.ts";
import { type Activity, findFault, type History } from "../../examples/server/src/history.ts";
import { readLimit } from "../../examples/server/src/limit.ts";
import { toMoney } from "../../examples/server/src/money.ts";
import { ANYTHING, rank, type Suggestion } from "../../examples/server/src/ranking.ts";

/** bookstore.recommendations.v1 without a bridge, as the example server had it: what the bridged one must be like. */
export function serveV1(history: History): ServiceImplementation {
  return implementRecommendations({
    recommend({ userId, sessionId, limit, genres, language }) {
      if (userId === "" && sessionId === "") throw invalid("user_id or session_id must be set");
      const readerId = userId === "" ? undefined : userId;
      const found = rank(history, { ...ANYTHING, readerId, categories: genres, language });
      // This version promises an answer that is never empty.
      const filled = found.length > 0 ? found : rank(history, ANYTHING);
      return { items: filled.slice(0, readLimit(limit)).map(toItem), generatedAt: new Date().toISOString() };
    },

    recommendSimilar({ bookId, userId, limit }) {
      const similarTo = findBook(bookId);
      if (similarTo === undefined) throw new RpcError("NOT_FOUND", `there is no book "${bookId}"`);
      const readerId = userId === "" ? undefined : userId;
      return {
        items: rank(history, { ...ANYTHING, readerId, similarTo })
          .slice(0, readLimit(limit))
          .map(toItem),
      };
    },

    *streamRecommendations({ userId, limit }) {
      if (userId === "") throw invalid("user_id must be set");
      const found = rank(history, { ...ANYTHING, readerId: userId });
      for (const suggestion of found.slice(0, limit === 0 ? 50 : limit)) yield { item: toItem(suggestion) };
    },

    recordEvent(request) {
      const time = request.occurredAt === "" ? new Date() : new Date(request.occurredAt);
      if (Number.isNaN(time.getTime())) throw invalid(`occurred_at is no RFC 3339 time: ${request.occurredAt}`);
      const { userId: readerId, bookId } = request;
      const event = { id: undefined, readerId, bookId, time, activity: toActivity(request) };
      const fault = findFault(event);
      if (fault !== undefined) throw invalid(fault.detail);
      history.record(event);
      return {};
    },

    explainScore({ userId, bookId }) {
      const scored = rank(history, { ...ANYTHING, readerId: userId }).find(({ book }) => book.id === bookId);
      if (scored === undefined) throw new RpcError("NOT_FOUND", `"${bookId}" was not scored for "${userId}"`);
      const featureWeights = Object.fromEntries(
        [...scored.weights].map(([reason, weight]) => [toWord(reason), weight]),
      );
      return { featureWeights, raw: { pages: scored.book.pages, sold: scored.book.sold } };
    },
  });
}

function toItem({ book, relevance, reason }: Suggestion): PartialMessage<v1.Recommendation> {
  return { bookId: book.id, title: book.title, score: relevance, reason: toWord(reason), price: toMoney(book.cents) };
}

/** This version has its reasons as words with underscores. */
function toWord(reason: Suggestion["reason"]): string {
  return reason.replace("-", "_");
}

function toActivity({ type, dwellSeconds, quantity, stars }: v1.RecordEventRequest): Activity {
  switch (type) {
    case EventType.VIEWED:
      return { kind: "viewed", seconds: dwellSeconds === 0 ? undefined : dwellSeconds };
    case EventType.PURCHASED:
      return { kind: "purchased", quantity: quantity === 0 ? 1 : quantity };
    case EventType.RATED:
      return { kind: "rated", stars };
    case EventType.LIKED:
      return { kind: "rated", stars: 4 };
    case EventType.DISMISSED:
      return { kind: "dismissed" };
    default:
      throw invalid(`type ${type} is not known`);
  }
}

function invalid(detail: string): RpcError {
  return new RpcError("INVALID_ARGUMENT", detail);
}
