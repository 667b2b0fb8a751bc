// node bench/bridge-calls.ts [--rounds N] [--starts N]: unary calls of a client of v1 to a server that implements v1, and
// to one that implements v2 and serves v1 by a bridge. Measured as in server-calls.ts. `again` is a second native server,
// which says how much two processes of one program differ.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRecommendationsClient, type RecommendationsClient } from "../packages/recommendations-v1/dist/index.js";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "9" }, starts: { type: "string", default: "5" } },
});
const ROUNDS = Number(values.rounds);
const STARTS = Number(values.starts);
const IN_FLIGHT = 64;
const CALLS = 6400;
const CONTENDERS = { native: "native", again: "native", bridged: "bridged" } as const;

interface Contender {
  readonly name: string;
  readonly child: ChildProcess;
  readonly client: RecommendationsClient;
}

async function start([name, variant]: readonly [string, string]): Promise<Contender> {
  const child = fork(join(import.meta.dirname, "bridging-variant.ts"), [variant], { stdio: "inherit" });
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
    while (left-- > 0) {
      const { items } = await contender.client.recommend({ userId: "reader-7", limit: 3 });
      if (items.length !== 3 || items[0]?.reason !== "same_author")
        throw new Error(`${contender.name} answers wrongly`);
    }
  };
  const [before, begin] = [await cpuOf(contender), performance.now()];
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - begin) / 1000;
  return { cpu: ((await cpuOf(contender)) - before) / CALLS, callsPerSecond: CALLS / seconds };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const costs = new Map<string, Cost[]>(Object.keys(CONTENDERS).map((name) => [name, []]));
for (let started = 0; started < STARTS; started++) {
  const contenders: Contender[] = [];
  for (const each of Object.entries(CONTENDERS)) contenders.push(await start(each));
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
