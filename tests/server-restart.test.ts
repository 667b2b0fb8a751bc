import assert from "node:assert/strict";
import http2 from "node:http2";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as v1 from "../packages/recommendations-v1/dist/index.js";
import * as v2 from "../packages/recommendations-v2/dist/index.js";
import { createChannel, createClient, RpcError } from "../packages/rpc/dist/index.js";
import { collect, NoteServiceDefinition, serveNotes } from "./rpc-fixture.ts";
import { failing, kinds } from "./rpc-retry-fixture.ts";
import { listen } from "./support/listening.ts";
import { Child } from "./support/shutdown-child.ts";
import { LONG } from "./support/soak.ts";

const SOAK = LONG.skip === undefined;
const RESTARTS = SOAK ? 10 : 2;
const CALLS = SOAK ? 10_000 : 1_000;
const CLIENTS = 20;
// Calls of one client at a time.
const LANES = SOAK ? 2 : 1;

interface Client {
  readonly v1: v1.RecommendationsClient;
  readonly v2: v2.RecommendationsClient;
}

interface Kind {
  readonly name: string;
  /** May be repeated after a lost answer, which a client then does by itself. */
  readonly idempotent: boolean;
  /** @throws RpcError when it fails, Error for a wrong answer. */
  readonly call: (client: Client, id: string) => Promise<void>;
}

const called: readonly Kind[] = [
  {
    name: "v1 unary",
    idempotent: true,
    call: async (client, id) => assert.equal((await client.v1.recommend({ userId: id })).generatedAt, id),
  },
  {
    name: "v2 unary",
    idempotent: true,
    call: async (client, id) => {
      const { recommendations } = await client.v2.recommend({ similarToBookId: id });
      assert.deepEqual(
        recommendations.map(({ bookId }) => bookId),
        [id],
      );
    },
  },
  {
    name: "v1 unary with effects",
    idempotent: false,
    call: async (client, id) => {
      await client.v1.recordEvent({ userId: id });
    },
  },
  {
    name: "v2 client stream",
    idempotent: true,
    call: async (client, id) => {
      const event = { event: { eventId: id } };
      assert.equal((await client.v2.recordEvents([event, event, event])).acceptedCount, 3n);
    },
  },
  {
    name: "v1 server stream",
    idempotent: false,
    call: async (client, id) =>
      assert.equal((await collect(client.v1.streamRecommendations({ userId: id, limit: 5 }))).length, 5),
  },
  {
    name: "v2 bidi stream",
    idempotent: false,
    call: async (client, id) => {
      const answers = await collect(client.v2.refine([{ step: { $case: "wish", value: id } }]));
      assert.deepEqual(
        answers.map(({ question }) => question),
        [id],
      );
    },
  },
];

/** What was found: each failed call by its kind and reason, and those that were run more than once. */
interface Found {
  readonly failed: ReadonlyMap<string, number>;
  readonly failedIdempotent: number;
  readonly failedOthers: number;
  readonly twiceIdempotent: number;
  readonly twiceOthers: number;
}

/** Servers that are replaced, and all that there ever were. */
class Fleet {
  readonly all: Child[] = [];
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
  }

  async start(port = 0): Promise<{ readonly server: Child; readonly port: number }> {
    const server = new Child("shutdown-restart-server.ts", `127.0.0.1:${port}`);
    this.#context.after(() => server.kill("SIGKILL"));
    this.all.push(server);
    return { server, port: Number(new URL(await server.line("address")).port) };
  }

  /** Resolves when each client has called this server: it is known to all, as a deployment waits for. */
  async known(server: Child): Promise<void> {
    for (;;) {
      const clients = new Set(server.all("ran").map((id) => id.split(":")[0]));
      if (clients.size === CLIENTS) return;
      await server.line("ran", server.all("ran").length + 1);
    }
  }
}

/**
 * Calls all the time while servers are restarted.
 * @param restart replaces a server, the one of this number; ends when the next may be replaced.
 */
async function callThrough(
  context: TestContext,
  fleet: Fleet,
  targets: string | readonly string[],
  restart: (number: number) => Promise<void>,
): Promise<Found> {
  const clients = Array.from({ length: CLIENTS }, (): Client => {
    const channel = createChannel(targets);
    context.after(() => channel.close());
    return { v1: v1.createRecommendationsClient(channel), v2: v2.createRecommendationsClient(channel) };
  });
  const failures: { readonly kind: Kind; readonly reason: string }[] = [];
  const codes = new Map<string, Kind>();
  let [issued, restarting] = [0, true];
  const lane = async (number: number): Promise<void> => {
    const client = clients[number] as Client;
    // More than CALLS when the restarts take long: there are calls through all of them.
    while (issued < CALLS || restarting) {
      const kind = called[issued % called.length] as Kind;
      const id = `${number}:${issued++}`;
      codes.set(id, kind);
      try {
        await kind.call(client, id);
      } catch (error) {
        if (!RpcError.is(error)) throw error;
        failures.push({ kind, reason: `${error.codeName} ${error.rawMessage.replaceAll(/\d{5}/g, "…")}` });
      }
      await sleep(10);
    }
  };
  const lanes = Array.from({ length: CLIENTS * LANES }, (_, number) => lane(number % CLIENTS));
  for (const server of fleet.all) await fleet.known(server);
  for (let number = 0; number < RESTARTS; number++) {
    await restart(number);
  }
  restarting = false;
  await Promise.all(lanes);
  const runs = new Map<string, number>();
  for (const id of fleet.all.flatMap((server) => server.all("ran"))) {
    runs.set(id, (runs.get(id) ?? 0) + 1);
  }
  const twice = [...runs].filter(([, count]) => count > 1).map(([id]) => codes.get(id)?.idempotent);
  const failed = new Map<string, number>();
  for (const { kind, reason } of failures) {
    failed.set(`${kind.name}: ${reason}`, (failed.get(`${kind.name}: ${reason}`) ?? 0) + 1);
  }
  const found: Found = {
    failed,
    failedIdempotent: failures.filter(({ kind }) => kind.idempotent).length,
    failedOthers: failures.filter(({ kind }) => !kind.idempotent).length,
    twiceIdempotent: twice.filter((idempotent) => idempotent).length,
    twiceOthers: twice.filter((idempotent) => !idempotent).length,
  };
  context.diagnostic(
    `${RESTARTS} restarts, ${issued} calls: failed ${found.failedIdempotent} idempotent and ${found.failedOthers} ` +
      `others, run twice ${found.twiceIdempotent} and ${found.twiceOthers}`,
  );
  for (const [reason, count] of failed) context.diagnostic(`${count} × ${reason}`);
  return found;
}

const nothing = { failedIdempotent: 0, failedOthers: 0, twiceIdempotent: 0, twiceOthers: 0 };

/** Two addresses, of which one at a time is without a server for a while. */
async function restartInTurn(context: TestContext, signal: NodeJS.Signals): Promise<Found> {
  const fleet = new Fleet(context);
  const members = [await fleet.start(), await fleet.start()];
  const targets = members.map(({ port }) => `http://127.0.0.1:${port}`);
  return callThrough(context, fleet, targets, async (number) => {
    const turn = number % members.length;
    const { server, port } = members[turn] as (typeof members)[number];
    server.kill(signal);
    assert.equal(await server.ended, signal === "SIGKILL" ? null : 0);
    const next = await fleet.start(port);
    members[turn] = next;
    await fleet.known(next.server);
  });
}

test("servers of two addresses are restarted in turn, and no call fails or is run twice", async (context) => {
  const { failed, ...found } = await restartInTurn(context, "SIGTERM");
  assert.deepEqual([found, [...failed.keys()]], [nothing, []]);
});

test("servers of two addresses are killed in turn, and no call that may be repeated fails", async (context) => {
  const { failedIdempotent, twiceOthers } = await restartInTurn(context, "SIGKILL");
  assert.deepEqual([failedIdempotent, twiceOthers], [0, 0]);
});

test("a server is replaced behind its address, and no call fails or is run twice", async (context) => {
  const fleet = new Fleet(context);
  let newest = await fleet.start();
  const sockets = new Set<net.Socket>();
  const proxy = net.createServer((client) => {
    const upstream = net.connect(newest.port, "127.0.0.1");
    sockets.add(client).add(upstream);
    client.on("error", () => upstream.destroy()).pipe(upstream);
    upstream.on("error", () => client.destroy()).pipe(client);
  });
  const { port, stop } = await listen(proxy, () => sockets.forEach((socket) => void socket.destroy()));
  context.after(stop);
  const { failed, ...found } = await callThrough(context, fleet, `http://127.0.0.1:${port}`, async () => {
    const { server } = newest;
    newest = await fleet.start();
    server.kill("SIGTERM");
    assert.equal(await server.ended, 0);
    await fleet.known(newest.server);
  });
  assert.deepEqual([found, [...failed.keys()]], [nothing, []]);
});

/** Refuses each call before anything has seen it, as a server does between its GOAWAY and its end. */
async function refusing(context: TestContext): Promise<{ readonly target: string; readonly count: () => number }> {
  let count = 0;
  const sessions: http2.ServerHttp2Session[] = [];
  const server = http2.createServer().on("session", (session) => sessions.push(session));
  server.on("stream", (stream) => {
    count++;
    stream.on("error", () => {}).close(http2.constants.NGHTTP2_REFUSED_STREAM);
  });
  const { port, stop } = await listen(server, () => sessions.forEach((session) => void session.destroy()));
  context.after(stop);
  return { target: `http://127.0.0.1:${port}`, count: () => count };
}

for (const [kind, call] of kinds) {
  test(`${kind}: what a server refuses is called on another one, without retries too`, async (context) => {
    const closed = await refusing(context);
    const open = await serveNotes(failing(0).implementation);
    context.after(() => open[Symbol.asyncDispose]());
    const client = createClient(NoteServiceDefinition, [closed.target, open.target]);
    context.after(() => client.close());
    for (let count = 0; count < 6; count++) assert.equal(await call(client, { retry: false }), "a,b");
    assert.ok(closed.count() > 0);
  });
}

test("what a server says itself is not taken for a call that none has seen", async (context) => {
  let runs = 0;
  const say = (): never => {
    runs++;
    throw new RpcError("UNAVAILABLE", "No connection established. Last error: my own upstream is gone");
  };
  const servers = [await serveNotes({ record: say }), await serveNotes({ record: say })];
  for (const server of servers) context.after(() => server[Symbol.asyncDispose]());
  const client = createClient(
    NoteServiceDefinition,
    servers.map(({ target }) => target),
  );
  context.after(() => client.close());
  await assert.rejects(client.record([{ id: "a" }]), /my own upstream/);
  assert.equal(runs, 1);
});
