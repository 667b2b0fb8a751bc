// node --expose-gc leak-server.ts: a server of notes that prints its port, and ends when its stdin does. A process of its
// own, so that its memory is not its client's.
import http2 from "node:http2";
import { Server } from "@grpc/grpc-js";
import { type HandlerContext, implement, toGrpcService } from "../../packages/rpc/dist/server.js";
import { bind, NoteServiceDefinition } from "../rpc-fixture.ts";
import { heapUsed } from "./leaks.ts";

// Node's server hangs up on a client that resets more than a thousand streams and then 33 per second. Whoever leaves ten
// thousand would have to wait five minutes; grpc-js passes on no option for it.
const { createServer } = http2;
const patient = { streamResetBurst: 1e6, streamResetRate: 1e6 };
Object.assign(http2, { createServer: (options: http2.ServerOptions) => createServer({ ...options, ...patient }) });

// Streams that were left, and messages of `watch` that were taken.
let left = 0;
let sent = 0;
const onLeft: (() => void)[] = [];

/** One message, then nothing more until the client leaves. */
async function* endless(context: HandlerContext): AsyncGenerator<{ id: string }> {
  try {
    yield { id: "first" };
    await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
  } finally {
    left++;
    for (const check of onLeft.splice(0)) check();
  }
}

async function untilLeft(count: number): Promise<void> {
  while (left < count) {
    await new Promise<void>((resolve) => onLeft.push(resolve));
  }
}

const { definition, implementation } = toGrpcService(
  implement(NoteServiceDefinition, {
    async get({ id, count }) {
      switch (id) {
        case "left":
          await untilLeft(count);
          return { count: left };
        case "sent":
          return { count: sent };
        case "heap":
          return { count: await heapUsed() };
        default:
          return { id };
      }
    },
    async *watch({ id, count }, context) {
      if (id !== "huge") {
        yield* endless(context);
        return;
      }
      for (const text = "x".repeat(count); ; sent++) {
        yield { id: text };
      }
    },
    async *chat(requests, context) {
      for await (const _ of requests) {
        yield* endless(context);
      }
    },
  }),
);
const server = new Server();
server.addService(definition, implementation);
console.log(await bind(server));
process.stdin.resume().on("close", () => process.exit());
