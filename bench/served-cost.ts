// What calls cost servers that are processes of their own, called in turns: for server-calls.ts and bridge-calls.ts.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A server, and a client of it. */
export interface Contender {
  readonly child: ChildProcess;
  readonly call: () => Promise<unknown>;
  readonly close: () => void;
}

export interface Cost {
  /** Of the server, in microseconds a call. */
  readonly cpu: number;
  readonly callsPerSecond: number;
}

export interface Plan {
  /** All are started so often: two processes of one program differ by 5 %. */
  readonly starts: number;
  readonly rounds: number;
  /** In a round of one contender, and how many at a time. */
  readonly calls: number;
  readonly inFlight: number;
}

/** Starts a program of this folder that sends its address, and its CPU time when it is asked. */
export async function startServer(script: string, variant: string): Promise<readonly [ChildProcess, string]> {
  const child = fork(join(import.meta.dirname, script), [variant], { stdio: "inherit" });
  const [address] = (await once(child, "message")) as [string];
  return [child, address];
}

/** @returns for each name what it cost in each round of each start, in the same order. */
export async function compareCosts(
  names: readonly string[],
  start: (name: string) => Promise<Contender>,
  plan: Plan,
): Promise<ReadonlyMap<string, readonly Cost[]>> {
  const costs = new Map<string, Cost[]>(names.map((name) => [name, []]));
  for (let started = 0; started < plan.starts; started++) {
    const contenders: (readonly [string, Contender])[] = [];
    for (const name of names) contenders.push([name, await start(name)]);
    for (const [, each] of contenders) await time(each, plan);
    for (let round = 0; round < plan.rounds; round++) {
      const first = round % contenders.length;
      for (const [name, each] of [...contenders.slice(first), ...contenders.slice(0, first)]) {
        costs.get(name)?.push(await time(each, plan));
      }
    }
    for (const [, { child, close }] of contenders) {
      close();
      child.disconnect();
    }
  }
  return costs;
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function time({ child, call }: Contender, { calls, inFlight }: Plan): Promise<Cost> {
  let left = calls;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  const [before, begin] = [await cpuOf(child), performance.now()];
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - begin) / 1000;
  return { cpu: ((await cpuOf(child)) - before) / calls, callsPerSecond: calls / seconds };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [microseconds] = (await once(child, "message")) as [number];
  return microseconds;
}
