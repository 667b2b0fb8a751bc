import { logger } from "@bookstore/rpc/logger";
import { openTelemetry } from "@bookstore/rpc/opentelemetry";
import { countDeprecated } from "@bookstore/rpc-server";
import { host } from "./host.ts";
import { startMetrics } from "./metrics.ts";

// What changes from one place to another comes from the environment.
const {
  BOOKSTORE_ADDRESS: address,
  BOOKSTORE_DATABASE: database,
  BOOKSTORE_METRICS_PORT: metricsPort,
  BOOKSTORE_LAME_DUCK_MS: lameDuck = "0",
} = process.env;

const deprecated = countDeprecated();
const meter = metricsPort === undefined ? undefined : await startMetrics(Number(metricsPort), deprecated);
const hosted = await host({
  ...(address === undefined ? {} : { address }),
  database,
  interceptors: [
    openTelemetry({ meter }),
    logger({ log: (record) => console.log(JSON.stringify({ time: new Date().toISOString(), ...record })) }),
    deprecated.interceptor,
  ],
  shutdown: { signals: ["SIGTERM", "SIGINT"], lameDuck: Number(lameDuck) },
});
console.log(`bookstore: catalog, orders and recommendations, v1 and v2, at ${hosted.address}`);
process.send?.({ address: hosted.address });

// A parent that forked us and is gone, however it went, can no longer send a signal.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
