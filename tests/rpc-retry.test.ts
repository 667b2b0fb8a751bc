import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { after, type TestContext, test } from "node:test";
import type { CallOptions, ClientOptions, ReadonlyMetadata, RpcError } from "../packages/rpc/dist/index.js";
import { createChannel, createClient, RpcError as RpcFailure } from "../packages/rpc/dist/index.js";
import type { HandlerContext, Implementation } from "../packages/rpc/dist/server.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import {
  caught,
  collect,
  gate,
  type NoteClient,
  type NoteDefinition,
  NoteServiceDefinition,
  serveNotes,
} from "./rpc-fixture.ts";

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

// No wait to speak of: what is tested is what happens, not how long it takes.
const quick = { initialBackoff: 1 };

type Serve = (
  implementation: Implementation<NoteDefinition>,
  options?: ClientOptions,
) => Promise<{ client: NoteClient } & AsyncDisposable>;

const servers: readonly [string, Serve][] = [
  [
    "server",
    async (implementation, options) => {
      const served = await serveNotes(implementation);
      const client = createClient(NoteServiceDefinition, served.target, options);
      const dispose = async (): Promise<void> => {
        client.close();
        await served[Symbol.asyncDispose]();
      };
      return { client, [Symbol.asyncDispose]: dispose };
    },
  ],
  [
    "fake",
    async (implementation, options) => {
      const client = createFake(NoteServiceDefinition, implementation, options);
      return { client, [Symbol.asyncDispose]: async () => client.close() };
    },
  ],
];

type Call = (client: NoteClient, options: CallOptions) => Promise<unknown>;

async function* letters(): AsyncGenerator<{ id: string }> {
  yield { id: "a" };
  yield { id: "b" };
}

const ids = async (notes: AsyncIterable<{ id: string }>): Promise<string> =>
  (await collect(notes)).map((note) => note.id).join();

const kinds: readonly [string, Call][] = [
  ["unary", async (client, options) => (await client.get({ id: "a,b" }, options)).id],
  ["client stream", async (client, options) => (await client.record(letters(), options)).id],
  ["server stream", (client, options) => ids(client.watch({ id: "a,b" }, options))],
  ["bidi stream", (client, options) => ids(client.chat(letters(), options))],
];

/** Handlers that echo all their requests, after `failures` tries that fail once they have read them. */
function failing(failures: number, fail: (context: HandlerContext) => never = unavailable) {
  const previous: (string | undefined)[] = [];
  const enter = (context: HandlerContext): void => {
    previous.push(context.metadata.get("grpc-previous-rpc-attempts"));
    if (previous.length <= failures) {
      fail(context);
    }
  };
  const implementation: Implementation<NoteDefinition> = {
    get(request, context) {
      enter(context);
      return { id: request.id };
    },
    async record(requests, context) {
      const id = await ids(requests);
      enter(context);
      return { id };
    },
    async *watch(request, context) {
      enter(context);
      yield* request.id.split(",").map((id) => ({ id }));
    },
    async *chat(requests, context) {
      const all = await collect(requests);
      enter(context);
      yield* all;
    },
    close(_, context) {
      enter(context);
      return {};
    },
  };
  return { implementation, previous };
}

function unavailable(): never {
  throw new RpcFailure("UNAVAILABLE", "busy");
}

function throwing(metadata: Record<string, string>): () => never {
  return () => {
    throw new RpcFailure("UNAVAILABLE", "busy", { metadata });
  };
}

/** Every wait is half of its span. */
function steady(context: TestContext): void {
  context.mock.method(Math, "random", () => 0.5);
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

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
      assert.match(error.stack ?? "", /\(3 tries, .*\n {4}at .*rpc-retry\.test\.ts/);
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

  test(`${where}: without an option, the methods that the schema calls harmless are tried again`, async () => {
    const tries = async (options: ClientOptions, call: Call): Promise<number> => {
      const { implementation, previous } = failing(1);
      await using served = await serve(implementation, options);
      await call(served.client, {}).catch(() => {});
      return previous.length;
    };
    const harmless: Call = (client) => client.get({});
    const other: Call = (client) => client.close$({});
    assert.deepEqual([await tries({}, harmless), await tries({}, other)], [2, 1]);
    assert.deepEqual([await tries({ retry: quick }, harmless), await tries({ retry: quick }, other)], [2, 1]);
    assert.deepEqual([await tries({ retry: true }, harmless), await tries({ retry: true }, other)], [2, 2]);
    assert.deepEqual([await tries({ retry: false }, harmless), await tries({ retry: false }, other)], [1, 1]);
    assert.equal(await tries({}, (client) => client.close$({}, { retry: true })), 2);
    assert.equal(await tries({}, (client) => client.get({}, { retry: false })), 1);
    assert.equal(await tries({ retry: { attempts: 1 } }, harmless), 1);
    assert.equal(await tries({ retry: false }, (client) => client.get({}, { retry: true })), 2);
  });

  test(`${where}: only the codes that were asked for are worth a try`, async () => {
    const aborted = (): never => {
      throw new RpcFailure("ABORTED", "again");
    };
    for (const [retry, expected] of [
      [quick, 1],
      [{ ...quick, codes: ["ABORTED", "UNAVAILABLE"] }, 2],
    ] as const) {
      const { implementation, previous } = failing(1, aborted);
      await using served = await serve(implementation);
      await served.client.get({}, { retry }).catch(() => {});
      assert.equal(previous.length, expected);
    }
  });

  test(`${where}: the server's grpc-retry-pushback-ms decides when, and whether`, async (context) => {
    steady(context);
    const forever = { initialBackoff: 1e8, maxBackoff: 1e8 };
    for (const [value, expected] of [
      ["0", 4],
      ["-1", 1],
      ["soon", 1],
    ] as const) {
      const { implementation, previous } = failing(3, throwing({ "grpc-retry-pushback-ms": value }));
      await using served = await serve(implementation);
      const retry = value === "0" ? forever : quick;
      await served.client.get({}, { retry, deadline: Number.POSITIVE_INFINITY }).catch(() => {});
      assert.equal(previous.length, expected, value);
    }
  });

  test(`${where}: RetryInfo is the least wait`, async (context) => {
    steady(context);
    for (const [seconds, expected] of [
      [0, 2],
      [-5, 2],
      [3600, 1],
    ] as const) {
      const { implementation, previous } = failing(1, () => {
        const details = [{ type: "google.rpc.RetryInfo", value: { retryDelay: { seconds } } }] as const;
        throw new RpcFailure("UNAVAILABLE", "busy", { details });
      });
      await using served = await serve(implementation);
      await served.client.get({}, { retry: quick, deadline: 60_000 }).catch(() => {});
      assert.equal(previous.length, expected, String(seconds));
    }
  });

  test(`${where}: the deadline is for all tries`, async () => {
    const deadlines: number[] = [];
    await using served = await serve({
      async get(_, context) {
        deadlines.push(context.deadline?.getTime() ?? 0);
        if (deadlines.length === 1) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          unavailable();
        }
        return new Promise(() => {});
      },
    });
    const error = (await caught(served.client.get({}, { retry: quick, deadline: 400 }))) as RpcError;
    assert.deepEqual([error.codeName, error.attempts, deadlines.length], ["DEADLINE_EXCEEDED", 2, 2]);
    const [first = 0, second = 0] = deadlines;
    assert.ok(Math.abs(second - first) < 40, `${second - first} ms apart`);
  });

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

  test(`${where}: failures use up the retries of a channel, successes give them back`, async () => {
    let down = true;
    let calls = 0;
    await using served = await serve({
      get() {
        calls++;
        return down ? unavailable() : {};
      },
    });
    const tries = async (): Promise<number> => {
      calls = 0;
      await served.client.get({}, { retry: { ...quick, attempts: 50 } }).catch(() => {});
      return calls;
    };
    // Ten tokens: after five failures half is left, and no more retries.
    assert.deepEqual([await tries(), await tries(), await tries()], [5, 1, 1]);
    down = false;
    for (let success = 0; success < 41; success++) {
      await served.client.get({}, { retry: true });
    }
    down = true;
    // 3 + 4.1 tokens.
    assert.deepEqual([await tries(), await tries()], [3, 1]);
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

  test(`${where}: a retry option that is wrong is a TypeError that names the fix`, async () => {
    const wrong: readonly [unknown, RegExp][] = [
      ["yes", /retry must be true, false or an object/],
      [null, /retry must be true, false or an object/],
      [{ atempts: 2 }, /retry has no option "atempts": did you mean "attempts"\?/],
      [{ attempts: 0 }, /retry\.attempts must be a number from 1 on, not 0/],
      [{ attempts: 2.5 }, /retry\.attempts must be an integer/],
      [{ initialBackoff: -1 }, /retry\.initialBackoff must be a number from 0 on/],
      [{ maxBackoff: Number.NaN }, /retry\.maxBackoff must be a number from 0 on/],
      [{ multiplier: 0.5 }, /retry\.multiplier must be a number from 1 on/],
      [{ codes: ["UNAVAILABEL"] }, /retry\.codes has "UNAVAILABEL".*try "UNAVAILABLE"/],
      [{ codes: ["OK"] }, /retry\.codes has "OK", which is no code of a failure/],
    ];
    await using served = await serve({ get: () => ({}) });
    for (const [retry, message] of wrong) {
      const error = await caught(served.client.get({}, { retry: retry as boolean }));
      assert.ok(error instanceof TypeError);
      assert.match(error.message, message);
    }
  });
}

test("a retry option of a client that is wrong is a TypeError of the client", () => {
  const options = { retry: { atempts: 2 } as object };
  const problem = { name: "TypeError", message: /retry has no option "atempts"/ };
  assert.throws(() => createClient(NoteServiceDefinition, "http://localhost:1", options), problem);
  assert.throws(() => createFake(NoteServiceDefinition, {}, options), problem);
});

test("clients on one channel share its retries", async () => {
  let calls = 0;
  await using served = await serveNotes({
    get() {
      calls++;
      return unavailable();
    },
  });
  await using channel = createChannel(served.target);
  const options = { retry: { ...quick, attempts: 50 } };
  const first = createClient(NoteServiceDefinition, channel, options);
  const second = createClient(NoteServiceDefinition, channel, options);
  await caught(first.get({}));
  assert.equal(calls, 5);
  await caught(second.get({}));
  assert.equal(calls, 6);
});

test("the retries of grpc-js's service config do not multiply with ours", async () => {
  const { implementation, previous } = failing(9);
  await using served = await serveNotes(implementation);
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "0.001s",
    maxBackoff: "0.01s",
    backoffMultiplier: 1,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  const config = JSON.stringify({ loadBalancingConfig: [], methodConfig: [{ name: [{}], retryPolicy }] });
  const client = createClient(NoteServiceDefinition, served.target, { grpc: { "grpc.service_config": config } });
  const error = (await caught(client.get({}, { retry: quick }))) as RpcError;
  client.close();
  assert.equal(previous.length, 3);
  assert.equal(error.attempts, 3);
});

test("a proxy's error page is no answer: the call is tried again", async () => {
  let calls = 0;
  const note = Buffer.from('{"id":"here","_unknownFields":[]}');
  const server = http2.createServer();
  server.on("stream", (stream) => {
    calls++;
    if (calls === 1) {
      stream.respond({ ":status": 503, "content-type": "text/html" });
      stream.end("<html>no server behind me</html>");
      return;
    }
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, note.length]), note]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = createClient(NoteServiceDefinition, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  assert.equal((await client.get({}, { retry: quick })).id, "here");
  assert.equal(calls, 2);
  client.close();
  server.close();
});
