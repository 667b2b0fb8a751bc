import type { TestContext } from "node:test";
import { type CallOptions, type ClientOptions, createClient, RpcError } from "../packages/rpc/dist/index.js";
import type { HandlerContext, Implementation } from "../packages/rpc/dist/server.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import { collect, type NoteClient, type NoteDefinition, NoteServiceDefinition, serveNotes } from "./rpc-fixture.ts";

/** No wait to speak of: what is tested is what happens, not how long it takes. */
export const quick = { initialBackoff: 1 };

export type Serve = (
  implementation: Implementation<NoteDefinition>,
  options?: ClientOptions,
) => Promise<{ client: NoteClient } & AsyncDisposable>;

/** A real server, and the fake: what a caller sees of both is the same. */
export const servers: readonly [string, Serve][] = [
  [
    "server",
    async (implementation, options) => {
      const served = await serveNotes(implementation);
      const client = createClient(NoteServiceDefinition, served.target, options);
      const dispose = async (): Promise<void> => {
        client.close();
        await served[Symbol.asyncDispose]();
      };
      return { client, [Symbol.asyncDispose]: dispose };
    },
  ],
  [
    "fake",
    async (implementation, options) => {
      const client = createFake(NoteServiceDefinition, implementation, options);
      return { client, [Symbol.asyncDispose]: async () => client.close() };
    },
  ],
];

export type Call = (client: NoteClient, options: CallOptions) => Promise<unknown>;

async function* letters(): AsyncGenerator<{ id: string }> {
  yield { id: "a" };
  yield { id: "b" };
}

/** The ids of a stream of notes. */
export const ids = async (notes: AsyncIterable<{ id: string }>): Promise<string> =>
  (await collect(notes)).map((note) => note.id).join();

/** Each kind of call with two requests or responses; the outcome is always "a,b". */
export const kinds: readonly [string, Call][] = [
  ["unary", async (client, options) => (await client.get({ id: "a,b" }, options)).id],
  ["client stream", async (client, options) => (await client.record(letters(), options)).id],
  ["server stream", (client, options) => ids(client.watch({ id: "a,b" }, options))],
  ["bidi stream", (client, options) => ids(client.chat(letters(), options))],
];

/** Handlers that echo all their requests, after `failures` tries that fail once they have read them. */
export function failing(failures: number, fail: (context: HandlerContext) => never = unavailable) {
  const previous: (string | undefined)[] = [];
  const enter = (context: HandlerContext): void => {
    previous.push(context.metadata.get("grpc-previous-rpc-attempts"));
    if (previous.length <= failures) {
      fail(context);
    }
  };
  const implementation: Implementation<NoteDefinition> = {
    get(request, context) {
      enter(context);
      return { id: request.id };
    },
    async record(requests, context) {
      const id = await ids(requests);
      enter(context);
      return { id };
    },
    async *watch(request, context) {
      enter(context);
      yield* request.id.split(",").map((id) => ({ id }));
    },
    async *chat(requests, context) {
      const all = await collect(requests);
      enter(context);
      yield* all;
    },
    close(_, context) {
      enter(context);
      return {};
    },
  };
  return { implementation, previous };
}

/** What a handler does that wants to be called again. */
export function unavailable(): never {
  throw new RpcError("UNAVAILABLE", "busy");
}

/** The same, with trailers. */
export function throwing(metadata: Record<string, string>): () => never {
  return () => {
    throw new RpcError("UNAVAILABLE", "busy", { metadata });
  };
}

/** Every wait is half of its span. */
export function steady(context: TestContext): void {
  context.mock.method(Math, "random", () => 0.5);
}

/** How many timers there are. */
export function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}
