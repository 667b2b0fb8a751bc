// node bench/server-calls.ts [--rounds N] [--starts N] [--only A,B]: unary calls of `serve()` beside the same handler on
// grpc-js by hand, and what each interceptor adds. Each server is a process of its own and is called in turns; what is
// compared is the CPU time that a call costs the server, because a client costs as much and would hide it, and how many
// calls a second there were. All are started several times: two processes of one program differ by 5 %.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRecommendationsClient, type RecommendationsClient } from "../packages/recommendations-v2/dist/index.js";

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

interface Contender {
  readonly name: string;
  readonly child: ChildProcess;
  readonly client: RecommendationsClient;
}

async function start(name: string): Promise<Contender> {
  const child = fork(join(import.meta.dirname, "serving-variant.ts"), [name], { stdio: "inherit" });
  const [address] = (await once(child, "message")) as [string];
  return { name, child, client: createRecommendationsClient(address) };
}

async function cpuOf({ child }: Contender): Promise<number> {
  child.send("cpu");
  const [microseconds] = (await once(child, "message")) as [number];
  return microseconds;
}

interface Cost {
  /** Of the server, in microseconds a call. */
  readonly cpu: number;
  readonly callsPerSecond: number;
}

async function time(contender: Contender): Promise<Cost> {
  let left = CALLS;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await contender.client.recommend({ limit: 3 });
  };
  const [before, begin] = [await cpuOf(contender), performance.now()];
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - begin) / 1000;
  return { cpu: ((await cpuOf(contender)) - before) / CALLS, callsPerSecond: CALLS / seconds };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const costs = new Map<string, Cost[]>(VARIANTS.map((name) => [name, []]));
for (let started = 0; started < STARTS; started++) {
  const contenders: Contender[] = [];
  for (const name of VARIANTS) contenders.push(await start(name));
  for (const each of contenders) await time(each);
  for (let round = 0; round < ROUNDS; round++) {
    const order = contenders.map((_, index) => contenders[(index + round) % contenders.length] as Contender);
    for (const each of order) costs.get(each.name)?.push(await time(each));
  }
  for (const { child, client } of contenders) {
    client.close();
    child.disconnect();
  }
}
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
