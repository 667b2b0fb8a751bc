import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { type ClientOptions, createClient, RpcError } from "../packages/rpc/dist/index.js";
import { type Gate, gate, Note, type NoteClient, NoteServiceDefinition } from "./rpc-fixture.ts";
import { REPOSITORY } from "./support/cli.ts";
import type { Serving } from "./support/serving-process.ts";
import { Child } from "./support/shutdown-child.ts";
import { LONG } from "./support/soak.ts";

const SOAK = LONG.skip === undefined;
const GRACE = SOAK ? 3000 : 1500;
// What the promise of the end allows beyond the grace, and what counts as "need not wait for the grace".
const BEYOND = 500;
const SOON = SOAK ? 2000 : 1000;
const ROUNDS = SOAK ? 20 : 1;

const fixture = (name: string): string => join(REPOSITORY, "tests", "fixtures", "tls", name);
const files = { key: fixture("localhost.key"), certificate: fixture("localhost.crt") };

/** A server that is about to be stopped. */
interface Scene {
  readonly server: Child;
  readonly address: string;
  readonly port: number;
  readonly context: TestContext;
  client(options?: ClientOptions): NoteClient;
}

/** What is to be true when the server has ended. */
type Check = () => void | Promise<void>;

interface Case {
  readonly name: string;
  readonly serving?: Partial<Serving>;
  /** What clients do; ends when the server is to be stopped. */
  readonly arrange: (scene: Scene) => Promise<Check>;
  /** What happens after the signal. */
  readonly meanwhile?: (scene: Scene) => Promise<void>;
  /** Its exit code. */
  readonly code: 0 | 1;
  /** Whether it has to wait for the grace's end. Else it ends well before. */
  readonly waits?: boolean;
}

/** A call's code, and what it has received. */
async function outcome(answers: Promise<{ id: string }> | AsyncIterable<{ id: string }>): Promise<string> {
  const ids: string[] = [];
  try {
    if (Symbol.asyncIterator in answers) for await (const { id } of answers) ids.push(id);
    else ids.push((await answers).id);
    return [...ids, "OK"].join(" ");
  } catch (error) {
    assert.ok(RpcError.is(error), String(error));
    return [...ids, error.codeName, ...(error.rawMessage === "the server shuts down" ? ["by its server"] : [])].join(
      " ",
    );
  }
}

/** Waits until the server has let a call in, and says what is to become of it. */
async function accepted(server: Child, call: Promise<string>, expected: string): Promise<Check> {
  await Promise.race([server.line("accepted"), call.then((early) => assert.fail(`it ended already: ${early}`))]);
  return async () => assert.equal(await call, expected);
}

async function* open(id: string, end: Gate<void>): AsyncGenerator<{ id: string }> {
  yield { id };
  await end.promise;
}

function connect({ context, port }: Scene, options: net.TcpSocketConnectOpts = { port }): net.Socket {
  const socket = net.connect({ ...options, port, host: "127.0.0.1" });
  socket.on("error", () => {});
  context.after(() => socket.destroy());
  return socket;
}

async function frozen({ address, server, context }: Scene, id: string): Promise<Check> {
  const child = new Child("shutdown-client.ts", address, id);
  context.after(() => child.kill("SIGKILL"));
  await child.line("connected");
  await server.line("accepted", id === "" ? 1 : 2);
  child.kill("SIGSTOP");
  return () => {};
}

const CALLS = 2000;

/** Many calls, of which the server hears some before it is stopped. */
async function race({ server, client, context }: Scene): Promise<Check> {
  const clients = Array.from({ length: 20 }, () => client({ retry: true }));
  const calls = Promise.all(
    Array.from({ length: CALLS }, async (_, call) => {
      const id = `${call % 3 === 0 ? `wait:${call % 400}:` : ""}${call}`;
      // So that calls are in every state when the signal comes.
      await sleep(call / 2);
      return [id, await outcome((clients[call % clients.length] as NoteClient).get({ id }))] as const;
    }),
  );
  return async () => {
    const outcomes = new Map(await calls);
    const wrong = [...outcomes].filter(([id, each]) => each !== `${id} OK` && each !== "UNAVAILABLE");
    assert.deepEqual(wrong, []);
    assert.equal(outcomes.size, CALLS);
    const dropped = server.all("accepted").filter((id) => outcomes.get(id) !== `${id} OK`);
    const refused = [...outcomes.values()].filter((each) => each === "UNAVAILABLE").length;
    context.diagnostic(`of ${CALLS} calls ${refused} were refused, and ${dropped.length} dropped`);
    assert.deepEqual(dropped, []);
    assert.ok(refused > 0 && refused < CALLS);
  };
}

/** A call whose headers the server has, and whose request comes when it stops already. */
async function late({ address, server, context }: Scene, id: string, expected: string): Promise<Check> {
  const session = http2.connect(address).on("error", () => {});
  context.after(() => session.destroy());
  await once(session, "connect");
  const stream = session.request({
    ":method": "POST",
    ":path": "/test.note.v1.NoteService/Get",
    "content-type": "application/grpc",
    te: "trailers",
  });
  // The answer to a ping comes after all that was sent before it was read.
  await new Promise((resolve) => session.ping(resolve));
  const status = new Promise<unknown>((resolve) => {
    stream.on("response", (headers) => headers["grpc-status"] !== undefined && resolve(headers["grpc-status"]));
    stream.on("trailers", (trailers) => resolve(trailers["grpc-status"]));
    stream.on("error", () => {}).on("close", () => resolve("none"));
  });
  stream.resume();
  const send = async (): Promise<void> => {
    await server.line("signal");
    await sleep(300);
    const message = Note.encode(Note.fromPartial({ id })).finish();
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([head, message]));
  };
  const sent = send();
  return async () => {
    await sent;
    assert.equal(String(await status), expected);
  };
}

const cases: readonly Case[] = [
  { name: "nobody is connected", code: 0, arrange: async () => () => {} },
  {
    name: "a client is connected, without a call",
    code: 0,
    arrange: async ({ client }) => {
      await client().get({ id: "once" });
      return () => {};
    },
  },
  {
    name: "a unary call ends in time",
    code: 0,
    arrange: ({ server, client }) => accepted(server, outcome(client().get({ id: "wait:700:" })), "wait:700: OK"),
  },
  {
    name: "a unary call outlasts the grace",
    code: 1,
    waits: true,
    arrange: ({ server, client }) =>
      accepted(server, outcome(client().get({ id: "forever" })), "UNAVAILABLE by its server"),
  },
  {
    name: "a server stream ends when it is told",
    code: 0,
    arrange: async ({ server, client }) => {
      const check = await accepted(server, outcome(client().watch({ id: "heeds" })), "first last OK");
      return async () => {
        await check();
        assert.deepEqual(server.all("told"), ["heeds"]);
      };
    },
  },
  {
    name: "a server stream never ends",
    code: 1,
    waits: true,
    arrange: async ({ server, client }) => {
      const check = await accepted(server, outcome(client().watch({ id: "on" })), "first UNAVAILABLE by its server");
      return async () => {
        await check();
        assert.deepEqual(server.all("told"), ["on"]);
      };
    },
  },
  {
    name: "a client stream waits for input",
    code: 1,
    waits: true,
    arrange: async ({ server, client }) => {
      const end = gate();
      const check = await accepted(server, outcome(client().record(open("a", end))), "UNAVAILABLE by its server");
      return async () => {
        await check();
        end.open();
      };
    },
  },
  {
    name: "a bidi stream is open on both sides",
    code: 1,
    waits: true,
    arrange: async ({ server, client }) => {
      const end = gate();
      const check = await accepted(server, outcome(client().chat(open("a", end))), "a UNAVAILABLE by its server");
      return async () => {
        await check();
        end.open();
      };
    },
  },
  { name: `${CALLS} calls race the signal`, serving: { stopAt: CALLS / 4 }, code: 0, arrange: race },
  { name: "a request is on its way", code: 0, arrange: (scene) => late(scene, "wait:300:", "0") },
  {
    name: "a request is on its way that outlasts the grace",
    code: 1,
    waits: true,
    arrange: (scene) => late(scene, "forever", "14"),
  },
  {
    name: "a frozen client has a call",
    code: 1,
    waits: true,
    arrange: (scene) => frozen(scene, "forever"),
  },
  { name: "a frozen client has none", code: 0, waits: true, arrange: (scene) => frozen(scene, "") },
  {
    name: "a TCP connection never speaks",
    code: 0,
    arrange: async (scene) => {
      const socket = connect(scene, { port: scene.port, allowHalfOpen: true } as net.TcpSocketConnectOpts);
      await once(socket, "connect");
      // So that the server has accepted it.
      await scene.client().get({ id: "once" });
      return () => {};
    },
  },
  {
    name: "a TLS handshake never begins",
    serving: { tls: files },
    code: 0,
    arrange: async (scene) => {
      await once(connect(scene), "connect");
      return () => {};
    },
  },
  {
    name: "a TLS handshake is never finished",
    serving: { tls: files },
    code: 0,
    arrange: async (scene) => {
      const socket = connect(scene, { port: scene.port, allowHalfOpen: true } as net.TcpSocketConnectOpts);
      socket.write(await clientHello());
      // The server's part of the handshake.
      await once(socket, "data");
      return () => {};
    },
  },
  {
    name: "a client pings all the time",
    code: 0,
    arrange: async ({ client }) => {
      const keepalive = { time: 100, withoutCalls: true };
      await client({ keepalive }).get({ id: "once" });
      return () => {};
    },
  },
  {
    // grpc-js's own doing: it hangs up when it pings after a GOAWAY (grpc-node#3068). Should this fail with OK, then it is
    // mended there.
    name: "a client pings all the time, and has a call",
    code: 0,
    arrange: ({ server, client }) => {
      const keepalive = { time: 100, withoutCalls: true };
      return accepted(server, outcome(client({ keepalive }).get({ id: "wait:700:" })), "UNAVAILABLE");
    },
  },
  {
    name: "a client pings now and then, and has a call",
    code: 0,
    arrange: ({ server, client }) => {
      const keepalive = { time: 5000, withoutCalls: true };
      return accepted(server, outcome(client({ keepalive }).get({ id: "wait:700:" })), "wait:700: OK");
    },
  },
  {
    name: "a second signal forces it",
    code: 1,
    arrange: ({ server, client }) =>
      accepted(server, outcome(client().get({ id: "forever" })), "UNAVAILABLE by its server"),
    meanwhile: async ({ server }) => {
      await server.line("signal");
      server.kill("SIGTERM");
    },
  },
];

/** The first bytes that a client of TLS sends. */
async function clientHello(): Promise<Buffer> {
  const catcher = net.createServer();
  await new Promise<void>((resolve) => catcher.listen(0, "127.0.0.1", resolve));
  const client = tls.connect({ port: (catcher.address() as net.AddressInfo).port, host: "127.0.0.1" });
  client.on("error", () => {});
  const [socket] = (await once(catcher, "connection")) as [net.Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  socket.destroy();
  catcher.close();
  return bytes;
}

/** Milliseconds from the first signal to the end, as the server has them. */
function taken(server: Child): number {
  return Number(server.all("exit")[0]) - Number(server.all("signal")[0]);
}

async function run(context: TestContext, { serving, arrange, meanwhile, code, waits = false }: Case): Promise<void> {
  const server = new Child("serving-process.ts", JSON.stringify({ grace: GRACE, ...serving }));
  context.after(() => server.kill("SIGKILL"));
  const address = await server.line("address");
  const port = Number(new URL(address).port);
  const client: Scene["client"] = (options) => {
    const made = createClient(NoteServiceDefinition, address, { retry: false, ...options });
    context.after(() => made.close());
    return made;
  };
  const scene: Scene = { server, address, port, context, client };
  const check = await arrange(scene);
  if (serving?.stopAt === undefined) server.kill("SIGTERM");
  await meanwhile?.(scene);
  assert.equal(await server.ended, code);
  await check();
  assert.deepEqual(server.all("cleaned"), ["up"]);
  const time = taken(server);
  context.diagnostic(`ended after ${time} ms`);
  assert.ok(time <= (waits ? GRACE + BEYOND : SOON), `it took ${time} ms`);
}

for (let round = 1; round <= ROUNDS; round++) {
  const suffix = ROUNDS === 1 ? "" : `, round ${round}`;
  for (const each of cases) {
    test(`a server is stopped while ${each.name}${suffix}`, (context) => run(context, each));
  }

  test(`a server is stopped before it listens${suffix}`, async (context) => {
    const server = new Child("serving-process.ts", JSON.stringify({ grace: GRACE, early: true }));
    context.after(() => server.kill("SIGKILL"));
    assert.equal(await server.ended, 0);
    assert.deepEqual(server.all("cleaned"), ["up"]);
    assert.ok(taken(server) <= SOON);
  });
}
