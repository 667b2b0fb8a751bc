import { X509Certificate } from "node:crypto";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import net from "node:net";
import tls from "node:tls";
import { LONGEST_MS, type TlsFiles } from "./options.ts";

/** `PRI * HTTP/2.0 …`, with which each connection begins. */
const PREFACE_BYTES = 24;
const WATCH_MS = 2000;

export interface ListenerOptions {
  readonly tls: TlsFiles | undefined;
  /** Milliseconds in which a client must begin to speak. */
  readonly silence: number;
  /** Takes over a connection that speaks. */
  readonly inject: (socket: net.Socket) => void;
  /** Hears of certificates that cannot be read again; the old ones stay. */
  readonly onError: (error: unknown) => void;
}

/** The port. It knows its connections down to the socket, also those that never become HTTP/2. */
export class Listener {
  readonly #server: net.Server;
  readonly #options: ListenerOptions;
  // Those of TCP, and those that were taken over: the same, or what TLS has made of them.
  readonly #sockets = new Set<net.Socket>();
  readonly #injected = new Set<net.Socket>();
  #stopped = false;
  #whenClosed: (() => void)[] = [];

  /** @throws Error for certificates that cannot be read, or do not fit. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    const { tls: files } = options;
    this.#server = files === undefined ? net.createServer() : this.#createTls(files);
    this.#server.on("connection", (socket) => this.#track(socket));
    if (files === undefined) {
      this.#server.on("connection", (socket) => this.#inject(socket));
    }
  }

  #createTls(files: TlsFiles): tls.Server {
    const context = readContext(files);
    const server = tls.createServer({
      ...context,
      requestCert: files.clientAuthority !== undefined,
      rejectUnauthorized: files.clientAuthority !== undefined,
      ALPNProtocols: ["h2"],
      handshakeTimeout: Math.min(this.#options.silence, LONGEST_MS),
    });
    server.on("secureConnection", (socket) => this.#inject(socket));
    server.on("tlsClientError", (_, socket) => socket.destroy());
    const reload = (): void => {
      try {
        server.setSecureContext(readContext(files));
      } catch (error) {
        this.#options.onError(error);
      }
    };
    for (const path of pathsOf(files)) {
      watchFile(path, { interval: WATCH_MS, persistent: false }, reload);
    }
    server.on("close", () => pathsOf(files).map((path) => unwatchFile(path, reload)));
    return server;
  }

  #track(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    this.#limitSilence(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#closed();
    });
  }

  #inject(socket: net.Socket): void {
    if (this.#stopped) {
      socket.destroy();
      return;
    }
    this.#injected.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#injected.delete(socket);
      this.#closed();
    });
    // Of TLS its handshake was heard before.
    this.#limitSilence(socket);
    this.#options.inject(socket);
  }

  /** Hangs up on a client that does not begin to speak. */
  #limitSilence(socket: net.Socket): void {
    const { silence } = this.#options;
    if (!Number.isFinite(silence)) {
      return;
    }
    const timer = setTimeout(() => {
      if (socket.bytesRead < PREFACE_BYTES) {
        socket.destroy();
      }
    }, silence);
    timer.unref();
    socket.on("close", () => clearTimeout(timer));
  }

  #closed(): void {
    for (const check of this.#whenClosed.splice(0)) {
      check();
    }
  }

  /** @returns the port; 0 for a socket that has a path. @throws Error of Node's for an address that is taken or not ours. */
  listen(where: net.ListenOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(where, () => {
        this.#server.removeListener("error", reject);
        this.#server.on("error", this.#options.onError);
        const address = this.#server.address();
        resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
      });
    });
  }

  /**
   * Takes no more connections. Those on which nobody has spoken yet stay for a goodbye: what a client has sent may be on
   * its way, and is lost without a word when its connection is reset.
   */
  stop(): void {
    this.#stopped = true;
    this.#server.close();
  }

  /** Resolves when no connection is left on which a client has spoken. */
  async quiet(): Promise<void> {
    while ([...this.#injected].some((socket) => socket.bytesRead >= PREFACE_BYTES)) {
      await this.#nextClosed();
    }
  }

  /** Resolves when no connection is left. */
  async empty(): Promise<void> {
    while (this.#sockets.size > 0) {
      await this.#nextClosed();
    }
  }

  #nextClosed(): Promise<void> {
    return new Promise((resolve) => this.#whenClosed.push(resolve));
  }

  destroy(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}

function pathsOf({ key, certificate, clientAuthority }: TlsFiles): readonly string[] {
  return [key, certificate, ...(clientAuthority === undefined ? [] : [clientAuthority])];
}

/** @throws Error that names the file, also for a folder. */
function readNamed(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** @throws Error that names the file, or says that the key is of another certificate. */
function readContext({ key, certificate, clientAuthority }: TlsFiles): tls.SecureContextOptions {
  const options = {
    key: readNamed(key),
    cert: readNamed(certificate),
    ...(clientAuthority === undefined ? {} : { ca: readNamed(clientAuthority) }),
  };
  try {
    if (options.ca !== undefined) {
      new X509Certificate(options.ca);
    }
    tls.createSecureContext(options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the certificates in ${pathsOf({ key, certificate, clientAuthority }).join(", ")}: ${reason}`, {
      cause,
    });
  }
  return options;
}
