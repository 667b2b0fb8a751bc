// node --expose-gc leak-client.ts WHAT TARGET WARM SIZE: does so much of WHAT, and prints what is left of it (Leaks).
import { getEventListeners } from "node:events";
import { setTimeout } from "node:timers/promises";
import { createClient, type Interceptor, observe } from "../../packages/rpc/dist/index.js";
import { type NoteClient, NoteServiceDefinition } from "../rpc-fixture.ts";
import { heapUsed, type Leaks } from "./leaks.ts";

const [what = "", target = "", warmUp = "", size = ""] = process.argv.slice(2);
// One for all calls, as of a process that is to stop some day.
const { signal } = new AbortController();
const warnings: string[] = [];
process.on("warning", (warning) => warnings.push(String(warning)));

type Each = (client: NoteClient) => Promise<unknown>;

async function readOne(notes: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of notes) break;
}

/** Requests that go on until they are told to stop. */
async function* endless(): AsyncGenerator<{ id: string }> {
  for (;;) {
    yield { id: "x" };
    await setTimeout(1);
  }
}

const unary: Each = (client) => client.get({ id: "x" }, { signal });
const observing: Interceptor = (call, next) =>
  observe(call, next, { onRequest: () => {}, onResponse: () => {}, onEnd: () => {} });

/** What is done once, how much of it at a time, and whether the server must have seen its end before there is more. */
const kinds: Readonly<Record<string, { readonly each: Each; readonly atOnce: number; readonly leaves?: true }>> = {
  unary: { each: unary, atOnce: 64 },
  intercepted: { each: (client) => client.get({ id: "x" }, { signal, interceptors: [observing] }), atOnce: 64 },
  server: { each: (client) => readOne(client.watch({}, { signal })), atOnce: 32, leaves: true },
  bidi: { each: (client) => readOne(client.chat(endless(), { signal })), atOnce: 32, leaves: true },
  clients: {
    each: async () => {
      await using own = createClient(NoteServiceDefinition, target);
      await unary(own);
    },
    atOnce: 1,
  },
};

const kind = kinds[what];
if (kind === undefined) {
  throw new Error(`there is no ${what}`);
}
const resources = (): string[] => process.getActiveResourcesInfo().sort();

async function run(client: NoteClient, count: number): Promise<void> {
  for (let done = 0; done < count; done += kind?.atOnce ?? 1) {
    const { count: left } = await client.get({ id: "left" });
    const some = Math.min(kind?.atOnce ?? 1, count - done);
    await Promise.all(Array.from({ length: some }, () => kind?.each(client)));
    if (kind?.leaves) {
      await client.get({ id: "left", count: left + some });
    }
  }
}

async function serverHeap(client: NoteClient): Promise<number> {
  return (await client.get({ id: "heap" })).count;
}

const before = resources();
const client = createClient(NoteServiceDefinition, target);
await run(client, Number(warmUp));
const [warm, serverWarm] = [await heapUsed(), await serverHeap(client)];
await run(client, Number(size));
const [end, serverEnd] = [await heapUsed(), await serverHeap(client)];
const listeners = getEventListeners(signal, "abort").length;
client.close();
// A socket needs a few turns to close. What is still there after this is there to stay.
for (let turn = 0; turn < 100 && resources().join() !== before.join(); turn++) {
  await setTimeout(10);
}
const leaks: Leaks = {
  listeners,
  warnings,
  before,
  after: resources(),
  warm,
  growth: end - warm,
  serverGrowth: serverEnd - serverWarm,
};
// What was left behind would keep this process alive.
process.stdout.write(JSON.stringify(leaks), () => process.exit());
