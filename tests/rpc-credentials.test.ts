import assert from "node:assert/strict";
import { test } from "node:test";
import { Server } from "@grpc/grpc-js";
import { type CredentialsRequest, createClient, type Metadata, RpcError } from "../packages/rpc/dist/index.js";
import { implement, toGrpcService } from "../packages/rpc/dist/server.js";
import { caught, gate, NoteServiceDefinition, serveNotes } from "./rpc-fixture.ts";
import { kinds, quick, servers } from "./rpc-retry-fixture.ts";
import { identity, serverCredentials } from "./support/listening.ts";

/** Handlers that answer with all the ids they were sent, and note what the caller proved itself with. */
function guarded(refuse: (token: string | undefined) => void = () => {}) {
  const tokens: (string | undefined)[] = [];
  const enter = ({ metadata }: { readonly metadata: Pick<Metadata, "get"> }): void => {
    const token = metadata.get("authorization") as string | undefined;
    tokens.push(token);
    refuse(token);
  };
  type Context = Parameters<typeof enter>[0];
  const all = async (requests: AsyncIterable<{ id: string }>): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { id } of requests) ids.push(id);
    return ids;
  };
  const handlers = {
    get: ({ id }: { id: string }, context: Context) => {
      enter(context);
      return { id };
    },
    async *watch({ id }: { id: string }, context: Context) {
      enter(context);
      for (const each of id.split(",")) yield { id: each };
    },
    record: async (requests: AsyncIterable<{ id: string }>, context: Context) => {
      enter(context);
      return { id: (await all(requests)).join() };
    },
    async *chat(requests: AsyncIterable<{ id: string }>, context: Context) {
      enter(context);
      for await (const { id } of requests) yield { id };
    },
  };
  return { tokens, handlers };
}

for (const [where, serve] of servers) {
  for (const [kind, call] of kinds) {
    test(`${where}, ${kind}: credentials are asked for each call, and a call may have its own or none`, async () => {
      const { tokens, handlers } = guarded();
      const asked: CredentialsRequest[] = [];
      const credentials = async (request: CredentialsRequest) => {
        asked.push(request);
        return { authorization: `token ${asked.length}` };
      };
      await using served = await serve(handlers, { credentials, metadata: { authorization: "anonymous" } });
      assert.equal(await call(served.client, {}), "a,b");
      assert.equal(await call(served.client, {}), "a,b");
      assert.equal(await call(served.client, { credentials: () => ({ authorization: "own" }) }), "a,b");
      assert.equal(await call(served.client, { credentials: false }), "a,b");
      assert.deepEqual(tokens, ["token 1", "token 2", "own", "anonymous"]);
      assert.equal(asked.length, 2);
      assert.match(asked[0]?.method ?? "", /^test\.note\.v1\.NoteService\/\w+$/);
      assert.match(asked[0]?.target ?? "", /^(?:in memory|http:\/\/127)/);
    });

    test(`${where}, ${kind}: each try has credentials of its own`, async () => {
      const { tokens, handlers } = guarded((token) => {
        if (token === "token 1") throw new RpcError("UNAVAILABLE", "not yet");
      });
      let asked = 0;
      const credentials = () => ({ authorization: `token ${++asked}` });
      await using served = await serve(handlers, { credentials });
      assert.equal(await call(served.client, { retry: quick }), "a,b");
      assert.deepEqual(tokens, ["token 1", "token 2"]);
    });

    test(`${where}, ${kind}: credentials that fail are UNAUTHENTICATED, with what was thrown as the cause`, async () => {
      const { tokens, handlers } = guarded();
      await using served = await serve(handlers);
      const rows: readonly (readonly [credentials: () => never, code: string, text: RegExp])[] = [
        [
          () => {
            throw new Error("no key");
          },
          "UNAUTHENTICATED",
          /^the credentials failed: no key$/,
        ],
        [
          () => {
            throw new RpcError("PERMISSION_DENIED", "locked out");
          },
          "PERMISSION_DENIED",
          /^the credentials failed: locked out$/,
        ],
        [(() => ({ "bad key": "x" })) as () => never, "UNAUTHENTICATED", /bad key/],
      ];
      for (const [credentials, code, text] of rows) {
        const error = await caught(call(served.client, { credentials }));
        assert.ok(RpcError.is(error));
        assert.equal(error.codeName, code);
        assert.match(error.rawMessage, text);
        assert.ok(error.cause instanceof Error);
        assert.match(error.stack ?? "", /rpc-(?:credentials\.test|retry-fixture)\.ts/);
      }
      assert.deepEqual(tokens, []);
    });

    test(`${where}, ${kind}: a deadline and an abort end a call that waits for its credentials`, async () => {
      const { tokens, handlers } = guarded();
      await using served = await serve(handlers);
      const late = gate<Record<string, string>>();
      const credentials = () => late.promise;
      const error = await caught(call(served.client, { credentials, deadline: 20 }));
      assert.ok(RpcError.is(error));
      assert.deepEqual(
        [error.codeName, error.rawMessage],
        ["DEADLINE_EXCEEDED", "the credentials did not come before the deadline"],
      );
      const controller = new AbortController();
      const aborted = caught(call(served.client, { credentials, signal: controller.signal }));
      setTimeout(() => controller.abort(new Error("enough")), 10);
      const cancelled = await aborted;
      assert.ok(RpcError.is(cancelled));
      assert.equal(cancelled.codeName, "CANCELLED");
      assert.equal((cancelled.cause as Error).message, "enough");
      // They come after all: nothing is called.
      late.open({ authorization: "late" });
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(tokens, []);
    });
  }
}

test("a client that is closed while the credentials come makes no call", async () => {
  const { tokens, handlers } = guarded();
  await using served = await serveNotes(handlers);
  const late = gate<Record<string, string>>();
  const client = createClient(NoteServiceDefinition, served.target, { credentials: () => late.promise });
  const outcome = caught(client.get({}));
  client.close();
  late.open({ authorization: "late" });
  const error = await outcome;
  assert.ok(RpcError.is(error), String(error));
  assert.deepEqual(tokens, []);
});

test("credentials go over TLS, and in this machine, and nowhere else", async (context) => {
  const credentials = () => ({ authorization: "secret" });
  const refused = { name: "TypeError", message: /credentials would go to .* in plain text: use https:\/\/, or TLS/ };
  for (const target of ["http://example.test", "http://10.0.0.1:5", ["http://localhost:1", "http://b.test:1"]]) {
    assert.throws(() => createClient(NoteServiceDefinition, target, { credentials }), refused);
    const client = createClient(NoteServiceDefinition, target);
    for (const [name, call] of kinds) {
      await assert.rejects(async () => call(client, { credentials }), refused, name);
    }
    client.close();
  }
  for (const target of [
    "https://example.test",
    "example.test:5",
    "localhost:5",
    "unix:/run/app.sock",
    "http://[::1]:5",
  ]) {
    createClient(NoteServiceDefinition, target, { credentials }).close();
  }

  const localhost = identity("localhost");
  const { tokens, handlers } = guarded();
  const server = new Server();
  const { definition, implementation } = toGrpcService(implement(NoteServiceDefinition, handlers));
  server.addService(definition, implementation);
  context.after(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", serverCredentials(localhost), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const tls = { rootCertificates: localhost.cert };
  await using client = createClient(NoteServiceDefinition, `https://localhost:${port}`, { credentials, tls });
  await client.get({});
  assert.deepEqual(tokens, ["secret"]);
});
