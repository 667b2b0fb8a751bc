import { readFileSync, unwatchFile, watchFile } from "node:fs";
import net from "node:net";
import tls from "node:tls";
import type { TlsFiles } from "./options.ts";

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
  // Those of TCP; whether they speak yet.
  readonly #sockets = new Map<net.Socket, boolean>();
  #stopped = false;
  #whenEmpty: (() => void) | undefined;

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
      handshakeTimeout: this.#options.silence,
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
    this.#sockets.set(socket, false);
    socket.on("error", () => {});
    const timer = setTimeout(() => {
      if (socket.bytesRead < PREFACE_BYTES) {
        socket.destroy();
      }
    }, this.#options.silence);
    timer.unref();
    socket.on("close", () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) {
        this.#whenEmpty?.();
      }
    });
  }

  #inject(socket: net.Socket): void {
    if (this.#stopped) {
      socket.destroy();
      return;
    }
    socket.on("error", () => {});
    this.#options.inject(socket);
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

  /** Takes no more connections, and closes those on which nobody has spoken. */
  stop(): void {
    this.#stopped = true;
    this.#server.close();
    for (const socket of this.#sockets.keys()) {
      if (socket.bytesRead < PREFACE_BYTES) {
        socket.destroy();
      }
    }
  }

  /** Resolves when no connection is left. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEmpty = resolve;
      if (this.#sockets.size === 0) {
        resolve();
      }
    });
  }

  destroy(): void {
    for (const socket of this.#sockets.keys()) {
      socket.destroy();
    }
  }
}

function pathsOf({ key, certificate, clientAuthority }: TlsFiles): readonly string[] {
  return [key, certificate, ...(clientAuthority === undefined ? [] : [clientAuthority])];
}

/** @throws Error that names the file, or says that the key is of another certificate. */
function readContext({ key, certificate, clientAuthority }: TlsFiles): tls.SecureContextOptions {
  const options = {
    key: readFileSync(key),
    cert: readFileSync(certificate),
    ...(clientAuthority === undefined ? {} : { ca: readFileSync(clientAuthority) }),
  };
  try {
    tls.createSecureContext(options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the certificates in ${pathsOf({ key, certificate, clientAuthority }).join(", ")}: ${reason}`, {
      cause,
    });
  }
  return options;
}
