import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import {
  type CallOptions,
  type ClientOptions,
  createClient,
  type ReadonlyMetadata,
  RpcError,
} from "../packages/rpc/dist/index.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import { caught, collect, gate, type NoteClient, NoteServiceDefinition } from "./rpc-fixture.ts";
import { listen } from "./support/listening.ts";

// What is promised of a call must hold with a server that is not grpc-js. What a request asks of this one is in
// support/foreign_server.py.

/** A Python that has grpcio: the one of the path, or Debian's own, where apt-get puts it. */
const python = [process.env["PYTHON"] ?? "python3", "/usr/bin/python3"].find(
  (each) => spawnSync(each, ["-c", "import grpc"]).status === 0,
);
const HAVE: { readonly skip?: string } =
  python === undefined ? { skip: "no Python with grpcio: apt-get install -y python3-grpcio" } : {};

interface ForeignServer {
  readonly port: number;
  readonly child: ChildProcess;
  /** Waits until the server has printed this line. */
  readonly says: (line: string) => Promise<void>;
}

async function start(): Promise<ForeignServer> {
  const program = join(import.meta.dirname, "support", "foreign_server.py");
  const child = spawn(python ?? "", [program], { stdio: ["pipe", "pipe", "inherit"] });
  const said: string[] = [];
  const told = new Map<string, () => void>();
  const first = gate<string>();
  createInterface(child.stdout).on("line", (line) => {
    first.open(line);
    said.push(line);
    told.get(line)?.();
  });
  child.on("close", () => first.open(""));
  const says = (line: string): Promise<void> =>
    new Promise((resolve) => (said.includes(line) ? resolve() : told.set(line, resolve)));
  const port = Number(await first.promise);
  assert.ok(port > 0, "the Python server did not start");
  return { port, child, says };
}

let server: ForeignServer;
if (python !== undefined) {
  before(async () => {
    server = await start();
  });
  after(async () => {
    const ended = once(server.child, "close");
    server.child.stdin?.end();
    await ended;
  });
}

/** A client of its own for each test: retries are rationed by connection. */
function clientOf(context: TestContext, options: ClientOptions = {}, port = server.port): NoteClient {
  const client = createClient(NoteServiceDefinition, `http://127.0.0.1:${port}`, options);
  context.after(() => client.close());
  return client;
}

interface Asked {
  readonly id: string;
  readonly count?: number;
}

type Answers = Promise<readonly { readonly id: string; readonly count: number }[]>;
type Call = (client: NoteClient, request: Asked, options?: CallOptions) => Answers;

/** Each kind of call, with how many answers it has. */
const kinds: readonly (readonly [name: string, call: Call, answers: number])[] = [
  ["unary", async (client, request, options) => [await client.get(request, options)], 1],
  ["client stream", async (client, request, options) => [await client.record([request], options)], 1],
  ["server stream", (client, request, options) => collect(client.watch(request, options)), 2],
  ["bidi stream", (client, request, options) => collect(client.chat([request], options)), 2],
];

async function failure(answers: Answers, code: string): Promise<RpcError> {
  const error = await caught(answers);
  assert.ok(RpcError.is(error), String(error));
  assert.equal(error.codeName, code, error.message);
  return error;
}

/** A relay that counts the bytes of both directions, and can hang up as a process does that is killed. */
async function counting(context: TestContext) {
  const bytes = { up: 0, down: 0 };
  const clients: net.Socket[] = [];
  const relay = net.createServer((client) => {
    clients.push(client);
    const upstream = net.connect(server.port, "127.0.0.1");
    client.on("error", () => {}).on("close", () => upstream.destroy());
    upstream.on("error", () => {}).on("close", () => client.destroy());
    client.on("data", (data) => {
      bytes.up += data.length;
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      bytes.down += data.length;
      client.write(data);
    });
  });
  const { port, stop } = await listen(relay);
  context.after(stop);
  const reset = (): unknown => clients.map((each) => each.resetAndDestroy());
  return { port, bytes, reset };
}

for (const [kind, call, answers] of kinds) {
  const foreign = (name: string, run: (context: TestContext) => Promise<void>): void => {
    test(`${kind}: ${name}`, HAVE, run);
  };

  foreign("answers arrive, with every letter", async (context) => {
    const id = "Größe \u{1f600} \u0000 end";
    const notes = await call(clientOf(context), { id: `echo ${id}`, count: -7 });
    assert.deepEqual(
      notes.map((note) => [note.id, note.count]),
      Array(answers).fill([id, -7]),
    );
  });

  foreign("the deadline ends it, on the server, too", async (context) => {
    const client = clientOf(context);
    await client.get({ id: "echo connected" });
    const failed = failure(call(client, { id: `wait late ${kind}` }, { deadline: 500 }), "DEADLINE_EXCEEDED");
    await server.says(`began late ${kind}`);
    await failed;
    await server.says(`cancelled late ${kind}`);
  });

  foreign("an abort ends it, on the server, too", async (context) => {
    const controller = new AbortController();
    const { signal } = controller;
    const failed = failure(call(clientOf(context), { id: `wait abort ${kind}` }, { signal }), "CANCELLED");
    await server.says(`began abort ${kind}`);
    const why = new Error("the user left");
    controller.abort(why);
    assert.equal((await failed).cause, why);
    await server.says(`cancelled abort ${kind}`);
  });

  foreign("a status has its text and trailers", async (context) => {
    let trailer: ReadonlyMetadata | undefined;
    const onTrailer = (received: ReadonlyMetadata): void => {
      trailer = received;
    };
    const error = await failure(call(clientOf(context), { id: "fail" }, { onTrailer }), "FAILED_PRECONDITION");
    assert.equal(error.rawMessage, "no “sku” 100% 7");
    for (const metadata of [error.metadata, trailer]) {
      assert.deepEqual(metadata?.getAll("x-why"), ["sku, stock"]);
      assert.deepEqual(metadata?.getAll("x-why-bin"), [Uint8Array.of(0, 255)]);
    }
    assert.deepEqual([error.details, error.hint, error.attempts], [[], undefined, 1]);
  });

  foreign("a status has its details", async (context) => {
    const error = await failure(call(clientOf(context), { id: "details" }), "FAILED_PRECONDITION");
    const value = { reason: "NO_SKU", domain: "bookstore", metadata: { sku: "7" } };
    assert.deepEqual(error.details, [{ type: "google.rpc.ErrorInfo", value }]);
  });

  foreign("a handler that has a bug is UNKNOWN", async (context) => {
    const error = await failure(call(clientOf(context), { id: "throw" }), "UNKNOWN");
    assert.match(error.rawMessage, /a bug/);
  });

  foreign("a method that is not there is UNIMPLEMENTED", async (context) => {
    const missing = { ...NoteServiceDefinition, fullName: "test.note.v1.Missing" } as const;
    const client = createClient(missing, `http://127.0.0.1:${server.port}`);
    context.after(() => client.close());
    const error = await failure(call(client, { id: "echo" }), "UNIMPLEMENTED");
    assert.match(error.message, /^test\.note\.v1\.Missing\/\w+ at http/);
  });

  foreign("a response that is larger than maxReceiveBytes names the option", async (context) => {
    const client = clientOf(context, { maxReceiveBytes: 1000 });
    const error = await failure(call(client, { id: "large", count: 5000 }), "RESOURCE_EXHAUSTED");
    assert.match(error.hint ?? "", /raise maxReceiveBytes \(1000\)/);
    assert.equal((await call(client, { id: "large", count: 500 }))[0]?.id.length, 500);
  });

  foreign("a request that is larger than the server takes is the server's failure", async (context) => {
    const error = await failure(call(clientOf(context), { id: "x".repeat(2 ** 21) }), "RESOURCE_EXHAUSTED");
    assert.equal(error.hint, undefined);
  });

  foreign("compressed responses are read", async (context) => {
    const { port, bytes } = await counting(context);
    const notes = await call(clientOf(context, {}, port), { id: "gzip", count: 500_000 });
    assert.deepEqual(
      notes.map(({ id }) => id.length),
      Array(answers).fill(500_000),
    );
    assert.ok(bytes.down < 50_000, `${bytes.down} bytes came`);
  });

  foreign("a compressed response is as large as what it holds", async (context) => {
    const client = clientOf(context, { maxReceiveBytes: 100_000 });
    await failure(call(client, { id: "gzip", count: 500_000 }), "RESOURCE_EXHAUSTED");
  });

  foreign("compressed requests are read, beside others that are not", async (context) => {
    const { port, bytes } = await counting(context);
    const client = clientOf(context, { compression: "gzip" }, port);
    const id = `length ${"y".repeat(500_000)}`;
    assert.equal((await call(client, { id }))[0]?.count, 500_000);
    assert.ok(bytes.up < 50_000, `${bytes.up} bytes went`);
    assert.equal((await call(client, { id }, { compression: false }))[0]?.count, 500_000);
    assert.ok(bytes.up > 500_000, `${bytes.up} bytes went`);
    assert.equal((await call(client, { id: "length y" }))[0]?.count, 1);
  });

  foreign("metadata arrives, in both directions", async (context) => {
    const heard: (readonly [string, ReadonlyMetadata])[] = [];
    const bytes = [Uint8Array.of(0, 1, 254, 255), Uint8Array.of(44, 44), new Uint8Array()];
    const [note] = await call(
      clientOf(context, { metadata: { "x-text": "replaced", "x-client": "c" } }),
      { id: "metadata" },
      {
        metadata: { "x-text": ["a", "b, c", "d"], "x-bytes-bin": bytes },
        onHeader: (header) => heard.push(["header", header]),
        onTrailer: (trailer) => heard.push(["trailer", trailer]),
      },
    );
    // Sent one by one. What comes is joined: Node's HTTP/2 does that to a header that is there twice, and gRPC allows it.
    assert.equal(note?.id, "a|b, c|d");
    const [[first, header] = [], [second, trailer] = [], ...more] = heard;
    assert.deepEqual([first, second, more], ["header", "trailer", []]);
    assert.deepEqual(header?.getAll("x-header"), ["1, 2"]);
    assert.deepEqual(header?.getAll("x-header-bin"), [Uint8Array.of(0, 1)]);
    assert.deepEqual(header?.getAll("x-text"), ["a, b, c, d"]);
    assert.deepEqual(header?.getAll("x-bytes-bin"), bytes);
    assert.deepEqual(header?.getAll("x-client"), ["c"]);
    assert.deepEqual(trailer?.getAll("x-trailer"), ["3, 4"]);
    assert.deepEqual(trailer?.getAll("x-trailer-bin"), [Uint8Array.of(254, 255)]);
  });

  foreign("a server that is busy is called again when it says so", async (context) => {
    // No wait of our own would end in time.
    const retry = { initialBackoff: 1e9, maxBackoff: 1e9 };
    const [note] = await call(clientOf(context), { id: `retry ${kind}` }, { retry });
    assert.deepEqual([note?.count, note?.id], [3, "2"]);
  });

  foreign("a server that does not want to be called again is not", async (context) => {
    const client = clientOf(context);
    const error = await failure(call(client, { id: `never ${kind} never` }, { retry: true }), "UNAVAILABLE");
    assert.equal(error.attempts, 1);
    assert.equal((await client.get({ id: `tries ${kind} never` })).count, 1);
  });

  for (const [how, stop] of [
    ["is killed", ({ child }) => child.kill("SIGKILL")],
    // Its GOAWAY has an error's code, of which grpc-js makes INTERNAL.
    ["stops", ({ child }) => child.stdin?.write("stop\n")],
  ] as readonly (readonly [string, (own: ForeignServer) => unknown])[]) {
    foreign(`a server that ${how} during the call ends it with UNAVAILABLE`, async (context) => {
      const own = await start();
      context.after(() => own.child.kill());
      const client = clientOf(context, { retry: false }, own.port);
      const failed = failure(call(client, { id: `wait ${how}` }), "UNAVAILABLE");
      await own.says(`began ${how}`);
      stop(own);
      await failed;
    });
  }

  foreign("a connection that is reset during the call is UNAVAILABLE, with the likely cause", async (context) => {
    const { port, reset } = await counting(context);
    const client = clientOf(context, { retry: false }, port);
    const failed = failure(call(client, { id: `wait reset ${kind}` }), "UNAVAILABLE");
    await server.says(`began reset ${kind}`);
    reset();
    const { hint, message } = await failed;
    assert.match(hint ?? "", /connection was lost/, message);
  });
}

test("streams of many messages keep their order and their count", HAVE, async (context) => {
  const client = clientOf(context);
  const ids = Array.from({ length: 500 }, (_, index) => `m${index}`);
  async function* requests(): AsyncGenerator<Asked> {
    for (const id of ids) yield { id: `echo ${id}` };
  }
  assert.deepEqual(
    (await collect(client.chat(requests()))).map(({ id }) => id),
    ids.flatMap((id) => [id, id]),
  );
  assert.equal((await client.record(requests())).count, 499);
});

test("a break ends the stream on the server", HAVE, async (context) => {
  const client = clientOf(context);
  for (const stream of [client.watch({ id: "first watch" }), client.chat([{ id: "first chat" }])]) {
    for await (const { id } of stream) {
      // Python leaves a generator where it stands when the client left: this one must have come to its wait.
      await server.says(`began ${id}`);
      break;
    }
  }
  await server.says("cancelled watch");
  await server.says("cancelled chat");
});

test("an early answer ends the requests", HAVE, async (context) => {
  const stopped = gate();
  async function* requests(): AsyncGenerator<Asked> {
    try {
      for (;;) {
        yield { id: "fail" };
        await setTimeout(1);
      }
    } finally {
      stopped.open();
    }
  }
  const error = await caught(clientOf(context).record(requests()));
  assert.equal(RpcError.is(error) && error.codeName, "FAILED_PRECONDITION");
  await stopped.promise;
});

test("a slow reader holds the server back", HAVE, async (context) => {
  const client = clientOf(context);
  const total = 1_000;
  let read = 0;
  let ahead = 0;
  for await (const _ of client.watch({ id: "flood slow", count: total })) {
    read++;
    if (read % 250 === 1) {
      await setTimeout(100);
      ahead = Math.max(ahead, (await client.get({ id: "tries slow" })).count - read);
    }
  }
  assert.equal(read, total);
  context.diagnostic(`the server was ${ahead} of ${total} messages ahead`);
  assert.ok(ahead < total / 4, `the server was ${ahead} messages ahead`);
});

test("several values of a text key come from a fake as they come from a server", HAVE, async (context) => {
  const fake = createFake(NoteServiceDefinition, {
    get: (_, { trailers }) => {
      trailers.append("x-trailer", "3");
      trailers.append("x-trailer", "4");
      return {};
    },
  });
  const heard: unknown[] = [];
  for (const client of [clientOf(context), fake]) {
    await client.get({ id: "metadata" }, { onTrailer: (trailer) => heard.push(trailer.getAll("x-trailer")) });
  }
  assert.deepEqual(heard[1], heard[0]);
});
