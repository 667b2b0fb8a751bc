import { type ChannelCredentials, credentials, Channel as GrpcChannel } from "@grpc/grpc-js";
import { backChannel } from "./backed-channel.ts";
import { BalancedChannel } from "./balanced-channel.ts";
import { type Channel, type ChannelOptions, channelOptionKeys, type TlsOptions } from "./channel.ts";
import { toGrpcOptions } from "./grpc-options.ts";
import { checkKeys } from "./nearest.ts";
import { type Address, parseTarget } from "./target.ts";

function pem(value: string | Uint8Array | undefined): Buffer | null {
  return value === undefined ? null : Buffer.from(value as string);
}

function isTls(target: string, address: Address, tls: boolean | TlsOptions | undefined): boolean {
  const wanted = tls === undefined ? address.tls : tls !== false;
  if (address.fixed && wanted !== address.tls) {
    const scheme = wanted ? "https" : "http";
    throw new TypeError(`address "${target}" contradicts the option tls: write ${scheme}:// or leave the option out`);
  }
  return wanted;
}

function createCredentials(wanted: boolean, tls: boolean | TlsOptions | undefined): ChannelCredentials {
  if (!wanted) {
    return credentials.createInsecure();
  }
  const files = typeof tls === "object" ? tls : {};
  checkKeys(files, ["rootCertificates", "privateKey", "certificateChain", "serverName"], "tls");
  if ((files.privateKey === undefined) !== (files.certificateChain === undefined)) {
    throw new TypeError("tls.privateKey and tls.certificateChain belong together: give both or neither");
  }
  return credentials.createSsl(pem(files.rootCertificates), pem(files.privateKey), pem(files.certificateChain));
}

/**
 * Makes a channel that clients can share. It connects on its first call, and again after it was lost. A name that
 * stands for several servers, and a list of addresses, are called in turn, less those that cannot be reached.
 * @param target `http://host:port` plain, `https://host:port` TLS, `host:port` TLS unless loopback, or grpc-js's
 *   own `dns:`, `ipv4:`, `ipv6:` and `unix:`; or a list of such addresses, all TLS or all plain.
 * @throws TypeError for an address or option that is not known, with the fix.
 */
export function createChannel(target: string | readonly string[], options: ChannelOptions = {}): Channel {
  checkKeys(options, channelOptionKeys, "createChannel");
  const targets = typeof target === "string" ? [target] : checkList(target);
  const addresses = targets.map((each) => ({ target: each, ...parseTarget(each) }));
  const [wanted = false, ...others] = addresses.map((each) => isTls(each.target, each, options.tls));
  if (others.some((each) => each !== wanted)) {
    throw new TypeError(`the addresses ${targets.join(", ")} are TLS and plain: set the option tls, for all of them`);
  }
  const creds = createCredentials(wanted, options.tls);
  // All options before the first channel: one that nobody closes keeps the process alive.
  const prepared = addresses.map(({ grpcTarget, several }) => [grpcTarget, toGrpcOptions(options, several)] as const);
  const inner = prepared.map(([each, grpcOptions]) => new GrpcChannel(each, creds, grpcOptions));
  const [first] = inner;
  const secure = wanted || addresses.every(({ local }) => local);
  const channel = first !== undefined && inner.length === 1 ? first : new BalancedChannel(inner);
  const compresses = (options.compression ?? false) !== false;
  return backChannel({ target: targets.join(","), secure, several: inner.length > 1, compresses }, channel);
}

function checkList(targets: readonly string[]): readonly string[] {
  if (!Array.isArray(targets) || targets.length === 0) {
    throw new TypeError('a target must be an address such as "http://localhost:50051", or a list of one or more');
  }
  const twice = targets.find((each, index) => targets.indexOf(each) !== index);
  if (twice !== undefined) {
    throw new TypeError(`the address "${twice}" stands twice in the list: leave one out`);
  }
  return [...targets];
}
