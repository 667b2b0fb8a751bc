// node hostile-server.ts: notes and recommendations with the limits of a server that anyone may connect to. It prints its
// port, answers each line of its stdin with its memory, and ends when its stdin does. A process of its own, so that its
// memory and its crash are not the test's.
import { createInterface } from "node:readline";
import * as orders from "../../packages/orders-v2/dist/server.js";
import * as recommendations1 from "../../packages/recommendations-v1/dist/server.js";
import * as recommendations2 from "../../packages/recommendations-v2/dist/server.js";
import { implement } from "../../packages/rpc/dist/server.js";
import { serve } from "../../packages/rpc-server/dist/index.js";
import { NoteServiceDefinition } from "../rpc-fixture.ts";

/** What the server answers to a line, in bytes. */
export interface ServerState {
  readonly rss: number;
  /** The most since the process began. */
  readonly peak: number;
  /** Of JavaScript's objects and buffers. */
  readonly used: number;
  readonly calls: number;
  /** What came out of reach of every handler. */
  readonly uncaught: readonly string[];
}

const uncaught: string[] = [];
process.on("uncaughtException", (error) => uncaught.push(String(error)));

const server = await serve({
  services: [
    implement(NoteServiceDefinition, {
      get: ({ id }) => ({ id }),
      async *watch({ count }) {
        for (let index = 0; index < count; index++) yield { count: index };
      },
      async record(requests) {
        let count = 0;
        for await (const _ of requests) count++;
        return { count };
      },
    }),
    orders.implementOrders({ placeOrder: () => ({}) }),
    recommendations1.implementRecommendations({ recordEvent: () => ({}) }),
    recommendations2.implementRecommendations({
      recommend: () => ({}),
      async recordEvents(events) {
        let count = 0;
        for await (const _ of events) count++;
        return { acceptedCount: BigInt(count) };
      },
    }),
  ],
  address: "127.0.0.1:0",
  limits: { callsPerConnection: 100, calls: 10_000, callTime: 2000 },
  connections: { silence: 300, keepaliveTime: 1000, keepaliveTimeout: 500 },
  shutdown: { signals: [] },
  reflection: false,
  onError: () => {},
});
console.log(server.port);
createInterface(process.stdin)
  .on("line", () => {
    const { maxRSS } = process.resourceUsage();
    const state: ServerState = {
      rss: process.memoryUsage.rss(),
      peak: maxRSS * 1024,
      used: process.memoryUsage().heapUsed + process.memoryUsage().external,
      calls: server.calls,
      uncaught: [...new Set(uncaught)],
    };
    console.log(JSON.stringify(state));
  })
  .on("close", () => process.exit());
