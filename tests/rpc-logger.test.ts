import assert from "node:assert/strict";
import { test } from "node:test";
import { createOrdersFake } from "../packages/orders-v1/dist/testing.js";
import { type Marks, RpcError } from "../packages/rpc/dist/index.js";
import { type CallRecord, type LoggerOptions, logger } from "../packages/rpc/dist/logger.js";
import { createFake, type FakeOf, type Implementation } from "../packages/rpc/dist/testing.js";
import { caught, collect, type NoteDefinition, NoteServiceDefinition } from "./rpc-fixture.ts";

const marks: Marks = {
  messages: { "test.note.v1.Note": { id: { redact: true }, replies: { type: "test.note.v1.Note" } } },
};

/** A fake that logs into a list. */
function logged(
  implementation: Implementation<NoteDefinition>,
  options: Partial<LoggerOptions> = {},
): { readonly fake: FakeOf<NoteDefinition>; readonly records: CallRecord[] } {
  const records: CallRecord[] = [];
  const interceptors = [logger({ log: (record) => records.push(record), ...options })];
  return { fake: createFake(NoteServiceDefinition, implementation, { interceptors }, marks), records };
}

test("each call is one record: method, target, code, time, tries and the number of messages", async () => {
  const { fake, records } = logged({
    get: ({ id }) => {
      if (id === "none") throw new RpcError("NOT_FOUND", "no note none");
      if (id === "bug") throw new Error("bug");
      return { id };
    },
    watch: () => [{}, {}, {}],
    record: async (requests) => ({ count: (await collect(requests)).length }),
  });
  await fake.get({ id: "a" });
  await collect(fake.watch({}));
  await fake.record([{}, {}]);
  for await (const _ of fake.watch({})) {
    break;
  }
  await caught(fake.get({ id: "none" }));
  await caught(fake.get({ id: "bug" }));
  await caught(fake.get({ id: "unencodable" }));
  const [first] = records;
  assert.ok(first !== undefined && first.elapsedMs > 0);
  assert.deepEqual(first, {
    level: "info",
    message: `test.note.v1.NoteService/Get OK in ${first.elapsedMs} ms`,
    side: "client",
    method: "test.note.v1.NoteService/Get",
    kind: "unary",
    target: "in memory",
    code: "OK",
    elapsedMs: first.elapsedMs,
    tries: 1,
    requests: 1,
    responses: 1,
  });
  assert.deepEqual(
    records.map(({ level, code, requests, responses, left }) => [level, code, requests, responses, left]),
    [
      ["info", "OK", 1, 1, undefined],
      ["info", "OK", 1, 3, undefined],
      ["info", "OK", 2, 1, undefined],
      ["info", "CANCELLED", 1, 1, true],
      ["warn", "NOT_FOUND", 1, 0, undefined],
      ["error", "INTERNAL", 1, 0, undefined],
      ["error", "UNKNOWN", 1, 0, undefined],
    ],
  );
  assert.equal(records[4]?.error, "no note none");
  assert.match(records[4]?.message ?? "", /Get NOT_FOUND in [\d.]+ ms: no note none$/);
  assert.match(records[6]?.error ?? "", /^TypeError: the request of .* cannot be encoded/);
});

test("tries are counted, of a call that then succeeds and of one that does not", async () => {
  let tries = 0;
  const { fake, records } = logged({
    get: () => {
      if (++tries < 3) throw new RpcError("UNAVAILABLE", "busy");
      return {};
    },
    watch: () => {
      throw new RpcError("UNAVAILABLE", "busy");
    },
  });
  await fake.get({}, { retry: { attempts: 3, initialBackoff: 1 } });
  await caught(collect(fake.watch({}, { retry: { attempts: 3, initialBackoff: 1 } })));
  assert.deepEqual(
    records.map(({ code, tries: count }) => [code, count]),
    [
      ["OK", 3],
      ["UNAVAILABLE", 3],
    ],
  );
});

test("a record with messages can be written as JSON and holds nothing that is to be redacted", async () => {
  const { fake, records } = logged(
    {
      get: () => ({ id: "secret", total: 2n ** 60n, replies: [{ id: "secret", count: 1 }] }),
      async *watch() {
        for (let count = 0; count < 12; count++) yield { count };
      },
    },
    { messages: true },
  );
  await fake.get({ id: "secret", count: 2 });
  await collect(fake.watch({ id: "secret" }));
  const [unary, stream] = JSON.parse(JSON.stringify(records)) as CallRecord[];
  const none = { id: "[redacted]", count: 0, total: "0", replies: [] };
  assert.deepEqual(unary?.request, { ...none, count: 2 });
  assert.deepEqual(unary?.response, {
    ...none,
    total: (2n ** 60n).toString(),
    replies: [{ ...none, count: 1 }],
  });
  assert.deepEqual(stream?.request, none);
  assert.deepEqual(
    stream?.response,
    Array.from({ length: 10 }, (_, count) => ({ ...none, count })),
  );
  assert.equal(stream?.responses, 12);
  assert.doesNotMatch(JSON.stringify(records), /secret/);
});

test("a generated client brings its marks: secrets of a request and of a response are not logged", async () => {
  const records: CallRecord[] = [];
  const interceptors = [logger({ log: (record) => records.push(record), messages: true })];
  const fake = createOrdersFake(
    { placeOrder: ({ shipTo }) => ({ order: { orderId: "o-1", shipTo } }) },
    { interceptors },
  );
  const { order } = await fake.placeOrder({ customerId: "c-1", shipTo: "12 Elm St", cardToken: "tok", iban: "DE02" });
  assert.equal(order?.shipTo, "12 Elm St");
  assert.doesNotMatch(JSON.stringify(records), /Elm|tok|DE02/);
  const request = records[0]?.request as { readonly customerId: string; readonly iban: string };
  const response = records[0]?.response as { readonly order: { readonly orderId: string } };
  assert.deepEqual([request.customerId, request.iban, response.order.orderId], ["c-1", "[redacted]", "o-1"]);
});

test("bytes, dates, maps and unknown fields of messages", async () => {
  const { toLoggable } = await import("../packages/rpc/src/loggable.ts");
  const message = {
    raw: new Uint8Array(3),
    at: new Date(0),
    never: new Date(Number.NaN),
    map: new Map([[1n, { big: 5n }]]),
    body: { $case: "big", value: 1n },
    absent: undefined,
    nothing: null,
    _unknownFields: { 8: [new Uint8Array(1)] },
  };
  assert.deepEqual(toLoggable(message), {
    raw: "<3 bytes>",
    at: "1970-01-01T00:00:00.000Z",
    never: "Invalid Date",
    map: { 1: { big: "5" } },
    body: { $case: "big", value: "1" },
    nothing: null,
  });
  const circle: { self?: object } = {};
  circle.self = circle;
  assert.match(JSON.stringify(toLoggable(circle)), /…/);
});

test("the level can be chosen, none leaves the call out, and a log that throws changes nothing", async () => {
  const level: LoggerOptions["level"] = ({ code }) => (code === "OK" ? undefined : "debug");
  const { fake, records } = logged({ get: () => ({}) }, { level });
  await fake.get({});
  await caught(fake.record([]));
  assert.deepEqual(
    records.map((record) => [record.level, record.code]),
    [["debug", "UNIMPLEMENTED"]],
  );
  const log = (): never => {
    throw new Error("disk full");
  };
  const broken = logged({ get: () => ({ id: "a" }), watch: () => [{}] }, { log, messages: true });
  assert.equal((await broken.fake.get({})).id, "a");
  assert.equal((await collect(broken.fake.watch({}))).length, 1);
});
