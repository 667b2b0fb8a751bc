// node --expose-gc slow-reader.ts TARGET MESSAGES BYTES: reads so many messages, slower than they are sent, and prints
// what that took (SlowReading).
import { setTimeout } from "node:timers/promises";
import { createClient } from "../../packages/rpc/dist/index.js";
import { NoteServiceDefinition } from "../rpc-fixture.ts";
import { heapUsed, type SlowReading } from "./leaks.ts";

const [target = "", messages = "", bytes = ""] = process.argv.slice(2);
const [count, size] = [Number(messages), Number(bytes)];
await using client = createClient(NoteServiceDefinition, target);
// Whoever read before may have left some that were sent.
const { count: first } = await client.get({ id: "sent" });
await heapUsed();
const before = process.memoryUsage();
const most = { rss: 0, memory: 0, ahead: 0 };
let [read, kept] = [0, 0];

/** What there is more than before of JavaScript's objects, and of the buffers outside of its heap. */
function memory(): number {
  const now = process.memoryUsage();
  most.rss = Math.max(most.rss, now.rss - before.rss);
  return now.heapUsed + now.external - before.heapUsed - before.external;
}

/** Waits until the server sends no more, or is so far ahead that nothing can hold it back. Gives how far it is. */
async function standstill(taken: number): Promise<number> {
  let ahead = 0;
  // A sender that nothing holds back comes in bursts: what has not moved for 300 ms does stand.
  for (let still = 0; still < 10 && ahead * size < 64 * 2 ** 20; still++) {
    const { count: sent } = await client.get({ id: "sent" });
    if (sent - first - taken !== ahead) still = 0;
    ahead = sent - first - taken;
    await setTimeout(30);
  }
  return ahead;
}

for await (const { id } of client.watch({ id: "huge", count: size })) {
  read++;
  if (id.length !== size) throw new Error(`message ${read} has ${id.length} letters`);
  most.memory = Math.max(most.memory, memory());
  await setTimeout(1);
  if (read % 128 === 0) {
    most.ahead = Math.max(most.ahead, await standstill(read));
    memory();
  }
  if (read === count) {
    await heapUsed();
    kept = memory();
    break;
  }
}
const result: SlowReading = { ...most, kept, read: read * size, ahead: most.ahead * size };
console.log(JSON.stringify(result));
