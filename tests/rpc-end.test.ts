import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, test } from "node:test";
import {
  type CallOptions,
  createClient,
  type Interceptor,
  observe,
  type RpcError,
} from "../packages/rpc/dist/index.js";
import type { HandlerContext, Implementation } from "../packages/rpc/dist/server.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import {
  caught,
  collect,
  type Gate,
  gate,
  type NoteClient,
  type NoteDefinition,
  NoteServiceDefinition,
  serveNotes,
} from "./rpc-fixture.ts";

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

/** Handlers that never end by themselves, and say when they began, why they were aborted and that they cleaned up. */
function endless() {
  const began: Gate<void> = gate();
  const reason: Gate<RpcError> = gate();
  const cleaned: Gate<void> = gate();
  const wait = (context: HandlerContext): Promise<never> =>
    new Promise((_, reject) => {
      context.signal.addEventListener("abort", () => {
        reason.open(context.signal.reason as RpcError);
        reject(context.signal.reason);
      });
      began.open();
    });
  const implementation = {
    async get(_: unknown, context: HandlerContext) {
      try {
        return await wait(context);
      } finally {
        cleaned.open();
      }
    },
    async record(requests: AsyncIterable<unknown>, context: HandlerContext) {
      try {
        await requests[Symbol.asyncIterator]().next();
        return await wait(context);
      } finally {
        cleaned.open();
      }
    },
    async *watch(_: unknown, context: HandlerContext) {
      try {
        yield { id: "first" };
        await wait(context);
      } finally {
        cleaned.open();
      }
    },
    async *chat(requests: AsyncIterable<{ id: string }>, context: HandlerContext) {
      try {
        for await (const request of requests) {
          yield { id: `re: ${request.id}` };
          await wait(context);
        }
      } finally {
        cleaned.open();
      }
    },
  };
  return { implementation, began: began.promise, reason: reason.promise, cleaned: cleaned.promise };
}

/** Requests that go on for ever, and say when they were told to stop. */
function endlessRequests() {
  const stopped = gate();
  async function* requests(): AsyncGenerator<{ id: string }> {
    try {
      for (;;) {
        yield { id: "x" };
        await new Promise(setImmediate);
      }
    } finally {
      stopped.open();
    }
  }
  return { requests: requests(), stopped: stopped.promise };
}

/** Waits until a count has not moved for many turns: a sender that nothing holds back would send everything. */
async function still(count: () => number): Promise<void> {
  let before = count();
  for (let turn = 0; turn < 100; turn++) {
    await new Promise(setImmediate);
    if (count() !== before) {
      before = count();
      turn = 0;
    }
  }
}

type Call = (client: NoteClient, options: CallOptions, requests: AsyncIterable<{ id: string }>) => Promise<unknown>;

const kinds: readonly [string, Call, boolean][] = [
  ["unary", (client, options) => client.get({}, options), false],
  ["client stream", (client, options, requests) => client.record(requests, options), true],
  ["server stream", (client, options) => collect(client.watch({}, options)), false],
  ["bidi stream", (client, options, requests) => collect(client.chat(requests, options)), true],
];

type Serve = (implementation: Implementation<NoteDefinition>) => Promise<{ client: NoteClient } & AsyncDisposable>;

/** Streams that come through async generators of an interceptor, in both directions. */
const generators: Interceptor = async (call, next) => {
  const { kind } = call.method;
  async function* again(messages: unknown): AsyncGenerator<unknown> {
    yield* messages as AsyncIterable<unknown>;
  }
  const streams = kind === "clientStream" || kind === "bidiStream";
  const reply = await next(streams ? { ...call, request: again(call.request) } : call);
  return kind === "serverStream" || kind === "bidiStream" ? { ...reply, response: again(reply.response) } : reply;
};

const observing: Interceptor = (call, next) =>
  observe(call, next, { onRequest: () => {}, onResponse: () => {}, onEnd: () => {} });

const servers: readonly [string, Serve][] = [
  ["server", serveNotes],
  [
    "through interceptors",
    async (implementation) => {
      const served = await serveNotes(implementation);
      const interceptors = [observing, generators];
      const client = createClient(NoteServiceDefinition, served.target, { interceptors });
      const dispose = async (): Promise<void> => {
        client.close();
        await served[Symbol.asyncDispose]();
      };
      return { client, [Symbol.asyncDispose]: dispose };
    },
  ],
  [
    "fake",
    async (implementation) => {
      const client = createFake(NoteServiceDefinition, implementation);
      return { client, [Symbol.asyncDispose]: async () => client.close() };
    },
  ],
];

for (const [where, serve] of servers) {
  for (const [kind, call, streams] of kinds) {
    test(`${where}: an abort ends a ${kind} call on both sides`, async () => {
      const { implementation, began, reason, cleaned } = endless();
      await using served = await serve(implementation);
      const { requests, stopped } = endlessRequests();
      const controller = new AbortController();
      const failure = caught(call(served.client, { signal: controller.signal }, requests));
      await began;
      const why = new Error("the user left");
      controller.abort(why);
      const error = (await failure) as RpcError;
      assert.equal(error.codeName, "CANCELLED");
      assert.equal(error.cause, why);
      assert.equal((await reason).codeName, "CANCELLED");
      await cleaned;
      if (streams) {
        await stopped;
      }
      assert.deepEqual(getEventListeners(controller.signal, "abort"), []);
    });

    test(`${where}: a signal aborted before a ${kind} call makes no call`, async () => {
      const served = await serve({
        get: () => assert.fail("called"),
        record: () => assert.fail("called"),
        watch: () => assert.fail("called"),
        chat: () => assert.fail("called"),
      });
      await using _ = served;
      const { requests } = endlessRequests();
      const signal = AbortSignal.abort(new Error("before"));
      const error = (await caught(call(served.client, { signal }, requests))) as RpcError;
      assert.equal(error.codeName, "CANCELLED");
      assert.equal((error.cause as Error).message, "before");
      assert.deepEqual(getEventListeners(signal, "abort"), []);
    });

    test(`${where}: a deadline ends a ${kind} call on both sides`, async () => {
      const { implementation, began, reason, cleaned } = endless();
      await using served = await serve(implementation);
      const { requests, stopped } = endlessRequests();
      const { signal } = new AbortController();
      const failure = caught(call(served.client, { signal, deadline: 150 }, requests));
      await began;
      const error = (await failure) as RpcError;
      assert.equal(error.codeName, "DEADLINE_EXCEEDED");
      // The client's cancel and the server's own timer race: either ends the handler.
      assert.match((await reason).codeName, /^(DEADLINE_EXCEEDED|CANCELLED)$/);
      await cleaned;
      if (streams) {
        await stopped;
      }
      assert.deepEqual(getEventListeners(signal, "abort"), []);
    });

    test(`${where}: a deadline that has passed fails a ${kind} call`, async () => {
      const { implementation } = endless();
      await using served = await serve(implementation);
      const { requests } = endlessRequests();
      const error = (await caught(call(served.client, { deadline: new Date(0) }, requests))) as RpcError;
      assert.equal(error.codeName, "DEADLINE_EXCEEDED");
    });

    if (streams) {
      test(`${where}: requests that throw end a ${kind} call on both sides, with the error itself`, async () => {
        const { implementation, began, reason, cleaned } = endless();
        await using served = await serve(implementation);
        const why = new Error("disk full");
        async function* requests(): AsyncGenerator<{ id: string }> {
          yield { id: "1" };
          await began;
          throw why;
        }
        assert.equal(await caught(call(served.client, {}, requests())), why);
        assert.equal((await reason).codeName, "CANCELLED");
        await cleaned;
      });
    } else {
      test(`${where}: an ended ${kind} call leaves no listener on its signal`, async () => {
        await using served = await serve({ get: () => ({}), watch: () => [{}, {}] });
        const { signal } = new AbortController();
        await call(served.client, { signal }, endlessRequests().requests);
        assert.deepEqual(getEventListeners(signal, "abort"), []);
      });
    }
  }

  for (const kind of ["server", "bidi"]) {
    for (const way of ["break", "throw"]) {
      test(`${where}: a ${way} in the loop over a ${kind} stream ends the call on both sides`, async () => {
        const { implementation, began, reason, cleaned } = endless();
        await using served = await serve(implementation);
        const { requests, stopped } = endlessRequests();
        const { signal } = new AbortController();
        const options = { signal };
        const responses = kind === "server" ? served.client.watch({}, options) : served.client.chat(requests, options);
        const why = new Error("enough");
        const loop = async (): Promise<void> => {
          for await (const response of responses) {
            assert.match(response.id, /^(first|re: x)$/);
            await began;
            if (way === "throw") {
              throw why;
            }
            break;
          }
        };
        if (way === "throw") {
          assert.equal(await caught(loop()), why);
        } else {
          await loop();
        }
        assert.equal((await reason).codeName, "CANCELLED");
        await cleaned;
        if (kind === "bidi") {
          await stopped;
        }
        assert.deepEqual(await collect(responses), []);
        assert.deepEqual(getEventListeners(signal, "abort"), []);
      });
    }
  }

  for (const kind of ["server", "bidi"]) {
    test(`${where}: a ${kind}-stream handler that never looks at its signal is ended when its client leaves`, async () => {
      const cleaned = gate();
      async function* forEver(): AsyncGenerator<{ id: string }> {
        try {
          for (;;) {
            yield { id: "x" };
          }
        } finally {
          cleaned.open();
        }
      }
      await using served = await serve({ watch: forEver, chat: forEver });
      for await (const _ of kind === "server" ? served.client.watch({}) : served.client.chat([])) {
        break;
      }
      await cleaned.promise;
    });
  }

  test(`${where}: what onHeader and onTrailer throw comes out of the call`, async () => {
    await using served = await serve({ get: () => ({}), watch: () => [{}] });
    const why = new Error("mine");
    const thrower = (): never => {
      throw why;
    };
    for (const options of [{ onHeader: thrower }, { onTrailer: thrower }]) {
      assert.equal(await caught(served.client.get({}, options)), why);
      assert.equal(await caught(collect(served.client.watch({}, options))), why);
    }
  });

  test(`${where}: a bidi handler that leaves its requests can go on answering`, async () => {
    const served = await serve({
      async *chat(requests: AsyncIterable<{ id: string }>) {
        for await (const { id } of requests) {
          yield { id };
          break;
        }
        yield { id: "bye" };
      },
    });
    await using _ = served;
    const { requests, stopped } = endlessRequests();
    const ids = (await collect(served.client.chat(requests))).map((note) => note.id);
    assert.deepEqual(ids, ["x", "bye"]);
    await stopped;
  });

  test(`${where}: a client-stream handler that answers early ends the requests`, async () => {
    await using served = await serve({ record: () => ({ id: "enough" }) });
    const { requests, stopped } = endlessRequests();
    assert.equal((await served.client.record(requests)).id, "enough");
    await stopped;
  });

  test(`${where}: a server that is faster than its reader is held back`, async () => {
    const big = "x".repeat(64 * 1024);
    const total = 2_000;
    let sent = 0;
    const served = await serve({
      async *watch() {
        for (; sent < total; sent++) {
          yield { id: big };
        }
      },
    });
    await using _ = served;
    let read = 0;
    let furthest = 0;
    for await (const note of served.client.watch({})) {
      assert.equal(note.id.length, big.length);
      read++;
      if (read % 100 === 1) {
        await still(() => sent);
      }
      furthest = Math.max(furthest, sent - read);
    }
    assert.equal(read, total);
    assert.ok(furthest < total / 4, `the server was ${furthest} messages ahead`);
  });

  test(`${where}: requests that are faster than the server are held back`, async () => {
    const big = "x".repeat(64 * 1024);
    const total = 2_000;
    let sent = 0;
    let furthest = 0;
    const served = await serve({
      async record(requests: AsyncIterable<unknown>) {
        let count = 0;
        for await (const _ of requests) {
          count++;
          if (count % 100 === 1) {
            await still(() => sent);
          }
          furthest = Math.max(furthest, sent - count);
        }
        return { count };
      },
    });
    await using _ = served;
    function* requests(): Generator<{ id: string }> {
      for (; sent < total; sent++) {
        yield { id: big };
      }
    }
    assert.equal((await served.client.record(requests())).count, total);
    assert.ok(furthest < total / 4, `the requests were ${furthest} messages ahead`);
  });
}
