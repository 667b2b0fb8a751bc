import { toGrpcService } from "@bookstore/rpc/server";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { sampleHistory } from "./history.ts";
import { serveV1 } from "./v1.ts";
import { serveV2 } from "./v2.ts";

export interface Hosted {
  /** Example: "http://127.0.0.1:40123". */
  readonly address: string;
  /** Refuses new calls at once and cuts off those that are still open after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

/** Serves both versions on one free port of this machine. */
export async function host(): Promise<Hosted> {
  const server = new Server();
  const history = sampleHistory();
  for (const service of [serveV1(history), serveV2(history)]) {
    const { definition, implementation } = toGrpcService(service);
    server.addService(definition, implementation);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { address: `http://127.0.0.1:${port}`, stop: (graceMs = 1000) => stop(server, graceMs) };
}

/** A stream that stays open by design, such as StreamRecommendations of v2, would hold a patient shutdown up for ever. */
function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      // Not left to tryShutdown: a connection that never spoke HTTP/2 is closed by neither.
      resolve();
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
