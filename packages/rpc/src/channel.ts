import type { AsyncDisposal } from "./disposal.js";

/** TLS as PEM text or bytes; what is left out comes from Node's defaults. */
export interface TlsOptions {
  /** The certificates to trust in place of Node's own list. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** The client's key, for mutual TLS; needs `certificateChain`. */
  readonly privateKey?: string | Uint8Array | undefined;
  /** The client's certificate, for mutual TLS; needs `privateKey`. */
  readonly certificateChain?: string | Uint8Array | undefined;
}

/** How to connect. */
export interface ChannelOptions {
  /**
   * True or PEM files for TLS, false for plain text. Default: what the address says (`https://` and every address
   * that is not loopback are TLS). Contradicting `http://` or `https://` is a TypeError.
   */
  readonly tls?: boolean | TlsOptions | undefined;
  /** The largest response taken, in bytes. Default 4 MiB (4194304); a larger one ends the call as RESOURCE_EXHAUSTED. */
  readonly maxReceiveBytes?: number | undefined;
  /** grpc-js channel options as they are, `{ "grpc.keepalive_time_ms": 10_000 }`, for what has no name here. */
  readonly grpc?: { readonly [option: string]: string | number } | undefined;
}

/** A connection that several clients share: `createCatalogClient(channel)` for v1 and for v2. */
export interface Channel extends AsyncDisposal {
  /** The address as it was given. */
  readonly target: string;
  /** Refuses new calls of every client on it; calls in flight go on to their end, then the sockets close. */
  close(): void;
}

export const channelOptionKeys: readonly (keyof ChannelOptions)[] = ["tls", "maxReceiveBytes", "grpc"];
