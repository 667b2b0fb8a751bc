import { catalogBridge } from "@bookstore/catalog-bridge";
import { ordersBridge } from "@bookstore/orders-bridge";
import { recommendationsBridge } from "@bookstore/recommendations-bridge";
import { bridgeServer } from "@bookstore/rpc/bridge";
import { type RunningServer, type ServeOptions, serve } from "@bookstore/rpc-server";
import { serveCatalog } from "./catalog.ts";
import { sampleHistory } from "./history.ts";
import { serveOrders } from "./orders.ts";
import { serveRecommendations } from "./recommendations.ts";
import { sampleOrders } from "./sample-orders.ts";
import { sampleShelves } from "./sample-shelves.ts";

export interface HostOptions extends Partial<ServeOptions> {
  /** The file of all that is stored. Default: none, it ends with the process. */
  readonly database?: string | undefined;
}

/** Serves both versions on one port, a free one of this machine when none is said: v2 is written, v1 is bridged. */
export async function host({ database, ...options }: HostOptions = {}): Promise<RunningServer> {
  const stored = new DisposableStack();
  const history = stored.use(sampleHistory(database));
  const shelves = stored.use(sampleShelves(database));
  const ledger = stored.use(sampleOrders(database));
  const [catalog, orders, recommendations] = [
    serveCatalog(shelves),
    serveOrders(ledger, shelves),
    serveRecommendations(history),
  ];
  const server = await serve({
    address: "127.0.0.1:0",
    ...options,
    services: [
      catalog,
      orders,
      recommendations,
      bridgeServer(catalog, catalogBridge),
      bridgeServer(orders, ordersBridge),
      bridgeServer(recommendations, recommendationsBridge),
    ],
    shutdown: { signals: [], ...options.shutdown },
  });
  void server.ended.then(() => stored.dispose());
  return server;
}
