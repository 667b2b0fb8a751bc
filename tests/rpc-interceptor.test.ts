import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import {
  type CallEnd,
  Code,
  createClient,
  type InterceptedCall,
  type Interceptor,
  isCallOf,
  Metadata,
  observe,
  type ReadonlyMetadata,
  RpcError,
} from "../packages/rpc/dist/index.js";
import type { HandlerContext } from "../packages/rpc/dist/server.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import { caught, collect, gate, type Note, type NoteClient, NoteServiceDefinition, serveNotes } from "./rpc-fixture.ts";

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

const echo = {
  get: (request: { id: string }, context: HandlerContext) => {
    context.sendHeaders({ "x-head": "h" });
    context.trailers.set("x-tail", "t");
    return { id: `got ${request.id}`, count: Number(context.metadata.get("x-count") ?? 0) };
  },
  async *watch(request: { count: number }, context: HandlerContext) {
    context.sendHeaders({ "x-head": "h" });
    context.trailers.set("x-tail", "t");
    for (let count = 0; count < request.count; count++) {
      yield { count };
    }
  },
  async record(requests: AsyncIterable<{ id: string }>) {
    return { id: (await collect(requests)).map((request) => request.id).join() };
  },
  async *chat(requests: AsyncIterable<{ id: string }>) {
    for await (const { id } of requests) {
      yield { id: `re: ${id}` };
    }
  },
};

const isStream = ({ method: { kind } }: InterceptedCall): boolean => kind === "serverStream" || kind === "bidiStream";

/** An interceptor that never gets further, and says when it came to that. */
function stuck(where: "before" | "after" | "reading"): {
  readonly interceptor: Interceptor;
  readonly at: Promise<void>;
} {
  const at = gate();
  const wait = (): Promise<never> => {
    at.open();
    return new Promise(() => {});
  };
  const interceptor: Interceptor = async (call, next) => {
    if (where === "before") {
      await wait();
    }
    const reply = await next(call);
    if (where === "after" || !isStream(call)) {
      await wait();
    }
    return {
      ...reply,
      response: (async function* () {
        for await (const message of reply.response as AsyncIterable<unknown>) {
          yield message;
          await wait();
        }
      })(),
    };
  };
  return { interceptor, at: at.promise };
}

const calls: readonly [string, (client: NoteClient, options?: object) => Promise<unknown>][] = [
  ["get", (client, options) => client.get({ id: "a" }, options)],
  ["watch", (client, options) => collect(client.watch({ id: "a", count: 2 }, options))],
  ["record", (client, options) => client.record([{ id: "a" }, { id: "b" }], options)],
  ["chat", (client, options) => collect(client.chat([{ id: "a" }], options))],
];

test("all four kinds go through the client's interceptors, then the call's, outermost first", async () => {
  await using served = await serveNotes(echo);
  const seen: string[] = [];
  const named =
    (name: string): Interceptor =>
    async (call, next) => {
      seen.push(`${name} ${call.method.key}`);
      const reply = await next(call);
      seen.push(`${name} done`);
      return reply;
    };
  const client = createClient(NoteServiceDefinition, served.target, { interceptors: [named("1"), named("2")] });
  for (const [key, call] of calls) {
    await call(client, { interceptors: [named("3"), named("4")] });
    const names = ["1", "2", "3", "4"];
    assert.deepEqual(seen.splice(0), [
      ...names.map((name) => `${name} ${key}`),
      ...names.reverse().map((name) => `${name} done`),
    ]);
  }
  client.close();
});

test("an interceptor sees the method, the address, the options and complete messages", async () => {
  await using served = await serveNotes(echo);
  const seen: InterceptedCall[] = [];
  const replies: unknown[] = [];
  const look: Interceptor = async (call, next) => {
    seen.push(call);
    const reply = await next(call);
    replies.push(reply.response);
    assert.equal(reply.header.get("x-head"), isStream(call) ? undefined : "h");
    return reply;
  };
  const options = { metadata: { "x-app": "app", "x-own": "client" }, interceptors: [look] };
  const client = createClient(NoteServiceDefinition, served.target, options);
  const before = Date.now();
  await client.get({ id: "a", total: "7" }, { deadline: 60_000, metadata: { "x-own": "call" } });
  const [call] = seen;
  assert.ok(call !== undefined);
  const { key, name, service, fullName, path, kind, idempotency, deprecated, requestType } = call.method;
  assert.deepEqual(
    [key, name, service, fullName, path, kind, idempotency, deprecated, requestType],
    [
      "get",
      "Get",
      "test.note.v1.NoteService",
      "test.note.v1.NoteService/Get",
      "/test.note.v1.NoteService/Get",
      "unary",
      "NO_SIDE_EFFECTS",
      false,
      "test.note.v1.Note",
    ],
  );
  assert.deepEqual([call.side, call.target], ["client", served.target]);
  assert.deepEqual(
    [...call.metadata],
    [
      ["x-app", "app"],
      ["x-own", "call"],
    ],
  );
  const left = Number(call.deadline) - before;
  assert.ok(left >= 60_000 && left < 70_000, String(left));
  assert.equal(call.signal.aborted, false);
  assert.deepEqual([(call.request as Note).total, (call.request as Note).replies], [7n, []]);
  assert.equal((replies[0] as Note).id, "got a");
  await collect(client.watch({}));
  assert.equal(seen[1]?.deadline, undefined);
  client.close();
});

test("an interceptor can change the request, the metadata and the response of every kind", async () => {
  const change: Interceptor = async (call, next) => {
    call.metadata.set("x-count", "5");
    const streams = call.method.kind === "clientStream" || call.method.kind === "bidiStream";
    const request = streams
      ? (async function* () {
          for await (const { id } of call.request as AsyncIterable<Note>) {
            yield { id: `${id}!` };
          }
        })()
      : { ...(call.request as Note), id: "changed" };
    const reply = await next({ ...call, request });
    const mark = (message: unknown): unknown => ({ ...(message as Note), total: 9n });
    const response = isStream(call)
      ? (async function* () {
          for await (const message of reply.response as AsyncIterable<Note>) {
            yield mark(message);
          }
        })()
      : mark(reply.response);
    return { ...reply, response };
  };
  const fake = createFake(NoteServiceDefinition, echo, { interceptors: [change] });
  const got = await fake.get({ id: "a" });
  assert.deepEqual([got.id, got.count, got.total], ["got changed", 5, 9n]);
  assert.deepEqual(
    (await collect(fake.watch({ count: 2 }))).map(({ count, total }) => [count, total]),
    [
      [0, 9n],
      [1, 9n],
    ],
  );
  assert.equal((await fake.record([{ id: "a" }, { id: "b" }])).id, "a!,b!");
  assert.deepEqual(
    (await collect(fake.chat([{ id: "a" }]))).map(({ id, total }) => [id, total]),
    [["re: a!", 9n]],
  );
});

test("an interceptor can call again, each time with metadata of its own", async () => {
  let tries = 0;
  const heard: (readonly unknown[])[] = [];
  await using served = await serveNotes({
    get(_, context) {
      heard.push(context.metadata.getAll("x-try"));
      if (++tries < 3) {
        throw new RpcError("ABORTED", `try ${tries}`, { metadata: { "x-tail": "failed" } });
      }
      context.trailers.set("x-tail", "fine");
      return { count: tries };
    },
  });
  const retry: Interceptor = async (call, next) => {
    for (;;) {
      try {
        return await next(call);
      } catch (error) {
        if (!RpcError.is(error) || error.code !== Code.ABORTED) throw error;
      }
    }
  };
  const append: Interceptor = (call, next) => {
    call.metadata.append("x-try", "once");
    return next(call);
  };
  const trailers: (string | undefined)[] = [];
  const client = createClient(NoteServiceDefinition, served.target, { interceptors: [retry, append] });
  const onTrailer = (trailer: ReadonlyMetadata): unknown => trailers.push(trailer.get("x-tail"));
  assert.equal((await client.get({}, { onTrailer })).count, 3);
  assert.deepEqual(heard, [["once"], ["once"], ["once"]]);
  assert.deepEqual(trailers, ["fine"]);
  client.close();
});

test("an interceptor can answer by itself: no call is made, headers and trailers are told", async () => {
  const answer: Interceptor = async (call) => ({
    response: isStream(call) ? [{ id: "1" }, { id: "2" }] : { id: "mine" },
    header: new Metadata({ "x-from": "interceptor" }),
    trailer: new Metadata({ "x-end": "yes" }),
  });
  const fake = createFake(NoteServiceDefinition, {}, { interceptors: [answer] });
  const told: string[] = [];
  const options = {
    onHeader: (header: ReadonlyMetadata) => told.push(`header ${header.get("x-from")}`),
    onTrailer: (trailer: ReadonlyMetadata) => told.push(`trailer ${trailer.get("x-end")}`),
  };
  for (const [, call] of calls) {
    const result = await call(fake, options);
    assert.deepEqual(result, Array.isArray(result) ? [{ id: "1" }, { id: "2" }] : { id: "mine" });
    assert.deepEqual(told.splice(0), ["header interceptor", "trailer yes"]);
  }
  assert.deepEqual(fake.calls, []);
});

test("headers are told when they come, and once; trailers at the end", async () => {
  await using served = await serveNotes(echo);
  const pass: Interceptor = (call, next) => next(call);
  const client = createClient(NoteServiceDefinition, served.target, { interceptors: [pass] });
  const told: string[] = [];
  const options = {
    onHeader: (header: ReadonlyMetadata) => told.push(`header ${header.get("x-head")}`),
    onTrailer: (trailer: ReadonlyMetadata) => told.push(`trailer ${trailer.get("x-tail")}`),
  };
  for await (const { count } of client.watch({ count: 2 }, options)) {
    told.push(String(count));
  }
  assert.deepEqual(told.splice(0), ["header h", "0", "1", "trailer t"]);
  await client.get({}, options);
  assert.deepEqual(told, ["header h", "trailer t"]);
  const why = new Error("mine");
  const thrower = (): never => {
    throw why;
  };
  for (const options of [{ onHeader: thrower }, { onTrailer: thrower }]) {
    assert.equal(await caught(client.get({}, options)), why);
    assert.equal(await caught(collect(client.watch({ count: 1 }, options))), why);
  }
  client.close();
});

test("what an interceptor throws comes out as it is, and its mistakes are named", async () => {
  const thrown = [new RpcError("PERMISSION_DENIED", "no"), new Error("bug"), "text"];
  for (const error of thrown) {
    const asynchronous: Interceptor = async () => {
      throw error;
    };
    const synchronous: Interceptor = () => {
      throw error;
    };
    for (const interceptor of [asynchronous, synchronous]) {
      const fake = createFake(NoteServiceDefinition, echo, { interceptors: [interceptor] });
      for (const [, call] of calls) {
        assert.equal(await caught(call(fake)), error);
      }
    }
  }
  const mistakes: readonly [Interceptor, RegExp][] = [
    [(async () => {}) as never, /an interceptor of test\.note\.v1\.NoteService\/Watch gave no reply: return what next/],
    [(async (_: unknown, next: () => unknown) => next()) as never, /called next without the call: write next\(call\)/],
    [async () => ({ response: 5 }), /gave a response that is no \(async\) iterable/],
  ];
  for (const [interceptor, message] of mistakes) {
    const fake = createFake(NoteServiceDefinition, echo, { interceptors: [interceptor] });
    const error = await caught(collect(fake.watch({})));
    assert.ok(error instanceof TypeError);
    assert.match(error.message, message);
  }
  assert.throws(
    () => createFake(NoteServiceDefinition, {}, { interceptors: [5 as never] }),
    /must be a list of functions/,
  );
  const fake = createFake(NoteServiceDefinition, echo);
  assert.match(String(await caught(fake.get({}, { interceptors: {} as never }))), /TypeError: .*a list of functions/);
});

test("an interceptor does not keep a call from being tried again after a proxy's error page", async () => {
  let tries = 0;
  const note = Buffer.from('{"id":"here","_unknownFields":[]}');
  const server = http2.createServer();
  server.on("stream", (stream) => {
    const headers = { "content-type": "application/grpc", [`x-try-${++tries}`]: "yes" };
    if (tries === 1) {
      stream.respond({ ...headers, ":status": 503, "content-type": "text/html" });
      stream.end("<html>no server behind me</html>");
      return;
    }
    stream.respond({ ...headers, ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, note.length]), note]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const headers: (readonly boolean[])[] = [];
  const ends: number[] = [];
  const look: Interceptor = async (call, next) => {
    const reply = await observe(call, next, { onEnd: ({ attempts }) => ends.push(attempts) });
    headers.push([reply.header.has("x-try-1"), reply.header.has("x-try-2")]);
    return { ...reply };
  };
  const client = createClient(NoteServiceDefinition, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    interceptors: [look],
    retry: { initialBackoff: 1 },
  });
  assert.equal((await client.get({})).id, "here");
  assert.deepEqual([headers, ends], [[[false, true]], [2]]);
  client.close();
  server.close();
});

test("a call that an interceptor does not wait for ends with it, and its error is nobody's", async () => {
  const aborted = gate<unknown>();
  let first = true;
  const fake = createFake(
    NoteServiceDefinition,
    {
      get: (_, { signal }) =>
        new Promise((resolve, reject) => {
          if (first) {
            first = false;
            resolve({});
          }
          signal.addEventListener("abort", () => {
            aborted.open(signal.reason);
            reject(signal.reason);
          });
        }),
    },
    {
      interceptors: [
        async (call, next) => {
          await next(call);
          next(call);
          await new Promise(setImmediate);
          return { response: { id: "first" } };
        },
      ],
    },
  );
  assert.equal((await fake.get({})).id, "first");
  assert.equal(((await aborted.promise) as RpcError).codeName, "CANCELLED");
});

test("the stack of an error shows the line of the call", async () => {
  await using served = await serveNotes({});
  const interceptors: Interceptor[] = [
    async (call, next) => {
      await new Promise(setImmediate);
      return next(call);
    },
  ];
  const client = createClient(NoteServiceDefinition, served.target, { interceptors });
  async function here(): Promise<unknown> {
    return await client.get({});
  }
  async function there(): Promise<unknown> {
    return await collect(client.chat([{}]));
  }
  for (const [call, name] of [
    [here, "here"],
    [there, "there"],
  ] as const) {
    const [first, second] = ((await caught(call())) as RpcError).stack?.split("\n") ?? [];
    assert.match(first ?? "", /^RpcError: .*UNIMPLEMENTED/);
    assert.match(second ?? "", new RegExp(`at ${name} .*rpc-interceptor\\.test\\.ts`));
  }
  client.close();
});

test("interceptors of a stream run at the first read, and not at all when there is none", async () => {
  let ran = 0;
  let served = 0;
  const fake = createFake(
    NoteServiceDefinition,
    {
      watch: () => {
        served++;
        return [{}];
      },
    },
    {
      interceptors: [
        async (call, next) => {
          ran++;
          const reply = await next(call);
          assert.equal(served, 0);
          return reply;
        },
      ],
    },
  );
  const unread = fake.watch({});
  await new Promise(setImmediate);
  assert.equal(ran, 0);
  assert.equal((await unread[Symbol.asyncIterator]().return?.())?.done, true);
  assert.deepEqual(await collect(unread), []);
  assert.deepEqual([ran, served], [0, 0]);
  const iterator = fake.watch({})[Symbol.asyncIterator]();
  const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
  assert.deepEqual(
    steps.map(({ done }) => done),
    [false, true, true],
  );
  assert.deepEqual([ran, served], [1, 1]);
});

for (const kind of ["watch", "chat"] as const) {
  test(`a break in the loop over ${kind} waits for interceptors and reaches the handler past one that hides it`, async () => {
    const cleaned = gate();
    async function* endless(): AsyncGenerator<{ id: string }> {
      try {
        for (;;) {
          yield { id: "x" };
        }
      } finally {
        cleaned.open();
      }
    }
    async function* requests(): AsyncGenerator<{ id: string }> {
      yield { id: "1" };
      // A generator that waits cannot be ended; the call does not wait for it.
      await new Promise(() => {});
    }
    await using served = await serveNotes({ watch: endless, chat: endless });
    const order: string[] = [];
    const cleanUp: Interceptor = async (call, next) => {
      const reply = await next(call);
      return {
        ...reply,
        response: (async function* () {
          try {
            yield* reply.response as AsyncIterable<unknown>;
          } finally {
            await new Promise(setImmediate);
            order.push("cleaned up");
          }
        })(),
      };
    };
    const hide: Interceptor = async (call, next) => {
      const reply = await next(call);
      const inner = (reply.response as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      return { ...reply, response: { [Symbol.asyncIterator]: () => ({ next: () => inner.next() }) } };
    };
    const { signal } = new AbortController();
    const watch: Interceptor = (call, next) => observe(call, next, {});
    const client = createClient(NoteServiceDefinition, served.target, { interceptors: [watch, cleanUp, hide] });
    for await (const _ of kind === "watch" ? client.watch({}, { signal }) : client.chat(requests(), { signal })) {
      break;
    }
    order.push("left");
    assert.deepEqual(order, ["cleaned up", "left"]);
    await cleaned.promise;
    assert.deepEqual(getEventListeners(signal, "abort"), []);
    client.close();
  });
}

test("a reader that leaves while an interceptor works ends what that gives afterwards", async () => {
  const [began, go, ended] = [gate(), gate(), gate()];
  const slow: Interceptor = async (call) => {
    began.open();
    await go.promise;
    assert.equal((call.signal.reason as RpcError).codeName, "CANCELLED");
    const iterator = {
      next: () => assert.fail("read"),
      return: async () => {
        ended.open();
        return { done: true, value: undefined };
      },
    };
    return { response: { [Symbol.asyncIterator]: () => iterator } };
  };
  const fake = createFake(NoteServiceDefinition, {}, { interceptors: [slow] });
  const iterator = fake.watch({})[Symbol.asyncIterator]();
  const first = iterator.next();
  await began.promise;
  assert.equal((await iterator.return?.())?.done, true);
  assert.equal((await first).done, true);
  go.open();
  await ended.promise;
});

for (const where of ["before", "after", "reading"] as const) {
  for (const [key, call] of calls) {
    test(`an abort and the deadline of ${key} do not wait for an interceptor that is stuck ${where}`, async () => {
      const aborting = stuck(where);
      const fake = createFake(NoteServiceDefinition, echo);
      const controller = new AbortController();
      const { signal } = controller;
      const failure = caught(call(fake, { signal, interceptors: [aborting.interceptor] }));
      await aborting.at;
      const why = new Error("the user left");
      controller.abort(why);
      const error = (await failure) as RpcError;
      assert.equal(error.codeName, "CANCELLED");
      assert.equal(error.cause, why);
      assert.deepEqual(getEventListeners(signal, "abort"), []);
      const late = (await caught(call(fake, { deadline: 30, interceptors: [stuck(where).interceptor] }))) as RpcError;
      assert.equal(late.codeName, "DEADLINE_EXCEEDED");
      assert.match(late.message, /^test\.note\.v1\.NoteService\/\w+ at in memory: DEADLINE_EXCEEDED/);
    });
  }
}

test("an interceptor hears of the abort and of the deadline by its signal, and may give more time", async () => {
  const reasons: unknown[] = [];
  const waits: Interceptor = (call) =>
    new Promise((_, reject) =>
      call.signal.addEventListener("abort", () => {
        reasons.push(call.signal.reason);
        reject(call.signal.reason);
      }),
    );
  const fake = createFake(NoteServiceDefinition, {
    get: () => new Promise((resolve) => setTimeout(() => resolve({ id: "slow" }), 150)),
  });
  const interceptors = [waits];
  const late = await caught(fake.get({}, { deadline: 20, interceptors }));
  assert.equal((late as RpcError).codeName, "DEADLINE_EXCEEDED");
  assert.equal(reasons[0], late);
  const why = new Error("left");
  assert.equal(await caught(fake.get({}, { signal: AbortSignal.timeout(20), interceptors })), reasons[1]);
  // Aborted before the call: an interceptor that looks sees it, and the call ends all the same.
  const early = (await caught(fake.get({}, { signal: AbortSignal.abort(why), interceptors }))) as RpcError;
  assert.deepEqual([early.codeName, early.cause], ["CANCELLED", why]);
  const generous: Interceptor = (call, next) => next({ ...call, deadline: new Date(Date.now() + 10_000) });
  assert.equal((await fake.get({}, { deadline: 20, interceptors: [generous] })).id, "slow");
  const strict: Interceptor = (call, next) => next({ ...call, deadline: new Date(Date.now() + 20) });
  const error = (await caught(fake.get({}, { interceptors: [strict] }))) as RpcError;
  assert.equal(error.codeName, "DEADLINE_EXCEEDED");
  const own: Interceptor = (call, next) => next({ ...call, signal: AbortSignal.abort(why) });
  assert.equal(((await caught(fake.get({}, { interceptors: [own] }))) as RpcError).cause, why);
});

test("a try with less time leaves the interceptor all the time that the call has", async () => {
  const fake = createFake(NoteServiceDefinition, { get: () => new Promise(() => {}) });
  const fallBack: Interceptor = async (call, next) => {
    const error = (await caught(next({ ...call, deadline: new Date(Date.now() + 10) }))) as RpcError;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { response: { id: error.codeName } };
  };
  assert.equal((await fake.get({}, { interceptors: [fallBack] })).id, "DEADLINE_EXCEEDED");
});

test("the error of a deadline is the call's own, which says more", async () => {
  await using served = await serveNotes({
    get: () => new Promise(() => {}),
    async *watch() {
      yield await new Promise<never>(() => {});
    },
  });
  const client = createClient(NoteServiceDefinition, served.target, { interceptors: [(call, next) => next(call)] });
  const late = [caught(client.get({}, { deadline: 40 })), caught(collect(client.watch({}, { deadline: 40 })))];
  for (const error of await Promise.all(late)) {
    assert.match(String(error), /DEADLINE_EXCEEDED: Deadline exceeded/);
  }
  client.close();
});

test("a pause before the call takes nothing from its deadline and adds nothing to it", async () => {
  const deadlines: number[] = [];
  const fake = createFake(NoteServiceDefinition, {
    get: (_, { deadline }) => {
      deadlines.push(Number(deadline));
      return {};
    },
  });
  const moment = new Date(Date.now() + 5_000);
  const pause: Interceptor = async (call, next) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return next(call);
  };
  await fake.get({}, { deadline: moment, interceptors: [pause] });
  assert.deepEqual(deadlines, [moment.getTime()]);
});

test("a request is as it was at the call, and one that is none is refused at once", async () => {
  const wait: Interceptor = async (call, next) => {
    await new Promise(setImmediate);
    return next(call);
  };
  const fake = createFake(NoteServiceDefinition, echo, { interceptors: [wait] });
  const request = { id: "before" };
  const answer = fake.get(request);
  request.id = "after";
  assert.equal((await answer).id, "got before");
  assert.match(String(await caught(fake.get(null as never))), /TypeError: the request of .* not null/);
  assert.throws(() => fake.watch(undefined as never), TypeError);
  assert.throws(() => fake.chat("ab" as never), TypeError);
  assert.match(String(await caught(fake.record({} as never))), /TypeError: .* takes a stream of requests/);
  assert.match(String(await caught(fake.get({ id: "unencodable" }))), /TypeError: the request of .*: value provided/);
  const ended = gate();
  async function* requests(): AsyncGenerator<{ id: string }> {
    try {
      yield { id: "1" };
      yield 5 as never;
    } finally {
      ended.open();
    }
  }
  assert.match(String(await caught(fake.record(requests()))), /TypeError: the request of .* not number/);
  await ended.promise;
  const why = new Error("disk full");
  async function* broken(): AsyncGenerator<{ id: string }> {
    yield { id: "1" };
    throw why;
  }
  assert.equal(await caught(collect(fake.chat(broken()))), why);
});

test("observe tells the messages and the end of every kind, once", async () => {
  const fail = (): never => {
    throw new RpcError("NOT_FOUND", "none");
  };
  const seen: string[] = [];
  const ends: CallEnd[] = [];
  const watching: Interceptor = (call, next) =>
    observe(call, next, {
      onRequest: (message) => seen.push(`> ${(message as Note).id}`),
      onResponse: (message) => seen.push(`< ${(message as Note).id}`),
      onEnd: (end) => {
        seen.push(`${Code.OK === end.code ? "OK" : (end.error as RpcError | undefined)?.codeName} ${end.left}`);
        ends.push(end);
      },
    });
  const interceptors = [watching];
  const fake = createFake(
    NoteServiceDefinition,
    { ...echo, watch: () => [{ id: "1" }, { id: "2" }] },
    { interceptors },
  );
  const expected: Readonly<Record<string, readonly string[]>> = {
    get: ["> a", "< got a", "OK false"],
    watch: ["> a", "< 1", "< 2", "OK false"],
    record: ["> a", "> b", "< a,b", "OK false"],
    chat: ["> a", "< re: a", "OK false"],
  };
  for (const [key, call] of calls) {
    await call(fake);
    assert.deepEqual(seen.splice(0), expected[key]);
  }
  const failing = createFake(
    NoteServiceDefinition,
    { get: fail, watch: fail, record: fail, chat: fail },
    { interceptors },
  );
  for (const [, call] of calls) {
    await caught(call(failing));
    assert.equal(seen.splice(0).at(-1), "NOT_FOUND false");
  }
  ends.length = 0;
  for await (const _ of fake.watch({})) {
    break;
  }
  assert.deepEqual(ends, [{ code: Code.CANCELLED, error: undefined, left: true, attempts: 1 }]);
});

test("observe tells an abort while nobody reads, and what it throws itself comes out", async () => {
  const ends: CallEnd[] = [];
  const ended = gate();
  const interceptors: Interceptor[] = [
    (call, next) =>
      observe(call, next, {
        onEnd: (end) => {
          ends.push(end);
          ended.open();
        },
      }),
  ];
  const fake = createFake(NoteServiceDefinition, {
    async *watch(_, { signal }) {
      yield {};
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
    get: () => ({}),
  });
  const controller = new AbortController();
  const iterator = fake.watch({}, { signal: controller.signal, interceptors })[Symbol.asyncIterator]();
  await iterator.next();
  const why = new Error("left");
  controller.abort(why);
  await ended.promise;
  assert.deepEqual(ends, [{ code: Code.CANCELLED, error: why, left: false, attempts: 1 }]);
  assert.equal(((await caught(iterator.next())) as RpcError).codeName, "CANCELLED");
  assert.equal((await iterator.next()).done, true);
  const thrower = (): never => {
    throw why;
  };
  for (const observer of [{ onRequest: thrower }, { onResponse: thrower }, { onEnd: thrower }]) {
    const throwing: Interceptor[] = [(call, next) => observe(call, next, observer)];
    assert.equal(await caught(fake.get({}, { interceptors: throwing })), why);
    assert.equal(await caught(collect(fake.watch({}, { deadline: 50, interceptors: throwing }))), why);
  }
});

test("observe tells the end of a call that another interceptor is stuck in, or whose reply it throws away", async () => {
  const ends: CallEnd[] = [];
  const signals: AbortSignal[] = [];
  const watching: Interceptor = (call, next) => {
    signals.push(call.signal);
    return observe(call, next, { onEnd: (end) => ends.push(end) });
  };
  const fake = createFake(NoteServiceDefinition, echo);
  for (const [, call] of calls) {
    await call(fake, { interceptors: [watching] });
  }
  assert.deepEqual(
    signals.map((signal) => getEventListeners(signal, "abort").length),
    [0, 0, 0, 0],
  );
  ends.length = 0;
  for (const [, call] of calls) {
    for (const where of ["before", "after", "reading"] as const) {
      const interceptors = [watching, stuck(where).interceptor];
      const late = await caught(call(fake, { deadline: 20, interceptors }));
      await new Promise(setImmediate);
      assert.deepEqual(
        ends.splice(0).map(({ code, error }) => [code, error]),
        [[Code.DEADLINE_EXCEEDED, late]],
      );
      const why = new Error("left before");
      await caught(call(fake, { signal: AbortSignal.abort(why), interceptors }));
      await new Promise(setImmediate);
      assert.deepEqual(
        ends.splice(0).map(({ code }) => code),
        [Code.CANCELLED],
      );
    }
  }
  let threw = false;
  const throwing: Interceptor = (call, next) =>
    observe(call, next, {
      onEnd: () => {
        threw = true;
        throw new Error("nobody's");
      },
    });
  const error = await caught(fake.get({}, { deadline: 20, interceptors: [throwing, stuck("before").interceptor] }));
  await new Promise(setImmediate);
  assert.deepEqual([(error as RpcError).codeName, threw], ["DEADLINE_EXCEEDED", true]);
  const throwAway: Interceptor = async (call, next) => {
    await next(call);
    return { response: [] };
  };
  assert.deepEqual(await collect(fake.watch({}, { interceptors: [throwAway, watching] })), []);
  await new Promise(setImmediate);
  assert.deepEqual(
    ends.map(({ code }) => code),
    [Code.CANCELLED],
  );
});

test("a call of one method has its types", async () => {
  const typed: Interceptor = async (call, next) => {
    if (isCallOf(call, NoteServiceDefinition, "get")) {
      const id: string = call.request.id;
      const reply = await next({ ...call, request: { ...call.request, id: `${id}${id}` } });
      const answer: string = reply.response.id;
      return { ...reply, response: { ...reply.response, id: `${answer}!` } };
    }
    if (isCallOf(call, NoteServiceDefinition, "chat")) {
      const reply = await next(call);
      const responses: AsyncIterable<Note> = reply.response;
      return { ...reply, response: responses };
    }
    return next(call);
  };
  const fake = createFake(NoteServiceDefinition, echo, { interceptors: [typed] });
  assert.equal((await fake.get({ id: "a" })).id, "got aa!");
  assert.equal((await collect(fake.chat([{ id: "a" }]))).length, 1);
  assert.equal((await fake.record([{ id: "a" }])).id, "a");
});
