import assert from "node:assert/strict";
import { test } from "node:test";
import { Server } from "@grpc/grpc-js";
import {
  Code,
  createChannel,
  createClient,
  type Metadata,
  type ReadonlyMetadata,
  RpcError,
} from "../packages/rpc/dist/index.js";
import { bind, caught, collect, NoteServiceDefinition, serveNotes } from "./rpc-fixture.ts";

const echo = {
  get: (request: { id: string }) => ({ id: `got ${request.id}`, total: 7 }),
  async *watch(request: { count: number }) {
    for (let count = 0; count < request.count; count++) {
      yield { count };
    }
  },
  async record(requests: AsyncIterable<{ id: string }>) {
    const ids = (await collect(requests)).map((request) => request.id);
    return { id: ids.join(","), count: ids.length };
  },
  async *chat(requests: AsyncIterable<{ id: string }>) {
    for await (const { id } of requests) {
      yield { id: `re: ${id}` };
    }
  },
};

test("the four kinds carry partial requests out and complete responses back", async () => {
  await using served = await serveNotes(echo);
  const { client } = served;
  const answer = await client.get({ id: "a", total: "9" });
  assert.deepEqual([answer.id, answer.total, answer.replies], ["got a", 7n, []]);
  const counts = (await collect(client.watch({ count: 40 }))).map((note) => note.count);
  assert.deepEqual(
    counts,
    Array.from({ length: 40 }, (_, i) => i),
  );
  assert.equal((await client.record([{ id: "a" }, { id: "b" }])).id, "a,b");
  async function* ids(): AsyncGenerator<{ id: string }> {
    yield { id: "x" };
    yield { id: "y" };
  }
  assert.deepEqual(
    (await collect(client.chat(ids()))).map((note) => note.id),
    ["re: x", "re: y"],
  );
  assert.equal((await client.record([])).count, 0);
  assert.deepEqual(await collect(client.watch({ count: 0 })), []);
});

test("bytes that a message does not know survive when it is passed on", async () => {
  await using served = await serveNotes({
    get: (request) => ({ count: Object.keys(request._unknownFields ?? {}).length }),
  });
  const passedOn = { id: "", _unknownFields: { 80: [new Uint8Array([1])] } };
  assert.equal((await served.client.get(passedOn)).count, 1);
});

test("an RpcError thrown by a handler arrives with code, text and trailers", async () => {
  const thrown = new RpcError("NOT_FOUND", "no note “7” %41", {
    metadata: { "x-why": ["a", "b"], "x-raw-bin": new Uint8Array([0, 255]) },
  });
  const fail = (): never => {
    throw thrown;
  };
  await using served = await serveNotes({ get: fail, record: fail, watch: fail, chat: fail });
  const { client, target } = served;
  const failures = [
    () => client.get({}),
    () => client.record([]),
    () => collect(client.watch({})),
    () => collect(client.chat([])),
  ];
  for (const failure of failures) {
    const error = await caught(failure());
    assert.ok(RpcError.is(error));
    assert.equal(error.code, Code.NOT_FOUND);
    assert.equal(error.codeName, "NOT_FOUND");
    assert.equal(error.rawMessage, "no note “7” %41");
    assert.equal(error.message.replace(/ \(\d+ ms\)$/, ""), `${error.method} at ${target}: NOT_FOUND: no note “7” %41`);
    assert.deepEqual(error.metadata.getAll("x-why").join(), "a, b");
    assert.deepEqual(error.metadata.getBinary("X-Raw-Bin"), new Uint8Array([0, 255]));
  }
});

test("the stack of an error shows the line of the call", async () => {
  await using served = await serveNotes({});
  const here = async (): Promise<unknown> => served.client.get({});
  async function there(): Promise<unknown> {
    return collect(served.client.watch({}));
  }
  for (const [call, name] of [
    [here, "here"],
    [there, "there"],
  ] as const) {
    const error = (await caught(call())) as RpcError;
    const [first, second] = error.stack?.split("\n") ?? [];
    assert.match(first ?? "", /^RpcError: test\.note\.v1\.NoteService\/\w+ at http:.*: UNIMPLEMENTED: /);
    assert.match(second ?? "", new RegExp(`at ${name} .*rpc-call\\.test\\.ts`));
  }
});

test("a handler left out, also one that every object inherits, answers UNIMPLEMENTED", async () => {
  await using served = await serveNotes({});
  const { client } = served;
  const calls = [
    () => client.get({}),
    () => client.record([{}]),
    () => collect(client.watch({})),
    () => collect(client.chat([{}])),
  ];
  for (const call of calls) {
    assert.equal(((await caught(call())) as RpcError).codeName, "UNIMPLEMENTED");
  }
});

test("anything else thrown is INTERNAL, its text kept back from the client and told to onError", async () => {
  const heard: unknown[] = [];
  const secret = new Error("password is 1234");
  const fail = (): never => {
    throw secret;
  };
  const served = await serveNotes(
    {
      get: fail,
      async record() {
        throw "a string";
      },
      async *watch() {
        yield { id: "1" };
        fail();
      },
      chat: () => [{ id: "unencodable" }],
    },
    (error) => heard.push(error),
  );
  await using _ = served;
  const { client } = served;
  const errors = [
    await caught(client.get({})),
    await caught(client.record([])),
    await caught(collect(client.watch({}))),
    await caught(collect(client.chat([]))),
  ];
  for (const error of errors) {
    assert.equal((error as RpcError).codeName, "INTERNAL");
    assert.match((error as RpcError).rawMessage, /^internal error [0-9a-f]{8}$/);
  }
  assert.equal(heard[0], secret);
  assert.equal(heard[1], "a string");
  assert.equal(heard[2], secret);
  assert.match(String(heard[3]), /response of test.note.v1.NoteService\/Chat cannot be encoded: .*out of range/);
});

test("what a server sent before its error is read first", async () => {
  await using served = await serveNotes({
    async *watch() {
      yield { id: "1" };
      yield { id: "2" };
      throw new RpcError("ABORTED", "enough");
    },
  });
  const seen: string[] = [];
  const error = await caught(
    (async () => {
      for await (const note of served.client.watch({})) {
        seen.push(note.id);
      }
    })(),
  );
  assert.deepEqual(seen, ["1", "2"]);
  assert.equal((error as RpcError).codeName, "ABORTED");
});

test("metadata goes both ways: a plain object, a Headers, the client's own", async () => {
  const heard: (readonly [string, unknown])[][] = [];
  await using served = await serveNotes({
    get(_, context) {
      heard.push([...context.metadata].filter(([key]) => key.startsWith("x-")));
      context.sendHeaders({ "x-head": "h" });
      context.trailers.set("x-tail", "t");
      assert.match(context.peer, /^127\.0\.0\.1:\d+$/);
      return {};
    },
    async *watch(_, context) {
      context.sendHeaders({ "x-head": "h" });
      context.trailers.append("x-tail", "t");
      yield {};
    },
  });
  const client = createClient(NoteServiceDefinition, served.target, {
    metadata: { "x-app": "app", "x-own": "client" },
  });
  const seen: string[] = [];
  const options = {
    metadata: new Headers({ "X-Own": "call" }),
    onHeader: (header: ReadonlyMetadata) => seen.push(`header ${header.get("x-head")}`),
    onTrailer: (trailer: ReadonlyMetadata) => seen.push(`trailer ${trailer.get("X-Tail")}`),
  };
  await client.get({}, options);
  await collect(client.watch({}, options));
  await client.get({}, { metadata: { "x-many": ["1", "2"], "x-raw-bin": new Uint8Array([7]), "x-not": undefined } });
  client.close();
  assert.deepEqual(seen, ["header h", "trailer t", "header h", "trailer t"]);
  assert.deepEqual(heard[0], [
    ["x-app", "app"],
    ["x-own", "call"],
  ]);
  assert.deepEqual(heard[1], [
    ["x-app", "app"],
    ["x-own", "client"],
    ["x-many", "1, 2"],
    ["x-raw-bin", new Uint8Array([7])],
  ]);
});

test("illegal metadata is a TypeError of the call", async () => {
  await using served = await serveNotes(echo);
  for (const metadata of [
    { "sp ace": "x" },
    { ":path": "x" },
    { connection: "x" },
    { x: "ümlaut" },
    { "x-bin": "text" },
    { x: new Uint8Array() },
    { x: 5 as unknown as string },
    "x" as unknown as Metadata,
  ]) {
    const error = await caught(served.client.get({}, { metadata }));
    assert.ok(error instanceof TypeError, String(error));
  }
});

test("a misspelt option, a request that is none and one that cannot be encoded are TypeErrors", async () => {
  await using served = await serveNotes(echo);
  const { client } = served;
  const wrong = { sginal: 1 } as object;
  assert.match(String(await caught(client.get({}, wrong))), /TypeError: .*NoteService\/Get.*did you mean "signal"/);
  assert.match(String(await caught(client.get(null as never))), /TypeError: the request of .* not null/);
  assert.match(String(await caught(client.get({ id: "unencodable" }))), /TypeError: the request of .*: value provided/);
  assert.match(String(await caught(client.record({} as never))), /TypeError: .* takes a stream of requests/);
  assert.throws(() => client.watch(undefined as never), TypeError);
  assert.throws(() => client.chat("ab" as never), TypeError);
  assert.match(String(await caught(client.get({}, { deadline: new Date(Number.NaN) }))), /TypeError: .*invalid Date/);
  assert.match(String(await caught(client.record([{ id: "unencodable" }]))), /TypeError: the request of/);
  assert.match(String(await caught(collect(client.chat([{ id: "unencodable" }])))), /TypeError: the request of/);
});

test("a response that cannot be decoded is INTERNAL with the decoder's error as cause", async () => {
  await using served = await serveNotes({ get: () => ({ id: "undecodable" }), watch: () => [{ id: "undecodable" }] });
  for (const call of [() => served.client.get({}), () => collect(served.client.watch({}))]) {
    const error = (await caught(call())) as RpcError;
    assert.equal(error.codeName, "INTERNAL");
    assert.ok(error.cause instanceof RangeError);
  }
});

test("a server that answers twice, or not at all, where one answer belongs is UNIMPLEMENTED, not a hang", async () => {
  const server = new Server();
  const bytes = Buffer.from('{"_unknownFields":[]}');
  const plain = (value: Buffer): Buffer => value;
  const method = {
    requestStream: false,
    responseStream: true,
    requestSerialize: plain,
    requestDeserialize: plain,
    responseSerialize: plain,
    responseDeserialize: plain,
  };
  server.addService(
    {
      Get: { ...method, path: "/test.note.v1.NoteService/Get" },
      Close: { ...method, path: "/test.note.v1.NoteService/Close" },
    },
    {
      Get: (call: { write(bytes: Buffer): void; end(): void }) => {
        call.write(bytes);
        call.write(bytes);
        call.end();
      },
      Close: (call: { end(): void }) => call.end(),
    },
  );
  const client = createClient(NoteServiceDefinition, `http://127.0.0.1:${await bind(server)}`);
  assert.match(String(await caught(client.get({}))), /UNIMPLEMENTED: the server sent more than one response/);
  assert.match(String(await caught(client.close$({}))), /UNIMPLEMENTED: the server sent no response/);
  client.close();
  server.forceShutdown();
});

test("clients share a channel: closing one leaves the other, closing the channel ends both", async () => {
  await using served = await serveNotes(echo);
  const channel = createChannel(served.target);
  const first = createClient(NoteServiceDefinition, channel);
  const second = createClient(NoteServiceDefinition, channel);
  await first.get({});
  first.close();
  const refused = (await caught(first.get({}))) as RpcError;
  assert.equal(refused.codeName, "CANCELLED");
  assert.equal((await second.get({ id: "b" })).id, "got b");
  channel.close();
  assert.equal(((await caught(second.get({}))) as RpcError).codeName, "CANCELLED");
  assert.equal(((await caught(collect(second.watch({})))) as RpcError).codeName, "CANCELLED");
});

test("a client that is closed refuses new calls and lets those in flight end", async () => {
  await using served = await serveNotes(echo);
  const client = createClient(NoteServiceDefinition, served.target);
  const stream = client.watch({ count: 3 })[Symbol.asyncIterator]();
  assert.equal((await stream.next()).value?.count, 0);
  await client[Symbol.asyncDispose]();
  assert.equal((await stream.next()).value?.count, 1);
  assert.equal((await stream.next()).value?.count, 2);
  assert.equal((await stream.next()).done, true);
  assert.equal(((await caught(client.get({}))) as RpcError).codeName, "CANCELLED");
});

test("no server is UNAVAILABLE at once, and DEADLINE_EXCEEDED when told to wait", async () => {
  const server = new Server();
  const port = await bind(server);
  server.forceShutdown();
  const client = createClient(NoteServiceDefinition, `http://127.0.0.1:${port}`);
  const error = (await caught(client.get({}))) as RpcError;
  assert.equal(error.codeName, "UNAVAILABLE");
  assert.match(error.message, new RegExp(`NoteService/Get at http://127.0.0.1:${port}: UNAVAILABLE: .*ECONNREFUSED`));
  const waited = (await caught(client.get({}, { waitForReady: true, deadline: 50 }))) as RpcError;
  assert.equal(waited.codeName, "DEADLINE_EXCEEDED");
  client.close();
});

test("RpcError.is knows an error of another copy of the package", async () => {
  // Its sources are a copy of their own.
  const other = await import("../packages/rpc/src/rpc-error.ts");
  const error = new other.RpcError("ABORTED", "x");
  assert.equal(error instanceof RpcError, false);
  assert.equal(RpcError.is(error), true);
  assert.equal(RpcError.is(new Error("x")), false);
  assert.equal(RpcError.is(null), false);
  assert.equal(new RpcError(99, "odd").codeName, "CODE_99");
});

test("a stream that nobody reads makes no call", async () => {
  let calls = 0;
  await using served = await serveNotes({
    watch: () => {
      calls++;
      return [];
    },
    get: () => ({}),
  });
  const unread = served.client.watch({});
  await served.client.get({});
  assert.equal(calls, 0);
  assert.equal((await unread[Symbol.asyncIterator]().return?.())?.done, true);
  assert.deepEqual(await collect(unread), []);
  assert.equal(calls, 0);
});
