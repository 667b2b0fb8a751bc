// One way to serve recommendations v1, for bridge-calls.ts: VARIANT is `native`, handlers of v1, or `bridged`, those of v2
// behind a bridge that holds `recommend`. Sends its address, and on each message of its parent what CPU time it has
// taken, in microseconds.
// node bridging-variant.ts VARIANT
import type * as v1 from "../packages/recommendations-v1/dist/index.js";
import * as v1Server from "../packages/recommendations-v1/dist/server.js";
import * as v2 from "../packages/recommendations-v2/dist/index.js";
import * as v2Server from "../packages/recommendations-v2/dist/server.js";
import { type Bridge, bridgeServer } from "../packages/rpc/dist/bridge.js";
import { serve } from "../packages/rpc-server/dist/index.js";

const [variant = "native"] = process.argv.slice(2);
const { Recommendation_Reason: Reason } = v2;
const reasons = ["", "bought_together", "same_author", "same_series", "bestseller", "staff_pick"];

const requestToV2 = ({ userId, sessionId, limit, genres, language }: v1.RecommendRequest): v2.RecommendRequest => ({
  audience:
    userId !== "" || sessionId === "" ? { $case: "readerId", value: userId } : { $case: "sessionId", value: sessionId },
  limit,
  filter:
    genres.length > 0 || language !== undefined
      ? { categoryIds: genres, language, maxPrice: undefined, includeOwned: false }
      : undefined,
  similarToBookId: undefined,
});

const itemToV1 = ({ bookId, title, relevance, reason, price }: v2.Recommendation): v1.Recommendation => ({
  bookId,
  title,
  score: relevance,
  reason: reasons[reason] ?? "",
  price,
});

const responseToV1 = ({ recommendations, generateTime }: v2.RecommendResponse): v1.RecommendResponse => ({
  items: recommendations.map(itemToV1),
  generatedAt: generateTime?.toISOString() ?? "",
});

const common = { handwritten: {}, definition: v1Server.RecommendationsServiceDefinition } as const;
const old: Bridge["old"] = {
  ...common,
  other: v2Server.RecommendationsServiceDefinition,
  implement: v1Server.implementRecommendations,
  routes: { recommend: { to: "recommend", request: requestToV2, response: responseToV1, fieldOf: () => undefined } },
};

const title = "The Left Hand of Darkness";
const answer = <T>(limit: number, book: T): T[] => Array.from({ length: Math.min(limit, 3) }, () => book);
const native = v1Server.implementRecommendations({
  recommend: ({ limit }) => ({
    items: answer(limit, { bookId: "left-hand", title, score: 0.5, reason: "same_author" }),
    generatedAt: new Date().toISOString(),
  }),
});
const now = v2Server.implementRecommendations({
  recommend: ({ limit }) => ({
    recommendations: answer(limit, { bookId: "left-hand", title, relevance: 0.5, reason: Reason.SAME_AUTHOR }),
    generateTime: new Date(),
  }),
});

const service = variant === "native" ? native : bridgeServer(now, { old, now: old });
const { address } = await serve({ address: "127.0.0.1:0", services: [service] });
process.send?.(address);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on("disconnect", () => process.exit());
