import assert from "node:assert/strict";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { type ClientOptions, createChannel, createClient, RpcError } from "../packages/rpc/dist/index.js";
import { type HandlerContext, implement, toGrpcService } from "../packages/rpc/dist/server.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import { caught, NoteServiceDefinition, serveNotes } from "./rpc-fixture.ts";
import { type Call, failing, quick, servers, steady, throwing, unavailable } from "./rpc-retry-fixture.ts";

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

for (const [where, serve] of servers) {
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
      throw new RpcError("ABORTED", "again");
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
        throw new RpcError("UNAVAILABLE", "busy", { details });
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

test("fake: headers that a failed try sends too late do not commit the next one", async () => {
  const contexts: HandlerContext[] = [];
  const fake = createFake(NoteServiceDefinition, {
    async get(_, context) {
      contexts.push(context);
      contexts[contexts.length - 2]?.sendHeaders({});
      await new Promise(setImmediate);
      return contexts.length < 3 ? unavailable() : { id: "third" };
    },
  });
  assert.equal((await fake.get({}, { retry: quick })).id, "third");
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

test("a server that starts again is reached by the tries that follow", async (t) => {
  // No pause is shorter than it may be: the budget allows few tries, and binding a port takes its time.
  t.mock.method(Math, "random", () => 0.99);
  const before = await serveNotes({ get: () => ({ id: "before" }) });
  assert.equal((await before.client.get({})).id, "before");
  const port = Number(new URL(before.target).port);
  before.server.forceShutdown();
  const refused = (await caught(before.client.get({}, { retry: false }))) as RpcError;
  assert.equal(refused.codeName, "UNAVAILABLE");
  const call = before.client.get({}, { retry: { attempts: 5, initialBackoff: 300 } });
  const server = new Server();
  const service = toGrpcService(implement(NoteServiceDefinition, { get: () => ({ id: "after" }) }));
  server.addService(service.definition, service.implementation);
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    ),
  );
  assert.equal((await call).id, "after");
  before.client.close();
  server.forceShutdown();
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
