import { type ChannelCredentials, credentials, Channel as GrpcChannel } from "@grpc/grpc-js";
import { backChannel } from "./backed-channel.js";
import { type Channel, type ChannelOptions, channelOptionKeys, type TlsOptions } from "./channel.js";
import { checkKeys } from "./nearest.js";
import { type Address, parseTarget } from "./target.js";

function pem(value: string | Uint8Array | undefined): Buffer | null {
  return value === undefined ? null : Buffer.from(value as string);
}

function createCredentials(
  target: string,
  address: Address,
  tls: boolean | TlsOptions | undefined,
): ChannelCredentials {
  const wanted = tls === undefined ? address.tls : tls !== false;
  if (address.fixed && wanted !== address.tls) {
    const scheme = wanted ? "https" : "http";
    throw new TypeError(`address "${target}" contradicts the option tls: write ${scheme}:// or leave the option out`);
  }
  if (!wanted) {
    return credentials.createInsecure();
  }
  const files = typeof tls === "object" ? tls : {};
  checkKeys(files, ["rootCertificates", "privateKey", "certificateChain"], "tls");
  if ((files.privateKey === undefined) !== (files.certificateChain === undefined)) {
    throw new TypeError("tls.privateKey and tls.certificateChain belong together: give both or neither");
  }
  return credentials.createSsl(pem(files.rootCertificates), pem(files.privateKey), pem(files.certificateChain));
}

/**
 * Makes a channel that clients can share. It connects on its first call, and again after it was lost.
 * @param target `http://host:port` plain, `https://host:port` TLS, `host:port` TLS unless loopback, or grpc-js's
 *   own `dns:`, `ipv4:`, `ipv6:` and `unix:`.
 * @throws TypeError for an address or option that is not known, with the fix.
 */
export function createChannel(target: string, options: ChannelOptions = {}): Channel {
  checkKeys(options, channelOptionKeys, "createChannel");
  const address = parseTarget(target);
  // grpc-js waits a second after a connection was refused, and meanwhile fails every call: a retry could only fail too.
  const grpcOptions: Record<string, string | number> = { "grpc.initial_reconnect_backoff_ms": 100, ...options.grpc };
  if (options.maxReceiveBytes !== undefined) {
    grpcOptions["grpc.max_receive_message_length"] = options.maxReceiveBytes;
  }
  const inner = new GrpcChannel(address.grpcTarget, createCredentials(target, address, options.tls), grpcOptions);
  return backChannel(target, inner);
}
