import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { on } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import * as v1 from "../packages/recommendations-v1/dist/server.js";
import * as v2 from "../packages/recommendations-v2/dist/server.js";
import { RpcError } from "../packages/rpc/dist/index.js";
import { type RunningServer, type ServeOptions, serve } from "../packages/rpc-server/dist/index.js";
import { collect, type Gate, gate } from "./rpc-fixture.ts";
import { REPOSITORY } from "./support/cli.ts";

// What serve() promises must hold with a client that is not grpc-js. What each action does is in
// support/foreign_client.py.

const python = [process.env["PYTHON"] ?? "python3", "/usr/bin/python3"].find(
  (each) => spawnSync(each, ["-c", "import grpc, google.protobuf"]).status === 0,
);
const HAVE: { readonly skip?: string } =
  python === undefined ? { skip: "no Python with grpcio: apt-get install -y python3-grpcio python3-protobuf" } : {};

const V1 = "bookstore.recommendations.v1.RecommendationsService";
const V2 = "bookstore.recommendations.v2.RecommendationsService";
const TLS = join(REPOSITORY, "tests", "fixtures", "tls");

interface Served {
  readonly server: RunningServer;
  /** Opened when a handler's signal was aborted. */
  readonly aborted: Gate<string>;
  readonly began: Gate<void>;
}

async function start(context: TestContext, options: Partial<ServeOptions> = {}): Promise<Served> {
  const aborted = gate<string>();
  const began = gate();
  const untilAborted = (signal: { readonly reason: unknown } & Pick<AbortSignal, "addEventListener">): Promise<void> =>
    new Promise((resolve) => {
      began.open();
      signal.addEventListener("abort", () => {
        aborted.open(String(signal.reason));
        resolve();
      });
    });
  const refuse = (who: string): void => {
    if (who === "details") {
      throw new RpcError("FAILED_PRECONDITION", "no such “sku” 100%", {
        metadata: { "x-why": "stock", "x-why-bin": Uint8Array.of(0, 255) },
        details: [
          { type: "google.rpc.ErrorInfo", value: { reason: "NO_SKU", domain: "bookstore", metadata: { sku: "7" } } },
        ],
      });
    }
    if (who === "bug") throw new Error("a secret");
  };
  const server = await serve({
    services: [
      v1.implementRecommendations({
        recommend({ userId, limit }) {
          refuse(userId);
          return { items: [{ bookId: String(limit), title: userId, score: 0.5 }] };
        },
        async *streamRecommendations() {
          for (const bookId of ["a", "b", "c"]) yield { item: { bookId } };
        },
        recordEvent({ properties }) {
          assert.deepEqual(properties, { a: [1, null, { b: true }] });
          return {};
        },
      }),
      v2.implementRecommendations({
        async recommend({ audience, limit }, context) {
          const who = audience?.value ?? "";
          refuse(who);
          if (who === "wait") await untilAborted(context.signal as AbortSignal);
          if (who === "metadata") {
            context.sendHeaders({ "x-header": "1", "x-header-bin": Uint8Array.of(0, 1) });
            context.trailers.set("x-trailer", "2");
            const { metadata } = context;
            return { recommendations: [{ title: `${metadata.get("x-text")} ${metadata.getAll("x-bytes-bin")}` }] };
          }
          return { recommendations: [{ bookId: String(limit), title: who, relevance: 0.5 }] };
        },
        async *streamRecommendations({ audience }, { signal, closing }) {
          for (const bookId of ["a", "b", "c"]) yield { upserted: [{ bookId }] };
          if (audience?.value === "endless") await untilAborted(signal as AbortSignal);
          assert.equal(closing.aborted, false);
        },
        async recordEvents(events) {
          let count = 0n;
          for await (const { event } of events) {
            assert.equal(event?.eventId, String(count++));
          }
          return { acceptedCount: count };
        },
        async *refine(steps) {
          for await (const { step } of steps) yield { question: `${step?.value}?` };
        },
      }),
    ],
    address: "127.0.0.1:0",
    shutdown: { signals: [] },
    onError: () => {},
    ...options,
  });
  context.after(() => server.close(0));
  return { server, aborted, began };
}

/** What an action says, line by line. */
async function* lines(server: RunningServer, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const program = join(import.meta.dirname, "support", "foreign_client.py");
  const address = server.address.replace(/^https?:\/\//, "");
  const child = spawn(python ?? "", [program, address, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const closed = new Promise((resolve) => child.on("close", resolve));
  for await (const [line] of on(createInterface(child.stdout), "line", { close: ["close"] })) {
    yield JSON.parse(String(line)) as unknown;
  }
  assert.equal(await closed, 0, `${args.join(" ")} failed`);
}

/** All that an action says. */
function ask(server: RunningServer, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown[]> {
  return collect(lines(server, args, env));
}

const who = "Größe \u{1f600}";

/** What each major answers, of all kinds that it has. */
const ANSWERS = {
  v1: [
    { items: [{ bookId: "3", title: who, score: 0.5 }] },
    ["a", "b", "c"].map((bookId) => ({ item: { bookId } })),
    {},
  ],
  v2: [
    { recommendations: [{ bookId: "3", title: who, relevance: 0.5 }] },
    ["a", "b", "c"].map((bookId) => ({ upserted: [{ bookId }] })),
    { acceptedCount: "500" },
    [{ question: "a?" }, { question: "b?" }],
  ],
} as const;

for (const major of ["v1", "v2"] as const) {
  test(`${major}: Python's client is answered`, HAVE, async (context) => {
    const { server } = await start(context);
    assert.deepEqual(await ask(server, [major]), ANSWERS[major]);
    assert.equal(server.calls, 0);
  });

  test(`${major}: Python's client is answered over TLS`, HAVE, async (context) => {
    const tls = { key: join(TLS, "localhost.key"), certificate: join(TLS, "localhost.crt") };
    const { server } = await start(context, { tls });
    assert.deepEqual(await ask(server, [major], { ROOTS: tls.certificate }), ANSWERS[major]);
  });

  test(`${major}: Python's client has the status of an error with details and trailers`, HAVE, async (context) => {
    const { server } = await start(context);
    const [error] = await ask(server, ["fail", major, "details"]);
    assert.deepEqual(error, {
      code: "FAILED_PRECONDITION",
      text: "no such “sku” 100%",
      status: [9, "no such “sku” 100%"],
      details: [
        {
          type: "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "NO_SKU",
          domain: "bookstore",
          metadata: { sku: "7" },
        },
      ],
      trailers: { "x-why": "stock", "x-why-bin": [0, 255] },
    });
  });

  test(`${major}: a handler's bug is INTERNAL for Python's client, and no secret`, HAVE, async (context) => {
    const { server } = await start(context);
    const [error] = (await ask(server, ["fail", major, "bug"])) as [{ code: string; text: string }];
    assert.equal(error.code, "INTERNAL");
    assert.match(error.text, /^internal error [0-9a-f]{8}$/);
  });

  for (const version of ["v1", "v1alpha"]) {
    test(
      `${major}: reflection ${version} tells Python's client all that it needs for a call`,
      HAVE,
      async (context) => {
        const { server } = await start(context);
        const symbol = major === "v1" ? V1 : V2;
        const [services, missing, files, answer] = await ask(server, ["reflection", version, symbol]);
        for (const each of [V1, V2]) assert.ok((services as string[]).includes(each), String(services));
        assert.equal(missing, 5);
        const file = `bookstore/recommendations/${major}/recommendations_service.proto`;
        assert.ok((files as string[]).includes(file), String(files));
        const item = { bookId: "0", title: "reflected" };
        const expected =
          major === "v1" ? { items: [{ ...item, score: 0.5 }] } : { recommendations: [{ ...item, relevance: 0.5 }] };
        assert.deepEqual(answer, expected);
      },
    );
  }
}

test("Python's compressed requests are read", HAVE, async (context) => {
  const { server } = await start(context);
  assert.deepEqual(await ask(server, ["compressed"]), [500_000]);
});

test("metadata goes to and from Python's client", HAVE, async (context) => {
  const { server } = await start(context);
  const [title, [header, trailer]] = (await ask(server, ["metadata"])) as [string, [object, object]];
  assert.equal(title, "a, b 0,255");
  assert.deepEqual(Reflect.get(header, "x-header"), "1");
  assert.deepEqual(Reflect.get(header, "x-header-bin"), [0, 1]);
  assert.deepEqual(Reflect.get(trailer, "x-trailer"), "2");
});

test("the deadline of Python's client aborts the handler", HAVE, async (context) => {
  const { server, aborted } = await start(context);
  assert.deepEqual(await ask(server, ["deadline"]), ["DEADLINE_EXCEEDED"]);
  assert.match(await aborted.promise, /the deadline passed|the client left/);
});

test("Python's client that cancels a stream aborts the handler", HAVE, async (context) => {
  const { server, aborted } = await start(context);
  assert.deepEqual(await ask(server, ["cancel"]), ["cancelled"]);
  assert.match(await aborted.promise, /the client left/);
});

test("a method and a service that are not there are UNIMPLEMENTED for Python's client", HAVE, async (context) => {
  const { server } = await start(context);
  assert.deepEqual(await ask(server, ["missing"]), ["UNIMPLEMENTED", "UNIMPLEMENTED"]);
});

test("without health and reflection Python's client is told that they are not there", HAVE, async (context) => {
  const { server } = await start(context, { health: false, reflection: false });
  assert.deepEqual(await ask(server, ["health", "", V1]), ["UNIMPLEMENTED", "UNIMPLEMENTED"]);
});

test("health tells Python's client of each service, and of all", HAVE, async (context) => {
  const { server } = await start(context);
  const names = ["health", "", V1, V2, "no.such.Service"];
  assert.deepEqual(await ask(server, names), ["SERVING", "SERVING", "SERVING", "NOT_FOUND"]);
  server.setHealth(false, V1);
  assert.deepEqual(await ask(server, names), ["SERVING", "NOT_SERVING", "SERVING", "NOT_FOUND"]);
  server.setHealth(false);
  assert.deepEqual(await ask(server, names), ["NOT_SERVING", "NOT_SERVING", "NOT_SERVING", "NOT_FOUND"]);
  server.setHealth(true);
  assert.deepEqual(await ask(server, names), ["SERVING", "SERVING", "SERVING", "NOT_FOUND"]);
});

for (const name of ["", V2]) {
  test(`Python's watch of "${name}" sees what is set, and the end`, HAVE, async (context) => {
    const { server } = await start(context);
    const seen: unknown[] = [];
    let ending: Promise<string> | undefined;
    for await (const each of lines(server, ["watch", name])) {
      seen.push(each);
      if (seen.length === 1) server.setHealth(false);
      if (seen.length === 2) server.setHealth(true);
      if (seen.length === 3) ending = server.close(5000);
    }
    assert.deepEqual(seen, ["SERVING", "NOT_SERVING", "SERVING", "NOT_SERVING", "UNAVAILABLE: the server shuts down"]);
    // A watch has no end of its own, and does not hold up the server's.
    assert.equal(await ending, "clean");
  });
}

test(
  "a call of Python's client that is in flight at the shutdown is cut off with UNAVAILABLE after the grace",
  HAVE,
  async (context) => {
    const { server, began, aborted } = await start(context);
    const [answer] = await Promise.all([
      ask(server, ["fail", "v2", "wait"]),
      began.promise.then(() => server.close(50)),
    ]);
    assert.deepEqual(answer, [{ code: "UNAVAILABLE", text: "the server shuts down", details: [], trailers: {} }]);
    assert.match(await aborted.promise, /the server shuts down/);
    assert.equal(await server.ended, "forced");
  },
);
