import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, test } from "node:test";
import type { ReadonlyMetadata, RpcError } from "../packages/rpc/dist/index.js";
import { caught, collect, gate } from "./rpc-fixture.ts";
import { failing, ids, kinds, quick, servers, steady, timers, unavailable } from "./rpc-retry-fixture.ts";

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

for (const [where, serve] of servers) {
  for (const [kind, call] of kinds) {
    test(`${where}: a ${kind} call is tried again with the same requests until it succeeds`, async () => {
      const { implementation, previous } = failing(3);
      await using served = await serve(implementation);
      assert.equal(await call(served.client, { retry: quick }), "a,b");
      assert.deepEqual(previous, [undefined, "1", "2", "3"]);
    });

    test(`${where}: a ${kind} call gives up, and its error says how often it tried and where it was called`, async () => {
      const { implementation, previous } = failing(9);
      await using served = await serve(implementation);
      const { signal } = new AbortController();
      async function here(): Promise<unknown> {
        return call(served.client, { retry: { ...quick, attempts: 3 }, signal });
      }
      const error = (await caught(here())) as RpcError;
      assert.equal(previous.length, 3);
      assert.deepEqual([error.codeName, error.rawMessage, error.attempts], ["UNAVAILABLE", "busy", 3]);
      assert.match(
        error.message,
        /^test\.note\.v1\.NoteService\/\w+ at .*: UNAVAILABLE: busy \(3 tries, [\d.]+ m?s\)$/,
      );
      assert.ok((error.elapsed ?? -1) >= 0);
      assert.match(
        error.stack ?? "",
        /\(3 tries, .*\n {4}at .*rpc-retry-fixture\.ts.*\n {4}at here .*rpc-retry\.test\.ts/,
      );
      assert.deepEqual(getEventListeners(signal, "abort"), []);
    });

    test(`${where}: an abort ends a ${kind} call that waits for its next try, and leaves nothing`, async (context) => {
      steady(context);
      const { implementation, previous } = failing(9);
      await using served = await serve(implementation);
      await served.client.close$({}, { retry: false }).catch(() => {});
      const before = timers();
      const controller = new AbortController();
      const retry = { initialBackoff: 1e8, maxBackoff: 1e8 };
      const failure = caught(
        call(served.client, { retry, signal: controller.signal, deadline: Number.POSITIVE_INFINITY }),
      );
      while (previous.length < 2 || timers() !== before + 1) {
        await new Promise(setImmediate);
      }
      const why = new Error("the user left");
      controller.abort(why);
      assert.equal(timers(), before);
      const error = (await failure) as RpcError;
      assert.deepEqual([error.codeName, error.cause, error.attempts], ["CANCELLED", why, 1]);
      assert.deepEqual(getEventListeners(controller.signal, "abort"), []);
      assert.equal(previous.length, 2);
    });

    test(`${where}: a ${kind} call that would begin again after its deadline fails at once with the reason`, async (context) => {
      steady(context);
      const { implementation, previous } = failing(9);
      await using served = await serve(implementation);
      const retry = { initialBackoff: 1e6, maxBackoff: 1e6 };
      const error = (await caught(call(served.client, { retry, deadline: 60_000 }))) as RpcError;
      assert.deepEqual([error.codeName, error.attempts, previous.length], ["UNAVAILABLE", 1, 1]);
    });

    test(`${where}: headers commit a ${kind} call`, async () => {
      const { implementation, previous } = failing(9, (context) => {
        context.sendHeaders({});
        return unavailable();
      });
      await using served = await serve(implementation);
      const error = (await caught(call(served.client, { retry: quick }))) as RpcError;
      assert.deepEqual([error.codeName, error.attempts, previous.length], ["UNAVAILABLE", 1, 1]);
    });
  }

  test(`${where}: a message commits the call, and is read once`, async () => {
    let calls = 0;
    await using served = await serve({
      async *watch() {
        calls++;
        yield { id: "1" };
        // What a server sends in one piece with its error, grpc-js drops.
        await new Promise((resolve) => setTimeout(resolve, 20));
        unavailable();
      },
    });
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { id } of served.client.watch({}, { retry: quick })) {
        seen.push(id);
      }
    };
    const error = (await caught(read())) as RpcError;
    assert.deepEqual([seen, calls, error.attempts], [["1"], 1, 1]);
  });

  for (const [size, expected] of [
    [250, 2],
    [262, 1],
  ] as const) {
    test(`${where}: ${size} KiB of requests are ${expected === 2 ? "sent again" : "too much to be sent again"}`, async () => {
      const counts: number[] = [];
      await using served = await serve({
        async record(requests) {
          let count = 0;
          for await (const request of requests) {
            count += request.count;
          }
          counts.push(count);
          return counts.length === 1 ? unavailable() : { count };
        },
      });
      const requests = Array.from({ length: size }, () => ({ id: "x".repeat(940), count: 1 }));
      const outcome = await served.client.record(requests, { retry: quick }).catch((error: RpcError) => error.codeName);
      assert.deepEqual(counts, Array(expected).fill(size));
      assert.equal(typeof outcome === "string" ? outcome : outcome.count, expected === 2 ? size : "UNAVAILABLE");
    });
  }

  test(`${where}: many small requests are sent again, also to a handler that does not read them`, async () => {
    let calls = 0;
    await using served = await serve({
      async record(requests, context) {
        calls++;
        if (calls === 1) {
          assert.equal((await collect(requests)).length, 2500);
          unavailable();
        }
        assert.equal(context.metadata.get("grpc-previous-rpc-attempts"), "1");
        for await (const _ of requests) {
          break;
        }
        return { count: calls };
      },
    });
    const requests = Array.from({ length: 2500 }, () => ({}));
    assert.equal((await served.client.record(requests, { retry: quick })).count, 2);
  });

  test(`${where}: requests of a call that may be repeated are held back by a slow server`, async () => {
    const big = "x".repeat(64 * 1024);
    const total = 1000;
    let sent = 0;
    let furthest = 0;
    const still = async (): Promise<void> => {
      for (let before = sent, turn = 0; turn < 100; turn++) {
        await new Promise(setImmediate);
        turn = sent === before ? turn : 0;
        before = sent;
      }
    };
    await using served = await serve({
      async record(requests) {
        let count = 0;
        for await (const _ of requests) {
          count++;
          if (count % 100 === 1) {
            await still();
          }
          furthest = Math.max(furthest, sent - count);
        }
        return { count };
      },
    });
    function* requests(): Generator<{ id: string }> {
      for (; sent < total; sent++) {
        yield { id: big };
      }
    }
    assert.equal((await served.client.record(requests(), { retry: true })).count, total);
    assert.ok(furthest < total / 4, `the requests were ${furthest} messages ahead`);
  });

  test(`${where}: a request stream goes on in the try that follows, and is ended once`, async () => {
    const failed = gate();
    let closed = 0;
    let calls = 0;
    await using served = await serve({
      async *chat(requests) {
        calls++;
        for await (const { id } of requests) {
          if (calls === 1) {
            setImmediate(failed.open);
            unavailable();
          }
          yield { id };
        }
      },
    });
    async function* requests(): AsyncGenerator<{ id: string }> {
      try {
        yield { id: "1" };
        await failed.promise;
        yield { id: "2" };
        yield { id: "3" };
      } finally {
        closed++;
      }
    }
    assert.equal(await ids(served.client.chat(requests(), { retry: quick })), "1,2,3");
    assert.deepEqual([calls, closed], [2, 1]);
  });

  test(`${where}: a reader that leaves between two tries ends the call`, async (context) => {
    steady(context);
    const { implementation, previous } = failing(9);
    await using served = await serve(implementation);
    await served.client.close$({}, { retry: false }).catch(() => {});
    const before = timers();
    const stream = served.client.watch({}, { retry: { initialBackoff: 1e8, maxBackoff: 1e8 } })[Symbol.asyncIterator]();
    const first = stream.next();
    while (previous.length < 2 || timers() !== before + 1) {
      await new Promise(setImmediate);
    }
    await stream.return?.();
    assert.equal((await first).done, true);
    assert.deepEqual([timers(), previous.length], [before, 2]);
  });

  test(`${where}: a client that is closed between two tries ends its call with the last failure`, async () => {
    const began = gate();
    const { implementation } = failing(9, () => {
      began.open();
      return unavailable();
    });
    await using served = await serve(implementation);
    const failure = caught(served.client.get({}, { retry: { initialBackoff: 50 } }));
    await began.promise;
    served.client.close();
    const error = (await failure) as RpcError;
    assert.deepEqual([error.codeName, error.attempts], ["UNAVAILABLE", 1]);
  });

  test(`${where}: onHeader and onTrailer are called once, for the last try`, async () => {
    const { implementation } = failing(2, (context) => {
      context.trailers.set("x-try", "failed");
      return unavailable();
    });
    await using served = await serve(implementation);
    const seen: unknown[] = [];
    await served.client.get(
      {},
      {
        retry: quick,
        onHeader: () => seen.push("header"),
        onTrailer: (trailer: ReadonlyMetadata) => seen.push(trailer.get("x-try")),
      },
    );
    assert.deepEqual(seen, ["header", undefined]);
  });
}
