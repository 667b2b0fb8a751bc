import type net from "node:net";
import { RpcError } from "@bookstore/rpc";
import { toGrpcService } from "@bookstore/rpc/server";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer, type PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation } from "grpc-health-check";
import { Calls } from "./calls.ts";
import { type Foreign, ForeignServices } from "./foreign.ts";
import { awaitRequest, limitMetadata, splitFiles } from "./grpc-gaps.ts";
import { Listener } from "./listener.ts";
import { LONGEST_MS, type ServeOptions, type Settings, settle } from "./options.ts";
import { Shutdown } from "./shutdown.ts";
import { onSignals } from "./signals.ts";

/** How a server ended: `clean` when every call had ended, `forced` when some were cut off. */
export type Ending = "clean" | "forced";

/** A server that listens. */
export interface RunningServer {
  /** For clients: `http://127.0.0.1:50051`, `https://…`, `unix:/path`. */
  readonly address: string;
  /** 0 for a socket that has a path. */
  readonly port: number;
  /** The calls in flight. */
  readonly calls: number;
  /** Says by the health of a service, or of all ("" and without a name), whether it may be called. Does nothing without health. */
  setHealth(serving: boolean, service?: string): void;
  /**
   * Stops: no new calls, those in flight end or are ended when the grace is over. Called again it gives the same.
   * @param grace milliseconds, in place of `shutdown.grace`.
   */
  close(grace?: number): Promise<Ending>;
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<Ending>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Serves services on one port. It listens when the promise resolves.
 * @throws TypeError for a wrong option; Error for an address that is taken, and certificates that cannot be read.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const settings = settle(options);
  const { where, name } = parseAddress(options.address ?? "127.0.0.1:50051");
  const { callTime, metadataBytes } = settings.limits;
  const server = new Server({ ...grpcOptions(settings), interceptors: [awaitRequest(callTime)] });
  limitMetadata(server, metadataBytes);
  const calls = new Calls(settings.limits.calls);
  const { authenticate, interceptors, services } = options;
  const timeLimit = callTime;
  for (const service of services) {
    const { definition, implementation } = toGrpcService(service, {
      onError: options.onError,
      authenticate,
      interceptors,
      timeLimit,
      gate: calls,
    });
    server.addService(definition, implementation);
  }
  const foreign = new ForeignServices();
  const names = services.map(({ definition }) => definition.fullName);
  const health = options.health === false ? undefined : new HealthImplementation(statusOf(names, true));
  if (health !== undefined) {
    foreign.add(server, health as unknown as Foreign);
  }
  if (options.reflection !== false) {
    foreign.add(server, reflectionOf(options) as unknown as Foreign);
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = new Listener({
    tls: options.tls,
    silence: settings.connections.silence,
    inject: (socket) => injector.injectConnection(socket),
    onError: (error) => console.error("the server's port:", error),
  });
  const setHealth = (serving: boolean, service?: string): void => {
    const named = service === undefined ? ["", ...names] : [service];
    for (const each of named) {
      health?.setStatus(each, serving ? "SERVING" : "NOT_SERVING");
    }
  };
  const shutdown = new Shutdown({
    ...settings.shutdown,
    calls,
    listener,
    beginWith: () => setHealth(false),
    drain: () => {
      foreign.endAll(new RpcError("UNAVAILABLE", "the server shuts down"));
      injector.drain(LONGEST_MS);
    },
    endWith: () => server.forceShutdown(),
  });
  const forget = onSignals(settings.shutdown, shutdown);
  let port: number;
  try {
    port = await listener.listen(where);
  } catch (error) {
    forget();
    server.forceShutdown();
    throw new Error(`cannot listen on ${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  // It may have been told to stop before it listened.
  if (shutdown.begun) {
    listener.stop();
  }
  const scheme = options.tls === undefined ? "http" : "https";
  return {
    address: port === 0 ? name : `${scheme}://${name.replace(/:\d+$/, `:${port}`)}`,
    port,
    get calls() {
      return calls.size;
    },
    setHealth,
    close: (grace) => shutdown.begin(grace).finally(forget),
    ended: shutdown.ended,
    [Symbol.asyncDispose]: async () => {
      await shutdown.begin().finally(forget);
    },
  };
}

function statusOf(names: readonly string[], serving: boolean): Record<string, "SERVING" | "NOT_SERVING"> {
  return Object.fromEntries(["", ...names].map((name) => [name, serving ? "SERVING" : "NOT_SERVING"]));
}

/** Of the services that bring their schema: generated ones do. */
function reflectionOf({ services }: ServeOptions): ReflectionService {
  const definitions: PackageDefinition = {};
  for (const { schema } of services) {
    const bytes = schema === undefined ? Buffer.alloc(0) : Buffer.from(schema());
    // proto-loader writes the files anew, without their imports: other languages would refuse them.
    const fileDescriptorProtos = splitFiles(bytes);
    for (const [name, each] of Object.entries(loadFileDescriptorSetFromBuffer(bytes))) {
      definitions[name] = "fileDescriptorProtos" in each ? ({ ...each, fileDescriptorProtos } as typeof each) : each;
    }
  }
  return new ReflectionService(definitions, {
    services: services.map(({ definition }) => definition.fullName),
  });
}

function grpcOptions({ limits, connections }: Settings): Record<string, number> {
  const finite = Object.entries({
    "grpc.max_receive_message_length": Number.isFinite(limits.requestBytes) ? limits.requestBytes : -1,
    "grpc.max_concurrent_streams": limits.callsPerConnection,
    "grpc.keepalive_time_ms": connections.keepaliveTime,
    "grpc.keepalive_timeout_ms": connections.keepaliveTimeout,
    "grpc.max_connection_idle_ms": connections.idle,
    "grpc.max_connection_age_ms": connections.age,
    "grpc.max_connection_age_grace_ms": connections.ageGrace,
    "grpc.enable_channelz": 0,
  }).filter(([, value]) => Number.isFinite(value));
  return Object.fromEntries(finite);
}

function parseAddress(address: string): { readonly where: net.ListenOptions; readonly name: string } {
  if (address.startsWith("unix:")) {
    return { where: { path: address.slice("unix:".length) }, name: address };
  }
  const [, v6, host, digits] = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:[\]/\s]+)):(\d+)$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65535) {
    throw new TypeError(
      `the address ${JSON.stringify(address)} is not host:port: write "0.0.0.0:50051", or "unix:/path"`,
    );
  }
  return { where: { host: v6 ?? host ?? "", port }, name: address };
}
