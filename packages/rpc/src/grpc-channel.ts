import { credentials, type ChannelCredentials, type ChannelInterface, Channel as GrpcChannel } from "@grpc/grpc-js";
import { type Channel, type ChannelOptions, channelOptionKeys, type TlsOptions } from "./channel.js";
import { checkKeys } from "./nearest.js";
import { type Address, parseTarget } from "./target.js";

// Registered globally: a client of another installed copy of this package can use our channel.
const grpcChannel = Symbol.for("charter.rpc.grpcChannel");

interface BackedChannel extends Channel {
  readonly [grpcChannel]: ChannelInterface;
}

function pem(value: string | Uint8Array | undefined): Buffer | null {
  return value === undefined ? null : Buffer.from(value as string);
}

function createCredentials(target: string, address: Address, tls: boolean | TlsOptions | undefined): ChannelCredentials {
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
  const grpcOptions: Record<string, string | number> = { ...options.grpc };
  if (options.maxReceiveBytes !== undefined) {
    grpcOptions["grpc.max_receive_message_length"] = options.maxReceiveBytes;
  }
  const inner = new GrpcChannel(address.grpcTarget, createCredentials(target, address, options.tls), grpcOptions);
  const channel: BackedChannel = {
    target,
    close: () => inner.close(),
    [Symbol.asyncDispose]: async () => inner.close(),
    [grpcChannel]: inner,
  };
  return channel;
}

/** The grpc-js channel inside ours. */
export function grpcChannelOf(channel: Channel): ChannelInterface {
  const inner = (channel as Partial<BackedChannel>)[grpcChannel];
  if (inner === undefined) {
    throw new TypeError("a target must be an address or what createChannel returned");
  }
  return inner;
}
