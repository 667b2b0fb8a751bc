// One way to serve recommendations v2, for server-calls.ts: VARIANT is `grpc-js`, `serve`, or `serve` with the names of
// interceptors. Sends its address, and on each message of its parent what CPU time it has taken, in microseconds.
// node serving-variant.ts VARIANT
import * as grpc from "@grpc/grpc-js";
import { metrics } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import * as recommendations from "../packages/recommendations-v2/dist/index.js";
import {
  implementRecommendations,
  RecommendationsServiceDefinition,
} from "../packages/recommendations-v2/dist/server.js";
import type { Interceptor } from "../packages/rpc/dist/index.js";
import { logger } from "../packages/rpc/dist/logger.js";
import { openTelemetry } from "../packages/rpc/dist/opentelemetry.js";
import { countDeprecated, serve, validateRequests } from "../packages/rpc-server/dist/index.js";

const [variant = "serve"] = process.argv.slice(2);
const book = { bookId: "left-hand", title: "The Left Hand of Darkness", relevance: 0.5 };
const recommend = ({ limit }: recommendations.RecommendRequest) => ({
  recommendations: Array.from({ length: Math.min(limit, 3) }, () => book),
});

metrics.setGlobalMeterProvider(new MeterProvider());
const interceptors: Readonly<Record<string, Interceptor>> = {
  logger: logger({ log: (record) => void JSON.stringify(record) }),
  openTelemetry: openTelemetry(),
  countDeprecated: countDeprecated().interceptor,
  validateRequests: validateRequests(() => {}),
};

/** As a person writes it by hand. */
async function byHand(): Promise<string> {
  const { RecommendRequest, RecommendResponse } = recommendations;
  const server = new grpc.Server();
  const { name } = RecommendationsServiceDefinition.methods.recommend;
  const method = {
    path: `/${RecommendationsServiceDefinition.fullName}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: recommendations.RecommendRequest) =>
      Buffer.from(RecommendRequest.encode(message).finish()),
    requestDeserialize: (bytes: Buffer) => RecommendRequest.decode(bytes),
    responseSerialize: (message: recommendations.RecommendResponse) =>
      Buffer.from(RecommendResponse.encode(message).finish()),
    responseDeserialize: (bytes: Buffer) => RecommendResponse.decode(bytes),
  } as const;
  const handler: grpc.handleUnaryCall<recommendations.RecommendRequest, recommendations.RecommendResponse> = (
    call,
    done,
  ) => done(null, RecommendResponse.fromPartial(recommend(call.request)));
  server.addService({ recommend: method }, { recommend: handler });
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return `http://127.0.0.1:${port}`;
}

async function served(): Promise<string> {
  const names = variant.split("+").slice(1);
  const own = names.flatMap((name) => interceptors[name] ?? []);
  const services = [implementRecommendations({ recommend })];
  return (await serve({ address: "127.0.0.1:0", services, interceptors: own })).address;
}

const address = variant === "grpc-js" ? await byHand() : await served();
process.send?.(address);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on("disconnect", () => process.exit());
