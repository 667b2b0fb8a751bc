import type { AsyncDisposal } from "./disposal.ts";

/** TLS as PEM text or bytes; what is left out comes from Node's defaults. */
export interface TlsOptions {
  /** The certificates to trust in place of Node's own list. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** The client's key, for mutual TLS; needs `certificateChain`. */
  readonly privateKey?: string | Uint8Array | undefined;
  /** The client's certificate, for mutual TLS; needs `privateKey`. */
  readonly certificateChain?: string | Uint8Array | undefined;
  /** The name that the server's certificate is for, and that the server is called by. Default: the host of the address. */
  readonly serverName?: string | undefined;
}

/** Pings that find a server, or a network, that is gone without a word. */
export interface KeepaliveOptions {
  /** Milliseconds without a byte from the server until it is pinged. Default 360000: servers hang up on more than one in 5 min. */
  readonly time?: number | undefined;
  /** Milliseconds that the answer may take. Default 20000; then the connection is closed, and its calls end with UNAVAILABLE. */
  readonly timeout?: number | undefined;
  /** Also while no call is in flight. Default false: many servers take that for an attack. */
  readonly withoutCalls?: boolean | undefined;
}

/** How to connect. */
export interface ChannelOptions {
  /**
   * True or PEM files for TLS, false for plain text. Default: what the address says (`https://` and every address
   * that is not loopback are TLS). Contradicting `http://` or `https://` is a TypeError.
   */
  readonly tls?: boolean | TlsOptions | undefined;
  /** How requests of 1 KiB and more are compressed. Default: not at all. Responses are read whichever of these they are. */
  readonly compression?: "gzip" | "deflate" | false | undefined;
  /** Default: as in KeepaliveOptions. `false` for no pings. */
  readonly keepalive?: KeepaliveOptions | false | undefined;
  /** The largest response taken, in bytes. Default 4 MiB (4194304); a larger one ends the call as RESOURCE_EXHAUSTED. */
  readonly maxReceiveBytes?: number | undefined;
  /** grpc-js channel options as they are, `{ "grpc.primary_user_agent": "shop" }`, for what has no name here. They win. */
  readonly grpc?: { readonly [option: string]: string | number } | undefined;
}

/** A connection that several clients share: `createCatalogClient(channel)` for v1 and for v2. */
export interface Channel extends AsyncDisposal {
  /** The address as it was given; of several, with a comma between. */
  readonly target: string;
  /** Refuses new calls of every client on it; calls in flight go on to their end, then the sockets close. */
  close(): void;
}

export const channelOptionKeys: readonly (keyof ChannelOptions)[] = [
  "tls",
  "compression",
  "keepalive",
  "maxReceiveBytes",
  "grpc",
];
