import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import tls from "node:tls";
import { type ChannelOptions as GrpcOptions, Server, ServerCredentials } from "@grpc/grpc-js";
import { type ClientOptions, createClient, RpcError } from "../packages/rpc/dist/index.js";
import { type Implementation, implement, toGrpcService } from "../packages/rpc/dist/server.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import { caught, collect, gate, type NoteClient, type NoteDefinition, NoteServiceDefinition } from "./rpc-fixture.ts";
import { type Identity, identity, type Listening, listen, relay, serverCredentials } from "./support/listening.ts";

const [localhost, elsewhere, past] = [identity("localhost"), identity("elsewhere"), identity("expired")];

const handlers: Implementation<NoteDefinition> = {
  get: ({ count }) => ({ id: "x".repeat(count) }),
  async *watch(_, { signal }) {
    yield { id: "first" };
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  },
};

async function serve(credentials = ServerCredentials.createInsecure(), options: GrpcOptions = {}): Promise<Listening> {
  const server = new Server(options);
  const service = toGrpcService(implement(NoteServiceDefinition, handlers), { onError: () => {} });
  server.addService(service.definition, service.implementation);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error))),
  );
  return { port, stop: () => server.forceShutdown() };
}

function secure(own: Identity, clients: Buffer | null = null): Promise<Listening> {
  return serve(serverCredentials(own, clients));
}

/** A server that answers every request with a page. */
function page(status: number): Promise<Listening> {
  const server = http2.createServer((_, response) => {
    response.writeHead(status, { "content-type": "text/html" });
    response.end("<html>a page of some length</html>");
  });
  return listen(server);
}

type Act = (client: NoteClient) => Promise<unknown>;

const get: Act = (client) => client.get({ count: 10 });

async function failure(target: string, options: ClientOptions = {}, act: Act = get): Promise<RpcError> {
  const client = createClient(NoteServiceDefinition, target, { retry: false, ...options });
  const error = await caught(act(client));
  client.close();
  assert.ok(RpcError.is(error), String(error));
  return error;
}

/** One line for a person: the code, what grpc-js says, what is likely, how long it took. */
function shows(error: RpcError, code: string, hint: RegExp): void {
  assert.equal(error.codeName, code, error.message);
  assert.match(error.hint ?? "", hint, error.rawMessage);
  assert.ok(error.message.includes(`. Likely: ${error.hint} (`), error.message);
  assert.doesNotMatch(error.message, /\n|Resolution note: \.|deps\/openssl/);
}

const trusting = (identity: Identity): ClientOptions => ({ tls: { rootCertificates: identity.cert } });

test("TLS: what keeps a client and a server apart is named", async (context) => {
  const plain = await serve();
  const own = await secure(localhost);
  const other = await secure(elsewhere);
  const old = await secure(past);
  const mutual = await secure(localhost, localhost.cert);
  context.after(() => [plain, own, other, old, mutual].map(({ stop }) => stop()));

  shows(await failure(`https://localhost:${plain.port}`), "UNAVAILABLE", /does not speak TLS; write http:\/\//);
  shows(await failure(`http://localhost:${own.port}`), "UNAVAILABLE", /it may want TLS, then write https:\/\//);
  shows(await failure(`https://localhost:${own.port}`), "UNAVAILABLE", /not trusted here; give it as tls\.rootCert/);
  const wrongName = await failure(`https://localhost:${other.port}`, trusting(elsewhere));
  shows(wrongName, "UNAVAILABLE", /certificate is for another name.*serverName/);
  shows(await failure(`https://localhost:${old.port}`, trusting(past)), "UNAVAILABLE", /certificate has expired/);
  const nobody = await failure(`https://localhost:${mutual.port}`, trusting(localhost));
  shows(nobody, "UNAVAILABLE", /wants a certificate of the client.*tls\.privateKey/);

  // What the hints say does help.
  for (const [port, options] of [
    [own.port, trusting(localhost)],
    [other.port, { tls: { rootCertificates: elsewhere.cert, serverName: "elsewhere.test" } }],
    [
      mutual.port,
      { tls: { rootCertificates: localhost.cert, privateKey: localhost.key, certificateChain: localhost.cert } },
    ],
  ] as const) {
    const client = createClient(NoteServiceDefinition, `https://localhost:${port}`, options);
    assert.equal((await client.get({ count: 1 })).id, "x");
    client.close();
  }
});

test("nobody is there", async (context) => {
  const gone = await listen(net.createServer());
  gone.stop();
  const refused = await failure(`http://127.0.0.1:${gone.port}`);
  shows(refused, "UNAVAILABLE", /^nobody listens there; start the server, or correct host and port$/);
  assert.match(
    refused.message,
    new RegExp(
      `^test.note.v1.NoteService/Get at http://127.0.0.1:${gone.port}: UNAVAILABLE: No connection established. ` +
        `Last error: Error: connect ECONNREFUSED 127.0.0.1:${gone.port}. Likely: nobody listens there; ` +
        "start the server, or correct host and port \\(\\d+ ms\\)$",
    ),
  );
  shows(await failure("http://no-such-host.invalid:50051"), "UNAVAILABLE", /name of the host is not known/);
  shows(await failure(`unix:${join(tmpdir(), "charter-nobody", "none.sock")}`), "UNAVAILABLE", /no such socket/);
  const waits: Act = (client) => client.get({}, { waitForReady: true, deadline: 100 });
  shows(
    await failure(`http://127.0.0.1:${gone.port}`, {}, waits),
    "DEADLINE_EXCEEDED",
    /no connection in all that time/,
  );

  const sockets: net.Socket[] = [];
  const silent = await listen(
    net.createServer((socket) => sockets.push(socket)),
    () => sockets.map((socket) => socket.destroy()),
  );
  context.after(silent.stop);
  const impatient: Act = (client) => client.get({}, { deadline: 100 });
  shows(await failure(`http://127.0.0.1:${silent.port}`, {}, impatient), "DEADLINE_EXCEEDED", /does not answer/);
});

test("somebody else is there", async (context) => {
  const speaks = (greeting: string): Promise<Listening> =>
    listen(net.createServer((socket) => socket.on("error", () => {}).end(greeting)));
  const web = http.createServer((_, response) => response.writeHead(404).end());
  const secureWeb = https.createServer(localhost, (_, response) => response.writeHead(404).end());
  const older = tls.createServer({ ...localhost, ALPNProtocols: ["http/1.1"] });
  const servers = {
    ssh: await speaks("SSH-2.0-OpenSSH_9.9\r\n"),
    web: await listen(web, () => web.closeAllConnections()),
    secureWeb: await listen(secureWeb, () => secureWeb.closeAllConnections()),
    older: await listen(older),
    hangsUp: await speaks(""),
    ok: await page(200),
    missing: await page(404),
    badGateway: await page(502),
    unavailable: await page(503),
    forbidden: await page(403),
    empty: await listen(http2.createServer((_, response) => response.writeHead(200).end())),
  };
  context.after(() => Object.values(servers).map(({ stop }) => stop()));
  const at = (server: Listening): Promise<RpcError> => failure(`http://127.0.0.1:${server.port}`);

  shows(await at(servers.ssh), "UNAVAILABLE", /does not speak HTTP\/2/);
  shows(await at(servers.web), "UNAVAILABLE", /does not speak HTTP\/2/);
  for (const { port } of [servers.secureWeb, servers.older]) {
    const error = await failure(`https://localhost:${port}`, trusting(localhost));
    shows(error, "UNAVAILABLE", /speaks TLS but not HTTP\/2/);
  }
  shows(await at(servers.hangsUp), "UNAVAILABLE", /may want TLS/);
  shows(await at(servers.ok), "RESOURCE_EXHAUSTED", /answered with text; no gRPC server/);
  shows(await at(servers.missing), "UNIMPLEMENTED", /nothing there has this method.*\(HTTP 404\)/);
  shows(await at(servers.badGateway), "UNAVAILABLE", /a proxy answered in place of the server, which is down.*502/);
  shows(await at(servers.unavailable), "UNAVAILABLE", /a proxy answered in place of the server, which is down.*503/);
  shows(await at(servers.forbidden), "PERMISSION_DENIED", /answered in place of the server \(HTTP 403\)/);
  shows(await at(servers.empty), "INTERNAL", /no gRPC server is there/);
});

test("sizes: whose limit it is, and the option that raises it", async (context) => {
  const { port, stop } = await serve();
  const narrow = await serve(undefined, { "grpc.max_receive_message_length": 1000 });
  context.after(() => [stop(), narrow.stop()]);
  const large: Act = (client) => client.get({ count: 5000 });
  const response = await failure(`http://127.0.0.1:${port}`, { maxReceiveBytes: 1000 }, large);
  shows(
    response,
    "RESOURCE_EXHAUSTED",
    /the response is larger than this client takes; raise maxReceiveBytes \(1000\)/,
  );
  const long: Act = (client) => client.get({ id: "y".repeat(5000) });
  const grpc = { "grpc.max_send_message_length": 1000 };
  const request = await failure(`http://127.0.0.1:${port}`, { grpc }, long);
  shows(request, "RESOURCE_EXHAUSTED", /the request is larger than this client sends/);
  // The server's own limit: the same text, but it is the server that says it.
  const theirs = await failure(`http://127.0.0.1:${narrow.port}`, {}, long);
  assert.deepEqual([theirs.codeName, theirs.hint], ["RESOURCE_EXHAUSTED", undefined]);
  assert.match(theirs.rawMessage, /larger than max/);
});

test("a connection that is lost during a call", async (context) => {
  const { port, stop } = await serve();
  const short = await serve(undefined, { "grpc.max_connection_age_ms": 100, "grpc.max_connection_age_grace_ms": 50 });
  const stopping = await serve();
  const line = await relay(port);
  context.after(() => [line.stop(), stop(), short.stop(), stopping.stop()]);

  const reading = (first: () => void): Act => {
    return async (client) => {
      for await (const _ of client.watch({})) {
        first();
      }
    };
  };
  const keepalive = { time: 50, timeout: 50 };
  const silent = await failure(`http://127.0.0.1:${line.port}`, { keepalive }, reading(line.cut));
  shows(silent, "UNAVAILABLE", /connection was lost.*keepalive ping had no answer/);
  const aged = await failure(
    `http://127.0.0.1:${short.port}`,
    {},
    reading(() => {}),
  );
  shows(aged, "UNAVAILABLE", /connection was lost.*\(GOAWAY\)/);
  const stopped = await failure(`http://127.0.0.1:${stopping.port}`, {}, reading(stopping.stop));
  shows(stopped, "CANCELLED", /other side cancelled: the server shuts down/);
});

test("a server that finds its client too busy", async (context) => {
  const server = http2.createServer();
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });
  const { port, stop } = await listen(server);
  context.after(stop);
  shows(await failure(`http://127.0.0.1:${port}`), "RESOURCE_EXHAUSTED", /too busy.*the option keepalive/);
});

test("what a server says of its own connections, and our own aborts, are not explained", async (context) => {
  const text = "No connection established. Last error: Error: connect ECONNREFUSED 10.0.0.1:5432. Resolution note: ";
  const implementation: Implementation<NoteDefinition> = {
    get() {
      throw new RpcError("UNAVAILABLE", text);
    },
    async *watch() {
      yield {};
      await new Promise(() => {});
    },
  };
  const server = new Server();
  const service = toGrpcService(implement(NoteServiceDefinition, implementation));
  server.addService(service.definition, service.implementation);
  const port = await new Promise<number>((resolve) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, bound) => resolve(bound)),
  );
  context.after(() => server.forceShutdown());
  const client = createClient(NoteServiceDefinition, `http://127.0.0.1:${port}`, { retry: false });
  const fake = createFake(NoteServiceDefinition, implementation, { retry: false });
  for (const each of [client, fake]) {
    const error = (await caught(each.get({}))) as RpcError;
    assert.deepEqual([error.hint, error.rawMessage], [undefined, text]);
    const began = gate();
    const controller = new AbortController();
    const aborted = caught(
      collect(each.watch({}, { signal: controller.signal, onHeader: () => began.open() })),
    ) as Promise<RpcError>;
    await began.promise;
    controller.abort();
    assert.deepEqual([(await aborted).codeName, (await aborted).hint], ["CANCELLED", undefined]);
    each.close();
  }
});
