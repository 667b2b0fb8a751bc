// node shutdown-restart-server.ts <address>: both versions of the recommendations on one port. Prints each call that it
// runs, so that a test can find one that was run twice.
import { setTimeout as sleep } from "node:timers/promises";
import * as v1 from "../../packages/recommendations-v1/dist/server.js";
import * as v2 from "../../packages/recommendations-v2/dist/server.js";
import { serve } from "../../packages/rpc-server/dist/index.js";

/** Takes a few milliseconds, so that there are always calls in flight. */
async function run(call: string | undefined): Promise<void> {
  console.log(`ran ${call}`);
  await sleep(Number(call?.split(":")[1]) % 20);
}

const oldService = v1.implementRecommendations({
  async recommend({ userId }) {
    await run(userId);
    return { generatedAt: userId };
  },
  async recordEvent({ userId }) {
    await run(userId);
    return {};
  },
  async *streamRecommendations({ userId, limit }) {
    await run(userId);
    for (let book = 0; book < limit; book++) yield { item: { bookId: String(book) } };
  },
});

const newService = v2.implementRecommendations({
  async recommend({ similarToBookId }) {
    await run(similarToBookId);
    return { recommendations: [{ bookId: similarToBookId ?? "" }] };
  },
  async recordEvents(requests) {
    let acceptedCount = 0n;
    for await (const { event } of requests) {
      if (acceptedCount++ === 0n) await run(event?.eventId);
    }
    return { acceptedCount };
  },
  async *refine(requests) {
    for await (const { step } of requests) {
      if (step?.$case === "wish") {
        await run(step.value);
        yield { question: step.value };
      }
    }
  },
});

const server = await serve({
  services: [oldService, newService],
  address: process.argv[2] ?? "",
  shutdown: { grace: 5000 },
});
console.log(`address ${server.address}`);
