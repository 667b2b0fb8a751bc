import type { DeprecatedCounter } from "@bookstore/rpc-server";
import type { Meter } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";

/**
 * Serves `/metrics` for Prometheus, on all interfaces: how long calls take, by method and code, and who still calls what
 * is deprecated.
 */
export async function startMetrics(port: number, deprecated: DeprecatedCounter): Promise<Meter> {
  const exporter = new PrometheusExporter({ port, preventServerStart: true });
  const resource = resourceFromAttributes({ "service.name": "bookstore" });
  const meter = new MeterProvider({ readers: [exporter], resource }).getMeter("bookstore");
  meter
    .createObservableCounter("bookstore.deprecated.uses", {
      description: "Uses of what the schema says is deprecated.",
    })
    .addCallback((result) => {
      for (const { client, kind, name, count } of deprecated.counts()) result.observe(count, { client, kind, name });
    });
  await exporter.startServer();
  return meter;
}
