import { isIP } from "node:net";
import { nearest } from "./nearest.ts";

/** A parsed address: what grpc-js is given, and whether the address itself asks for TLS. */
export interface Address {
  /** As grpc-js wants it: `dns:host:port`, `unix:/path`, `ipv4:1.2.3.4:5`. */
  readonly grpcTarget: string;
  readonly tls: boolean;
  /** True when the scheme settles TLS (`http://`, `https://`), so that no option may contradict it. */
  readonly fixed: boolean;
  /** True when nothing that is sent there leaves this machine. */
  readonly local: boolean;
  /** True when it may stand for several servers: a name, or a list. */
  readonly several: boolean;
}

const urlPorts: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
]);
const grpcSchemes = ["dns", "ipv4", "ipv6", "unix"];
const aliases: ReadonlyMap<string, string> = new Map([
  ["grpc", "http"],
  ["grpcs", "https"],
  ["tcp", "http"],
  ["tls", "https"],
  ["ssl", "https"],
]);

function refuse(target: string, problem: string, fix: string): never {
  throw new TypeError(`address ${JSON.stringify(target)} ${problem}: ${fix}`);
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === "::1" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  );
}

/** Splits `host:port` or `[v6]:port`; the port is undefined when it is absent. */
function splitHostPort(target: string, text: string): { host: string; bracketed: string; port: number | undefined } {
  const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:[\]/\s@?#]+))(?::(\d+))?$/.exec(text);
  if (match === null) {
    return refuse(target, "is not host:port", 'write "host:50051", with an IPv6 host in brackets: "[::1]:50051"');
  }
  const [, v6, name, digits] = match;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65535)) {
    refuse(target, `has port ${digits}`, "a port is 1 to 65535");
  }
  const host = v6 ?? name ?? "";
  return { host, bracketed: v6 === undefined ? host : `[${v6}]`, port };
}

function parseUrl(target: string, scheme: string, rest: string): Address {
  const slash = rest.indexOf("/");
  if (slash !== -1 && slash !== rest.length - 1) {
    refuse(target, "has a path", "gRPC has none, leave out everything after the port");
  }
  const { host, bracketed, port } = splitHostPort(target, slash === -1 ? rest : rest.slice(0, slash));
  const grpcTarget = `dns:${bracketed}:${port ?? urlPorts.get(scheme)}`;
  return { grpcTarget, tls: scheme === "https", fixed: true, local: isLoopback(host), several: isIP(host) === 0 };
}

function parseGrpcScheme(target: string, scheme: string, rest: string): Address {
  if (rest === "" || rest === "//") {
    refuse(
      target,
      `has nothing after "${scheme}:"`,
      scheme === "unix" ? 'write "unix:/run/app.sock"' : "name the host",
    );
  }
  if (scheme === "unix") {
    return { grpcTarget: target, tls: false, fixed: false, local: true, several: false };
  }
  // dns://resolver/host:port names a resolver before the host; ipv4: and ipv6: take a list.
  const path = rest.startsWith("//") ? rest.slice(2).replace(/^[^/]*\//, "") : rest;
  const hosts = (scheme === "dns" ? [path] : path.split(",")).map((part) => splitHostPort(target, part.trim()).host);
  const local = hosts.every(isLoopback);
  return { grpcTarget: target, tls: !local, fixed: false, local, several: hosts.length > 1 || !isIP(hosts[0] ?? "") };
}

/**
 * Reads an address.
 *
 * `http://host:port` is plain and `https://host:port` is TLS (ports 80 and 443 when left out); a bare `host:port`,
 * `dns:`, `ipv4:` and `ipv6:` are TLS unless every host is loopback; `unix:` is plain.
 * @throws TypeError with the fix, for anything else.
 */
export function parseTarget(target: string): Address {
  if (typeof target !== "string") {
    throw new TypeError(`an address must be a string such as "http://localhost:50051", not ${typeof target}`);
  }
  if (target.trim() !== target || target === "") {
    refuse(target, target === "" ? "is empty" : "has spaces around it", 'write "http://localhost:50051"');
  }
  const [, scheme = "", rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(target) ?? [];
  const lower = scheme.toLowerCase();
  if (rest.startsWith("//") && urlPorts.has(lower)) {
    return parseUrl(target, lower, rest.slice(2));
  }
  if (grpcSchemes.includes(lower) && !/^\d+$/.test(rest)) {
    return parseGrpcScheme(target, lower, rest);
  }
  if (rest.startsWith("//")) {
    const meant = aliases.get(lower) ?? nearest(lower, ["https", "http", ...grpcSchemes]) ?? "http";
    refuse(target, `has the unknown scheme "${scheme}"`, `did you mean "${meant}:${rest}"?`);
  }
  const { host, bracketed, port } = splitHostPort(target, target);
  if (port === undefined) {
    refuse(target, "has no port", `write "${bracketed}:50051" with the port it listens on, or "https://${bracketed}"`);
  }
  const local = isLoopback(host);
  return { grpcTarget: `dns:${bracketed}:${port}`, tls: !local, fixed: false, local, several: isIP(host) === 0 };
}
