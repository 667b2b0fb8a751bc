import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import {
  context,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type HistogramMetricData, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import {
  createClient,
  type InterceptedCall,
  type Interceptor,
  Metadata,
  type MethodInfo,
  RpcError,
} from "../packages/rpc/dist/index.js";
import { openTelemetry } from "../packages/rpc/dist/opentelemetry.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import { parseServer } from "../packages/rpc/src/opentelemetry-attributes.ts";
import { caught, collect, NoteServiceDefinition, serveNotes } from "./rpc-fixture.ts";

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** W3C's traceparent, in short. */
const propagator: TextMapPropagator = {
  fields: () => ["traceparent"],
  inject(from, carrier, setter) {
    const span = trace.getSpanContext(from);
    if (span !== undefined) {
      setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-01`);
      setter.set(carrier, "odd", "ünicode");
    }
  },
  extract(from, carrier, getter) {
    assert.ok(getter.keys(carrier).includes("traceparent"));
    const [, traceId = "", spanId = ""] = String(getter.get(carrier, "traceparent")).split("-");
    return trace.setSpanContext(from, { traceId, spanId, traceFlags: 1, isRemote: true });
  },
};

// Made and used before there are providers, as in a program that starts its telemetry late.
const early = openTelemetry();
await createFake(NoteServiceDefinition, { get: () => ({}) }, { interceptors: [early] }).get({});

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
const reader = new Reader();
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(provider);
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
propagation.setGlobalPropagator(propagator);

beforeEach(() => exporter.reset());
after(() => reader.shutdown());

function onlySpan(): ReadableSpan {
  const spans = exporter.getFinishedSpans();
  assert.equal(spans.length, 1);
  return spans[0] as ReadableSpan;
}

/** The points of a histogram, by method and code. */
async function points(name: string): Promise<readonly { readonly attributes: object; readonly count: number }[]> {
  const { resourceMetrics } = await reader.collect();
  const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const metric = all.find(({ descriptor }) => descriptor.name === name) as HistogramMetricData | undefined;
  assert.equal(metric?.descriptor.unit, "s");
  return metric.dataPoints.map(({ attributes, value }) => ({ attributes, count: value.count }));
}

const METHOD = "test.note.v1.NoteService";

test("a call has a span and a measurement by the conventions, and takes the trace to the server", async () => {
  const heard: (string | undefined)[] = [];
  await using served = await serveNotes({
    get: (_, { metadata }) => {
      heard.push(metadata.get("traceparent"));
      return {};
    },
  });
  const client = createClient(NoteServiceDefinition, served.target, { interceptors: [early] });
  const parent = trace.getTracer("test").startSpan("parent");
  await context.with(trace.setSpan(context.active(), parent), () => client.get({}));
  const span = onlySpan();
  const port = Number(new URL(served.target).port);
  const start = {
    "rpc.system.name": "grpc",
    "rpc.method": `${METHOD}/Get`,
    "server.address": "127.0.0.1",
    "server.port": port,
  };
  assert.deepEqual([span.name, span.kind, span.ended], [`${METHOD}/Get`, SpanKind.CLIENT, true]);
  assert.deepEqual(span.attributes, { ...start, "rpc.status_code": "OK" });
  assert.equal(span.status.code, SpanStatusCode.UNSET);
  assert.equal(span.parentSpanContext?.spanId, parent.spanContext().spanId);
  assert.deepEqual(heard, [`00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`]);
  const measured = (await points("rpc.client.call.duration")).filter(
    ({ attributes }) => (attributes as Record<string, unknown>)["server.port"] === port,
  );
  assert.deepEqual(measured, [{ attributes: { ...start, "rpc.status_code": "OK" }, count: 1 }]);
  client.close();
});

test("a failed call has the code as the type of its error and the text as its description", async () => {
  const fake = createFake(
    NoteServiceDefinition,
    {
      get: () => {
        throw new RpcError("NOT_FOUND", "no note 7");
      },
      async *watch() {
        yield {};
        throw new RpcError("ABORTED", "enough");
      },
    },
    { interceptors: [openTelemetry()] },
  );
  await caught(fake.get({}));
  const unary = onlySpan();
  assert.deepEqual(unary.attributes, {
    "rpc.system.name": "grpc",
    "rpc.method": `${METHOD}/Get`,
    "server.address": "in memory",
    "rpc.status_code": "NOT_FOUND",
    "error.type": "NOT_FOUND",
  });
  assert.deepEqual(unary.status, { code: SpanStatusCode.ERROR, message: "no note 7" });
  exporter.reset();
  await caught(collect(fake.watch({})));
  assert.deepEqual(onlySpan().status, { code: SpanStatusCode.ERROR, message: "enough" });
  exporter.reset();
  await caught(fake.get({ id: "unencodable" }));
  const { attributes } = onlySpan();
  assert.deepEqual([attributes["error.type"], attributes["rpc.status_code"]], ["TypeError", undefined]);
});

test("the span of a stream ends with it; a reader that leaves is no error", async () => {
  const fake = createFake(
    NoteServiceDefinition,
    { watch: () => [{}, {}] },
    { interceptors: [openTelemetry({ messageEvents: true })] },
  );
  const iterator = fake.watch({})[Symbol.asyncIterator]();
  assert.equal(exporter.getFinishedSpans().length, 0);
  await iterator.next();
  await iterator.next();
  assert.equal(exporter.getFinishedSpans().length, 0);
  await iterator.next();
  assert.deepEqual(
    onlySpan().events.map(({ name, attributes }) => [name, attributes]),
    [
      ["rpc.message", { "rpc.message.type": "SENT", "rpc.message.id": 1 }],
      ["rpc.message", { "rpc.message.type": "RECEIVED", "rpc.message.id": 1 }],
      ["rpc.message", { "rpc.message.type": "RECEIVED", "rpc.message.id": 2 }],
    ],
  );
  exporter.reset();
  for await (const _ of fake.watch({})) {
    break;
  }
  const left = onlySpan();
  assert.equal(left.attributes["rpc.status_code"], "CANCELLED");
  assert.equal(left.attributes["error.type"], undefined);
  assert.equal(left.status.code, SpanStatusCode.UNSET);
});

test("the other interceptors, and what a reader sets off, are inside the span; the caller's own code is not", async () => {
  const seen: (string | undefined)[] = [];
  const spanId = (): string | undefined => trace.getSpan(context.active())?.spanContext().spanId;
  const inside: Interceptor = async (call, next) => {
    seen.push(spanId());
    const reply = await next(call);
    if (call.method.kind === "unary") {
      return reply;
    }
    return {
      ...reply,
      response: (async function* () {
        for await (const message of reply.response as AsyncIterable<unknown>) {
          seen.push(spanId());
          yield message;
        }
      })(),
    };
  };
  const fake = createFake(
    NoteServiceDefinition,
    { get: () => ({}), watch: () => [{}] },
    { interceptors: [openTelemetry(), inside] },
  );
  await fake.get({});
  assert.deepEqual(seen.splice(0), [onlySpan().spanContext().spanId]);
  exporter.reset();
  for await (const _ of fake.watch({})) {
    assert.equal(spanId(), undefined);
  }
  const id = onlySpan().spanContext().spanId;
  assert.deepEqual(seen, [id, id]);
});

test("a tracer and a meter of one's own are used, and events are off without the option", async () => {
  const own = new InMemorySpanExporter();
  const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: own })] });
  const ownReader = new Reader();
  const meter = new MeterProvider({ readers: [ownReader] }).getMeter("own");
  const interceptors = [openTelemetry({ tracer: tracer.getTracer("own"), meter })];
  const fake = createFake(NoteServiceDefinition, { watch: () => [{}] }, { interceptors });
  await collect(fake.watch({}));
  assert.deepEqual(exporter.getFinishedSpans(), []);
  assert.deepEqual(
    own.getFinishedSpans().map((span) => [span.instrumentationScope.name, span.events.length]),
    [["own", 0]],
  );
  const { resourceMetrics } = await ownReader.collect();
  const [metric] = resourceMetrics.scopeMetrics[0]?.metrics ?? [];
  assert.equal(metric?.descriptor.name, "rpc.client.call.duration");
  const [point] = (metric as HistogramMetricData).dataPoints;
  assert.deepEqual(point?.value.buckets.boundaries.slice(0, 3), [0.005, 0.01, 0.025]);
  await ownReader.shutdown();
});

test("on a server the span is the client's child, and only the server's own faults are errors", async () => {
  const remote = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
  const { get } = NoteServiceDefinition.methods;
  const method: MethodInfo = {
    key: "get",
    service: METHOD,
    name: get.name,
    fullName: `${METHOD}/Get`,
    path: `/${METHOD}/Get`,
    kind: "unary",
    idempotency: "UNKNOWN",
    deprecated: false,
    requestType: "",
    responseType: "",
    marks: {},
  };
  const call = (): InterceptedCall => ({
    side: "server",
    method,
    target: "10.0.0.7:51234",
    metadata: new Metadata({ traceparent: `00-${remote.traceId}-${remote.spanId}-01` }),
    signal: new AbortController().signal,
    deadline: undefined,
    request: {},
  });
  const serve = openTelemetry();
  const outcome = async (code: "NOT_FOUND" | "UNAVAILABLE"): Promise<ReadableSpan> => {
    exporter.reset();
    await caught(
      serve(call(), async () => {
        throw new RpcError(code, "text");
      }),
    );
    return onlySpan();
  };
  const refused = await outcome("NOT_FOUND");
  assert.equal(refused.kind, SpanKind.SERVER);
  assert.equal(refused.parentSpanContext?.spanId, remote.spanId);
  assert.equal(refused.spanContext().traceId, remote.traceId);
  assert.equal(refused.status.code, SpanStatusCode.UNSET);
  assert.deepEqual(refused.attributes, {
    "rpc.system.name": "grpc",
    "rpc.method": `${METHOD}/Get`,
    "rpc.status_code": "NOT_FOUND",
  });
  const fault = await outcome("UNAVAILABLE");
  assert.equal(fault.status.code, SpanStatusCode.ERROR);
  assert.equal(fault.attributes["error.type"], "UNAVAILABLE");
  assert.equal((await points("rpc.server.call.duration")).length, 2);
});

test("the server's name and port from each form of an address", () => {
  const cases: readonly [string, string, number | undefined][] = [
    ["http://localhost:50051", "localhost", 50051],
    ["http://localhost", "localhost", 80],
    ["HTTPS://api.example.com/", "api.example.com", 443],
    ["api.example.com:8443", "api.example.com", 8443],
    ["[::1]:5", "::1", 5],
    ["https://[2001:db8::1]", "2001:db8::1", 443],
    ["dns:grpc.io:50051", "grpc.io", 50051],
    ["dns:///grpc.io:50051", "grpc.io", 50051],
    ["dns://1.2.3.4/grpc.io:50051", "grpc.io", 50051],
    ["dns:///grpc.io", "grpc.io", undefined],
    ["dns:50051", "dns", 50051],
    ["ipv4:198.51.100.123:50051", "198.51.100.123", 50051],
    ["ipv6:[::1]:50051", "::1", 50051],
    ["ipv4:198.51.100.123:50051,198.51.100.124:50051", "ipv4:198.51.100.123:50051,198.51.100.124:50051", undefined],
    ["unix:/run/app.sock", "/run/app.sock", undefined],
    ["unix:///run/containerd/containerd.sock", "/run/containerd/containerd.sock", undefined],
    ["zk://zookeeper:2181/my-server", "zk://zookeeper:2181/my-server", undefined],
    ["in memory", "in memory", undefined],
  ];
  for (const [target, address, port] of cases) {
    assert.deepEqual(parseServer(target), { address, port }, target);
  }
});

test("only its own entry loads the API", () => {
  const dist = join(import.meta.dirname, "..", "packages", "rpc", "dist");
  const loads = readdirSync(dist)
    .filter((file) => file.endsWith(".js"))
    .filter((file) =>
      /from "(@opentelemetry\/api|\.\/opentelemetry\.js)"/.test(readFileSync(join(dist, file), "utf8")),
    );
  assert.deepEqual(loads, ["opentelemetry.js"]);
});
