import type { ReadonlyMetadata } from "./metadata.ts";

type Hint = string | ((match: RegExpExecArray) => string | undefined);

/** What grpc-js (1.14) says when no connection could be made, and what is likely behind it. */
const connecting: readonly (readonly [RegExp, Hint])[] = [
  [/ECONNREFUSED/, "nobody listens there; start the server, or correct host and port"],
  [/ENOENT/, "there is no such socket; start the server, or correct the path"],
  [/EACCES/, "this user may not use the socket; correct its permissions"],
  [/ENOTFOUND|EAI_AGAIN/, "the name of the host is not known; correct it, or look at the DNS"],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, "the host cannot be reached; look at the network and the firewall"],
  [
    /wrong version number|packet length too long|http request/,
    "the server does not speak TLS; write http:// for https://, or set the option tls: false",
  ],
  [
    /no application protocol/,
    "the server speaks TLS but not HTTP/2: a web server, no gRPC server; correct host and port",
  ],
  [
    /self-signed certificate|unable to (?:verify|get)/,
    "the server's certificate is from an authority that is not trusted here; give it as tls.rootCertificates (PEM)",
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    "the server's certificate is for another name; call it by that name, or set tls: { serverName: NAME }",
  ],
  [/certificate has expired/, "the server's certificate has expired; renew it, or set this machine's clock"],
  [/certificate is not yet valid/, "this machine's clock is slow, or the server's certificate is not valid yet"],
  [
    /alert certificate required|alert bad certificate|alert unknown ca|handshake failure/,
    "the server wants a certificate of the client that it trusts; give tls.privateKey and tls.certificateChain",
  ],
  [
    /Failed to connect|Socket closed|ECONNRESET|socket hang up/,
    "the server hung up on a plain connection: it may want TLS, then write https://",
  ],
  [/Protocol error/, "the server does not speak HTTP/2: a web server, no gRPC server; correct host and port"],
];

/** Four bytes of text where a message's length belongs: a page of HTML was read as a message. */
function isText(length: number): boolean {
  return [24, 16, 8, 0].every((shift) => ((length >>> shift) & 0xff) >= 0x20 && ((length >>> shift) & 0xff) < 0x7f);
}

/** What else grpc-js says of its own accord. */
const calling: readonly (readonly [RegExp, Hint])[] = [
  [/^(?:round_robin: )?No connection established\. Last error: (.*)/s, ([, reason = ""]) => find(connecting, reason)],
  [/^Name resolution failed for target/, "the name of the host is not known; correct it, or look at the DNS"],
  [
    /^Deadline exceeded after .*[Ww]aiting for (?:LB pick|name resolution)/,
    "there was no connection in all that time: the server does not run, does not answer, or is behind a firewall",
  ],
  [
    /^Received message larger than max \((\d+) vs (\d+)\)/,
    ([, size, limit]) =>
      isText(Number(size))
        ? "a web server or a proxy answered with text; no gRPC server is there"
        : `the response is larger than this client takes; raise maxReceiveBytes (${limit}) or ask for less`,
  ],
  [
    /^Received message that decompresses to a size larger than (\d+)/,
    ([, limit]) => `the response is larger than this client takes; raise maxReceiveBytes (${limit}) or ask for less`,
  ],
  [
    /^Attempted to send message with a size larger than/,
    'the request is larger than this client sends; raise grpc: { "grpc.max_send_message_length": … } or send less',
  ],
  [
    /^Connection dropped|Session closed with error code \d+$/,
    "the connection was lost: the server or a proxy ended it (GOAWAY), or a keepalive ping had no answer in time",
  ],
  [
    /^(?:read|write) (?:ECONNRESET|ETIMEDOUT|EPIPE)/,
    "the connection was lost: the server or a proxy ended it without a word",
  ],
  [/^Call cancelled$/, "the other side cancelled: the server shuts down, or a proxy's own time limit passed"],
  [
    /^Bandwidth exhausted or memory limit exceeded/,
    "the server or a proxy finds this client too busy; perhaps it pings too often (the option keepalive)",
  ],
  [/Call ended without gRPC status/, "a web server or a proxy answered; no gRPC server is there"],
];

function proxied(status: number): string {
  const what =
    status === 404
      ? "nothing there has this method: it is a web server, or a proxy that does not route it"
      : status >= 500 || status === 429
        ? "a proxy answered in place of the server, which is down, busy or not reached by it"
        : "a web server or a proxy answered in place of the server";
  return `${what} (HTTP ${status})`;
}

function find(table: readonly (readonly [RegExp, Hint])[], text: string): string | undefined {
  for (const [pattern, hint] of table) {
    const match = pattern.exec(text);
    if (match !== null) {
      return typeof hint === "string" ? hint : hint(match);
    }
  }
  return undefined;
}

/**
 * What likely stands behind a failure, and what to do; undefined without a good guess. Only texts that grpc-js made
 * itself are read: what a server says of its own database ("connect ECONNREFUSED") is not about our connection.
 * @param trailers tell the two apart: grpc-js has none for its own.
 */
export function hintOf(text: string, trailers: ReadonlyMetadata): string | undefined {
  const [, status] = /^Received HTTP status code (\d+)$/.exec(text) ?? [];
  if (status !== undefined) {
    return proxied(Number(status));
  }
  const fromServer = trailers[Symbol.iterator]().next().done !== true;
  return fromServer ? undefined : find(calling, text);
}

/** A text of grpc-js on one line, without how it balances, and what OpenSSL adds for its own developers. */
export function tidy(text: string): string {
  return text
    .replace(/^round_robin: (?:No connection established\. Last error: (?=No connection established))?/, "")
    .replace(/\.?\s*Resolution note:\s*$/, "")
    .replace(/(?:[0-9A-F]{8,}:)?error:[0-9A-F]+:(SSL routines):[^:]*:([^:]*):.*/s, "$1: $2")
    .replace(/\s+/g, " ")
    .replace(/[.\s]+$/, "");
}
