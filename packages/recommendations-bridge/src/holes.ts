// What only a person can say of bookstore.recommendations.v1 and v2. `charter bridge` lists what is missing; nothing
// writes to this file.
import { randomUUID } from "node:crypto";
import { EventType, type RecordEventRequest } from "@bookstore/recommendations-v1";
import { type ReaderEvent, Recommendation_Reason as Reason } from "@bookstore/recommendations-v2";
import { RpcError } from "@bookstore/rpc";
import {
  recommendationToV1,
  recommendRequestToV2,
  recommendResponseToV1,
  streamRecommendationsRequestToV2,
} from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";
import { durationOf, timeOf } from "./gen/values.ts";

const WORDS: readonly (readonly [word: string, reason: Reason])[] = [
  ["bought_together", Reason.BOUGHT_TOGETHER],
  ["same_author", Reason.SAME_AUTHOR],
  ["same_series", Reason.SAME_SERIES],
  ["bestseller", Reason.BESTSELLER],
  ["staff_pick", Reason.STAFF_PICK],
];

export const recommendationReasonToV2: open.RecommendationReasonToV2 = ({ reason }) =>
  WORDS.find(([word]) => word === reason)?.[1] ?? Reason.UNSPECIFIED;

export const recommendationReasonToV1: open.RecommendationReasonToV1 = ({ reason }) =>
  WORDS.find(([, each]) => each === reason)?.[0] ?? "";

/** v1 promises books: where a filter of v2 leaves none, it has what anybody would get. */
export const serveV1Recommend: open.ServeV1Recommend = async (request, context, v2) => {
  if (request.userId === "" && request.sessionId === "") {
    throw new RpcError("INVALID_ARGUMENT", "user_id or session_id must be set");
  }
  const found = await v2.recommend(recommendRequestToV2(request), context);
  if (found.recommendations.length > 0) return recommendResponseToV1(found);
  const audience = { $case: "sessionId", value: randomUUID() } as const;
  return recommendResponseToV1(await v2.recommend({ audience, limit: request.limit }, context));
};

/** v1 ends after some books, v2 goes on: its first answer has the whole list, and leaving the loop ends the call. */
export const serveV1StreamRecommendations: open.ServeV1StreamRecommendations = async function* (request, context, v2) {
  if (request.userId === "") throw new RpcError("INVALID_ARGUMENT", "user_id must be set");
  const limit = request.limit === 0 ? 50 : request.limit;
  for await (const { upserted } of v2.streamRecommendations(streamRecommendationsRequestToV2(request), context)) {
    for (const each of upserted.slice(0, limit)) yield { item: recommendationToV1(each) };
    return;
  }
};

/** A method of its own in v1 is a field of Recommend in v2. */
export const serveV1RecommendSimilar: open.ServeV1RecommendSimilar = async ({ bookId, userId, limit }, context, v2) => {
  const audience =
    userId === ""
      ? ({ $case: "sessionId", value: randomUUID() } as const)
      : ({ $case: "readerId", value: userId } as const);
  const { recommendations } = await v2.recommend({ audience, limit, similarToBookId: bookId }, context);
  return { items: recommendations.map((each) => recommendationToV1(each)) };
};

/** v2 stores an event once for its identifier, and v1 has none: each call is a new event. */
export const serveV1RecordEvent: open.ServeV1RecordEvent = async (request, context, v2) => {
  const { userId: readerId, bookId, occurredAt, properties } = request;
  const occurTime = occurredAt === "" ? undefined : timeOf(occurredAt);
  if (occurredAt !== "" && occurTime === undefined) {
    throw new RpcError("INVALID_ARGUMENT", `occurred_at is no RFC 3339 time: ${occurredAt}`);
  }
  const event = { eventId: randomUUID(), readerId, bookId, occurTime, activity: activityOf(request), properties };
  const { rejections } = await v2.recordEvents([{ event }], context);
  const [rejection] = rejections instanceof Map ? rejections.values() : Object.values(rejections);
  if (rejection !== undefined) throw new RpcError("INVALID_ARGUMENT", rejection.detail);
  return {};
};

function activityOf({ type, dwellSeconds, quantity, stars }: RecordEventRequest): ReaderEvent["activity"] {
  switch (type) {
    case EventType.VIEWED: {
      const dwellTime = dwellSeconds === 0 ? undefined : durationOf(dwellSeconds, 1000);
      return { $case: "viewed", value: { dwellTime } };
    }
    case EventType.PURCHASED:
      return { $case: "purchased", value: { quantity: Math.max(quantity, 0) } };
    case EventType.RATED:
      return { $case: "rated", value: { stars } };
    case EventType.LIKED:
      return { $case: "rated", value: { stars: 4 } };
    case EventType.DISMISSED:
      return { $case: "dismissed", value: {} };
    default:
      throw new RpcError("INVALID_ARGUMENT", `type ${type} is not known`);
  }
}

/** One call of v1 for each event. v1 cannot tell which it has seen before: none is said to be a duplicate. */
export const serveV2RecordEvents: open.ServeV2RecordEvents = async (requests, context, v1) => {
  let accepted = 0n;
  let index = 0;
  const rejections: Record<number, { eventId: string; fieldPath: string; detail: string }> = {};
  for await (const { event } of requests) {
    try {
      await v1.recordEvent(requestOf(event), context);
      accepted++;
    } catch (error) {
      if (!RpcError.is(error) || error.codeName !== "INVALID_ARGUMENT") throw error;
      rejections[index] = { eventId: event?.eventId ?? "", fieldPath: "event", detail: error.rawMessage };
    }
    index++;
  }
  return { acceptedCount: accepted, duplicateCount: 0n, rejections };
};

function requestOf(event: ReaderEvent | undefined): Partial<RecordEventRequest> {
  const activity = event?.activity;
  return {
    userId: event?.readerId ?? "",
    bookId: event?.bookId ?? "",
    occurredAt: event?.occurTime?.toISOString() ?? "",
    properties: event?.properties,
    ...(activity?.$case === "viewed"
      ? { type: EventType.VIEWED, dwellSeconds: Number(activity.value.dwellTime?.seconds ?? 0n) }
      : activity?.$case === "purchased"
        ? { type: EventType.PURCHASED, quantity: activity.value.quantity }
        : activity?.$case === "rated"
          ? { type: EventType.RATED, stars: activity.value.stars }
          : activity?.$case === "dismissed"
            ? { type: EventType.DISMISSED }
            : {}),
  };
}
