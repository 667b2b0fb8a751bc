import type * as v2 from "@bookstore/recommendations-v2";
import { type Activity, type Fault, findFault, type ReaderEvent } from "./history.ts";

type Read = { readonly event: ReaderEvent } | { readonly rejection: v2.RecordEventsResponse_Rejection };

const PATHS: Readonly<Record<Fault["field"], string>> = {
  readerId: "event.reader_id",
  bookId: "event.book_id",
  stars: "event.rated.stars",
};

/** An event of the wire in the store's own words, or what is wrong with it. */
export function toEvent(message: v2.ReaderEvent | undefined): Read {
  const eventId = message?.eventId ?? "";
  const reject = (fieldPath: string, detail: string): Read => ({ rejection: { eventId, fieldPath, detail } });
  if (message === undefined) return reject("event", "the event is missing");
  if (eventId === "") return reject("event.event_id", "the identifier is missing");
  if (message.activity === undefined) return reject("event.activity", "what was done is missing");
  const { readerId, bookId, occurTime } = message;
  const activity = toActivity(message.activity);
  const event = { id: eventId, readerId, bookId, time: occurTime ?? new Date(), activity };
  const fault = findFault(event);
  return fault === undefined ? { event } : reject(PATHS[fault.field], fault.detail);
}

function toActivity(activity: NonNullable<v2.ReaderEvent["activity"]>): Activity {
  switch (activity.$case) {
    case "viewed": {
      const { dwellTime } = activity.value;
      return { kind: "viewed", seconds: dwellTime === undefined ? undefined : Number(dwellTime.seconds) };
    }
    case "purchased":
      return { kind: "purchased", quantity: activity.value.quantity === 0 ? 1 : activity.value.quantity };
    case "rated":
      return { kind: "rated", stars: activity.value.stars };
    case "dismissed":
      return { kind: "dismissed" };
  }
}
