import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { on, once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "../packages/rpc/dist/index.js";
import { collect, type NoteClient, NoteServiceDefinition } from "./rpc-fixture.ts";
import type { ServerState } from "./support/hostile-server.ts";
import { mebibytes } from "./support/leaks.ts";
import { announceSeed, draw, seeded } from "./support/random.ts";
import { LONG } from "./support/soak.ts";

// The server, the attacker and the honest client (the test) are processes of their own. What each attack is stands in
// support/hostile-client.ts; the server's limits stand in support/hostile-server.ts.

const MIB = 2 ** 20;
/** What the server's process may grow by in an attack, at most. */
const GROWTH = 256 * MIB;
// What is received and not yet whole is held: 4 MiB (limits.requestBytes) of each of the 100 calls of the attack.
const HELD = GROWTH + 100 * 4 * MIB;
// 4 MiB of elements of two bytes each are two million values, and the next request finds those of the last one not
// collected yet. Messages are the largest: 170 MiB of them are made of 4.
const DECODED = 2 * GROWTH;
const MESSAGES = 3 * GROWTH;
const SOAK = 1024 * MIB;

const BOMBS = "grpc-js goes on unpacking for calls that are gone: 2.5 GB after some seconds, which come back";
const UNKNOWN = "each unknown field of two bytes is a view of its own: 4 MiB become 235";

const ATTACKS: readonly (readonly [name: string, most: number, todo?: string])[] = [
  ["10,000 streams", GROWTH],
  ["streams on 50 connections", GROWTH],
  ["50,000 resets", GROWTH],
  ["resets of whole calls", GROWTH],
  ["huge headers", GROWTH],
  ["very many headers", GROWTH],
  ["endless CONTINUATION", GROWTH],
  ["empty CONTINUATION", GROWTH],
  ["a slow trickle", GROWTH],
  ["a slow preface", GROWTH],
  ["garbage after the preface", GROWTH],
  ["garbage in frames", GROWTH],
  ["connections that never speak", GROWTH],
  ["a SETTINGS flood", GROWTH],
  ["a PING flood", GROWTH],
  ["a flood of PINGs that are read", GROWTH],
  ["a flood of empty DATA", GROWTH],
  ["a flood of WINDOW_UPDATE", GROWTH],
  ["a flood of empty messages", GROWTH],
  ["requests that never end", HELD],
  ["small bombs of gzip", HELD, BOMBS],
  ["requests that are no gRPC", GROWTH],
  ["empty messages", MESSAGES],
  ["empty values", DECODED],
  ["empty strings", DECODED],
  ["empty map entries", DECODED],
  ["unknown fields", DECODED, UNKNOWN],
  ["unknown fields of a stream", DECODED, UNKNOWN],
];

interface Attacked {
  readonly port: number;
  readonly state: () => Promise<ServerState>;
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
}

function run(program: string, args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  const path = join(import.meta.dirname, "support", program);
  return spawn(process.execPath, [path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
}

async function startServer(context: TestContext): Promise<Attacked> {
  const child = run("hostile-server.ts", []);
  const lines = on(createInterface(child.stdout), "line", { close: ["close"] });
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    assert.ok(done !== true, "the server's process has ended");
    return String((value as unknown[])[0]);
  };
  const port = Number(await line());
  context.after(async () => {
    const closed = once(child, "close");
    child.stdin.end();
    if (child.exitCode === null) await closed;
  });
  const state = async (): Promise<ServerState> => {
    child.stdin.write("state\n");
    return JSON.parse(await line()) as ServerState;
  };
  return { port, state, child };
}

/** Calls as a client does that means well, until it is told to stop. */
class Honest {
  readonly times: number[] = [];
  readonly failures: string[] = [];
  readonly #client: NoteClient;
  #stopped = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(port: number) {
    // Nothing is hidden by trying again.
    this.#client = createClient(NoteServiceDefinition, `http://127.0.0.1:${port}`, { retry: false });
  }

  begin(): void {
    this.#stopped = false;
    this.#running = Promise.all([this.#loop(0), this.#loop(1), this.#loop(2)]);
  }

  async #loop(kind: number): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      const start = performance.now();
      try {
        const id = `${kind}-${turn}`;
        if (kind === 2) assert.equal((await collect(this.#client.watch({ count: 3 }, { deadline: 15_000 }))).length, 3);
        else assert.equal((await this.#client.get({ id }, { deadline: 15_000 })).id, id);
      } catch (error) {
        this.failures.push(String(error));
      }
      this.times.push(performance.now() - start);
      await sleep(2);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  close(): void {
    this.#client.close();
  }

  /** The time within which 99 of 100 calls of those from `from` on have ended, in milliseconds. */
  p99(from: number): number {
    const sorted = this.times.slice(from).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  }
}

/** Attacks a new server beside honest calls: none of those may fail, and the process may not grow without bound. */
async function withstand(
  context: TestContext,
  milliseconds: number,
  turns: readonly (readonly string[])[],
  most: number,
) {
  const server = await startServer(context);
  const honest = new Honest(server.port);
  context.after(() => honest.close());
  honest.begin();
  // Until its code is compiled it is slower than it is in an attack.
  await sleep(300);
  const warm = honest.times.length;
  await sleep(300);
  await honest.stop();
  const quiet = honest.p99(warm);
  const before = await server.state();
  const from = honest.times.length;
  honest.begin();
  const done: unknown[] = [];
  for (const names of turns) {
    const attacker = run("hostile-client.ts", [String(server.port), String(milliseconds), ...names]);
    let said = "";
    attacker.stdout.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    const [status] = await once(attacker, "close");
    assert.equal(status, 0, "the attacker has failed");
    done.push(said.trim());
  }
  await honest.stop();
  let after = await server.state();
  const growth = after.peak - before.rss;
  context.diagnostic(
    `${honest.times.length - from} honest calls, ${honest.failures.length} failed; p99 ${honest.p99(from).toFixed(1)} ms, ` +
      `quiet ${quiet.toFixed(1)} ms; the server's process grew by at most ${mebibytes(growth)}; ${done.join(" ")}`,
  );
  assert.deepEqual([...new Set(honest.failures)], []);
  assert.deepEqual(after.uncaught, []);
  assert.equal(server.child.exitCode, null);
  assert.ok(growth < most, `the server's process grew by ${mebibytes(growth)}`);
  // What the attacker left behind is no call in flight.
  while (after.calls > 0) {
    await sleep(20);
    after = await server.state();
  }
}

// In the short run a few, each time others.
const random = seeded(announceSeed("attacks"));
const drawn = LONG.skip === undefined ? ATTACKS : draw(ATTACKS, 6, random);
for (const [name, most, todo] of drawn) {
  test(`${name}: honest calls go on, and memory has a bound`, todo === undefined ? {} : { todo }, (context) =>
    withstand(context, LONG.skip === undefined ? 1000 : 400, [[name]], most),
  );
}

test("a minute of attacks, four at a time", LONG, async (context) => {
  const names = ATTACKS.flatMap(([name, , todo]) => (todo === undefined ? [name] : []));
  const turns = Array.from({ length: 20 }, (_, turn) =>
    Array.from({ length: 4 }, (_, index) => names[(turn * 4 + index) % names.length] ?? ""),
  );
  await withstand(context, 3000, turns, SOAK);
});
