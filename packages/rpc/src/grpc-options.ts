import type { ChannelOptions, KeepaliveOptions } from "./channel.ts";
import { checkKeys } from "./nearest.ts";

/** grpc-js's numbers for them, and the words by which gRPC names them on the wire. */
const compressions: ReadonlyMap<string, number> = new Map([
  ["deflate", 1],
  ["gzip", 2],
]);

const DEFAULT_KEEPALIVE_MS = 360_000;
const DEFAULT_KEEPALIVE_TIMEOUT_MS = 20_000;
// A name may stand for many servers. grpc-js would take the first of them, and never another while that one answers.
const ROUND_ROBIN = '{"loadBalancingConfig":[{"round_robin":{}}]}';

function positive(value: number | undefined, what: string, unit: string, fallback: number): number {
  if (value === undefined) {
    return fallback;
  }
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new TypeError(`${what} must be a whole number of ${unit}, 1 or more, not ${String(value)}`);
  }
  return value;
}

function keepaliveOptions(keepalive: KeepaliveOptions | false | undefined): Record<string, number> {
  if (keepalive === false) {
    return {};
  }
  if (keepalive !== undefined && (typeof keepalive !== "object" || keepalive === null)) {
    throw new TypeError("keepalive must be false, or an object such as { time: 60_000 }");
  }
  const { time, timeout, withoutCalls } = keepalive ?? {};
  checkKeys(keepalive ?? {}, ["time", "timeout", "withoutCalls"], "keepalive");
  return {
    "grpc.keepalive_time_ms": positive(time, "keepalive.time", "milliseconds", DEFAULT_KEEPALIVE_MS),
    "grpc.keepalive_timeout_ms": positive(timeout, "keepalive.timeout", "milliseconds", DEFAULT_KEEPALIVE_TIMEOUT_MS),
    "grpc.keepalive_permit_without_calls": withoutCalls === true ? 1 : 0,
  };
}

/**
 * The options of a channel as grpc-js names them.
 * @param several whether the address may stand for several servers.
 * @throws TypeError for a wrong value, with the fix.
 */
export function toGrpcOptions(options: ChannelOptions, several: boolean): Record<string, string | number> {
  const { compression = false, keepalive, maxReceiveBytes, tls, grpc } = options;
  const algorithm = compression === false ? 0 : compressions.get(compression);
  if (algorithm === undefined) {
    throw new TypeError(`compression must be "gzip", "deflate" or false, not ${JSON.stringify(compression)}`);
  }
  const serverName = typeof tls === "object" ? tls.serverName : undefined;
  return {
    // grpc-js waits a second after a connection was refused, and meanwhile fails every call: a retry could only fail too.
    "grpc.initial_reconnect_backoff_ms": 100,
    // Else a new channel would take over the connection of another one to the same address, or the wait after its failures.
    "grpc.use_local_subchannel_pool": 1,
    ...(several ? { "grpc.service_config": ROUND_ROBIN } : {}),
    ...keepaliveOptions(keepalive),
    ...(algorithm === 0 ? {} : { "grpc.default_compression_algorithm": algorithm }),
    ...(maxReceiveBytes === undefined
      ? {}
      : { "grpc.max_receive_message_length": positive(maxReceiveBytes, "maxReceiveBytes", "bytes", 0) }),
    ...(serverName === undefined
      ? {}
      : { "grpc.ssl_target_name_override": serverName, "grpc.default_authority": serverName }),
    ...grpc,
  };
}
