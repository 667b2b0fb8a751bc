import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { Server } from "@grpc/grpc-js";
import {
  createClient,
  type DeprecatedUse,
  type Marks,
  type OnDeprecated,
  type ReadonlyMetadata,
  RpcError,
  redact,
} from "../packages/rpc/dist/index.js";
import { type HandlerContext, implement, toGrpcService } from "../packages/rpc/dist/server.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import { bind, caught, collect, NoteServiceDefinition } from "./rpc-fixture.ts";

const NOTE = "test.note.v1.Note";

const marks: Marks = {
  methods: { get: { deprecated: true } },
  messages: {
    [NOTE]: {
      count: { deprecated: true },
      total: { redact: true },
      body: { cases: { text: { deprecated: true }, note: { type: NOTE } } },
      replies: { type: NOTE },
    },
  },
};

const handlers = {
  get: () => ({}),
  watch: () => [{}],
  record: () => ({}),
  async *chat(requests: AsyncIterable<unknown>) {
    for await (const _ of requests) {
      yield {};
    }
  },
};

test("a deprecated method and deprecated fields of requests are told once for each listener", async () => {
  const uses: DeprecatedUse[] = [];
  const onDeprecated: OnDeprecated = (use) => uses.push(use);
  const fake = createFake(NoteServiceDefinition, handlers, { onDeprecated }, marks);
  const [get, watch] = ["test.note.v1.NoteService/Get", "test.note.v1.NoteService/Watch"];
  await collect(fake.watch({ id: "a", total: 5, count: 0, replies: [{ id: "b" }] }));
  await fake.record([{}]);
  assert.deepEqual(uses, []);
  await fake.get({});
  assert.deepEqual(uses.splice(0), [{ kind: "method", name: get, method: get }]);
  await collect(fake.watch({ body: { $case: "note", value: { replies: [{ count: 1 }] } as never } }));
  assert.deepEqual(uses.splice(0), [{ kind: "field", name: `${NOTE}.count`, method: watch }]);
  await collect(fake.chat([{}, { body: { $case: "text", value: "" } }]));
  assert.deepEqual(uses.splice(0), [{ kind: "field", name: `${NOTE}.text`, method: "test.note.v1.NoteService/Chat" }]);
  await fake.get({ count: 5 });
  const again = createFake(NoteServiceDefinition, handlers, { onDeprecated }, marks);
  await again.get({ count: 5 });
  assert.deepEqual(uses, []);
  const others: DeprecatedUse[] = [];
  const other = createFake(NoteServiceDefinition, handlers, { onDeprecated: (use) => others.push(use) }, marks);
  await other.get({ count: 5 });
  assert.deepEqual(
    others.map(({ kind }) => kind),
    ["method", "field"],
  );
});

test("a client of a deprecated service is told of, of one that is not it is not", () => {
  const uses: DeprecatedUse[] = [];
  const onDeprecated: OnDeprecated = (use) => uses.push(use);
  createClient(NoteServiceDefinition, "http://localhost:1", { onDeprecated }, marks).close();
  assert.deepEqual(uses, []);
  createClient(NoteServiceDefinition, "http://localhost:1", { onDeprecated }, { deprecated: true }).close();
  createFake(NoteServiceDefinition, {}, { onDeprecated }, { deprecated: true });
  assert.deepEqual(uses, [{ kind: "service", name: "test.note.v1.NoteService" }]);
});

const dates = { since: "2026-12-01", sunset: "2027-07-01", successor: "test.note.v2.NoteService.Get" };

test("what is told has the dates, of a field its own, of a method else those of its service", async () => {
  const uses: DeprecatedUse[] = [];
  const since = { since: "2020-01-01" };
  const fake = createFake(
    NoteServiceDefinition,
    handlers,
    { onDeprecated: (use) => uses.push(use) },
    {
      deprecated: true,
      dates,
      methods: { get: { deprecated: true, dates: since }, record: { deprecated: true } },
      messages: {
        [NOTE]: { count: { deprecated: true, dates: since }, body: { cases: { text: { deprecated: true, dates } } } },
      },
    },
  );
  await fake.get({ count: 1 });
  await fake.record([{ body: { $case: "text", value: "a" } }]);
  const [get, record] = ["test.note.v1.NoteService/Get", "test.note.v1.NoteService/Record"];
  assert.deepEqual(uses, [
    { kind: "service", name: "test.note.v1.NoteService", ...dates },
    { kind: "method", name: get, method: get, ...since },
    { kind: "field", name: `${NOTE}.count`, method: get, ...since },
    { kind: "method", name: record, method: record, ...dates },
    { kind: "field", name: `${NOTE}.text`, method: record, ...dates },
  ]);
});

test("a server announces the dates in its headers, of what is deprecated and answers", async () => {
  const implementation = implement(
    NoteServiceDefinition,
    {
      get({ id }, context) {
        if (id === "absent") throw new RpcError("NOT_FOUND", "no such note");
        if (id === "own") context.sendHeaders({ "x-own": "1", sunset: "never" });
        return {};
      },
      watch: () => [],
      record: () => ({}),
      chat: () => [{}, {}],
    },
    {
      methods: {
        get: { deprecated: true, dates },
        watch: { deprecated: true, dates: { since: "2026-12-01" } },
        record: { deprecated: true },
      },
    },
  );
  const server = new Server();
  const { definition, implementation: grpc } = toGrpcService(implementation);
  server.addService(definition, grpc);
  const client = createClient(NoteServiceDefinition, `http://127.0.0.1:${await bind(server)}`, { retry: false });
  try {
    const header = async (
      call: (onHeader: (header: ReadonlyMetadata) => void) => Promise<unknown>,
    ): Promise<unknown> => {
      let seen: ReadonlyMetadata | undefined;
      await call((each) => {
        seen = each;
      });
      return ["deprecation", "sunset", "x-own"].map((key) => seen?.get(key));
    };
    const [deprecation, sunset] = ["@1796083200", "Thu, 01 Jul 2027 00:00:00 GMT"];
    const get = (id: string) => header((onHeader) => client.get({ id }, { onHeader }));
    assert.deepEqual(await get("a"), [deprecation, sunset, undefined]);
    assert.deepEqual(await get("own"), [deprecation, "never", "1"]);
    assert.deepEqual(await header((onHeader) => caught(client.get({ id: "absent" }, { onHeader }))), NOTHING);
    assert.deepEqual(await header((onHeader) => collect(client.watch({}, { onHeader }))), [
      deprecation,
      undefined,
      undefined,
    ]);
    // Without a date there is nothing to announce, and without a mark neither.
    assert.deepEqual(await header((onHeader) => client.record([{}], { onHeader })), NOTHING);
    assert.deepEqual(await header((onHeader) => collect(client.chat([{}], { onHeader }))), NOTHING);
  } finally {
    client.close();
    server.forceShutdown();
  }
});

test("what only the server knows to be deprecated is told once, after the call, with the dates", async () => {
  const service = implement(
    NoteServiceDefinition,
    { get: () => ({ id: "a" }), watch: () => [{}, {}], record: () => ({}) },
    { methods: { get: { deprecated: true, dates }, watch: { deprecated: true, dates: { since: "2026-12-01" } } } },
  );
  const server = new Server();
  const { definition, implementation } = toGrpcService(service);
  server.addService(definition, implementation);
  const target = `http://127.0.0.1:${await bind(server)}`;
  const uses: DeprecatedUse[] = [];
  const client = createClient(NoteServiceDefinition, target, { onDeprecated: (use) => uses.push(use) });
  const why = new Error("not here");
  const strict = createClient(NoteServiceDefinition, target, {
    onDeprecated() {
      throw why;
    },
  });
  const silent = createClient(NoteServiceDefinition, target, { onDeprecated: false });
  try {
    for (let time = 0; time < 2; time++) {
      assert.equal((await client.get({})).id, "a");
      assert.equal((await collect(client.watch({}))).length, 2);
      await client.record([{}]);
    }
    const [get, watch] = ["test.note.v1.NoteService/Get", "test.note.v1.NoteService/Watch"];
    const { since, sunset } = dates;
    assert.deepEqual(uses, [
      { kind: "method", name: get, method: get, since, sunset },
      { kind: "method", name: watch, method: watch, since },
    ]);
    assert.equal(await caught(strict.get({})), why);
    await strict.record([{}]);
    await silent.get({});
  } finally {
    for (const each of [client, strict, silent]) each.close();
    server.forceShutdown();
  }
});

test("a header that is no announcement is none: a server may write anything", async () => {
  const header = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
    const uses: DeprecatedUse[] = [];
    const get = (_: unknown, context: HandlerContext) => {
      context.sendHeaders(headers);
      return {};
    };
    const fake = createFake(NoteServiceDefinition, { get }, { onDeprecated: (use) => uses.push(use) });
    await fake.get({});
    return uses.map(({ since, sunset }) => [since, sunset]);
  };
  assert.deepEqual(await header({ deprecation: "@1796083200" }), [["2026-12-01", undefined]]);
  assert.deepEqual(await header({ deprecation: "true", sunset: "Thu, 01 Jul 2027 00:00:00 GMT" }), [
    [undefined, "2027-07-01"],
  ]);
  assert.deepEqual(await header({ deprecation: "@999999999999", sunset: "soon" }), [[undefined, undefined]]);
  for (const deprecation of ["false", "@", "@1e9", "1796083200", "@1796083200;x=1"]) {
    assert.deepEqual(await header({ deprecation }), [], deprecation);
  }
  assert.deepEqual(await header({ sunset: "Thu, 01 Jul 2027 00:00:00 GMT" }), []);
});

const NOTHING = [undefined, undefined, undefined];

test("a listener that throws forbids the use, each time", async () => {
  const why = new Error("not here");
  const onDeprecated = (): never => {
    throw why;
  };
  const fake = createFake(NoteServiceDefinition, handlers, { onDeprecated }, marks);
  for (let time = 0; time < 2; time++) {
    assert.equal(await caught(fake.get({})), why);
    assert.equal(await caught(fake.record([{ count: 1 }])), why);
    assert.throws(() => fake.watch({ count: 1 }), why);
  }
  await collect(fake.watch({}));
  assert.throws(() => createFake(NoteServiceDefinition, {}, { onDeprecated }, { deprecated: true }), why);
});

test("by default it is a warning of the process, once; false and --no-deprecation are silence", () => {
  const program = (option: string): string => `
    import { createFake } from ${JSON.stringify(new URL("../packages/rpc/dist/testing.js", import.meta.url).href)};
    const type = { $type: "x.M", encode: () => ({ finish: () => new Uint8Array() }), decode: () => ({}), fromPartial: (m) => m };
    const get = { name: "Get", requestType: type, responseType: type, requestStream: false, responseStream: false, options: {} };
    const definition = { name: "S", fullName: "x.S", methods: { get } };
    const dates = { since: "2026-12-01", sunset: "2027-07-01", successor: "y.S" };
    const old = { deprecated: true, dates };
    const marks = { deprecated: true, methods: { get: { deprecated: true, dates } }, messages: { "x.M": { old } } };
    for (let time = 0; time < 2; time++) {
      const fake = createFake(definition, { get: () => ({}) }, ${option}, marks);
      await fake.get({ old: 1 });
    }`;
  const run = (option: string, ...flags: string[]): string => {
    const args = [...flags, "--input-type=module", "--eval", program(option)];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stderr.replace(/^\(node:\d+\) /gm, "").replace(/^\(Use .*\n/gm, "");
  };
  assert.equal(
    run("{}"),
    `[CHARTER_DEPRECATED] DeprecationWarning: x.S is deprecated
[CHARTER_DEPRECATED] DeprecationWarning: x.S/Get is deprecated since 2026-12-01, and may be gone from 2027-07-01 on: use y.S
[CHARTER_DEPRECATED] DeprecationWarning: x.M.old is deprecated since 2026-12-01 (in a request of x.S/Get), and may be gone from 2027-07-01 on: use y.S
`,
  );
  assert.equal(run("{ onDeprecated: false }"), "");
  assert.equal(run("{}", "--no-deprecation"), "");
});

test("values that a complete message has by default are no use of a field; everything else is", async () => {
  const type = {
    $type: "x.M",
    encode: () => ({ finish: () => new Uint8Array() }),
    decode: () => ({}),
    fromPartial: (message: { readonly old?: unknown }) => message,
  };
  const method = { requestType: type, responseType: type, requestStream: false, responseStream: false, options: {} };
  const definition = { name: "S", fullName: "x.S", methods: { get: { name: "Get", ...method } } } as const;
  const used = async (old: unknown): Promise<boolean> => {
    let told = false;
    const onDeprecated = (): void => {
      told = true;
    };
    const fake = createFake(definition, {}, { onDeprecated }, { messages: { "x.M": { old: { deprecated: true } } } });
    await caught(fake.get({ old } as never));
    return told;
  };
  for (const value of [undefined, null, "", 0, 0n, false, [], {}, new Map(), new Uint8Array()]) {
    assert.equal(await used(value), false, String(value));
  }
  for (const value of ["a", 1, 1n, true, [0], { a: undefined }, new Map([[1, 2]]), new Uint8Array(1), new Date(0)]) {
    assert.equal(await used(value), true, String(value));
  }
});

const secrets: Marks = {
  messages: {
    // Has no mark itself, and stands before those that have.
    "x.Outer": { outer: { type: "x.Outer" }, order: { type: "x.Order" } },
    "x.Order": {
      card: { redact: true },
      paid: { redact: true },
      note: { type: "x.Note" },
      items: { type: "x.Note" },
      byName: { type: "x.Note", map: true },
      byNumber: { type: "x.Note", map: true },
      payment: { cases: { token: { redact: true }, order: { type: "x.Order" } } },
      parent: { type: "x.Order" },
      old: { deprecated: true },
      unlisted: { type: "x.Unlisted" },
    },
    "x.Note": { text: { redact: true }, all: { redact: true } },
  },
};

test("redact hides marked fields, also in lists, maps, oneofs and messages inside, and changes nothing", () => {
  const note = (text: string): object => ({ text, id: 1n });
  const hidden = { text: "[redacted]", id: 1n };
  const placed = new Date(0);
  const order = {
    card: "4111",
    paid: false,
    note: note("a"),
    items: [note("b"), note("c")],
    byName: Object.fromEntries([
      ["text", note("d")],
      ["__proto__", note("e")],
    ]),
    byNumber: new Map([[1n, note("f")]]),
    payment: { $case: "token", value: "secret" },
    parent: { card: "", note: undefined, payment: { $case: "order", value: { card: "1" } }, placed },
    old: "kept",
    unlisted: { text: "kept" },
    placed,
  };
  const before = structuredClone(order);
  const copy = redact("x.Order", order, secrets);
  assert.deepEqual(order, before);
  assert.deepEqual(copy, {
    card: "[redacted]",
    paid: "[redacted]",
    note: hidden,
    items: [hidden, hidden],
    byName: Object.fromEntries([
      ["text", hidden],
      ["__proto__", hidden],
    ]),
    byNumber: new Map([[1n, hidden]]),
    payment: { $case: "token", value: "[redacted]" },
    parent: {
      card: "[redacted]",
      note: undefined,
      payment: { $case: "order", value: { card: "[redacted]" } },
      placed,
    },
    old: "kept",
    unlisted: { text: "kept" },
    placed,
  });
  const outer = { outer: { order: { card: "4111" } }, order: undefined };
  assert.deepEqual(redact("x.Outer", outer, secrets), { outer: { order: { card: "[redacted]" } }, order: undefined });
  assert.equal(redact("x.Other", order, secrets), order);
  assert.equal(redact("constructor", order, secrets), order);
  assert.equal(redact("x.Order", undefined, secrets), undefined);
  assert.deepEqual(redact("x.Note", { all: [1, 2], text: undefined }, secrets), { all: "[redacted]", text: undefined });
  assert.deepEqual(redact("x.Order", { payment: { $case: "cash", value: 1 } }, secrets), {
    payment: { $case: "cash", value: 1 },
  });
});

test("redact ends on a circle of objects", () => {
  const order: { card: string; parent?: object } = { card: "1" };
  order.parent = order;
  assert.doesNotMatch(JSON.stringify(redact("x.Order", order, secrets)), /"1"/);
});
