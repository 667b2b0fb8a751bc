import { type Callee, type Callees, same } from "./bridge-caller.ts";
import { type BridgeOptions, serveByOther } from "./bridge-routes.ts";
import type { Bridge } from "./bridge-types.ts";
import type { CallOptions } from "./call-options.ts";
import type { Client } from "./client.ts";
import { clientMethodName } from "./definition.ts";
import { STATUS_DETAILS_KEY } from "./details.ts";
import type { HandlerContext, ServiceImplementation } from "./implementation.ts";
import { Metadata, type ReadonlyMetadata } from "./metadata.ts";
import { compileMethods, type Method } from "./method.ts";
import { RpcError } from "./rpc-error.ts";

/**
 * Serves the new version of a service by calling a server of the old one, so that a caller can move first:
 * ```ts
 * const old = createCatalogClientV1("https://catalog.example.com");
 * const client = createCatalogClient(connectInProcess(bridgeClient(old, catalogBridge)));
 * ```
 * A call's deadline (none is none), signal and metadata go with it, headers and trailers come back, less what belongs to
 * one connection alone. Errors are as of `bridgeServer`, their fields named as in the new version. What the old client
 * has tried several times is not tried again by a client of the new version.
 *
 * The old client stays its owner's to close.
 *
 * @param client a client of the old version, as its package makes it.
 * @throws TypeError when the client lacks a method.
 */
export function bridgeClient(client: Client, bridge: Bridge, options: BridgeOptions = {}): ServiceImplementation {
  return serveByOther(bridge.now, methodsOf(client, bridge), options, "bridgeClient");
}

function methodsOf(client: Client, { now }: Bridge): Callees {
  const callees = new Map<string, Callee>();
  const missing: string[] = [];
  for (const method of compileMethods(now.other)) {
    const name = clientMethodName(method.key);
    const call: unknown = Reflect.get(client, name);
    if (typeof call === "function") {
      callees.set(method.key, calleeOf(method, call as ClientCall));
    } else {
      missing.push(name);
    }
  }
  if (missing.length > 0) {
    throw new TypeError(`bridgeClient takes a client of ${now.other.fullName}: this one lacks ${missing.join(", ")}`);
  }
  return callees;
}

type ClientCall = (input: unknown, options: CallOptions) => unknown;

function calleeOf(method: Method, call: ClientCall): Callee {
  return { method, call: (input, context) => call(input, optionsOf(context)), complete: same, failure: passOn };
}

function optionsOf(context: HandlerContext): CallOptions {
  return {
    signal: context.signal,
    deadline: context.deadline ?? Number.POSITIVE_INFINITY,
    metadata: withoutHop(context.metadata),
    onHeader: (header) => {
      const own = withoutHop(header);
      if (own[Symbol.iterator]().next().done !== true) {
        context.sendHeaders(own);
      }
    },
    onTrailer: (trailer) => context.trailers.merge(withoutHop(trailer)),
  };
}

// What HTTP says of one connection or one message. gRPC's own all begin with "grpc-".
const HOP = new Set([
  "accept",
  "accept-encoding",
  "content-encoding",
  "content-length",
  "content-type",
  "date",
  "server",
  "te",
  "trailer",
  "user-agent",
  // By these the old version announces its own end, of which its client has heard.
  "deprecation",
  "sunset",
]);

function withoutHop(metadata: ReadonlyMetadata): Metadata {
  const own = new Metadata();
  for (const [key, value] of metadata) {
    if (!HOP.has(key) && !key.startsWith("grpc-")) {
      own.append(key, value);
    }
  }
  return own;
}

const PUSHBACK = "grpc-retry-pushback-ms";
// As grpc-js says it of calls that it has repeated: who reads it does not repeat them once more.
const PREVIOUS_ATTEMPTS = "grpc-previous-rpc-attempts";

/** The old client's error as one of this server's: without the place that was called, which is in `cause`. */
function passOn(thrown: unknown): unknown {
  if (!RpcError.is(thrown)) {
    return thrown;
  }
  const metadata = withoutHop(thrown.metadata);
  const details = thrown.metadata.getBinary(STATUS_DETAILS_KEY);
  if (details !== undefined) {
    metadata.set(STATUS_DETAILS_KEY, details);
  }
  const pushback = thrown.metadata.get(PUSHBACK);
  if (pushback !== undefined) {
    metadata.set(PUSHBACK, pushback);
  }
  if (thrown.attempts > 1) {
    metadata.set(PREVIOUS_ATTEMPTS, String(thrown.attempts - 1));
  }
  return new RpcError(thrown.code, thrown.rawMessage, { metadata, cause: thrown });
}
