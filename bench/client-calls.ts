// node bench/client-calls.ts [--rounds N]: how many calls a second a generated client makes, and how many messages of a
// stream it reads, beside grpc-js alone with the same codec, nice-grpc with the same codec, and connect-node with its
// own. All in one run, in turns; the server is a process of its own that costs next to nothing. npm installs nice-grpc
// and connect-node into a temporary folder. Times depend on the machine: the ratios to grpc-js are what to compare.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import * as grpc from "@grpc/grpc-js";
import * as recommendations from "../packages/recommendations-v2/dist/index.js";
import { fileDescriptorSet } from "../packages/recommendations-v2/dist/schema.js";
import { RecommendationsServiceDefinition } from "../packages/recommendations-v2/dist/server.js";
import { run } from "../scripts/io/process.ts";
import { temporaryFolder } from "../tests/support/tree.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "9" } } });
const ROUNDS = Number(values.rounds);
const IN_FLIGHT = 64;
const CALLS = 6400;
const MESSAGES = 64_000;

const request = recommendations.RecommendRequest.fromPartial({
  audience: { $case: "readerId", value: "reader-7" },
  limit: 10,
});
const streamRequest = recommendations.StreamRecommendationsRequest.fromPartial({ audience: request.audience });
const book = { bookId: "left-hand", title: "The Left Hand of Darkness", relevance: 0.5 };
const unaryAnswer = recommendations.RecommendResponse.fromPartial({ recommendations: Array(3).fill(book) });
const streamAnswer = recommendations.StreamRecommendationsResponse.fromPartial({ upserted: [book] });

/** One client: a unary call, and a stream that is read to its end. */
interface Contender {
  readonly name: string;
  readonly call: () => Promise<unknown>;
  /** @returns how many messages came. */
  readonly read: () => Promise<number>;
  readonly close: () => void;
}

function ours(target: string): Contender {
  const client = recommendations.createRecommendationsClient(target);
  return {
    name: "generated client",
    call: () => client.recommend(request),
    read: () => count(client.streamRecommendations(streamRequest)),
    close: () => client.close(),
  };
}

async function count(messages: AsyncIterable<unknown>): Promise<number> {
  let read = 0;
  for await (const _ of messages) read++;
  return read;
}

/** As a person writes it by hand: callbacks, and `data` events. */
function grpcJs(address: string): Contender {
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const { recommend, streamRecommendations } = RecommendationsServiceDefinition.methods;
  const path = (name: string): string => `/${RecommendationsServiceDefinition.fullName}/${name}`;
  return {
    name: "grpc-js",
    call: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path(recommend.name),
          (message: recommendations.RecommendRequest) =>
            Buffer.from(recommendations.RecommendRequest.encode(message).finish()),
          (bytes) => recommendations.RecommendResponse.decode(bytes),
          request,
          (error, response) => (error === null ? resolve(response) : reject(error)),
        );
      }),
    read: () =>
      new Promise((resolve, reject) => {
        let read = 0;
        client
          .makeServerStreamRequest(
            path(streamRecommendations.name),
            (message: recommendations.StreamRecommendationsRequest) =>
              Buffer.from(recommendations.StreamRecommendationsRequest.encode(message).finish()),
            (bytes) => recommendations.StreamRecommendationsResponse.decode(bytes),
            streamRequest,
          )
          .on("data", () => read++)
          .on("error", reject)
          .on("end", () => resolve(read));
      }),
    close: () => client.close(),
  };
}

type Untyped = ReturnType<typeof createRequire>;

function niceGrpc(load: Untyped, address: string): Contender {
  const { createChannel, createClient } = load("nice-grpc");
  const channel = createChannel(address);
  const client = createClient(RecommendationsServiceDefinition, channel);
  return {
    name: "nice-grpc",
    call: () => client.recommend(request),
    read: () => count(client.streamRecommendations(streamRequest)),
    close: () => channel.close(),
  };
}

function connectNode(load: Untyped, target: string): Contender {
  const { createClient } = load("@connectrpc/connect");
  const { createGrpcTransport, Http2SessionManager } = load("@connectrpc/connect-node");
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, fileDescriptorSet()));
  const service = registry.getService(RecommendationsServiceDefinition.fullName);
  const sessionManager = new Http2SessionManager(target);
  const client = createClient(service, createGrpcTransport({ baseUrl: target, sessionManager }));
  const plain = { audience: { case: "readerId", value: "reader-7" }, limit: 10 };
  return {
    name: "connect-node (its own codec)",
    call: () => client.recommend(plain),
    read: () => count(client.streamRecommendations({ audience: plain.audience })),
    close: () => sessionManager.abort(),
  };
}

/** @returns calls a second. */
async function timeCalls({ call }: Contender): Promise<number> {
  let left = CALLS;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return (CALLS / (performance.now() - start)) * 1000;
}

/** @returns messages a second. */
async function timeRead({ name, read }: Contender): Promise<number> {
  const start = performance.now();
  const messages = await read();
  if (messages !== MESSAGES) throw new Error(`${name} read ${messages} of ${MESSAGES} messages`);
  return (messages / (performance.now() - start)) * 1000;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Times all in turns, each round in another order, and prints each beside grpc-js in the same round. */
async function compare(
  what: string,
  contenders: readonly Contender[],
  time: (contender: Contender) => Promise<number>,
): Promise<void> {
  for (const each of contenders) await time(each);
  const speeds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const order = contenders.map((_, index) => contenders[(index + round) % contenders.length] as Contender);
    for (const each of order) speeds.get(each.name)?.push(await time(each));
  }
  const peer = speeds.get("grpc-js") ?? [];
  console.log(`\n${what}`);
  for (const [name, own] of speeds) {
    const ratios = own.map((speed, round) => speed / (peer[round] ?? Number.NaN));
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((each) => each.toFixed(2));
    const text = `${median(own).toFixed(0).padStart(8)}/s ${median(ratios).toFixed(3).padStart(8)}× (${least}–${most})`;
    console.log(`${name.padEnd(30)}${text}`);
  }
}

using folder = temporaryFolder();
writeFileSync(join(folder.path, "package.json"), '{ "private": true }');
const packages = ["nice-grpc", "@connectrpc/connect", "@connectrpc/connect-node", "@bufbuild/protobuf"];
const installed = await run("npm", ["install", "--no-audit", "--no-fund", ...packages], { cwd: folder.path });
if (installed.status !== 0) throw new Error(installed.stderr);
const load = createRequire(join(folder.path, "package.json"));

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const answers = [
  base64(recommendations.RecommendResponse.encode(unaryAnswer).finish()),
  base64(recommendations.StreamRecommendationsResponse.encode(streamAnswer).finish()),
  String(MESSAGES),
];
const server = spawn(process.execPath, [join(import.meta.dirname, "answering-server.ts"), ...answers], {
  stdio: ["pipe", "pipe", "inherit"],
});
const [line] = (await once(server.stdout, "data")) as [Buffer];
const address = `127.0.0.1:${line.toString().trim()}`;
const contenders = [
  grpcJs(address),
  ours(`http://${address}`),
  niceGrpc(load, address),
  connectNode(load, `http://${address}`),
];
console.log(`Node ${process.version}, ${availableParallelism()} cores, medians of ${ROUNDS} rounds`);
await compare(`unary, ${IN_FLIGHT} in flight`, contenders, timeCalls);
await compare("messages of a server's stream", contenders, timeRead);
for (const each of contenders) each.close();
server.kill();
