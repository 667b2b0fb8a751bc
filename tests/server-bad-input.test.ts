import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import * as v1 from "../packages/recommendations-v1/dist/server.js";
import * as v2 from "../packages/recommendations-v2/dist/server.js";
import {
  type ClientOptions,
  Code,
  createClient,
  type Interceptor,
  type ReadonlyMetadata,
  RpcError,
} from "../packages/rpc/dist/index.js";
import { type CallRecord, logger } from "../packages/rpc/dist/logger.js";
import { openTelemetry } from "../packages/rpc/dist/opentelemetry.js";
import { type HandlerContext, type Implementation, implement } from "../packages/rpc/dist/server.js";
import { type RunningServer, type ServeOptions, serve, type TlsFiles } from "../packages/rpc-server/dist/index.js";
import { caught, collect, gate, type NoteClient, type NoteDefinition, NoteServiceDefinition } from "./rpc-fixture.ts";
import { failing, ids, kinds } from "./rpc-retry-fixture.ts";
import { REPOSITORY } from "./support/cli.ts";
import { identity } from "./support/listening.ts";

type NoteImplementation = Implementation<NoteDefinition>;

const echo: NoteImplementation = failing(0).implementation;
const services = [implement(NoteServiceDefinition, echo)];
const base: ServeOptions = { services, address: "127.0.0.1:0", shutdown: { signals: [] }, reflection: false };
const tlsFile = (name: string): string => join(REPOSITORY, "tests", "fixtures", "tls", name);
const good: TlsFiles = { key: tlsFile("localhost.key"), certificate: tlsFile("localhost.crt") };

interface Running {
  readonly server: RunningServer;
  readonly client: NoteClient;
}

/** A server of notes, and a client of it that hides nothing; the test's end ends both. */
async function start(
  context: TestContext,
  implementation: NoteImplementation,
  options: Partial<ServeOptions> = {},
  client: ClientOptions = {},
): Promise<Running> {
  const server = await serve({ ...base, services: [implement(NoteServiceDefinition, implementation)], ...options });
  const made = createClient(NoteServiceDefinition, server.address, { retry: false, ...client });
  context.after(async () => {
    made.close();
    await server.close(0);
  });
  return { server, client: made };
}

async function failure(call: Promise<unknown>, code: string): Promise<RpcError> {
  const error = await caught(call);
  assert.ok(RpcError.is(error), String(error));
  assert.equal(error.codeName, code, error.message);
  return error;
}

/** What a wrong program gives to serve(); a plain object, as JavaScript would have it. */
const refused: Readonly<Record<string, readonly [options: object, what: RegExp]>> = {
  "an option that is misspelt": [{ adress: "127.0.0.1:0" }, /serve has no option "adress": did you mean "address"/],
  "a limit that is misspelt": [
    { limits: { requestbytes: 1 } },
    /limits has no option "requestbytes": did you mean "requestBytes"/,
  ],
  "a word of connections that is misspelt": [
    { connections: { keepAlive: 1 } },
    /connections has no option "keepAlive"/,
  ],
  "a word of shutdown that is misspelt": [{ shutdown: { graceful: 1 } }, /shutdown has no option "graceful"/],
  "a file of TLS that is misspelt": [
    { tls: { ...good, clientAuthorities: good.certificate } },
    /tls has no option "clientAuthorities"/,
  ],
  "TLS without a certificate": [{ tls: { key: good.key } }, /tls\.certificate/],
  "TLS that is no object": [{ tls: true }, /tls/],
  "no services": [{ services: [] }, /serve needs services/],
  "services that are no array": [{ services: services[0] }, /serve needs services/],
  "a service that is undefined": [{ services: [undefined] }, /services/],
  "handlers without their service": [{ services: [echo] }, /implement/],
  "a service twice": [{ services: [...services, ...services] }, /test\.note\.v1\.NoteService stands twice in services/],
  "bytes in words": [{ limits: { requestBytes: "4MB" } }, /limits\.requestBytes must be a number from 1, not 4MB/],
  "no bytes at all": [{ limits: { requestBytes: 0 } }, /limits\.requestBytes must be a number from 1, not 0/],
  "a limit that is not a number": [{ limits: { calls: Number.NaN } }, /limits\.calls must be a number from 1, not NaN/],
  "a limit below zero": [{ limits: { metadataBytes: -1 } }, /limits\.metadataBytes must be a number from 1, not -1/],
  "a grace below zero": [{ shutdown: { grace: -1 } }, /shutdown\.grace must be a number from 0, not -1/],
  "more calls of a connection than HTTP/2 can say": [
    { limits: { callsPerConnection: 2 ** 40 } },
    /limits\.callsPerConnection/,
  ],
  "limits that are no object": [{ limits: 5 }, /limits/],
  "an unknown compression": [{ compression: "br" }, /serve has no option "compression"/],
  "an address without a port": [{ address: "localhost" }, /the address "localhost" is not host:port/],
  "an address as clients have it": [{ address: "http://localhost:1" }, /is not host:port/],
  "a port that does not exist": [{ address: "127.0.0.1:65536" }, /is not host:port/],
  "an address that is a number": [{ address: 50051 }, /address/],
  "a signal in place of signals": [{ shutdown: { signals: "SIGTERM" } }, /shutdown\.signals/],
  "a signal that does not exist": [{ shutdown: { signals: ["SIGFOO"] } }, /SIGFOO/],
  "an authenticate that is no function": [{ authenticate: 7 }, /authenticate/],
  "an interceptor in place of interceptors": [
    { interceptors: (call: unknown, next: (call: unknown) => unknown) => next(call) },
    /interceptors/,
  ],
  "an interceptor that is no function": [{ interceptors: [7] }, /interceptors/],
  "an onError that is no function": [{ onError: 7 }, /onError/],
};

for (const [name, [options, what]] of Object.entries(refused)) {
  test(`serve refuses ${name}`, async () => {
    // Signals as the row has them, or none: the test's own process must not hear them.
    const shutdown = { ...base.shutdown, ...(Reflect.get(options, "shutdown") as object | undefined) };
    const outcome = serve({ ...base, ...options, shutdown } as ServeOptions);
    const error = await caught(outcome.then((server) => server.close(0)));
    assert.ok(error instanceof TypeError, String(error));
    assert.match(error.message, what);
  });
}

/** Files that cannot be served with: an Error that names the one at fault. */
const certificates: Readonly<Record<string, readonly [files: TlsFiles, what: RegExp]>> = {
  "a key that is not there": [{ ...good, key: tlsFile("none.key") }, /none\.key/],
  "a certificate that is not there": [{ ...good, certificate: tlsFile("none.crt") }, /none\.crt/],
  "a folder in place of a key": [{ ...good, key: tlsFile("") }, /fixtures\/tls/],
  "a key of another certificate": [
    { ...good, key: tlsFile("elsewhere.key") },
    /elsewhere\.key.*localhost\.crt.*mismatch/,
  ],
  "a key that is no PEM": [{ ...good, key: tlsFile("README.md") }, /README\.md/],
  "a certificate that is no PEM": [{ ...good, certificate: tlsFile("README.md") }, /README\.md/],
  "an authority that is not there": [{ ...good, clientAuthority: tlsFile("none.ca") }, /none\.ca/],
  "an authority that is no PEM": [{ ...good, clientAuthority: tlsFile("README.md") }, /README\.md/],
};

for (const [name, [tls, what]] of Object.entries(certificates)) {
  test(`serve cannot use ${name}`, async () => {
    const error = await caught(serve({ ...base, tls }).then((server) => server.close(0)));
    assert.ok(error instanceof Error, String(error));
    assert.match(error.message, what);
  });
}

test("a certificate that has expired is served: it is the client that refuses it, and says why", async (context) => {
  const tls = { key: tlsFile("expired.key"), certificate: tlsFile("expired.crt") };
  const { server } = await start(context, echo, { tls });
  const address = server.address.replace("127.0.0.1", "localhost");
  const trusting = { tls: { rootCertificates: identity("expired").cert }, retry: false };
  const client = createClient(NoteServiceDefinition, address, trusting);
  context.after(() => client.close());
  const error = await failure(client.get({}), "UNAVAILABLE");
  assert.match(error.hint ?? "", /certificate has expired/);
});

test("a port that is taken is told with its address, and nothing is left that holds the process", async (context) => {
  const taken = net.createServer().listen(0, "127.0.0.1");
  context.after(() => taken.close());
  await once(taken, "listening");
  const { port } = taken.address() as net.AddressInfo;
  const before = process.listenerCount("SIGTERM");
  const busy = { ...base, address: `127.0.0.1:${port}`, shutdown: {} };
  const error = await caught(serve(busy));
  assert.ok(error instanceof Error);
  assert.match(error.message, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`));
  assert.equal(Reflect.get(error.cause as object, "code"), "EADDRINUSE");
  assert.equal(process.listenerCount("SIGTERM"), before);
});

for (const [name, connections] of [
  ["silence", { silence: Number.POSITIVE_INFINITY }],
  ["age", { age: 1e12 }],
  ["keepaliveTime", { keepaliveTime: 1e12 }],
] as const) {
  test(`${name} of for ever is not at once`, async (context) => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): unknown => warnings.push(warning);
    process.on("warning", onWarning);
    context.after(() => process.removeListener("warning", onWarning));
    const { client } = await start(context, echo, { connections });
    assert.equal((await client.get({ id: "a" })).id, "a");
    await new Promise(setImmediate);
    assert.deepEqual(warnings, []);
  });
}

test("a request may have any size when requestBytes is Infinity", async (context) => {
  const counting = { get: ({ id }: { readonly id: string }) => ({ count: id.length }) };
  const { client } = await start(context, counting, { limits: { requestBytes: Number.POSITIVE_INFINITY } });
  assert.equal((await client.get({ id: "x".repeat(5_000_000) })).count, 5_000_000);
});

/** What the interceptor below gives on: of a single message, or of each of a stream. */
function mapped(messages: unknown, map: (id: string) => string): unknown {
  const one = (message: unknown): object => ({ ...(message as object), id: map((message as { id: string }).id) });
  if (typeof messages === "object" && messages !== null && Symbol.asyncIterator in messages) {
    const each = messages as AsyncIterable<unknown>;
    return (async function* () {
      for await (const message of each) yield one(message);
    })();
  }
  return one(messages);
}

/** Changes all there is of a call. */
const change: Interceptor = async (call, next) => {
  call.metadata.append("x-who", "interceptor");
  const reply = await next({ ...call, request: mapped(call.request, (id) => id.toUpperCase()) });
  reply.header.set("x-interceptor", "i");
  reply.trailer.set("x-interceptor-trailer", "it");
  return { ...reply, response: mapped(reply.response, (id) => `${id}!`) as typeof reply.response };
};

/** The echo, that tells whom it sees, and sends headers and trailers. */
function telling(tell: (who: readonly unknown[]) => void): NoteImplementation {
  const enter = (context: HandlerContext): void => {
    tell([context.metadata.getAll("x-who").join(", "), context.caller]);
    context.sendHeaders({ "x-handler": "h" });
    context.trailers.set("x-handler-trailer", "t");
  };
  return failing(1, enter as () => never).implementation;
}

test("what a handler throws that is no error, or gives that is no answer, is INTERNAL and told to onError", async (context) => {
  const told: unknown[] = [];
  const onError = (error: unknown, _: unknown, id: string): unknown => told.push([error, id]);
  const wrong = {
    get: () => {
      throw "a string";
    },
    record: () => undefined,
    watch: () => undefined,
    async *chat() {
      yield undefined;
    },
    close: async () => Promise.reject(undefined),
  } as unknown as NoteImplementation;
  const { client, server } = await start(context, wrong, { onError });
  for (const call of [
    () => client.get({}),
    () => client.record([]),
    () => collect(client.watch({})),
    () => collect(client.chat([])),
    () => client.close$({}),
  ]) {
    const error = await failure(call(), "INTERNAL");
    const [, id] = told.at(-1) as [unknown, string];
    assert.equal(error.rawMessage, `internal error ${id}`);
  }
  const errors = (told as [unknown, string][]).map(([error]) => error);
  assert.deepEqual([errors[0], errors[4]], ["a string", undefined]);
  assert.match(String(errors[2]), /Watch must give an \(async\) iterable/);
  assert.equal(errors.length, 5);
  assert.equal(server.calls, 0);
});

test("an onError that throws takes nothing down", async (context) => {
  const fail = (): never => {
    throw new Error("the logger is broken");
  };
  const { client } = await start(context, { get: fail, watch: () => [{ id: "a" }] }, { onError: fail });
  await failure(client.get({}), "INTERNAL");
  assert.equal(await ids(client.watch({})), "a");
});

test("a handler that yields after the abort yields to nobody, and its finally runs", async (context) => {
  const began = gate();
  const ended = gate<string>();
  const told: unknown[] = [];
  const { client, server } = await start(
    context,
    {
      async *watch(_, { signal }) {
        try {
          began.open();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          yield { id: "late" };
          yield { id: "later" };
        } finally {
          ended.open(String(signal.reason));
        }
      },
    },
    { onError: (error) => told.push(error) },
  );
  const controller = new AbortController();
  const failed = failure(collect(client.watch({}, { signal: controller.signal })), "CANCELLED");
  await began.promise;
  controller.abort();
  await failed;
  assert.match(await ended.promise, /the client left/);
  assert.deepEqual([told, server.calls], [[], 0]);
});

const never = (): Promise<never> => new Promise(() => {});
const deaf: NoteImplementation = {
  get: never,
  record: never,
  async *watch() {
    await never();
    yield {};
  },
  async *chat() {
    await never();
    yield {};
  },
};

for (const [kind, call] of kinds) {
  test(`${kind}: a handler that ignores its signal ends at the client's deadline, and is no call in flight`, async (context) => {
    const { client, server } = await start(context, deaf);
    await failure(call(client, { deadline: 50 }), "DEADLINE_EXCEEDED");
    // The client's own clock may be the first. What the server has then left behind ends in the next turns.
    while (server.calls > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await server.close(), "clean");
  });

  const single = kind === "unary" || kind === "client stream";
  test(`${kind}: without a deadline ${single ? "callTime ends it" : "it goes on, past callTime"}`, async (context) => {
    const reasons: unknown[] = [];
    const wait = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          resolve();
        }),
      );
    const { client, server } = await start(
      context,
      {
        async get(_, context) {
          assert.ok(context.deadline !== undefined && context.timeLeft <= 60);
          await wait(context.signal as AbortSignal);
          return {};
        },
        async record(_, { signal }) {
          await wait(signal as AbortSignal);
          return {};
        },
        async *watch(_, { deadline }) {
          assert.equal(deadline, undefined);
          await new Promise((resolve) => setTimeout(resolve, 120));
          yield { id: "past" };
        },
        async *chat(_, { deadline }) {
          assert.equal(deadline, undefined);
          await new Promise((resolve) => setTimeout(resolve, 120));
          yield { id: "past" };
        },
      },
      { limits: { callTime: 60 } },
    );
    if (!single) {
      assert.equal(await call(client, {}), "past");
      return;
    }
    // A client of ours has a deadline unless it is told otherwise.
    const error = await failure(call(client, { deadline: Number.POSITIVE_INFINITY }), "DEADLINE_EXCEEDED");
    assert.equal(error.rawMessage, "the server gives a call 60 ms");
    assert.ok(RpcError.is(reasons[0]) && reasons[0].codeName === "DEADLINE_EXCEEDED");
    assert.equal(server.calls, 0);
  });

  test(`${kind}: a client's own deadline counts in place of callTime`, async (context) => {
    const slow = async (): Promise<{ id: string }> => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { id: "slow" };
    };
    const { client } = await start(
      context,
      {
        get: slow,
        record: slow,
        async *watch() {
          yield await slow();
        },
        async *chat() {
          yield await slow();
        },
      },
      { limits: { callTime: 20 } },
    );
    assert.equal(await call(client, { deadline: 30_000 }), "slow");
  });

  test(`${kind}: a call over limits.calls is RESOURCE_EXHAUSTED before it is decoded`, async (context) => {
    const open = gate();
    const began = gate();
    const seen: string[] = [];
    const { client, server } = await start(
      context,
      {
        ...echo,
        async close() {
          began.open();
          await open.promise;
          return {};
        },
      },
      { limits: { calls: 1 }, authenticate: ({ method }) => seen.push(method) },
    );
    const first = client.close$({});
    await began.promise;
    assert.equal(server.calls, 1);
    const error = await failure(call(client, {}), "RESOURCE_EXHAUSTED");
    assert.equal(error.rawMessage, "the server has 1 calls in flight, and takes no more");
    await failure(client.get({ id: "undecodable" }), "RESOURCE_EXHAUSTED");
    open.open();
    await first;
    assert.equal(await call(client, {}), "a,b");
    assert.deepEqual(seen.length, 2);
  });

  test(`${kind}: a request over limits.requestBytes is RESOURCE_EXHAUSTED, and the next one is served`, async (context) => {
    const { client, server } = await start(context, echo, { limits: { requestBytes: 1000 } });
    const large = { id: "x".repeat(2000) };
    const big: Record<string, () => Promise<unknown>> = {
      unary: () => client.get(large),
      "client stream": () => client.record([large]),
      "server stream": () => collect(client.watch(large)),
      "bidi stream": () => collect(client.chat([large])),
    };
    await failure(big[kind]?.() ?? never(), "RESOURCE_EXHAUSTED");
    assert.equal(await call(client, {}), "a,b");
    assert.equal(server.calls, 0);
  });

  test(`${kind}: metadata over limits.metadataBytes is RESOURCE_EXHAUSTED`, async (context) => {
    const { client } = await start(context, echo, { limits: { metadataBytes: 2000 } });
    const metadata = { "x-large": "x".repeat(3000) };
    await failure(call(client, { metadata }), "RESOURCE_EXHAUSTED");
    assert.equal(await call(client, {}), "a,b");
  });

  test(`${kind}: authenticate refuses before the request is decoded`, async (context) => {
    const told: unknown[] = [];
    const { client } = await start(context, echo, {
      onError: (error) => told.push(error),
      authenticate: async ({ metadata }) => {
        if (metadata.get("authorization") === undefined) {
          throw new RpcError("UNAUTHENTICATED", "who is it?", { metadata: { "www-authenticate": "Bearer" } });
        }
      },
    });
    const error = await failure(call(client, {}), "UNAUTHENTICATED");
    assert.deepEqual([error.rawMessage, error.metadata.get("www-authenticate")], ["who is it?", "Bearer"]);
    const bad: Record<string, (metadata: Record<string, string>) => Promise<unknown>> = {
      unary: (metadata) => client.get({ id: "undecodable" }, { metadata }),
      "client stream": (metadata) => client.record([{ id: "undecodable" }], { metadata }),
      "server stream": (metadata) => collect(client.watch({ id: "undecodable" }, { metadata })),
      "bidi stream": (metadata) => collect(client.chat([{ id: "undecodable" }], { metadata })),
    };
    await failure(bad[kind]?.({}) ?? never(), "UNAUTHENTICATED");
    const undecodable = await failure(bad[kind]?.({ authorization: "me" }) ?? never(), "INTERNAL");
    assert.equal(undecodable.rawMessage, "the request cannot be decoded");
    assert.equal(await call(client, { metadata: { authorization: "me" } }), "a,b");
    assert.deepEqual(told, []);
  });

  test(`${kind}: an authenticate that has a bug is INTERNAL, and told to onError`, async (context) => {
    const told: unknown[] = [];
    const bug = new Error("no database");
    const { client, server } = await start(context, echo, {
      onError: (error) => told.push(error),
      authenticate: () => {
        throw bug;
      },
    });
    const error = await failure(call(client, {}), "INTERNAL");
    assert.match(error.rawMessage, /^internal error [0-9a-f]{8}$/);
    assert.deepEqual([told, server.calls], [[bug], 0]);
  });

  test(`${kind}: interceptors run in order, outside the handler`, async (context) => {
    const order: string[] = [];
    const named =
      (name: string): Interceptor =>
      async (call, next) => {
        order.push(`${name} ${call.side}`);
        const reply = await next(call);
        order.push(`${name} back`);
        return reply;
      };
    const { client } = await start(context, echo, { interceptors: [named("first"), named("second")] });
    assert.equal(await call(client, {}), "a,b");
    assert.deepEqual(order, ["first server", "second server", "second back", "first back"]);
  });

  test(`${kind}: interceptors change request, metadata, response, headers and trailers`, async (context) => {
    let received: unknown;
    const tell = (who: readonly unknown[]): void => {
      received = who;
    };
    const { client } = await start(context, telling(tell), {
      authenticate: () => "caller 7",
      interceptors: [change],
    });
    let header: ReadonlyMetadata | undefined;
    let trailer: ReadonlyMetadata | undefined;
    const outcome = await call(client, {
      metadata: { "x-who": "client" },
      onHeader: (each) => {
        header = each;
      },
      onTrailer: (each) => {
        trailer = each;
      },
    });
    assert.equal(outcome, single ? "A,B!" : "A!,B!");
    assert.deepEqual(received, ["client, interceptor", "caller 7"]);
    assert.deepEqual([...(header?.getAll("x-handler") ?? [])], ["h"]);
    assert.deepEqual(trailer?.getAll("x-handler-trailer"), ["t"]);
    assert.deepEqual(trailer?.getAll("x-interceptor-trailer"), ["it"]);
    // Of a stream the headers are gone when the reply is there to be changed.
    assert.deepEqual(header?.getAll("x-interceptor"), single ? ["i"] : []);
  });

  test(`${kind}: an interceptor answers without next, and the handler is not run`, async (context) => {
    async function* cached(): AsyncGenerator<{ id: string }> {
      yield { id: "cached" };
    }
    const { client } = await start(context, deaf, {
      interceptors: [async () => ({ response: (single ? { id: "cached" } : cached()) as never })],
    });
    assert.equal(await call(client, {}), "cached");
  });

  test(`${kind}: what an interceptor throws is the call's end`, async (context) => {
    const told: unknown[] = [];
    const bug = new Error("an interceptor's bug");
    const { client, server } = await start(context, echo, {
      onError: (error) => told.push(error),
      interceptors: [
        async (call, next) => {
          const how = call.metadata.get("x-fail");
          if (how === "status") throw new RpcError("PERMISSION_DENIED", "not you");
          if (how === "bug") throw bug;
          return next(call);
        },
      ],
    });
    assert.equal(
      (await failure(call(client, { metadata: { "x-fail": "status" } }), "PERMISSION_DENIED")).rawMessage,
      "not you",
    );
    await failure(call(client, { metadata: { "x-fail": "bug" } }), "INTERNAL");
    assert.deepEqual([told, server.calls], [[bug], 0]);
    assert.equal(await call(client, {}), "a,b");
  });

  test(`${kind}: the logger and OpenTelemetry tell of the server's side`, async (context) => {
    const records: CallRecord[] = [];
    const exporter = new InMemorySpanExporter();
    const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer("test");
    const meter = new MeterProvider().getMeter("test");
    const ended = gate();
    const log = (record: CallRecord): void => {
      if (records.push(record) === 2) ended.open();
    };
    const { client } = await start(context, echo, {
      interceptors: [openTelemetry({ tracer, meter }), logger({ log })],
    });
    await call(client, {});
    await call(client, {});
    await ended.promise;
    const [record] = records;
    const requests = kind === "client stream" || kind === "bidi stream" ? 2 : 1;
    const responses = kind === "server stream" || kind === "bidi stream" ? 2 : 1;
    assert.deepEqual(
      [record?.side, record?.code, record?.requests, record?.responses, record?.level],
      ["server", "OK", requests, responses, "info"],
    );
    assert.match(record?.target ?? "", /^127\.0\.0\.1:\d+$/);
    const spans = exporter.getFinishedSpans();
    assert.deepEqual([spans.length, spans[0]?.kind], [2, 1]);
    assert.equal(spans[0]?.attributes["rpc.system.name"] ?? spans[0]?.attributes["rpc.system"], "grpc");
  });
}

for (const method of ["Get", "Watch", "Record"]) {
  test(`${method}: a call whose request never comes ends by callTime`, async (context) => {
    const implementation = { ...echo, record: async () => never() };
    const { server } = await start(context, implementation, { limits: { callTime: 50 } });
    const session = http2.connect(server.address);
    context.after(() => session.destroy());
    const stream = session.request({
      ":method": "POST",
      ":path": `/test.note.v1.NoteService/${method}`,
      te: "trailers",
      "content-type": "application/grpc",
    });
    const answered = once(stream, "response").then(([headers]) => headers["grpc-status"]);
    const later = new Promise((resolve) => setTimeout(resolve, 1000, "is still open"));
    assert.equal(await Promise.race([answered, later]), String(Code.DEADLINE_EXCEEDED));
  });
}

test("callsPerConnection makes more calls wait, and all are served", async (context) => {
  let now = 0;
  let most = 0;
  const { client } = await start(
    context,
    {
      async get({ id }) {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 10));
        now--;
        return { id };
      },
    },
    { limits: { callsPerConnection: 3 } },
  );
  // The client knows the limit when the server's settings have come.
  await client.get({ id: "first" });
  const notes = await Promise.all(Array.from({ length: 20 }, (_, index) => client.get({ id: String(index) })));
  assert.deepEqual(
    notes.map(({ id }) => id),
    Array.from({ length: 20 }, (_, index) => String(index)),
  );
  assert.equal(most, 3);
});

test("a handler of one major does not fit the definition of the other", () => {
  const generatedAt: v1.RecommendationsImplementation = {
    recommend: () => ({ generatedAt: "2026-01-01T00:00:00Z" }),
  };
  // @ts-expect-error v2's answer has no generatedAt: it is generateTime.
  const asNew: v2.RecommendationsImplementation = { recommend: () => ({ generatedAt: "2026-01-01T00:00:00Z" }) };
  // @ts-expect-error nor may v1's implementation be given to v2's service.
  v2.implementRecommendations(generatedAt);
  // @ts-expect-error v2 has no ExplainScore.
  const gone: v2.RecommendationsImplementation = { explainScore: () => ({}) };
  // @ts-expect-error v1 has no Refine.
  const early: v1.RecommendationsImplementation = { async *refine() {} };
  for (const each of [v1.implementRecommendations(generatedAt), v2.implementRecommendations({})]) {
    assert.match(each.definition.fullName, /^bookstore\.recommendations\.v[12]\.RecommendationsService$/);
  }
  assert.ok(asNew && gone && early);
});
