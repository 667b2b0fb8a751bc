import assert from "node:assert/strict";
import net from "node:net";
import { after, test } from "node:test";
import { Server } from "@grpc/grpc-js";
import {
  type CallOptions,
  createClient,
  type Interceptor,
  type ReadonlyMetadata,
  RpcError,
} from "../packages/rpc/dist/index.js";
import type { HandlerContext, Implementation } from "../packages/rpc/dist/server.js";
import { implement, toGrpcService } from "../packages/rpc/dist/server.js";
import { bind, caught, type NoteClient, type NoteDefinition, NoteServiceDefinition } from "./rpc-fixture.ts";
import { kinds, servers } from "./rpc-retry-fixture.ts";
import { listen } from "./support/listening.ts";

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

/** What a call that is heard of by its server has, in each kind. */
interface Heard {
  readonly tokens: (string | undefined)[];
  readonly deadlines: number[];
}

/** Handlers that answer with all the ids they were sent, with headers and trailers. */
function echo(): Heard & { readonly handlers: Implementation<NoteDefinition> } {
  const heard: Heard = { tokens: [], deadlines: [] };
  const enter = (context: HandlerContext): void => {
    heard.tokens.push(context.metadata.get("x-token"));
    heard.deadlines.push((context.deadline?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now());
    context.sendHeaders({ "x-header": "first" });
    context.trailers.set("x-trailer", "last");
  };
  const handlers: Implementation<NoteDefinition> = {
    get: ({ id }, context) => {
      enter(context);
      return { id };
    },
    async *watch({ id }, context) {
      enter(context);
      for (const each of id.split(",")) yield { id: each };
    },
    record: async (requests, context) => {
      enter(context);
      const ids: string[] = [];
      for await (const { id } of requests) ids.push(id);
      return { id: ids.join() };
    },
    async *chat(requests, context) {
      enter(context);
      for await (const { id } of requests) yield { id };
    },
  };
  return { ...heard, handlers };
}

for (const [where, serve] of servers) {
  for (const [kind, call] of kinds) {
    const streams = kind === "server stream" || kind === "bidi stream";

    test(`${where}, ${kind}: metadata of the client, of the call, and of both`, async () => {
      const { tokens, handlers } = echo();
      await using served = await serve(handlers, { metadata: { "x-token": "client" } });
      for (const metadata of [undefined, { "x-token": "call" }, new Headers({ "x-other": "1" })]) {
        assert.equal(await call(served.client, { metadata }), "a,b");
      }
      assert.deepEqual(tokens, ["client", "call", "client"]);
    });

    test(`${where}, ${kind}: the deadline of the client is for single answers, that of a call for any`, async () => {
      const { deadlines, handlers } = echo();
      await using served = await serve(handlers, { deadline: 60_000 });
      await call(served.client, {});
      await call(served.client, { deadline: 30_000 });
      await call(served.client, { deadline: new Date(Date.now() + 20_000) });
      await call(served.client, { deadline: Number.POSITIVE_INFINITY });
      const rounded = deadlines.map((left) => Math.round(left / 10_000) * 10);
      const none = Number.POSITIVE_INFINITY;
      assert.deepEqual(rounded, [streams ? none : 60, 30, 20, none]);
    });

    test(`${where}, ${kind}: headers are told before trailers, once each`, async () => {
      const { handlers } = echo();
      await using served = await serve(handlers);
      const told: unknown[] = [];
      const onHeader = (header: ReadonlyMetadata): unknown => told.push(header.get("x-header"));
      const onTrailer = (trailer: ReadonlyMetadata): unknown => told.push(trailer.get("x-trailer"));
      await call(served.client, { onHeader, onTrailer } as CallOptions);
      assert.deepEqual(told, ["first", "last"]);
    });

    test(`${where}, ${kind}: interceptors of the client, then those of the call`, async () => {
      const { handlers } = echo();
      const passed: string[] = [];
      const pass =
        (name: string): Interceptor =>
        (each, next) => {
          passed.push(name);
          return next(each);
        };
      await using served = await serve(handlers, { interceptors: [pass("a"), pass("b")] });
      assert.equal(await call(served.client, { interceptors: [pass("c")] }), "a,b");
      assert.deepEqual(passed, ["a", "b", "c"]);
    });

    const mistakes: readonly (readonly [options: object, message: RegExp])[] = [
      [{ dedline: 5 }, /has no option "dedline": did you mean "deadline"/],
      [{ deadline: Number.NaN }, /deadline must be milliseconds or a Date, not NaN/],
      [{ deadline: "5s" }, /deadline must be milliseconds or a Date, not 5s/],
      [{ deadline: new Date(Number.NaN) }, /deadline is an invalid Date/],
      [{ metadata: { "bad key": "x" } }, /metadata key "bad key" is illegal/],
      [{ metadata: { "x-token": "Grüße" } }, /must be printable ASCII/],
      [{ metadata: { "x-token-bin": "text" } }, /takes a Uint8Array, not text/],
      [{ metadata: 7 }, /metadata must be an object/],
      [{ retry: { attempts: 0 } }, /attempts/],
      [{ retry: "yes" }, /retry/],
      [{ interceptors: [1] }, /interceptors must be a list of functions/],
      [{ credentials: "token" }, /credentials must be a function/],
      [{ compression: "gzip" }, /compression of a call can only be false/],
    ];
    test(`${where}, ${kind}: an option that cannot be meant is a TypeError, and no call is made`, async () => {
      const { tokens, handlers } = echo();
      await using served = await serve(handlers);
      for (const [options, message] of mistakes) {
        const error = await caught((async () => call(served.client, options))());
        assert.ok(error instanceof TypeError, `${JSON.stringify(options)}: ${error}`);
        assert.match(error.message, message);
      }
      assert.deepEqual(tokens, []);
    });
  }
}

for (const [kind, call] of kinds) {
  test(`${kind}: waitForReady waits for a server that comes; without it the call fails at once`, async (context) => {
    const later = await listen(net.createServer());
    later.stop();
    const client: NoteClient = createClient(NoteServiceDefinition, `http://127.0.0.1:${later.port}`, { retry: false });
    context.after(() => client.close());
    const error = await caught(call(client, {}));
    assert.equal(RpcError.is(error) && error.codeName, "UNAVAILABLE");
    const waiting = call(client, { waitForReady: true, deadline: 30_000 });
    const server = new Server();
    const { definition, implementation } = toGrpcService(implement(NoteServiceDefinition, echo().handlers));
    server.addService(definition, implementation);
    context.after(() => server.forceShutdown());
    await bind(server, later.port);
    assert.equal(await waiting, "a,b");
  });
}
