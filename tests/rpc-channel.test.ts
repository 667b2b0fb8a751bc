import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import dgram from "node:dgram";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { Server, ServerCredentials, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { type ChannelOptions, createChannel, createClient, RpcError } from "../packages/rpc/dist/index.js";
import { implement, toGrpcService } from "../packages/rpc/dist/server.js";
import { bind, caught, type NoteClient, NoteServiceDefinition } from "./rpc-fixture.ts";
import { kinds } from "./rpc-retry-fixture.ts";
import { identity, listen, relay, serverCredentials } from "./support/listening.ts";

/** A server that answers with its name. */
function named(id: string, options = {}): Server {
  const server = new Server(options);
  const { definition, implementation } = toGrpcService(
    implement(NoteServiceDefinition, {
      get: ({ count }) => ({ id: count === 0 ? id : "x".repeat(count) }),
      async *watch() {
        yield { id };
        await new Promise(() => {});
      },
    }),
    { onError: () => {} },
  );
  server.addService(definition, implementation);
  return server;
}

async function serve(context: TestContext, id: string, where?: string, creds = ServerCredentials.createInsecure()) {
  const server = named(id);
  context.after(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(where ?? "127.0.0.1:0", creds, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { server, port, target: `http://127.0.0.1:${port}` };
}

/** A client that is closed with the test. Without retries: what is tested is which server each call finds. */
function clientOf(context: TestContext, target: string | readonly string[], options: ChannelOptions = {}): NoteClient {
  const client = createClient(NoteServiceDefinition, target, { retry: false, ...options });
  context.after(() => client.close());
  return client;
}

/** Who answered so many calls, one after the other. */
async function answers(client: NoteClient, calls: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let call = 0; call < calls; call++) {
    ids.push((await client.get({})).id);
  }
  return ids;
}

/** How many each has answered, once all of them have had the time to be connected. */
async function shares(client: NoteClient, names: number): Promise<Readonly<Record<string, number>>> {
  const until = Date.now() + 10_000;
  while (new Set(await answers(client, 2 * names)).size < names && Date.now() < until);
  const counts: Record<string, number> = {};
  for (const id of await answers(client, 10 * names)) {
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

test("a list of addresses is called in turn", async (context) => {
  const servers = await Promise.all(["a", "b", "c"].map((id) => serve(context, id)));
  const client = clientOf(
    context,
    servers.map(({ target }) => target),
  );
  assert.deepEqual(await shares(client, 3), { a: 10, b: 10, c: 10 });
});

test("one of a list that is gone is left out, and comes back", async (context) => {
  const [a, b] = [await serve(context, "a"), await serve(context, "b")];
  const client = clientOf(context, [a.target, b.target]);
  assert.deepEqual(await shares(client, 2), { a: 10, b: 10 });
  a.server.forceShutdown();
  // A call that meets the end of the connection may fail; none after it does.
  while ((await caught(answers(client, 1)).catch(() => undefined)) !== undefined);
  assert.deepEqual(new Set(await answers(client, 20)), new Set(["b"]));
  await serve(context, "again", `127.0.0.1:${a.port}`);
  assert.deepEqual(await shares(client, 2), { b: 10, again: 10 });
});

test("one of a list that was never there costs no call, and none of it is one failure that names them", async (context) => {
  const gone = await listen(net.createServer());
  gone.stop();
  const [nobody, a] = [`http://127.0.0.1:${gone.port}`, await serve(context, "a")];
  const client = createClient(NoteServiceDefinition, [nobody, a.target]);
  context.after(() => client.close());
  assert.deepEqual(new Set(await answers(client, 10)), new Set(["a"]));
  const error = await caught(clientOf(context, [nobody, `${nobody.replace("127.0.0.1", "127.0.0.2")}`]).get({}));
  assert.ok(RpcError.is(error));
  assert.equal(error.codeName, "UNAVAILABLE");
  assert.match(error.message, /at http:\/\/127\.0\.0\.1:\d+,http:\/\/127\.0\.0\.2:\d+: UNAVAILABLE/);
});

test("each address of a TLS list answers for its own name", async (context) => {
  const [localhost, elsewhere] = [identity("localhost"), identity("elsewhere")];
  const a = await serve(context, "a", "127.0.0.1:0", serverCredentials(localhost));
  const b = await serve(context, "b", "127.0.0.1:0", serverCredentials(localhost));
  const stranger = await serve(context, "stranger", "127.0.0.1:0", serverCredentials(elsewhere));
  const targets = [a, b, stranger].map(({ port }) => `https://localhost:${port}`);
  const rootCertificates = Buffer.concat([localhost.cert, elsewhere.cert]);
  const client = clientOf(context, targets, { tls: { rootCertificates } });
  const found = new Set<string>();
  for (let call = 0; call < 40; call++) {
    found.add(
      await client.get({}).then(
        ({ id }) => id,
        (error: RpcError) => error.codeName,
      ),
    );
  }
  found.delete("UNAVAILABLE");
  assert.deepEqual(found, new Set(["a", "b"]));
});

test("lists that cannot be meant", () => {
  const rows: readonly (readonly [targets: unknown, options: ChannelOptions, message: RegExp])[] = [
    [[], {}, /a list of one or more/],
    [["http://a:1", "https://b:1"], {}, /are TLS and plain: set the option tls/],
    [["localhost:1", "b.test:1"], {}, /are TLS and plain: set the option tls/],
    [["http://a:1", "http://a:1"], {}, /"http:\/\/a:1" stands twice/],
    [["http://a:1", "b"], {}, /"b" has no port/],
    [["http://a:1", 7], {}, /an address must be a string/],
    [{}, {}, /a target must be an address/],
  ];
  for (const [targets, options, message] of rows) {
    assert.throws(() => createChannel(targets as string[], options), { name: "TypeError", message });
  }
  createChannel(["localhost:1", "b.test:1"], { tls: false }).close();
});

/** A DNS server that knows one name, for two addresses of loopback. */
async function startDns(context: TestContext): Promise<number> {
  const socket = dgram.createSocket("udp4");
  context.after(() => socket.close());
  socket.on("message", (query, { port, address }) => {
    let end = 12;
    while (query[end] !== 0) end += (query[end] ?? 0) + 1;
    const question = query.subarray(12, end + 5);
    const isA = query.readUInt16BE(end + 1) === 1;
    const answer = (last: number): Buffer => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, last]);
    const found = isA ? [answer(1), answer(2)] : [];
    const header = Buffer.from([0, 0, 0x81, 0x80, 0, 1, 0, found.length, 0, 0, 0, 0]);
    query.copy(header, 0, 0, 2);
    socket.send(Buffer.concat([header, question, ...found]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return (socket.address() as AddressInfo).port;
}

test("a name that stands for several servers is called in turn", async (context) => {
  const a = await serve(context, "a");
  await serve(context, "b", `127.0.0.2:${a.port}`);
  const dns = await startDns(context);
  const program = join(import.meta.dirname, "support", "count-answers.ts");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, `dns://127.0.0.1:${dns}/notes.test:${a.port}`],
    { env: { ...process.env, GRPC_NODE_USE_ALTERNATIVE_RESOLVER: "true" }, timeout: 60_000 },
  );
  assert.deepEqual(JSON.parse(stdout), { a: 10, b: 10 });
});

/** The bytes of each request as they came, and what the headers say of them. */
function watchRequests(): { readonly interceptor: ServerInterceptor; readonly encodings: string[] } {
  const encodings: string[] = [];
  const interceptor: ServerInterceptor = (_, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            encodings.push(String(metadata.get("grpc-encoding")));
            pass(metadata);
          },
        }),
    });
  return { interceptor, encodings };
}

test("compression: requests get shorter, and the server reads them; a call can do without", async (context) => {
  const server = new Server();
  const { definition, implementation } = toGrpcService(
    implement(NoteServiceDefinition, { get: ({ id }) => ({ count: id.length }) }),
  );
  server.addService(definition, implementation);
  context.after(() => server.forceShutdown());
  let bytes = 0;
  const port = await bind(server);
  const counting = await listen(
    net.createServer((client) => {
      const upstream = net.connect(port, "127.0.0.1");
      client
        .on("error", () => {})
        .on("data", (data) => {
          bytes += data.length;
          upstream.write(data);
        });
      upstream.on("error", () => {}).on("data", (data) => client.write(data));
      client.on("close", () => upstream.destroy());
    }),
  );
  context.after(counting.stop);
  const sent = async (
    client: NoteClient,
    length: number,
    options?: { readonly compression: false },
  ): Promise<number> => {
    await client.get({ id: "warm" });
    const before = bytes;
    assert.equal((await client.get({ id: "y".repeat(length) }, options)).count, length);
    return bytes - before;
  };
  const target = `http://127.0.0.1:${counting.port}`;
  const plain = clientOf(context, target);
  assert.ok((await sent(plain, 10_000)) > 10_000);
  for (const compression of ["gzip", "deflate"] as const) {
    const client = clientOf(context, target, { compression });
    assert.ok((await sent(client, 10_000)) < 1000, compression);
    assert.ok((await sent(client, 10_000, { compression: false })) > 10_000, compression);
    // A short one is not worth it.
    assert.ok((await sent(client, 800)) > 800, compression);
  }
});

test("compressed responses are read by every client", async (context) => {
  const { interceptor, encodings } = watchRequests();
  const server = named("a", { "grpc.default_compression_algorithm": 2, interceptors: [interceptor] });
  context.after(() => server.forceShutdown());
  const client = clientOf(context, `http://127.0.0.1:${await bind(server)}`, { maxReceiveBytes: 100_000 });
  assert.equal((await client.get({ count: 50_000 })).id.length, 50_000);
  assert.deepEqual(encodings, [""]);
  // The limit is about what a response is, not how long it was on the way.
  const error = await caught(client.get({ count: 200_000 }));
  assert.equal(RpcError.is(error) && error.codeName, "RESOURCE_EXHAUSTED");
});

test("keepalive finds a server that is gone without a word", async (context) => {
  const { port } = await serve(context, "a");
  const line = await relay(port);
  context.after(line.stop);
  const client = clientOf(context, `http://127.0.0.1:${line.port}`, { keepalive: { time: 50, timeout: 50 } });
  const error = await caught(
    (async () => {
      for await (const _ of client.watch({})) line.cut();
    })(),
  );
  assert.ok(RpcError.is(error));
  assert.equal(error.codeName, "UNAVAILABLE");
  assert.match(error.hint ?? "", /keepalive ping had no answer/);
});

test("options that cannot be meant are TypeErrors that name the fix", () => {
  const rows: readonly (readonly [options: object, message: RegExp])[] = [
    [{ compression: "brotli" }, /compression must be "gzip", "deflate" or false, not "brotli"/],
    [{ compression: true }, /compression must be "gzip", "deflate" or false, not true/],
    [{ keepalive: true }, /keepalive must be false, or an object such as/],
    [{ keepalive: { tiem: 5 } }, /keepalive has no option "tiem": did you mean "time"/],
    [{ keepalive: { time: 0 } }, /keepalive\.time must be a whole number of milliseconds, 1 or more, not 0/],
    [{ keepalive: { timeout: Number.NaN } }, /keepalive\.timeout must be a whole number of milliseconds/],
    [{ maxReceiveBytes: 1.5 }, /maxReceiveBytes must be a whole number of bytes, 1 or more, not 1.5/],
    [{ maxReceiveBytes: "4MB" }, /maxReceiveBytes must be a whole number of bytes/],
    [{ credentials: "token" }, /credentials must be a function such as async/],
  ];
  for (const [options, message] of rows) {
    assert.throws(() => createClient(NoteServiceDefinition, "http://localhost:1", options), {
      name: "TypeError",
      message,
    });
  }
});

test("a call cannot choose a compression", async (context) => {
  const client = clientOf(context, (await serve(context, "a")).target);
  for (const [name, call] of kinds) {
    const error = await caught((async () => call(client, { compression: "gzip" } as object))());
    assert.ok(error instanceof TypeError, name);
    assert.match(error.message, /can only be false: which one there is, is an option of the channel/, name);
  }
});
