import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bridge, bridgeClient, bridgeServer, connectInProcess, type Loss } from "../packages/rpc/dist/bridge.js";
import {
  type Channel,
  createClient,
  type ErrorDetail,
  type ReadonlyMetadata,
  RpcError,
} from "../packages/rpc/dist/index.js";
import {
  type HandlerContext,
  implement,
  type OnError,
  type ServiceImplementation,
} from "../packages/rpc/dist/server.js";
import { serve } from "../packages/rpc-server/dist/index.js";
import {
  bridge,
  type MemoImplementation,
  MemoServiceDefinition,
  memoClient,
  memoHandlers,
  type NoteImplementation,
  noteClient,
  noteHandlers,
  notes,
} from "./rpc-bridge-fixture.ts";
import { caught, collect, gate, type Note, NoteServiceDefinition } from "./rpc-fixture.ts";

const memosOf = (implementation: MemoImplementation): ServiceImplementation =>
  implement(MemoServiceDefinition, implementation);
const notesOf = (implementation: NoteImplementation): ServiceImplementation =>
  implement(NoteServiceDefinition, implementation);

interface Served extends AsyncDisposable {
  readonly target: string | Channel;
}

type Start = (service: ServiceImplementation, onError?: OnError) => Promise<Served>;

const startSocket: Start = async (service, onError) => {
  const server = await serve({
    address: "127.0.0.1:0",
    services: [service],
    shutdown: { signals: [], grace: 0 },
    authenticate: () => "somebody",
    onError,
  });
  return { target: server.address, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

const startInProcess: Start = async (service, onError) => {
  const channel = connectInProcess(service, { onError });
  return { target: channel, [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose]() };
};

/** The same service over a socket and without one. */
const ways: readonly (readonly [string, Start])[] = [
  ["over a socket", startSocket],
  ["in process", startInProcess],
];

/** A client of notes, whose server is written for memos. */
const oldOf = (implementation: MemoImplementation): Channel =>
  connectInProcess(bridgeServer(memosOf(implementation), bridge), { onError: () => {} });

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

const big = "x".repeat(64 * 1024);
const TOTAL = 1000;

for (const [where, serveIt] of ways) {
  test(`${where}: a slow reader holds the new version's handler back, and leaving ends it`, async () => {
    let sent = 0;
    const ended = gate();
    const memos = memosOf({
      async *follow() {
        try {
          for (; sent < TOTAL; sent++) yield { name: big };
        } finally {
          ended.open();
        }
      },
    });
    await using served = await serveIt(bridgeServer(memos, bridge));
    await using client = noteClient(served.target);
    let read = 0;
    for await (const { id } of client.watch({})) {
      assert.equal(id.length, big.length);
      if (++read === 3) break;
      await still(() => sent);
    }
    assert.ok(sent < TOTAL / 2, `${sent} sent, 3 read`);
    await ended.promise;
  });

  test(`${where}: a slow handler of the new version holds the requests back, and its answer ends them`, async () => {
    let sent = 0;
    const ended = gate();
    const memos = memosOf({
      async gather(requests) {
        let count = 0;
        for await (const { name } of requests) {
          assert.equal(name.length, big.length);
          await still(() => sent);
          if (++count === 3) break;
        }
        return { name: "enough", amount: count };
      },
    });
    await using served = await serveIt(bridgeServer(memos, bridge));
    await using client = noteClient(served.target);
    async function* requests() {
      try {
        for (; sent < TOTAL; sent++) yield { id: big };
      } finally {
        ended.open();
      }
    }
    const { id, count } = await client.record(requests());
    assert.deepEqual([id, count], ["enough", 3]);
    assert.ok(sent < TOTAL / 2, `${sent} sent, 3 read`);
    await ended.promise;
  });

  test(`${where}: a bidirectional client that leaves ends the handler and its requests`, async () => {
    const [ended, left] = [gate(), gate()];
    const memos = memosOf({
      async *talk(requests) {
        try {
          for await (const { name } of requests) yield { name: `re: ${name}` };
        } finally {
          ended.open();
        }
      },
    });
    await using served = await serveIt(bridgeServer(memos, bridge));
    await using client = noteClient(served.target);
    async function* requests() {
      try {
        for (;;) {
          yield { id: "x" };
          await new Promise(setImmediate);
        }
      } finally {
        left.open();
      }
    }
    for await (const { id } of client.chat(requests())) {
      assert.equal(id, "re: x");
      break;
    }
    await Promise.all([ended.promise, left.promise]);
  });

  for (const [end, options, code] of [
    ["deadline", () => ({ deadline: 50 }), "DEADLINE_EXCEEDED"],
    ["abort", () => ({ signal: AbortSignal.timeout(50) }), "CANCELLED"],
  ] as const) {
    test(`${where}: ${end} of the old client reaches the new version's handler`, async () => {
      const [unary, stream] = [gate<unknown>(), gate<unknown>()];
      const until = ({ signal }: HandlerContext, tell: (reason: unknown) => void): Promise<never> =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            tell(signal.reason);
            reject(signal.reason);
          }),
        );
      const memos = memosOf({
        fetch: (_, context) => until(context, unary.open),
        async *follow(_, context) {
          yield { name: "first" };
          await until(context, stream.open);
        },
      });
      await using served = await serveIt(bridgeServer(memos, bridge));
      await using client = noteClient(served.target);
      const [first, second] = await Promise.all([
        caught(client.get({}, { ...options(), retry: false })),
        caught(collect(client.watch({}, options()))),
      ]);
      assert.deepEqual([(first as RpcError).codeName, (second as RpcError).codeName], [code, code]);
      assert.ok(RpcError.is(await unary.promise) && RpcError.is(await stream.promise));
    });
  }

  test(`${where}: the handler has the call's context under its own method's name`, async () => {
    let seen: HandlerContext | undefined;
    let peer = "";
    const memos = memosOf({
      fetch(_, context) {
        seen = context;
        ({ peer } = context);
        context.sendHeaders({ "x-head": "1" });
        assert.throws(() => context.sendHeaders({}), /sent its headers already/);
        return {};
      },
    });
    await using served = await serveIt(bridgeServer(memos, bridge));
    await using client = noteClient(served.target);
    await client.get({}, { metadata: { "x-a": "b" }, deadline: 60_000 });
    assert.equal(seen?.method, "test.note.v2.MemoService/Fetch");
    assert.equal(seen.metadata.get("x-a"), "b");
    assert.ok(seen.timeLeft > 50_000 && seen.deadline instanceof Date && !seen.closing.aborted);
    const socket = where === "over a socket";
    assert.equal(seen.caller, socket ? "somebody" : undefined);
    assert.match(peer, socket ? /^127\.0\.0\.1:\d+$/ : /^in memory$/);
  });

  test(`${where}: what is thrown that is no RpcError is told to the server under the client's id`, async () => {
    const told: unknown[] = [];
    const memos = memosOf({
      fetch() {
        throw "a text";
      },
      async *follow() {
        yield {};
        throw new TypeError("a bug");
      },
      gather: () => undefined as never,
      talk: () => 5 as never,
    });
    const onError: OnError = (error, { method }, id) => told.push([String(error), method, `internal error ${id}`]);
    await using served = await serveIt(bridgeServer(memos, bridge), onError);
    await using client = noteClient(served.target);
    const errors = [
      await caught(client.get({})),
      await caught(collect(client.watch({}))),
      await caught(client.record([])),
      await caught(collect(client.chat([]))),
      await caught(client.get({ id: "unconvertible" })),
      await caught(collect(client.watch({ id: "unconvertible" }))),
    ] as RpcError[];
    const [v2, v1] = ["test.note.v2.MemoService", "test.note.v1.NoteService"];
    const texts = [
      ["a text", `${v1}/Get`],
      ["TypeError: a bug", `${v1}/Watch`],
      [`TypeError: the response of ${v2}/Gather must be a message (an object), not undefined`, `${v1}/Record`],
      [
        `TypeError: the handler of ${v2}/Talk must give an (async) iterable, for example be an async generator`,
        `${v1}/Chat`,
      ],
      ["TypeError: no memo has this name", `${v1}/Get`],
      ["TypeError: no memo has this name", `${v1}/Watch`],
    ];
    assert.deepEqual(
      told,
      errors.map(({ rawMessage }, at) => [...(texts[at] ?? []), rawMessage]),
    );
    assert.ok(errors.every(({ codeName, cause }) => codeName === "INTERNAL" && cause === undefined));
  });
}

test("a method without a handler answers UNIMPLEMENTED under the name that the client called", async () => {
  const old = noteClient(oldOf({ talk: undefined }));
  const missing = [await caught(old.get({})), await caught(collect(old.chat([{}])))] as RpcError[];
  assert.deepEqual(
    missing.map(({ codeName, rawMessage }) => [codeName, rawMessage]),
    [
      ["UNIMPLEMENTED", "test.note.v1.NoteService/Get is not implemented"],
      ["UNIMPLEMENTED", "test.note.v1.NoteService/Chat is not implemented"],
    ],
  );
  const client = memoClient(connectInProcess(bridgeClient(noteClient(connectInProcess(notes)), bridge)));
  assert.equal(
    ((await caught(client.count({}))) as RpcError).rawMessage,
    "test.note.v2.MemoService/Count is not implemented",
  );
});

const fieldsOf = (error: unknown): unknown =>
  RpcError.is(error) ? error.detail("google.rpc.BadRequest")?.fieldViolations.map(({ field }) => field) : error;

function violating(...fields: readonly string[]): RpcError {
  const fieldViolations = fields.map((field) => ({ field, description: "wrong", localizedMessage: { locale: "de" } }));
  return new RpcError("INVALID_ARGUMENT", "no", {
    details: [{ type: "google.rpc.BadRequest", value: { fieldViolations } }],
  });
}

test("the fields of a BadRequest are those that the client knows; others are named in full, and none is lost", async () => {
  const fields: Readonly<Record<string, string>> = {
    name: "id",
    amount: "count",
    answers: "replies",
    "answers[3]": "replies[3]",
    "answers[3].name": "replies[3].id",
    "answers[3].answers[0].name": "replies[3].replies[0].id",
    "answers[3].author": "test.note.v2.Memo.answers[3].author",
    author: "test.note.v2.Memo.author",
    toString: "test.note.v2.Memo.toString",
    id: "test.note.v2.Memo.id",
    "not a path": "test.note.v2.Memo.not a path",
    "..": "test.note.v2.Memo...",
    "": "",
  };
  const fetch = (): never => {
    throw violating(...Object.keys(fields));
  };
  const error = (await caught(noteClient(oldOf({ fetch })).get({}))) as RpcError;
  assert.deepEqual(fieldsOf(error), Object.values(fields));
  const [first] = error.detail("google.rpc.BadRequest")?.fieldViolations ?? [];
  assert.deepEqual([first?.description, first?.localizedMessage?.locale], ["wrong", "de"]);
});

test("errors of a conversion speak of its own client's fields", async () => {
  const client = noteClient(oldOf(memoHandlers));
  for (const error of [
    await caught(client.get({ id: "refused" })),
    await caught(collect(client.watch({ id: "refused" }))),
    await caught(client.record([{}, { id: "refused" }])),
    await caught(collect(client.chat([{ id: "refused" }]))),
  ]) {
    assert.deepEqual(fieldsOf(error), ["replies[0].id"]);
  }
});

test("details that cannot be read, or say nothing of fields, go on byte for byte", async () => {
  const key = "grpc-status-details-bin";
  const damaged = new Uint8Array([255, 255, 255]);
  const other = new RpcError("ABORTED", "no", { details: [{ type: "google.rpc.RetryInfo", value: {} }] });
  const texts: Readonly<Record<string, RpcError>> = {
    damaged: new RpcError("ABORTED", "no", { metadata: { [key]: damaged } }),
    half: new RpcError("ABORTED", "no", {
      details: [
        { type: "google.rpc.BadRequest", value: damaged },
        { type: "google.rpc.BadRequest", value: { fieldViolations: [{ field: "name" }] } },
      ],
    }),
    other,
  };
  const client = noteClient(
    oldOf({
      fetch({ name }) {
        throw texts[name];
      },
    }),
  );
  const bytesOf = async (id: string) => ((await caught(client.get({ id }))) as RpcError).metadata.getBinary(key);
  assert.deepEqual(await bytesOf("damaged"), damaged);
  assert.deepEqual(await bytesOf("other"), other.metadata.getBinary(key));
  assert.ok(Buffer.from((await bytesOf("half")) ?? []).includes(Buffer.from(damaged)));
  assert.deepEqual(fieldsOf(await caught(client.get({ id: "half" }))), ["id"]);
});

test("a method by hand calls the new version: what it throws goes on, its fields named in full", async () => {
  const contexts: HandlerContext[] = [];
  const parts: MemoImplementation = {
    fetch({ name }, context) {
      contexts.push(context);
      if (name === "bad") throw violating("name", "author");
      context.sendHeaders({ "x-head": "fetch" });
      context.trailers.set("x-fetch", "1");
      return { name: `fetched ${name}` };
    },
    async gather(requests, context) {
      context.sendHeaders({ "x-head": "gather" });
      context.trailers.set("x-gather", "1");
      return { name: (await collect(requests)).map(({ name, answers }) => `${name}${answers.length}`).join() };
    },
    async *talk(requests) {
      for await (const { name } of requests) {
        yield { name: `re: ${name}` };
        if (name === "bad") throw violating("name");
      }
    },
  };
  const seen: unknown[] = [];
  const client = noteClient(oldOf(parts));
  const note = await client.close$(
    { id: "n" },
    { onHeader: (header) => seen.push(...header), onTrailer: (trailer) => seen.push(...trailer) },
  );
  assert.equal(note.id, "fetched n0+a0,b00+re: c0");
  assert.deepEqual(seen, [
    ["x-head", "fetch"],
    ["x-fetch", "1"],
    ["x-gather", "1"],
  ]);
  assert.equal(contexts[0]?.method, "test.note.v2.MemoService/Fetch");
  assert.deepEqual(fieldsOf(await caught(client.close$({ id: "bad" }))), [
    "test.note.v2.Memo.name",
    "test.note.v2.Memo.author",
  ]);
  const { gather: _, ...without } = parts;
  assert.equal(
    ((await caught(noteClient(oldOf(without)).close$({}))) as RpcError).rawMessage,
    "test.note.v2.MemoService/Gather is not implemented",
  );
});

test("each loss that a message meets is told, and may be forbidden", async () => {
  const memos = memosOf({ fetch: ({ name }) => ({ name, author: "somebody", answers: [{ author: "another" }] }) });
  const losses: Loss[] = [];
  const told = bridgeServer(memos, bridge, { onLoss: (loss) => losses.push(loss) });
  const note: Partial<Note> = { id: "n", body: { $case: "text", value: "lost" } };
  assert.equal((await noteClient(connectInProcess(told)).get({ ...note, replies: [{}] })).id, "n");
  assert.deepEqual(
    losses.map(({ path }) => path),
    ["v1.Note.body", "v2.Memo.author", "v2.Memo.author"],
  );
  const forbidden = bridgeServer(memos, bridge, {
    onLoss({ path, reason }) {
      throw new RpcError("FAILED_PRECONDITION", `${path}: ${reason}`);
    },
  });
  const error = (await caught(noteClient(connectInProcess(forbidden)).get(note))) as RpcError;
  assert.deepEqual([error.codeName, error.rawMessage], ["FAILED_PRECONDITION", "v1.Note.body: memos are names alone"]);
  const upward: Loss[] = [];
  const old = noteClient(connectInProcess(notesOf({ get: () => note })));
  const client = memoClient(connectInProcess(bridgeClient(old, bridge, { onLoss: (loss) => upward.push(loss) })));
  await client.fetch({ author: "somebody" });
  assert.deepEqual(
    upward.map(({ path }) => path),
    ["v2.Memo.author", "v1.Note.body"],
  );
});

test("a bridged client sends what belongs to the call, not to the connection, and tries no more than the old one", async () => {
  let tries = 0;
  let seen: HandlerContext | undefined;
  const busy = notesOf({
    get(_, context) {
      tries++;
      seen = context;
      throw new RpcError("UNAVAILABLE", "busy", { metadata: { "x-why": "load" } });
    },
    record: noteHandlers.record,
  });
  await using server = await startSocket(busy);
  await using old = createClient(NoteServiceDefinition, server.target, { retry: { attempts: 3, initialBackoff: 1 } });
  await using proxy = await startSocket(bridgeClient(old, bridge));
  await using client = createClient(MemoServiceDefinition, proxy.target as string, {
    grpc: { "grpc.primary_user_agent": "outside" },
  });
  const options = { retry: { attempts: 5, initialBackoff: 1 }, metadata: { authorization: "me", "x-own": "1" } };
  const error = (await caught(client.fetch({}, options))) as RpcError;
  assert.deepEqual([error.codeName, error.rawMessage, error.metadata.get("x-why")], ["UNAVAILABLE", "busy", "load"]);
  assert.deepEqual([tries, error.attempts], [3, 3]);
  assert.deepEqual([seen?.metadata.get("authorization"), seen?.metadata.get("x-own")], ["me", "1"]);
  assert.doesNotMatch(seen?.metadata.get("user-agent") ?? "", /outside/);
});

test("headers and trailers come back without those of the connection, and none go with the request", async () => {
  const sent: HandlerContext[] = [];
  const old = notesOf({
    get({ id }, context) {
      sent.push(context);
      context.sendHeaders({ "x-head": "1", deprecation: "@1796083200", sunset: "Thu, 01 Jul 2027 00:00:00 GMT" });
      context.trailers.set("x-tail", "2");
      if (id === "bad") throw violating("id");
      return {};
    },
  });
  const keysOf = (metadata: ReadonlyMetadata | undefined): string[] => [...(metadata ?? [])].map(([key]) => key);
  await using server = await startSocket(old);
  await using socketClient = noteClient(server.target);
  const client = memoClient(connectInProcess(bridgeClient(socketClient, bridge)));
  const seen: string[][] = [];
  const tell = (metadata: ReadonlyMetadata): number => seen.push(keysOf(metadata));
  await client.fetch({}, { onHeader: tell, onTrailer: tell });
  assert.deepEqual(seen, [["x-head"], ["x-tail"]]);
  const error = (await caught(client.fetch({ name: "bad" }))) as RpcError;
  assert.deepEqual(keysOf(error.metadata), ["x-tail", "grpc-status-details-bin"]);
  // In process nothing is put over what a proxy hands on.
  await using proxy = await startSocket(bridgeClient(noteClient(connectInProcess(old)), bridge));
  await using outside = memoClient(proxy.target);
  await outside.fetch({}, { metadata: { "grpc-tags-bin": new Uint8Array([1]), "x-own": "3" } });
  assert.deepEqual(keysOf(sent.at(-1)?.metadata), ["x-own"]);
});

test("a caller of a bridged client that leaves, leaves the old server; no deadline is none", async () => {
  const [began, aborted, deadline] = [gate(), gate<unknown>(), gate<Date | undefined>()];
  const waiting = notesOf({
    get(_, { signal }) {
      began.open();
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          aborted.open(signal.reason);
          reject(signal.reason);
        }),
      );
    },
    record(_, context) {
      deadline.open(context.deadline);
      return {};
    },
  });
  const client = memoClient(connectInProcess(bridgeClient(noteClient(connectInProcess(waiting)), bridge)));
  const controller = new AbortController();
  const failed = caught(client.fetch({}, { signal: controller.signal }));
  await began.promise;
  controller.abort();
  assert.equal(((await failed) as RpcError).codeName, "CANCELLED");
  assert.equal(((await aborted.promise) as RpcError).codeName, "CANCELLED");
  await client.gather([], { deadline: Number.POSITIVE_INFINITY });
  assert.equal(await deadline.promise, undefined);
});

test("a message that cannot be converted ends the stream that it came from", async () => {
  const [answers, requests] = [gate(), gate()];
  async function* endless<T>(message: T, ended: () => void) {
    try {
      for (;;) yield message;
    } finally {
      ended();
    }
  }
  const client = noteClient(
    oldOf({
      follow: () => endless({ name: "unconvertible" }, answers.open),
      gather: async (requests) => ({ amount: (await collect(requests)).length }),
    }),
  );
  assert.equal(((await caught(collect(client.watch({})))) as RpcError).codeName, "INTERNAL");
  const failed = await caught(client.record(endless({ id: "unconvertible" }, requests.open)));
  assert.equal((failed as RpcError).codeName, "INTERNAL");
  await Promise.all([answers.promise, requests.promise]);
});

test("a channel in process is a channel: shared, closed, intercepted, tried again, of one service", async () => {
  let tries = 0;
  const flaky = notesOf({
    get({ id }) {
      if (++tries < 3) throw new RpcError("UNAVAILABLE", "busy");
      return { id };
    },
    chat: noteHandlers.chat,
  });
  const channel = connectInProcess(flaky);
  const client = createClient(NoteServiceDefinition, channel, {
    retry: { initialBackoff: 1 },
    interceptors: [
      (call, next) => {
        call.metadata.set("x-by", "interceptor");
        return next(call);
      },
    ],
  });
  assert.deepEqual([(await client.get({ id: "a" })).id, tries], ["a", 3]);
  assert.equal((await collect(client.chat([{ id: "metadata" }])))[0]?.id, "x-by=interceptor");
  const stranger = (await caught(memoClient(channel).fetch({}))) as RpcError;
  assert.deepEqual(
    [stranger.codeName, stranger.rawMessage],
    ["UNIMPLEMENTED", "the service in this process has no method test.note.v2.MemoService/Fetch"],
  );
  assert.equal(stranger.target, "in process");
  const running = client.chat([{ id: "on" }])[Symbol.asyncIterator]();
  assert.equal((await running.next()).value?.id, "re: on");
  channel.close();
  assert.equal((await running.next()).done, true);
  assert.equal(((await caught(client.get({}))) as RpcError).codeName, "CANCELLED");
});

test("what does not fit together is refused at once, with the fix", () => {
  const memos = memosOf(memoHandlers);
  const old = noteClient(connectInProcess(notes));
  const routes = { ...bridge.old.routes, watch: { ...bridge.old.routes["watch"], to: "fetch" } };
  const crooked = { ...bridge, old: { ...bridge.old, routes } } as Bridge;
  for (const [wrong, message] of [
    [
      () => bridgeServer(notes, bridge),
      "bridgeServer takes an implementation of test.note.v2.MemoService, not of test.note.v1.NoteService",
    ],
    [
      () => bridgeClient(memoClient(connectInProcess(memos)), bridge),
      "bridgeClient takes a client of test.note.v1.NoteService: this one lacks get, watch, record, chat, close$",
    ],
    [
      () => bridgeServer(memos, crooked),
      "the bridge joins test.note.v1.NoteService/Watch (serverStream) with test.note.v2.MemoService/Fetch (unary): write it by hand",
    ],
    [
      () => bridgeServer(memos, bridge, { onloss: () => {} } as never),
      'bridgeServer has no option "onloss": did you mean "onLoss"?',
    ],
    [() => bridgeClient(old, bridge, { loss: 1 } as never), /bridgeClient/],
    [() => connectInProcess(notes, { onEror: () => {} } as never), /connectInProcess.*onError/],
  ] as const) {
    assert.throws(wrong, { name: "TypeError", message });
  }
});

test("an error's details stay whole", async () => {
  const fetch = (): never => {
    throw new RpcError("INVALID_ARGUMENT", "x".repeat(5000), {
      details: [
        { type: "google.rpc.BadRequest", value: { fieldViolations: [{ field: "name" }] } },
        { type: "type.example.com/acme.v1.Own", value: new Uint8Array([1]) },
      ],
      metadata: { "x-own": "1" },
    });
  };
  const error = (await caught(noteClient(oldOf({ fetch })).get({}))) as RpcError;
  const types = error.details.map(({ type }: ErrorDetail) => type);
  assert.deepEqual(types, ["google.rpc.BadRequest", "type.example.com/acme.v1.Own"]);
  assert.deepEqual([error.rawMessage.length, error.metadata.get("x-own")], [4096, "1"]);
});
