import assert from "node:assert/strict";
import { test } from "node:test";
import * as v1 from "../packages/recommendations-v1/dist/index.js";
import * as v1Server from "../packages/recommendations-v1/dist/server.js";
import * as v2 from "../packages/recommendations-v2/dist/index.js";
import * as v2Server from "../packages/recommendations-v2/dist/server.js";
import { type Bridge, bridgeClient, bridgeServer, connectInProcess } from "../packages/rpc/dist/bridge.js";
import { RpcError } from "../packages/rpc/dist/index.js";
import { serve } from "../packages/rpc-server/dist/index.js";
import { caught } from "./rpc-fixture.ts";

const { SAME_AUTHOR, UNSPECIFIED } = v2.Recommendation_Reason;

const bridge: Bridge = {
  old: {
    definition: v1Server.RecommendationsServiceDefinition,
    other: v2Server.RecommendationsServiceDefinition,
    implement: v1Server.implementRecommendations,
    routes: {
      recommend: {
        to: "recommend",
        request: ({ userId, limit }: v1.RecommendRequest) =>
          v2.RecommendRequest.fromPartial({ audience: { $case: "readerId", value: userId }, limit }),
        response: ({ recommendations, generateTime }: v2.RecommendResponse) => ({
          items: recommendations.map(({ relevance, reason, ...same }) => ({
            ...same,
            score: relevance,
            reason: reason === SAME_AUTHOR ? "same_author" : "",
          })),
          generatedAt: generateTime?.toISOString() ?? "",
        }),
        fieldOf: (path) => ({ reader_id: "user_id", limit: "limit" })[path],
      },
    },
    handwritten: {},
  },
  now: {
    definition: v2Server.RecommendationsServiceDefinition,
    other: v1Server.RecommendationsServiceDefinition,
    implement: v2Server.implementRecommendations,
    routes: {
      recommend: {
        to: "recommend",
        request: ({ audience, limit }: v2.RecommendRequest) =>
          v1.RecommendRequest.fromPartial({ userId: audience?.value ?? "", limit }),
        response: ({ items, generatedAt }: v1.RecommendResponse) =>
          v2.RecommendResponse.fromPartial({
            recommendations: items.map(({ score, reason, ...same }) => ({
              ...same,
              relevance: score,
              reason: reason === "same_author" ? SAME_AUTHOR : UNSPECIFIED,
            })),
            generateTime: new Date(generatedAt),
          }),
        fieldOf: (path) => ({ user_id: "reader_id", limit: "limit" })[path],
      },
    },
    handwritten: {},
  },
};

const moment = new Date("2026-11-24T10:00:00.000Z");
const server = v2Server.implementRecommendations({
  recommend({ audience, limit }) {
    if (audience?.$case !== "readerId" || limit > 100) {
      const fieldViolations = ["reader_id", "limit", "filter.max_price"].map((field) => ({ field }));
      throw new RpcError("INVALID_ARGUMENT", "no", {
        details: [{ type: "google.rpc.BadRequest", value: { fieldViolations } }],
      });
    }
    return {
      recommendations: [{ bookId: "b", title: audience.value, relevance: 0.5, reason: SAME_AUTHOR }],
      generateTime: moment,
    };
  },
});

test("generated clients of both versions call one server of v2: by a bridge, and by a bridge there and back", async () => {
  await using running = await serve({
    address: "127.0.0.1:0",
    services: [server, bridgeServer(server, bridge)],
    shutdown: { signals: [] },
  });
  await using old = v1.createRecommendationsClient(running.address);
  await using native = v2.createRecommendationsClient(running.address);
  await using moved = v2.createRecommendationsClient(connectInProcess(bridgeClient(old, bridge)));

  const { items, generatedAt } = await old.recommend({ userId: "ann", limit: 1 });
  assert.deepEqual(items, [{ bookId: "b", title: "ann", score: 0.5, reason: "same_author", price: undefined }]);
  assert.equal(generatedAt, moment.toISOString());
  const request = { audience: { $case: "readerId", value: "ann" }, limit: 1 } as const;
  assert.deepEqual(await moved.recommend(request), await native.recommend(request));

  const fieldsOf = async (call: Promise<unknown>): Promise<unknown> =>
    ((await caught(call)) as RpcError).detail("google.rpc.BadRequest")?.fieldViolations.map(({ field }) => field);
  const foreign = "bookstore.recommendations.v2.RecommendRequest.filter.max_price";
  assert.deepEqual(await fieldsOf(old.recommend({ limit: 101 })), ["user_id", "limit", foreign]);
  assert.deepEqual(await fieldsOf(native.recommend({ limit: 101 })), ["reader_id", "limit", "filter.max_price"]);
  assert.deepEqual(await fieldsOf(moved.recommend({ limit: 101 })), ["reader_id", "limit", "filter.max_price"]);
  assert.equal(((await caught(old.recommendSimilar({}))) as RpcError).codeName, "UNIMPLEMENTED");
});
