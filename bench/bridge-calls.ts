// node bench/bridge-calls.ts [--rounds N] [--starts N]: unary calls of a client of v1 to a server that implements v1, and
// to one that implements v2 and serves v1 by a bridge. Measured as in server-calls.ts. `again` is a second native server,
// which says how much two processes of one program differ.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { createRecommendationsClient } from "../packages/recommendations-v1/dist/index.js";
import { type Cost, compareCosts, median, startServer } from "./served-cost.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "9" }, starts: { type: "string", default: "5" } },
});
const ROUNDS = Number(values.rounds);
const STARTS = Number(values.starts);
const IN_FLIGHT = 64;
const CALLS = 6400;
/** Name → variant. */
const CONTENDERS: Readonly<Record<string, string>> = { native: "native", again: "native", bridged: "bridged" };

const costs = await compareCosts(
  Object.keys(CONTENDERS),
  async (name) => {
    const [child, address] = await startServer("bridging-variant.ts", CONTENDERS[name] ?? "");
    const client = createRecommendationsClient(address);
    const call = async (): Promise<void> => {
      const { items } = await client.recommend({ userId: "reader-7", limit: 3 });
      if (items.length !== 3 || items[0]?.reason !== "same_author") throw new Error(`${name} answers wrongly`);
    };
    return { child, call, close: () => client.close() };
  },
  { starts: STARTS, rounds: ROUNDS, calls: CALLS, inFlight: IN_FLIGHT },
);
const native = costs.get("native") ?? [];
const ofNative = (own: readonly Cost[], of: (cost: Cost) => number): string =>
  `${median(own.map((each, round) => of(each) / of(native[round] as Cost))).toFixed(3)}×`.padStart(11);
console.log(
  `Node ${process.version}, ${availableParallelism()} cores, medians of ${STARTS} starts of ${ROUNDS} rounds, ${IN_FLIGHT} in flight\n`,
);
console.log(
  `${"".padEnd(10)}${"CPU a call".padStart(12)}${"of native".padStart(11)}${"calls/s".padStart(10)}${"of native".padStart(11)}`,
);
for (const [name, own] of costs) {
  const cpu = `${median(own.map((each) => each.cpu)).toFixed(1)} µs`.padStart(12);
  const speed = median(own.map((each) => each.callsPerSecond))
    .toFixed(0)
    .padStart(10);
  console.log(
    `${name.padEnd(10)}${cpu}${ofNative(own, (each) => each.cpu)}${speed}${ofNative(own, (each) => each.callsPerSecond)}`,
  );
}
