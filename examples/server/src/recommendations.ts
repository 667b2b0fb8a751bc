import type * as v2 from "@bookstore/recommendations-v2";
import { implementRecommendations } from "@bookstore/recommendations-v2/server";
import { RpcError } from "@bookstore/rpc";
import type { ServiceImplementation } from "@bookstore/rpc/server";
import { findBook } from "./books.ts";
import type { History } from "./history.ts";
import { readLimit } from "./limit.ts";
import { rank } from "./ranking.ts";
import { toEvent } from "./recommendations-events.ts";
import { toRecommendation, toWanted } from "./recommendations-messages.ts";
import { refine } from "./refinement.ts";
import { watch } from "./watch.ts";

const MOST_EVENTS = 100_000;
const MOST_REJECTIONS = 1_000;
const SHORTEST_INTERVAL_MS = 1_000;

/** bookstore.recommendations.v2, by which v1 is served too. */
export function serveRecommendations(history: History): ServiceImplementation {
  return implementRecommendations({
    recommend({ audience, filter, similarToBookId, limit }) {
      const similarTo = similarToBookId === undefined ? undefined : findBook(similarToBookId);
      if (similarToBookId !== undefined && similarTo === undefined) {
        throw new RpcError("NOT_FOUND", `there is no book "${similarToBookId}"`);
      }
      const found = rank(history, { ...toWanted(audience, filter), similarTo });
      return { recommendations: found.slice(0, readLimit(limit)).map(toRecommendation), generateTime: new Date() };
    },

    streamRecommendations({ audience, filter, minInterval }, context) {
      const asked = minInterval === undefined ? 0 : Number(minInterval.seconds) * 1000 + minInterval.nanos / 1e6;
      const interval = Math.max(SHORTEST_INTERVAL_MS, asked);
      return watch(history, toWanted(audience, filter), interval, context);
    },

    async recordEvents(requests) {
      let accepted = 0;
      let duplicates = 0;
      let position = 0;
      const rejections: Record<number, v2.RecordEventsResponse_Rejection> = {};
      for await (const { event } of requests) {
        if (position === MOST_EVENTS) {
          throw new RpcError("RESOURCE_EXHAUSTED", `more than ${MOST_EVENTS} events in one stream`);
        }
        const read = toEvent(event);
        if ("rejection" in read) {
          if (Object.keys(rejections).length < MOST_REJECTIONS) rejections[position] = read.rejection;
        } else if (history.record(read.event)) accepted++;
        else duplicates++;
        position++;
      }
      return { acceptedCount: accepted, duplicateCount: duplicates, rejections };
    },

    refine: (requests) => refine(history, requests),
  });
}
