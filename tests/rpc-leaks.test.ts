import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RpcError } from "../packages/rpc/dist/index.js";
import { caught, serveNotes } from "./rpc-fixture.ts";
import { type Leaks, measure, mebibytes, type SlowReading, startLeakServer } from "./support/leaks.ts";
import { LONG } from "./support/soak.ts";

// Client and server are processes of their own: what the test runner has on its heap and its list of timers is not ours.
let target = "";
let stop = (): void => {};
before(async () => {
  ({ target, stop } = await startLeakServer());
});
after(() => stop());

const MIB = 2 ** 20;
// What a heap may grow by although nothing is kept: code that is compiled late. It was 0.1 MiB when this was written, of a
// thousand clients 1 MiB, and of three thousand no more. A hundred thousand calls that keep 21 bytes each are found.
const GROWTH = 2 * MIB;

// Without it V8 lets up to 130 MiB of garbage lie while the reader uses 3.
const SMALL_HEAP = ["--max-old-space-size=40"];

const kinds: readonly (readonly [kind: string, name: string, small: number, large: number])[] = [
  ["unary", "unary calls that share a signal", 1_000, 100_000],
  ["intercepted", "unary calls through an interceptor that share a signal", 1_000, 100_000],
  ["server", "server streams that are left after a message", 200, 10_000],
  ["bidi", "bidi streams that are left after a message", 200, 10_000],
  ["clients", "clients that are opened, called and closed", 50, 1_000],
];

for (const [kind, name, small, large] of kinds) {
  for (const [size, options] of [
    [small, {}],
    [large, LONG],
  ] as const) {
    test(`${size} ${name} leave nothing behind`, options, async (context) => {
      const leaks = await measure<Leaks>("leak-client.ts", [kind, target, Math.max(size / 10, small), size]);
      context.diagnostic(
        `heap ${mebibytes(leaks.warm)}, grown by ${mebibytes(leaks.growth)}, ` +
          `the server's by ${mebibytes(leaks.serverGrowth)}`,
      );
      assert.deepEqual([leaks.listeners, leaks.warnings], [0, []]);
      assert.deepEqual(leaks.after, leaks.before);
      assert.ok(leaks.growth < GROWTH, `the client has grown by ${leaks.growth} bytes`);
      assert.ok(leaks.serverGrowth < GROWTH, `the server has grown by ${leaks.serverGrowth} bytes`);
    });
  }
}

for (const [size, options] of [
  [64, {}],
  [1024, LONG],
] as const) {
  test(`a slow reader of ${size} MiB never has much of it`, options, async (context) => {
    const bytes = MIB / 4;
    const found = await measure<SlowReading>("slow-reader.ts", [target, (size * MIB) / bytes, bytes], SMALL_HEAP);
    context.diagnostic(
      `of ${mebibytes(found.read)} at most ${mebibytes(found.memory)} in objects and buffers, ${mebibytes(found.kept)} in use, ` +
        `${mebibytes(found.rss)} more of the process, ${mebibytes(found.ahead)} sent ahead`,
    );
    assert.equal(found.read, size * MIB);
    assert.ok(found.kept < 16 * MIB, `in use: ${found.kept} bytes`);
    assert.ok(found.memory < 64 * MIB, `objects and buffers: ${found.memory} bytes`);
    assert.ok(found.rss < 64 * MIB, `the process: ${found.rss} bytes`);
    assert.ok(found.ahead < 16 * MIB, `the server is ${found.ahead} bytes ahead`);
  });
}

/** Leaves more streams than Node's server takes at once: 1,000, and 33 more per second. */
async function leaveTooMany() {
  const served = await serveNotes({
    get: ({ id }) => ({ id }),
    async *watch(_, { signal }) {
      yield {};
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const error = await caught(
    (async () => {
      for (let left = 0; left < 10_000; left++) {
        for await (const _ of served.client.watch({})) break;
      }
    })(),
  );
  assert.ok(RpcError.is(error), String(error));
  return { served, error };
}

test("a server that hangs up on too many streams that were left is connected to again", async (context) => {
  const { served } = await leaveTooMany();
  context.after(() => served[Symbol.asyncDispose]());
  assert.equal((await served.client.get({ id: "again" })).id, "again");
});

// grpc-js makes INTERNAL of a connection that was closed with an error's code.
test("a server that hangs up on them is UNAVAILABLE, with the likely cause", async (context) => {
  const { served, error } = await leaveTooMany();
  context.after(() => served[Symbol.asyncDispose]());
  assert.equal(error.codeName, "UNAVAILABLE", error.message);
  assert.match(error.hint ?? "", /connection/);
});
