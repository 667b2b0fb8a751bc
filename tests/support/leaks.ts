import { spawn } from "node:child_process";
import { on } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";

/** What a run of leak-client.ts found. Bytes are after a collection; growth is since the warm-up. */
export interface Leaks {
  readonly listeners: number;
  readonly warnings: readonly string[];
  /** Timers, sockets and so on that keep a process alive: before the client was made, and after it was closed. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly warm: number;
  readonly growth: number;
  readonly serverGrowth: number;
}

/** What a run of slow-reader.ts found, in bytes. */
export interface SlowReading {
  readonly read: number;
  /** The most that the server was ahead of the reader. */
  readonly ahead: number;
  /** The most above what there was before the call: of the whole process, of JavaScript's objects and buffers. */
  readonly rss: number;
  readonly memory: number;
  /** The same at the end, of objects and buffers that are in use. */
  readonly kept: number;
}

/** Bytes of JavaScript's heap that are in use. Several turns, because what ends a call may be deferred. */
export async function heapUsed(): Promise<number> {
  for (let turn = 0; turn < 4; turn++) {
    await setImmediate();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

// Code that is compiled, and is thrown away when it was not used for a while, would hide what is kept.
const FLAGS: readonly string[] = ["--expose-gc", "--no-flush-bytecode"];

function start(program: string, args: readonly string[] = [], flags: readonly string[] = []) {
  const path = join(import.meta.dirname, program);
  return spawn(process.execPath, [...FLAGS, ...flags, path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
}

export async function startLeakServer(): Promise<{ readonly target: string; readonly stop: () => void }> {
  const child = start("leak-server.ts");
  for await (const [port] of on(createInterface(child.stdout), "line", { close: ["close"] })) {
    return { target: `http://127.0.0.1:${port}`, stop: () => child.stdin.end() };
  }
  throw new Error("the server did not start");
}

/** Runs a program of this folder that prints its result as JSON. @param flags more of Node's own. */
export async function measure<T>(
  program: string,
  args: readonly (string | number)[],
  flags?: readonly string[],
): Promise<T> {
  const child = start(program, args.map(String), flags);
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (status !== 0) {
    throw new Error(`${program} ended with ${status}: ${text}`);
  }
  return JSON.parse(text) as T;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}
