import { Code, codeName } from "./code.ts";
import { isFault } from "./fault.ts";
import type { InterceptedCall } from "./interceptor.ts";
import type { CallEnd } from "./interceptor-observe.ts";
import { RpcError } from "./rpc-error.ts";

/** The names and values of OpenTelemetry's semantic conventions for RPC and gRPC, stable since version 1.45. */
export interface RpcAttributes {
  [name: string]: string | number;
}

/** What is known when a call begins: what a sampler decides by. */
export function startAttributes({ side, method, target }: InterceptedCall): RpcAttributes {
  const attributes: RpcAttributes = { "rpc.system.name": "grpc", "rpc.method": method.fullName };
  // On a server the target is the client: `network.peer.*` would be its name, of which metrics would have too many.
  if (side === "client") {
    const { address, port } = parseServer(target);
    attributes["server.address"] = address;
    if (port !== undefined) {
      attributes["server.port"] = port;
    }
  }
  return attributes;
}

/** What is known when it has ended. An error that is no status of a call, a request that cannot be encoded, has none. */
export function endAttributes(side: InterceptedCall["side"], end: CallEnd): RpcAttributes {
  const { error } = end;
  const attributes: RpcAttributes = {};
  if (error === undefined || RpcError.is(error)) {
    attributes["rpc.status_code"] = codeName(end.code);
  }
  if (isFailure(side, end)) {
    attributes["error.type"] = error === undefined || RpcError.is(error) ? codeName(end.code) : nameOf(error);
  }
  return attributes;
}

/** For a client any code but OK is a failure, unless its reader wanted no more; for a server only its own faults are. */
export function isFailure(side: InterceptedCall["side"], { code, left }: CallEnd): boolean {
  return !left && (side === "client" ? code !== Code.OK : isFault(code));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "_OTHER";
}

interface ServerAddress {
  readonly address: string;
  readonly port: number | undefined;
}

const urlPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Host and port of an address as a client is given it; an address of several hosts, or none that is known, is whole. */
export function parseServer(target: string): ServerAddress {
  const [, scheme = "", rest = target] = /^(https?|dns|ipv4|ipv6|unix):(?!\d+$)(.*)$/i.exec(target) ?? [];
  const kind = scheme.toLowerCase();
  if (kind === "unix") {
    return { address: rest.replace(/^\/\/(?=\/)/, ""), port: undefined };
  }
  // dns://resolver/host:port names a resolver first; a URL may end in a slash.
  const host = kind === "dns" ? rest.replace(/^\/\/[^/]*\//, "") : rest.replace(/^\/\//, "").replace(/\/$/, "");
  const match = /^(?:\[([^\]]+)\]|([^:[\],\s]+))(?::(\d+))?$/.exec(host);
  if (match === null) {
    return { address: target, port: undefined };
  }
  const [, v6, name, port] = match;
  return { address: v6 ?? name ?? "", port: port === undefined ? urlPorts[kind] : Number(port) };
}
