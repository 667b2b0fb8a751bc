import { type RunningServer, type ServeOptions, serve } from "@bookstore/rpc-server";
import { sampleHistory } from "./history.ts";
import { serveV1 } from "./v1.ts";
import { serveV2 } from "./v2.ts";

export interface HostOptions extends Partial<ServeOptions> {
  /** The file of the history. Default: none, it ends with the process. */
  readonly database?: string | undefined;
}

/** Serves both versions on one port, a free one of this machine when none is said. */
export async function host({ database, ...options }: HostOptions = {}): Promise<RunningServer> {
  const history = sampleHistory(database);
  const server = await serve({
    address: "127.0.0.1:0",
    ...options,
    services: [serveV1(history), serveV2(history)],
    shutdown: { signals: [], ...options.shutdown },
  });
  void server.ended.then(() => history[Symbol.dispose]());
  return server;
}
