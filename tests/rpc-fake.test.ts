import assert from "node:assert/strict";
import { test } from "node:test";
import { RpcError } from "../packages/rpc/dist/index.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import { caught, collect, NoteServiceDefinition } from "./rpc-fixture.ts";

test("a fake carries the four kinds through real serialisation and records the calls", async () => {
  const reply = { id: "r", count: 1 };
  const fake = createFake(NoteServiceDefinition, {
    get: () => reply,
    watch: (request) => [{ id: request.id }, { id: "2" }],
    async record(requests) {
      return { count: (await collect(requests)).length };
    },
    async *chat(requests, context) {
      for await (const { id } of requests) {
        yield { id: `${context.metadata.get("x-who")}: ${id}` };
      }
    },
  });
  const request = { id: "a", total: 5 };
  const first = await fake.get(request);
  assert.notEqual(first, reply);
  assert.deepEqual([first.id, first.total, first.replies], ["r", 0n, []]);
  assert.deepEqual(
    (await collect(fake.watch({ id: "1" }))).map((note) => note.id),
    ["1", "2"],
  );
  assert.equal((await fake.record([{}, {}])).count, 2);
  assert.deepEqual(
    (await collect(fake.chat([{ id: "x" }], { metadata: { "X-Who": "me" } }))).map((note) => note.id),
    ["me: x"],
  );
  assert.deepEqual(
    fake.calls.map((call) => [call.method, call.requests.map((request) => request.id)]),
    [
      ["get", ["a"]],
      ["watch", ["1"]],
      ["record", ["", ""]],
      ["chat", ["x"]],
    ],
  );
  assert.equal(fake.calls[0]?.requests[0]?.total, 5n);
  assert.equal(fake.calls[3]?.metadata.get("x-who"), "me");
});

test("a method that is not set answers UNIMPLEMENTED; an rpc named close is close$", async () => {
  const fake = createFake(NoteServiceDefinition, { close: () => ({ id: "closed" }) });
  assert.equal(((await caught(fake.get({}))) as RpcError).codeName, "UNIMPLEMENTED");
  assert.equal(
    ((await caught(collect(createFake(NoteServiceDefinition).chat([])))) as RpcError).codeName,
    "UNIMPLEMENTED",
  );
  assert.equal((await fake.close$({})).id, "closed");
  fake.close();
  assert.equal(((await caught(fake.close$({}))) as RpcError).codeName, "CANCELLED");
});

test("errors arrive as from a server, and what else a handler threw as the cause", async () => {
  const bug = new Error("bug");
  const fake = createFake(NoteServiceDefinition, {
    get() {
      throw new RpcError("NOT_FOUND", "none", { metadata: { "x-id": "7" } });
    },
    async *watch(_, context) {
      context.trailers.set("x-tail", "t");
      yield { id: "1" };
      throw bug;
    },
    record: () => ({ id: "unencodable" }),
    chat: () => undefined as never,
  });
  const notFound = (await caught(fake.get({}))) as RpcError;
  assert.match(notFound.message, /^test\.note\.v1\.NoteService\/Get at in memory: NOT_FOUND: none \(\d+ ms\)$/);
  assert.equal(notFound.metadata.get("x-id"), "7");
  const seen: string[] = [];
  const internal = (await caught(
    (async () => {
      for await (const note of fake.watch({})) {
        seen.push(note.id);
      }
    })(),
  )) as RpcError;
  assert.deepEqual(seen, ["1"]);
  assert.equal(internal.codeName, "INTERNAL");
  assert.match(internal.rawMessage, /^internal error [0-9a-f]{8}$/);
  assert.equal(internal.cause, bug);
  assert.equal(internal.metadata.get("x-tail"), "t");
  assert.match(String(((await caught(fake.record([]))) as RpcError).cause), /cannot be encoded/);
  assert.match(String(((await caught(collect(fake.chat([])))) as RpcError).cause), /must give an \(async\) iterable/);
});

test("a class is an implementation, and a handler can be replaced between calls", async () => {
  class Notes {
    readonly prefix = "class";
    get(request: { id: string }): { id: string } {
      return { id: `${this.prefix} ${request.id}` };
    }
  }
  assert.equal((await createFake(NoteServiceDefinition, new Notes()).get({ id: "a" })).id, "class a");
  const handlers = { get: () => ({ id: "before" }) };
  const fake = createFake(NoteServiceDefinition, handlers);
  assert.equal((await fake.get({})).id, "before");
  handlers.get = () => ({ id: "after" });
  assert.equal((await fake.get({})).id, "after");
});
