// node bench/server-calls.ts [--rounds N] [--starts N] [--only A,B]: unary calls of `serve()` beside the same handler on
// grpc-js by hand, and what each interceptor adds. Each server is a process of its own and is called in turns; what is
// compared is the CPU time that a call costs the server, because a client costs as much and would hide it, and how many
// calls a second there were. All are started several times: two processes of one program differ by 5 %.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { createRecommendationsClient } from "../packages/recommendations-v2/dist/index.js";
import { compareCosts, median, startServer } from "./served-cost.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    starts: { type: "string", default: "5" },
    only: { type: "string" },
  },
});
const ROUNDS = Number(values.rounds);
const STARTS = Number(values.starts);
const IN_FLIGHT = 64;
const CALLS = 6400;
const VARIANTS = values.only?.split(",") ?? [
  "grpc-js",
  "serve",
  "serve+logger",
  "serve+openTelemetry",
  "serve+countDeprecated",
  "serve+validateRequests",
];

const costs = await compareCosts(
  VARIANTS,
  async (name) => {
    const [child, address] = await startServer("serving-variant.ts", name);
    const client = createRecommendationsClient(address);
    return { child, call: () => client.recommend({ limit: 3 }), close: () => client.close() };
  },
  { starts: STARTS, rounds: ROUNDS, calls: CALLS, inFlight: IN_FLIGHT },
);
const peer = costs.get("grpc-js") ?? [];
console.log(
  `Node ${process.version}, ${availableParallelism()} cores, medians of ${STARTS} starts of ${ROUNDS} rounds, ${IN_FLIGHT} in flight\n`,
);
console.log(`${"".padEnd(26)}${"CPU a call".padStart(12)}${"calls/s".padStart(10)}${"of grpc-js".padStart(12)}`);
for (const [name, own] of costs) {
  const ratio = median(
    own.map(({ callsPerSecond }, round) => callsPerSecond / (peer[round]?.callsPerSecond ?? Number.NaN)),
  );
  const cpu = `${median(own.map((each) => each.cpu)).toFixed(0)} µs`;
  const speed = median(own.map((each) => each.callsPerSecond)).toFixed(0);
  console.log(`${name.padEnd(26)}${cpu.padStart(12)}${speed.padStart(10)}${`${ratio.toFixed(3)}×`.padStart(12)}`);
}
