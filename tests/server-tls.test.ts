import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import tls from "node:tls";
import { type ClientOptions, createClient, RpcError } from "../packages/rpc/dist/index.js";
import { implement } from "../packages/rpc/dist/server.js";
import { type RunningServer, type ServeOptions, serve, type TlsFiles } from "../packages/rpc-server/dist/index.js";
import { caught, collect, gate, type NoteClient, NoteServiceDefinition } from "./rpc-fixture.ts";
import { failing, kinds } from "./rpc-retry-fixture.ts";
import { REPOSITORY } from "./support/cli.ts";
import { identity } from "./support/listening.ts";
import { temporaryFolder } from "./support/tree.ts";

const fixture = (name: string): string => join(REPOSITORY, "tests", "fixtures", "tls", name);
const localhost = identity("localhost");
const elsewhere = identity("elsewhere");
const good: TlsFiles = { key: fixture("localhost.key"), certificate: fixture("localhost.crt") };

async function start(context: TestContext, options: Partial<ServeOptions>): Promise<RunningServer> {
  const { implementation } = failing(0);
  const service = implement(NoteServiceDefinition, {
    ...implementation,
    // Goes on until it is told by another call.
    async *chat(requests) {
      for await (const request of requests) yield request;
    },
  });
  const server = await serve({
    services: [service],
    address: "127.0.0.1:0",
    shutdown: { signals: [] },
    reflection: false,
    ...options,
  });
  context.after(() => server.close(0));
  return server;
}

/** A client that trusts this certificate, and calls by the name that it is for. */
function trusting(
  context: TestContext,
  { address }: RunningServer,
  { cert }: { readonly cert: Buffer } = localhost,
  own: Extract<ClientOptions["tls"], object> = {},
): NoteClient {
  const serverName = cert === elsewhere.cert ? "elsewhere.test" : "localhost";
  const options = { retry: false, tls: { rootCertificates: cert, serverName, ...own } } as const;
  const client = createClient(NoteServiceDefinition, address, options);
  context.after(() => client.close());
  return client;
}

async function refusal(call: Promise<unknown>): Promise<RpcError> {
  const error = await caught(call);
  assert.ok(RpcError.is(error), String(error));
  assert.equal(error.codeName, "UNAVAILABLE", error.message);
  return error;
}

for (const [kind, call] of kinds) {
  test(`${kind}: over TLS`, async (context) => {
    const server = await start(context, { tls: good });
    assert.match(server.address, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(await call(trusting(context, server), {}), "a,b");
  });

  test(`${kind}: over a socket that has a path`, async (context) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "notes.sock");
    const server = await start(context, { address: `unix:${path}` });
    assert.deepEqual([server.address, server.port], [`unix:${path}`, 0]);
    const client = createClient(NoteServiceDefinition, server.address);
    context.after(() => client.close());
    assert.equal(await call(client, {}), "a,b");
    assert.equal(await server.close(), "clean");
    assert.equal(existsSync(path), false);
  });

  test(`${kind}: over TLS in which the client has a certificate, too`, async (context) => {
    const server = await start(context, { tls: { ...good, clientAuthority: fixture("elsewhere.crt") } });
    const own = { privateKey: elsewhere.key, certificateChain: elsewhere.cert };
    assert.equal(await call(trusting(context, server, localhost, own), {}), "a,b");
  });
}

for (const [name, own] of [
  ["no certificate", {}],
  ["one of another authority", { privateKey: localhost.key, certificateChain: localhost.cert }],
] as const) {
  test(`a client with ${name} is not let in where one is asked for, and others are served on`, async (context) => {
    const server = await start(context, { tls: { ...good, clientAuthority: fixture("elsewhere.crt") } });
    const known = trusting(context, server, localhost, {
      privateKey: elsewhere.key,
      certificateChain: elsewhere.cert,
    });
    await known.get({});
    await refusal(trusting(context, server, localhost, own).get({}));
    await known.get({});
    assert.equal(server.calls, 0);
  });
}

test("a client that has no TLS is refused, and so is one that trusts another", async (context) => {
  const server = await start(context, { tls: good });
  const plain = createClient(NoteServiceDefinition, server.address.replace("https", "http"), { retry: false });
  context.after(() => plain.close());
  await refusal(plain.get({}));
  await refusal(trusting(context, server, elsewhere).get({}));
  assert.equal((await trusting(context, server).get({ id: "a" })).id, "a");
});

/** What a handshake ends with: the protocol that was agreed on, or the error. */
async function handshake({ port }: RunningServer, ALPNProtocols: string[] | undefined): Promise<string> {
  const options = { port, host: "127.0.0.1", ca: localhost.cert, servername: "localhost" };
  const socket = tls.connect(ALPNProtocols === undefined ? options : { ...options, ALPNProtocols });
  try {
    await once(socket, "secureConnect");
    const agreed = String(socket.alpnProtocol);
    const ended = once(socket.resume(), "close");
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await ended;
    return agreed;
  } catch (error) {
    return error instanceof Error ? String(Reflect.get(error, "code")) : String(error);
  } finally {
    socket.destroy();
  }
}

test("a client whose ALPN has no h2 is refused in the handshake", async (context) => {
  const server = await start(context, { tls: good });
  assert.match(await handshake(server, ["http/1.1"]), /ALERT_NO_APPLICATION_PROTOCOL|ECONNRESET/);
  assert.equal(await handshake(server, ["http/1.1", "h2"]), "h2");
  // Without ALPN it may be HTTP/2 by prior knowledge; what is not is hung up on.
  assert.equal(await handshake(server, undefined), "false");
  assert.equal((await trusting(context, server).get({ id: "a" })).id, "a");
});

test("a handshake that is never finished is given up after connections.silence", async (context) => {
  const server = await start(context, { tls: good, connections: { silence: 50 } });
  for (const first of [Buffer.alloc(0), Buffer.from([0x16, 3, 1, 2, 0]), Buffer.alloc(60, 0x16)]) {
    const socket = net.connect(server.port, "127.0.0.1").on("error", () => {});
    socket.write(first);
    await once(socket.resume(), "close");
  }
});

test("a handshake that is finished by one who then says nothing is given up, too", async (context) => {
  const server = await start(context, { tls: good, connections: { silence: 50 } });
  const options = { port: server.port, host: "127.0.0.1", ca: localhost.cert, servername: "localhost" };
  const socket = tls.connect({ ...options, ALPNProtocols: ["h2"] }).on("error", () => {});
  await once(socket, "secureConnect");
  const closed = once(socket.resume(), "close").then(() => "closed");
  const later = new Promise((resolve) => setTimeout(resolve, 1000)).then(() => "open");
  const outcome = await Promise.race([closed, later]);
  socket.destroy();
  assert.equal(outcome, "closed");
});

/** Certificate files of their own, so that they can be changed. */
function files(folder: string): TlsFiles {
  const own = { key: join(folder, "tls.key"), certificate: join(folder, "tls.crt") };
  copyFileSync(good.key, own.key);
  copyFileSync(good.certificate, own.certificate);
  return own;
}

/** The name of the certificate that a new connection gets. */
async function nameOf({ port }: RunningServer): Promise<string> {
  const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["h2"] });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("changed certificate files are taken without a restart: new connections get them, old ones go on", async (context) => {
  using folder = temporaryFolder();
  const own = files(folder.path);
  const said = context.mock.method(console, "error", () => {});
  const server = await start(context, { tls: own });
  const old = trusting(context, server);
  await old.get({});
  // A stream that is open all the while.
  const more = gate();
  async function* requests(): AsyncGenerator<{ id: string }> {
    yield { id: "before" };
    await more.promise;
    yield { id: "after" };
  }
  const stream = collect(old.chat(requests()));
  assert.equal(await nameOf(server), "localhost");

  // In two steps, as files are: between them the key is of another certificate.
  copyFileSync(fixture("elsewhere.key"), own.key);
  copyFileSync(fixture("elsewhere.crt"), own.certificate);
  await until(async () => (await nameOf(server)) === "elsewhere.test");
  assert.equal((await trusting(context, server, elsewhere).get({ id: "new" })).id, "new");
  await refusal(trusting(context, server).get({}));
  assert.equal((await old.get({ id: "old" })).id, "old");
  more.open();
  assert.deepEqual(
    (await stream).map(({ id }) => id),
    ["before", "after"],
  );

  // Broken files: told, and the last good ones stay.
  const before = said.mock.callCount();
  writeFileSync(own.certificate, "no certificate at all");
  await until(() => said.mock.callCount() > before);
  const [, error] = (said.mock.calls.at(-1)?.arguments ?? []) as unknown as [string, Error];
  assert.match(error.message, /tls\.crt/);
  assert.equal(await nameOf(server), "elsewhere.test");

  // And mended again.
  copyFileSync(good.key, own.key);
  copyFileSync(good.certificate, own.certificate);
  await until(async () => (await nameOf(server)) === "localhost");
  assert.equal((await trusting(context, server).get({ id: "again" })).id, "again");
});

test("clients of a new authority are let in when its file changes", async (context) => {
  using folder = temporaryFolder();
  const clientAuthority = join(folder.path, "ca.crt");
  copyFileSync(fixture("localhost.crt"), clientAuthority);
  const server = await start(context, { tls: { ...good, clientAuthority } });
  const own = { privateKey: elsewhere.key, certificateChain: elsewhere.cert };
  await refusal(trusting(context, server, localhost, own).get({}));
  copyFileSync(fixture("elsewhere.crt"), clientAuthority);
  await until(async () => {
    const client = trusting(context, server, localhost, own);
    return client.get({}).then(
      () => true,
      () => false,
    );
  });
});
