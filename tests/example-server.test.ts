import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import * as v1 from "@bookstore/recommendations-v1";
import * as v2 from "@bookstore/recommendations-v2";
import { Code, createChannel, type PartialMessage, RpcError } from "@bookstore/rpc";
import { host } from "../examples/server/src/host.ts";
import type { RunningServer } from "../packages/rpc-server/dist/index.js";
import { REPOSITORY } from "./support/cli.ts";

let hosted: RunningServer;
let old: v1.RecommendationsClient;
let current: v2.RecommendationsClient;
before(async () => {
  hosted = await host();
  const channel = createChannel(hosted.address);
  old = v1.createRecommendationsClient(channel);
  current = v2.createRecommendationsClient(channel);
});
after(() => hosted.close(0));

/** Every test has its own reader, since they share one history. */
function reader(id: string): { readonly $case: "readerId"; readonly value: string } {
  return { $case: "readerId", value: id };
}

function purchase(readerId: string, bookId: string): v2.ReaderEvent {
  const activity = { $case: "purchased", value: { quantity: 1 } } as const;
  return v2.ReaderEvent.fromPartial({ eventId: `${readerId}/${bookId}`, readerId, bookId, activity });
}

async function refusal(call: Promise<unknown>): Promise<readonly [number, string]> {
  const error: unknown = await call.then(
    () => assert.fail("the call went through"),
    (reason: unknown) => reason,
  );
  assert.ok(RpcError.is(error), String(error));
  return [error.code, error.rawMessage];
}

describe("version 2 of the example server", () => {
  test("recommends what the reader's history leads to", async () => {
    const { recommendations, generateTime } = await current.recommend({ audience: reader("reader-7"), limit: 1 });
    const [best] = recommendations;
    assert.equal(recommendations.length, 1);
    assert.ok(generateTime instanceof Date);
    assert.equal(best?.title, "The Tombs of Atuan");
    assert.equal(best.reason, v2.Recommendation_Reason.SAME_SERIES);
    assert.equal(best.becauseOfBookId, "earthsea-1");
    assert.deepEqual(best.explanation?.translations["en"], "Comes after A Wizard of Earthsea");
    assert.equal(best.price?.units, 10n);
    assert.equal(best.price.nanos, 990_000_000);
  });

  test("keeps to the filter", async () => {
    const audience = { $case: "sessionId", value: "session-1" } as const;
    const filter = { categoryIds: ["crime"], language: "en", maxPrice: { currencyCode: "EUR", units: 8n } };
    const { recommendations } = await current.recommend({ audience, filter });
    assert.deepEqual(recommendations.map((each) => each.bookId).sort(), ["hound", "study-in-scarlet"]);
    const none = await current.recommend({ audience, filter: { language: "fr" } });
    assert.deepEqual(none.recommendations, []);
    const owned = await current.recommend({ audience: reader("reader-7"), filter: { includeOwned: true } });
    assert.ok(owned.recommendations.some((each) => each.bookId === "earthsea-1"));
  });

  test("answers for a book that it resembles", async () => {
    const request = { audience: reader("nobody"), similarToBookId: "hound" };
    const { recommendations } = await current.recommend(request);
    assert.deepEqual(recommendations.map((each) => each.bookId).sort(), [
      "earthsea-1",
      "frankenstein",
      "moonstone",
      "study-in-scarlet",
    ]);
    assert.ok(recommendations.every((each) => each.becauseOfBookId === "hound"));
  });

  test("says what is wrong with a request", async () => {
    const audience = reader("reader-7");
    assert.deepEqual(await refusal(current.recommend({})), [Code.INVALID_ARGUMENT, "audience must be set"]);
    assert.equal((await refusal(current.recommend({ audience, limit: 101 })))[0], Code.INVALID_ARGUMENT);
    assert.deepEqual(await refusal(current.recommend({ audience, similarToBookId: "no-book" })), [
      Code.NOT_FOUND,
      'there is no book "no-book"',
    ]);
  });

  test("streams the whole list, and then what a purchase changes in it", async () => {
    const seen: v2.StreamRecommendationsResponse[] = [];
    for await (const change of current.streamRecommendations({ audience: reader("streaming") })) {
      seen.push(change);
      if (seen.length === 2) break;
      await current.recordEvents([{ event: purchase("streaming", "earthsea-1") }]);
    }
    const [all, change] = seen;
    assert.equal(all?.upserted.length, 11);
    assert.deepEqual(all.removedBookIds, []);
    assert.deepEqual(change?.removedBookIds, ["earthsea-1"]);
    assert.ok(change.upserted.some((each) => each.reason === v2.Recommendation_Reason.SAME_SERIES));
    assert.ok(change.upserted.length < 10);
  });

  test("counts events once, and lists the faulty ones by their place", async () => {
    const event = purchase("recording", "hound");
    const rated = { $case: "rated", value: { stars: 9 } } as const;
    async function* requests() {
      yield { event };
      await delay(1);
      yield { event };
      yield {};
      yield { event: { eventId: "event-2", readerId: "recording", bookId: "momo", activity: rated } };
      yield { event: { ...event, eventId: "event-3", bookId: "no-book" } };
    }
    const { acceptedCount, duplicateCount, rejections } = await current.recordEvents(requests());
    assert.deepEqual([acceptedCount, duplicateCount], [1n, 1n]);
    const faults = Object.entries(rejections).map(([place, { eventId, fieldPath }]) => [place, eventId, fieldPath]);
    assert.deepEqual(faults, [
      ["2", "", "event"],
      ["3", "event-2", "event.rated.stars"],
      ["4", "event-3", "event.book_id"],
    ]);
  });

  test("narrows a choice down in a dialogue", async () => {
    let tell: (request: RefineRequest) => void = () => {};
    async function* steps() {
      yield { step: { $case: "start", value: { audience: reader("choosing") } } } as const;
      while (true) yield await new Promise<RefineRequest>((resolve) => (tell = resolve));
    }
    const shortlists: string[][] = [];
    for await (const { shortlist, question } of current.refine(steps())) {
      shortlists.push(shortlist.map((each) => each.bookId));
      if (shortlists.length === 1) {
        assert.match(question ?? "", /^Rather .+ or .+\?$/);
        const sentiment = v2.RefineRequest_Feedback_Sentiment.ALREADY_READ;
        tell({ step: { $case: "feedback", value: { bookId: shortlist[0]?.bookId ?? "", sentiment } } });
      } else if (shortlists.length === 2) tell({ step: { $case: "wish", value: "some crime, but shorter" } });
      else break;
    }
    const [first, second, third] = shortlists;
    assert.ok(!second?.includes(first?.[0] ?? ""));
    assert.equal(third?.[0], "study-in-scarlet");
  });

  test("refuses a dialogue that does not begin with its start", async () => {
    const dialogue = async (steps: readonly RefineRequest[]): Promise<void> => {
      for await (const _ of current.refine(steps));
    };
    const start: RefineRequest = { step: { $case: "start", value: { audience: reader("choosing") } } };
    const wish: RefineRequest = { step: { $case: "wish", value: "crime" } };
    assert.equal((await refusal(dialogue([wish])))[0], Code.FAILED_PRECONDITION);
    assert.equal((await refusal(dialogue([start, start])))[0], Code.FAILED_PRECONDITION);
    await dialogue([start, wish]);
  });
});

describe("the process of the example server", () => {
  const script = join(REPOSITORY, "examples", "server", "src", "main.ts");

  /** Started, with a connection that says nothing and a stream that stays open: neither may hold it up. */
  async function startBusy(): Promise<{ readonly child: ChildProcess; readonly free: () => void }> {
    const child = fork(script, [], { execArgv: [], stdio: ["ignore", "pipe", "inherit", "ipc"] });
    const [[message], [line]] = await Promise.all([once(child, "message"), once(child.stdout ?? child, "data")]);
    const { address } = message as { readonly address: string };
    assert.equal(String(line), `bookstore: catalog, orders and recommendations, v1 and v2, at ${address}\n`);
    const socket = connect(Number(new URL(address).port), "127.0.0.1").on("error", () => {});
    const client = v2.createRecommendationsClient(address);
    const stream = client.streamRecommendations({ audience: reader("reader-7") })[Symbol.asyncIterator]();
    await stream.next();
    stream.next().catch(() => {});
    const free = (): void => {
      socket.destroy();
      client.close();
    };
    return { child, free };
  }

  const endings: Readonly<Record<string, (child: ChildProcess) => void>> = {
    "it is told to": (child) => child.kill("SIGTERM"),
    "Ctrl-C is pressed": (child) => child.kill("SIGINT"),
    "its parent is gone": (child) => child.disconnect(),
  };
  for (const [when, end] of Object.entries(endings)) {
    test(`stops when ${when}`, async () => {
      const { child, free } = await startBusy();
      const exited = once(child, "exit");
      end(child);
      assert.deepEqual(await exited, [0, null]);
      free();
    });
  }
});

type RefineRequest = PartialMessage<v2.RefineRequest>;

describe("version 1 of the example server", () => {
  test("recommends from the same ranking", async () => {
    const { items, generatedAt } = await old.recommend({ userId: "reader-7", limit: 1 });
    assert.ok(!Number.isNaN(Date.parse(generatedAt)));
    assert.deepEqual(
      items.map(({ title, reason }) => [title, reason]),
      [["The Tombs of Atuan", "same_series"]],
    );
    const french = await old.recommend({ sessionId: "session-1", language: "fr" });
    assert.equal(french.items.length, 10);
    assert.equal((await refusal(old.recommend({})))[0], Code.INVALID_ARGUMENT);
  });

  test("finds similar books", async () => {
    const { items } = await old.recommendSimilar({ bookId: "hound", userId: "reader-8" });
    assert.deepEqual(items.map((each) => each.bookId).sort(), ["earthsea-1", "study-in-scarlet"]);
    assert.equal((await refusal(old.recommendSimilar({ bookId: "no-book" })))[0], Code.NOT_FOUND);
  });

  test("ends its stream after the limit", async () => {
    const books: (string | undefined)[] = [];
    for await (const { item } of old.streamRecommendations({ userId: "reader-7", limit: 3 })) books.push(item?.bookId);
    assert.equal(new Set(books).size, 3);
  });

  test("records an event that version 2 sees", async () => {
    const event = { userId: "moving", bookId: "momo", type: v1.EventType.DISMISSED, occurredAt: "" };
    await old.recordEvent(event);
    const { recommendations } = await current.recommend({ audience: reader("moving"), limit: 100 });
    assert.equal(recommendations.length, 10);
    assert.ok(recommendations.every((each) => each.bookId !== "momo"));
    for (const wrong of [{ type: v1.EventType.UNSPECIFIED }, { occurredAt: "yesterday" }, { bookId: "no-book" }]) {
      assert.equal((await refusal(old.recordEvent({ ...event, ...wrong })))[0], Code.INVALID_ARGUMENT);
    }
  });

  test("explains no score any more: a declared loss", async () => {
    assert.equal(
      (await refusal(old.explainScore({ userId: "reader-7", bookId: "earthsea-2" })))[0],
      Code.UNIMPLEMENTED,
    );
  });
});
