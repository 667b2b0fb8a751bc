import { constants } from "node:os";
import { checkKeys, type ServiceImplementation, type ServiceOptions } from "@bookstore/rpc/server";

/** Certificates, as files in PEM. They are read again when they change: connections made from then on have the new ones. */
export interface TlsFiles {
  readonly key: string;
  /** The server's own, and those between it and an authority that clients know. */
  readonly certificate: string;
  /** With it, a client must have a certificate of this authority: mutual TLS. */
  readonly clientAuthority?: string | undefined;
}

/** What the server takes, so that no client can take all of it. */
export interface Limits {
  /** Bytes of one request. Default 4194304 (4 MiB); a larger one ends its call with RESOURCE_EXHAUSTED. */
  readonly requestBytes?: number | undefined;
  /** Bytes of the metadata of one call. Default 16384 (16 KiB). */
  readonly metadataBytes?: number | undefined;
  /** Calls at a time on one connection. Default 1000; more wait in the client. */
  readonly callsPerConnection?: number | undefined;
  /** Calls at a time in all. Default 10000; one more ends with RESOURCE_EXHAUSTED before it is decoded. */
  readonly calls?: number | undefined;
  /** Milliseconds for a call with one answer whose client set no deadline. Default 60000; Infinity for none. */
  readonly callTime?: number | undefined;
}

/** How connections are kept, and given up. Milliseconds. */
export interface ConnectionOptions {
  /** Without a word from the client, until it is pinged. Default 60000. */
  readonly keepaliveTime?: number | undefined;
  /** Until a ping must be answered; then the connection is closed. Default 20000. */
  readonly keepaliveTimeout?: number | undefined;
  /** Without a call, until the client is asked to leave. Default 900000 (15 min); Infinity for never. */
  readonly idle?: number | undefined;
  /** Until a client is asked to connect anew, a tenth more or less: so that load finds new servers. Default Infinity: never. */
  readonly age?: number | undefined;
  /** For the calls of such a connection to end. Default 30000. */
  readonly ageGrace?: number | undefined;
  /** For a client that connected to say what it wants, the TLS handshake included. Default 10000. */
  readonly silence?: number | undefined;
}

/** How the server stops. Milliseconds; the defaults fit Kubernetes' 30 seconds. */
export interface ShutdownOptions {
  /** For calls in flight to end. Default 25000; then they end with UNAVAILABLE. */
  readonly grace?: number | undefined;
  /** In which it says NOT_SERVING by its health and still takes calls. Default 0: for balancers that look at health. */
  readonly lameDuck?: number | undefined;
  /**
   * On which the process stops serving and exits: with 0 when all calls had ended, else 1. A second one ends at once.
   * Default SIGTERM and SIGINT; `[]` for none, and `close()` is called by somebody else.
   */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** Before the process exits: to close a database, for example. */
  readonly cleanUp?: (() => void | Promise<void>) | undefined;
}

/** What to serve, and how. */
export interface ServeOptions extends Pick<ServiceOptions, "onError" | "authenticate" | "interceptors"> {
  /** As `implement…` of the generated packages gives them: v1 and v2 beside each other. */
  readonly services: readonly ServiceImplementation[];
  /** `host:port`, port 0 for a free one, or `unix:/path`. Default `127.0.0.1:50051`; in a container `0.0.0.0:50051`. */
  readonly address?: string | undefined;
  /** Default: plain text. */
  readonly tls?: TlsFiles | undefined;
  readonly limits?: Limits | undefined;
  readonly connections?: ConnectionOptions | undefined;
  readonly shutdown?: ShutdownOptions | undefined;
  /** Whether `grpc.health.v1.Health` is served: each service, and "" for all. Default true. */
  readonly health?: boolean | undefined;
  /** Whether `grpc.reflection.v1` and `v1alpha` are served, to anyone who may connect. Default true. */
  readonly reflection?: boolean | undefined;
}

type Complete<T> = { readonly [Key in keyof T]-?: Exclude<T[Key], undefined> };

/** Options with all defaults. */
export interface Settings {
  readonly limits: Complete<Limits>;
  readonly connections: Complete<ConnectionOptions>;
  readonly shutdown: Complete<ShutdownOptions>;
}

const KEYS: readonly (keyof ServeOptions)[] = [
  "services",
  "address",
  "tls",
  "limits",
  "connections",
  "shutdown",
  "health",
  "reflection",
  "onError",
  "authenticate",
  "interceptors",
];

const LIMITS: Complete<Limits> = {
  requestBytes: 4 * 1024 * 1024,
  metadataBytes: 16 * 1024,
  callsPerConnection: 1000,
  calls: 10_000,
  callTime: 60_000,
};

const CONNECTIONS: Complete<ConnectionOptions> = {
  keepaliveTime: 60_000,
  keepaliveTimeout: 20_000,
  idle: 15 * 60_000,
  age: Number.POSITIVE_INFINITY,
  ageGrace: 30_000,
  silence: 10_000,
};

const SHUTDOWN: Complete<ShutdownOptions> = {
  grace: 25_000,
  lameDuck: 0,
  signals: ["SIGTERM", "SIGINT"],
  cleanUp: () => {},
};

/** Node's longest timer: 24 days. */
export const LONGEST_MS: number = 2 ** 31 - 1;

/** @throws TypeError for an option that is not known, or has a wrong value. */
export function settle(options: ServeOptions): Settings {
  checkKeys(options, KEYS, "serve");
  checkServices(options.services);
  checkTls(options.tls);
  for (const name of ["authenticate", "onError"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw new TypeError(`${name} must be a function`);
    }
  }
  const { interceptors = [], address } = options;
  if (!Array.isArray(interceptors) || !interceptors.every((each) => typeof each === "function")) {
    throw new TypeError("interceptors must be a list of functions");
  }
  if (address !== undefined && typeof address !== "string") {
    throw new TypeError(`the address must be text such as "0.0.0.0:50051", not ${String(address)}`);
  }
  const limits = withDefaults(options.limits, LIMITS, "limits", 1);
  if (Number.isFinite(limits.callsPerConnection) && limits.callsPerConnection > MOST_STREAMS) {
    throw new TypeError(`limits.callsPerConnection is at most ${MOST_STREAMS}; leave it out, or write Infinity`);
  }
  const shutdown = withDefaults(options.shutdown, SHUTDOWN, "shutdown", 0);
  const { signals } = shutdown;
  const unknown = Array.isArray(signals) ? signals.find((signal) => !(signal in constants.signals)) : String(signals);
  if (unknown !== undefined) {
    throw new TypeError(`shutdown.signals must be a list of signals such as "SIGTERM", not ${unknown}`);
  }
  return {
    limits,
    connections: withDefaults(options.connections, CONNECTIONS, "connections", 1),
    shutdown,
  };
}

// HTTP/2 has 32 bits for it.
const MOST_STREAMS = 2 ** 32 - 1;

function checkServices(services: unknown): void {
  if (!Array.isArray(services) || services.length === 0) {
    throw new TypeError("serve needs services: [implementCatalog(…)]");
  }
  const names = services.map((each: unknown) => {
    const definition = typeof each === "object" && each !== null && "definition" in each ? each.definition : undefined;
    if (typeof definition !== "object" || definition === null || !("fullName" in definition)) {
      throw new TypeError("each of services must be what an implement… function of a package gives");
    }
    return String(definition.fullName);
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new TypeError(`${twice} stands twice in services: leave one out`);
  }
}

function checkTls(tls: TlsFiles | undefined): void {
  if (tls === undefined) {
    return;
  }
  if (typeof tls !== "object" || tls === null) {
    throw new TypeError("tls must be { key, certificate }, paths of PEM files");
  }
  checkKeys(tls, ["key", "certificate", "clientAuthority"], "tls");
  for (const [name, path] of Object.entries({ key: tls.key, certificate: tls.certificate })) {
    if (typeof path !== "string") {
      throw new TypeError(`tls.${name} must be the path of a PEM file`);
    }
  }
}

/** Times that are longer than a timer can be mean never, and a timer takes them for one millisecond. */
function withDefaults<T extends object>(
  given: T | undefined,
  defaults: Complete<T>,
  what: string,
  least: number,
): Complete<T> {
  const own = given ?? {};
  if (typeof own !== "object") {
    throw new TypeError(`${what} must be an object such as { ${Object.keys(defaults)[0]}: … }`);
  }
  checkKeys(own, Object.keys(defaults), what);
  const set = Object.entries(own).filter(([, value]) => value !== undefined);
  const checked = set.map(([key, value]: [string, unknown]) => {
    if (typeof Reflect.get(defaults, key) !== "number") {
      return [key, value];
    }
    if (typeof value !== "number" || !(value >= least)) {
      throw new TypeError(`${what}.${key} must be a number from ${least}, not ${String(value)}`);
    }
    const isTime = what !== "limits" && Number.isFinite(value);
    return [key, isTime ? Math.min(value, LONGEST_MS) : value];
  });
  return { ...defaults, ...Object.fromEntries(checked) };
}
