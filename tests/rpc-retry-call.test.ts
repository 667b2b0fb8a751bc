import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { CallSettings } from "../packages/rpc/src/call-options.ts";
import type { WireCall, WireListener, WireStatus } from "../packages/rpc/src/connection.ts";
import { Code, Metadata, type RpcError } from "../packages/rpc/src/index.ts";
import { compileMethods } from "../packages/rpc/src/method.ts";
import { DEFAULT_POLICY, RetryBudget } from "../packages/rpc/src/retry.ts";
import { RetryingCall, type RetryTraits } from "../packages/rpc/src/retry-call.ts";
import { SingleCall } from "../packages/rpc/src/single-call.ts";
import { caught, NoteServiceDefinition } from "./rpc-fixture.ts";

// What no server can be brought to do at will: a wire that is late, silent, or in a hurry.

/** One try: it notes what it is told, and does what the test wants. */
class Try implements WireCall {
  readonly told: string[] = [];
  readonly taken: (() => void)[] = [];
  listener: WireListener | undefined;

  start(listener: WireListener): void {
    this.listener = listener;
  }

  send(bytes: Uint8Array, done: () => void): void {
    this.told.push(String(bytes[0]));
    this.taken.push(done);
  }

  halfClose(): void {
    this.told.push("end");
  }

  read(): void {
    this.told.push("read");
  }

  cancel(code: number, details: string): void {
    this.told.push("cancel");
    this.end(code, details);
  }

  end(code: number, details = ""): void {
    this.listener?.onStatus({ code, details, trailers: () => new Metadata() });
  }
}

/** A call whose tries are scripted. Timers are run by the test. */
function scripted(context: TestContext, codes: readonly number[] = [Code.UNAVAILABLE], traits: RetryTraits = {}) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const tries: Try[] = [];
  const heard: string[] = [];
  const settings = { deadline: { timeout: Number.POSITIVE_INFINITY }, metadata: undefined } as CallSettings;
  const call = new RetryingCall(
    { ...DEFAULT_POLICY, codes: new Set(codes) },
    new RetryBudget(),
    settings,
    () => {
      const next = new Try();
      tries.push(next);
      return next;
    },
    traits,
  );
  call.start({
    onHeader: () => heard.push("header"),
    onMessage: (bytes) => heard.push(`message ${bytes[0]}`),
    onStatus: ({ code, attempts = 1 }: WireStatus) => heard.push(`status ${code} after ${attempts}`),
  });
  const at = (index: number): Try => {
    const found = tries[index];
    assert.ok(found !== undefined, `try ${index} of ${tries.length}`);
    return found;
  };
  return { call, heard, tries, at, wait: () => context.mock.timers.tick(10_000) };
}

const one = Uint8Array.of(1);
const two = Uint8Array.of(2);

test("a request that a failed try says was taken, when it is too late, is sent by the next", (context) => {
  const { call, at, wait } = scripted(context);
  let next = 0;
  call.send(one, () => next++);
  at(0).end(Code.UNAVAILABLE);
  at(0).taken[0]?.();
  wait();
  at(0).taken[0]?.();
  assert.deepEqual([next, at(1).told], [0, ["1"]]);
  at(1).taken[0]?.();
  assert.equal(next, 1);
  call.send(two, () => next++);
  assert.deepEqual(at(1).told, ["1", "2"]);
});

test("each request is said to be taken once, however often it is sent, and the end is told once in each try", (context) => {
  const { call, at, wait } = scripted(context);
  const next: number[] = [];
  call.read();
  call.send(one, () => next.push(1));
  at(0).taken[0]?.();
  call.send(two, () => next.push(2));
  call.halfClose();
  assert.deepEqual(at(0).told, ["read", "1", "2", "end"]);
  at(0).taken[1]?.();
  at(0).end(Code.UNAVAILABLE);
  wait();
  assert.deepEqual(at(1).told, ["read", "1"]);
  at(1).taken[0]?.();
  at(1).taken[1]?.();
  assert.deepEqual(at(1).told, ["read", "1", "2", "end"]);
  assert.deepEqual(next, [1, 2]);
});

test("a message without headers commits the call", (context) => {
  const { at, heard, tries, wait } = scripted(context);
  at(0).listener?.onMessage(one);
  at(0).end(Code.UNAVAILABLE);
  wait();
  assert.deepEqual([heard, tries.length], [["message 1", "status 14 after 1"], 1]);
});

test("a single answer whose connection is lost before its status is as if it had not come", (context) => {
  const { call, at, heard, tries, wait } = scripted(context, undefined, { single: true });
  call.read();
  at(0).listener?.onHeader(() => new Metadata());
  at(0).listener?.onMessage(one);
  at(0).listener?.onStatus({ code: Code.UNAVAILABLE, details: "", lost: true, trailers: () => new Metadata() });
  wait();
  assert.deepEqual([heard, tries.length, at(1).told], [["header"], 2, ["read"]]);
  at(1).listener?.onMessage(two);
  assert.deepEqual(heard, ["header"]);
  at(1).end(Code.OK);
  assert.deepEqual(heard, ["header", "message 2", "status 0 after 2"]);
});

test("a second answer where one belongs is told with the first", (context) => {
  const { call, at, heard } = scripted(context, undefined, { single: true });
  call.read();
  at(0).listener?.onMessage(one);
  at(0).listener?.onMessage(two);
  assert.deepEqual(heard, ["message 1", "message 2"]);
});

test("a call that its own caller ended is not repeated, whatever the code", (context) => {
  const { call, heard, tries, wait } = scripted(context, [Code.CANCELLED]);
  call.cancel(Code.CANCELLED, "enough");
  wait();
  assert.deepEqual([heard, tries.length], [["status 1 after 1"], 1]);
});

test("requests that come while it waits are sent by the next try, also when they are too many to be kept", (context) => {
  const { call, at, heard, tries, wait } = scripted(context);
  let next = 0;
  at(0).end(Code.UNAVAILABLE);
  call.send(
    Uint8Array.from({ length: 300 * 1024 }, () => 7),
    () => next++,
  );
  call.halfClose();
  wait();
  assert.deepEqual(at(1).told, ["7", "end"]);
  at(1).taken[0]?.();
  assert.equal(next, 1);
  at(1).end(Code.UNAVAILABLE);
  wait();
  assert.deepEqual([heard, tries.length], [["status 14 after 2"], 2]);
});

test("what comes after the end is heard by nobody and sent to nobody", (context) => {
  const { call, at, heard, tries, wait } = scripted(context);
  at(0).end(Code.OK);
  call.send(one, () => assert.fail("taken"));
  call.halfClose();
  call.read();
  call.cancel(Code.CANCELLED, "late");
  wait();
  assert.deepEqual([heard, at(0).told, tries.length], [["status 0 after 1"], [], 1]);
});

test("a call that ends well in the moment in which it is aborted is CANCELLED, not an error with the code OK", async () => {
  const wire = new Try();
  const connection = { secure: true, target: "nowhere", open: () => wire };
  const controller = new AbortController();
  const [method] = compileMethods(NoteServiceDefinition);
  assert.ok(method !== undefined);
  const outcome = new Promise<unknown>((resolve, reject) => {
    const settings = { signal: controller.signal, site: {} } as CallSettings;
    new SingleCall(connection, method, settings, resolve, reject).sendOne(one);
  });
  wire.cancel = () => wire.end(Code.OK);
  controller.abort(new Error("enough"));
  const error = (await caught(outcome)) as RpcError;
  assert.deepEqual([error.codeName, error.rawMessage], ["CANCELLED", "aborted by the caller"]);
});
