import { readFileSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { join } from "node:path";
import { ServerCredentials } from "@grpc/grpc-js";
import { REPOSITORY } from "./cli.ts";

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** One of tests/fixtures/tls. */
export function identity(name: "localhost" | "elsewhere" | "expired"): Identity {
  const read = (ending: string): Buffer => readFileSync(join(REPOSITORY, "tests", "fixtures", "tls", name + ending));
  return { key: read(".key"), cert: read(".crt") };
}

/** @param clients the authority of the certificates that clients must have; null: they need none. */
export function serverCredentials({ key, cert }: Identity, clients: Buffer | null = null): ServerCredentials {
  return ServerCredentials.createSsl(clients, [{ private_key: key, cert_chain: cert }], clients !== null);
}

/** What a test started, and the port it is on. */
export interface Listening {
  readonly port: number;
  readonly stop: () => void;
}

interface Listener {
  listen(port: number, host: string, done: () => void): unknown;
  address(): string | AddressInfo | null;
  close(): unknown;
}

/** Listens on a free port of loopback. @param stop what there is to do beside closing it. */
export async function listen(server: Listener, stop: () => void = () => {}): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      stop();
    },
  };
}

/** A relay that can stop passing on what it gets, as a network that lost a cable does. */
export async function relay(port: number): Promise<Listening & { readonly cut: () => void }> {
  let open = true;
  const sockets: net.Socket[] = [];
  const server = net.createServer((client) => {
    const upstream = net.connect(port, "127.0.0.1");
    sockets.push(client, upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on("error", () => {}).on("data", (data) => open && to.write(data));
    }
  });
  const listening = await listen(server, () => sockets.map((socket) => socket.destroy()));
  const cut = (): void => {
    open = false;
  };
  return { ...listening, cut };
}
