/** Spans and metrics of calls, by OpenTelemetry's semantic conventions. Needs the package `@opentelemetry/api`. */
import {
  type Context,
  context,
  type Histogram,
  type Meter,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapSetter,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { InterceptedCall, Interceptor, Reply } from "./interceptor.ts";
import { type CallEnd, observe } from "./interceptor-observe.ts";
import type { Metadata } from "./metadata.ts";
import { endAttributes, isFailure, startAttributes } from "./opentelemetry-attributes.ts";
import { RpcError } from "./rpc-error.ts";

export interface OpenTelemetryOptions {
  /** Makes the spans. Default: one of the global provider. */
  readonly tracer?: Tracer | undefined;
  /** Makes the histogram `rpc.client.call.duration`, in seconds. Default: one of the global provider. */
  readonly meter?: Meter | undefined;
  /** Adds an event to the span for each message of a stream. Default false: a long stream would have too many. */
  readonly messageEvents?: boolean | undefined;
}

const SCOPE = "@bookstore/rpc";
// As the conventions recommend them for seconds.
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Makes a span and a measurement for every call, and sends the trace on with it:
 * ```ts
 * createCatalogClient(target, { interceptors: [openTelemetry()] });
 * ```
 * One span stands for all tries of a call. Of a stream it lasts from the first read until the end, or until the reader
 * leaves, which is no error. Put it first: what the other interceptors do then happens inside the span.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Interceptor {
  const tracer = options.tracer ?? trace.getTracer(SCOPE);
  const durations = new Durations(options.meter);
  return (call, next) => {
    const { side, method } = call;
    const start = performance.now();
    const attributes = startAttributes(call);
    const parent = side === "client" ? context.active() : propagation.extract(context.active(), call.metadata, getter);
    const kind = side === "client" ? SpanKind.CLIENT : SpanKind.SERVER;
    const span = tracer.startSpan(method.fullName, { kind, attributes }, parent);
    const active = trace.setSpan(parent, span);
    if (side === "client") {
      propagation.inject(active, call.metadata, setter);
    }
    const onEnd = (end: CallEnd): void => {
      const outcome = endAttributes(side, end);
      span.setAttributes(outcome);
      if (isFailure(side, end)) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: textOf(end.error) });
      }
      span.end();
      const seconds = (performance.now() - start) / 1000;
      durations.of(side).record(seconds, { ...attributes, ...outcome }, active);
    };
    const event = (type: "SENT" | "RECEIVED"): (() => void) | undefined => {
      let id = 0;
      if (options.messageEvents !== true || method.kind === "unary") {
        return undefined;
      }
      return () => span.addEvent("rpc.message", { "rpc.message.type": type, "rpc.message.id": ++id });
    };
    const [onRequest, onResponse] =
      side === "client" ? [event("SENT"), event("RECEIVED")] : [event("RECEIVED"), event("SENT")];
    return context.with(active, async () =>
      bindReply(await observe(call, next, { onRequest, onResponse, onEnd }), call, active),
    );
  };
}

/** The histograms, made when they are first needed: a provider that is set after the client was made still counts. */
class Durations {
  readonly #meter: Meter | undefined;
  #provider: unknown;
  #made: Partial<Record<InterceptedCall["side"], Histogram>> = {};

  constructor(meter: Meter | undefined) {
    this.#meter = meter;
  }

  of(side: InterceptedCall["side"]): Histogram {
    const provider = this.#meter === undefined ? metrics.getMeterProvider() : undefined;
    if (this.#provider !== provider) {
      this.#provider = provider;
      this.#made = {};
    }
    const direction = side === "client" ? "outgoing" : "incoming";
    const made =
      this.#made[side] ??
      (this.#meter ?? metrics.getMeter(SCOPE)).createHistogram(`rpc.${side}.call.duration`, {
        description: `Measures the duration of an ${direction} Remote Procedure Call (RPC).`,
        unit: "s",
        advice: { explicitBucketBoundaries: BOUNDARIES },
      });
    this.#made[side] = made;
    return made;
  }
}

/** What a stream's reader sets off, a handler's work for example, happens inside the span, too. */
function bindReply(reply: Reply, { method }: InterceptedCall, active: Context): Reply {
  if (method.kind === "unary" || method.kind === "clientStream") {
    return reply;
  }
  const responses = reply.response as AsyncIterable<unknown>;
  const response = {
    [Symbol.asyncIterator](): AsyncIterator<unknown> {
      const inner = responses[Symbol.asyncIterator]();
      return {
        next: () => context.with(active, () => inner.next()),
        return: async () =>
          context.with(active, async () => (await inner.return?.()) ?? { done: true, value: undefined }),
      };
    },
  };
  return { ...reply, response };
}

function textOf(error: unknown): string {
  if (RpcError.is(error)) {
    return error.rawMessage;
  }
  return error instanceof Error ? error.message : String(error);
}

const getter: TextMapGetter<Metadata> = {
  get: (metadata, key) => metadata.get(key),
  keys: (metadata) => [...new Set([...metadata].map(([key]) => key))],
};

const setter: TextMapSetter<Metadata> = {
  set(metadata, key, value) {
    try {
      metadata.set(key, value);
    } catch {
      // A propagator's value that gRPC cannot carry is no reason to lose the call.
    }
  },
};
