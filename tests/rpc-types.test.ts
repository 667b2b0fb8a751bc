import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const repository = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "charter-rpc-types-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const dist = join(repository, "packages/rpc/dist");
const paths = {
  "@bookstore/rpc": [join(dist, "index.d.ts")],
  "@bookstore/rpc/server": [join(dist, "server.d.ts")],
  "@bookstore/rpc/testing": [join(dist, "testing.d.ts")],
};

/** A generated package in small: messages with every shape that ts-proto makes, and a client without a cast. */
const generated = `
import { createClient, type CallOptions, type Client, type ClientOptions, type PartialMessage, type Target } from "@bookstore/rpc";

interface Writer { finish(): Uint8Array; uint32(value: number): Writer }
interface Reader { pos: number }
type DeepPartial<T> = T extends {} ? { [K in keyof T]?: DeepPartial<T[K]> } : Partial<T>;
interface MessageFns<T, V extends string> {
  readonly $type: V;
  encode(message: T, writer?: Writer): Writer;
  decode(input: Reader | Uint8Array, length?: number): T;
  toJSON(message: T): unknown;
  create(base?: DeepPartial<T>): T;
  fromPartial(object: DeepPartial<T>): T;
}

export interface Item { sku: string; amount: bigint; _unknownFields?: { [key: number]: Uint8Array[] } | undefined }
export interface Order {
  id: string;
  total: bigint;
  note?: string | undefined;
  payment: { $case: "card"; value: string } | { $case: "item"; value: Item } | { $case: "free"; value: unknown } | undefined;
  extra: unknown | undefined;
  placed: Date | undefined;
  raw: Uint8Array;
  items: Item[];
  byName: { [key: string]: Item };
  byNumber: Map<bigint, string>;
  parent: Order | undefined;
  struct: { [key: string]: unknown } | undefined;
  list: Array<unknown> | undefined;
  kind: 0 | 1 | -1;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}
export declare const Item: MessageFns<Item, "x.Item">;
export declare const Order: MessageFns<Order, "x.Order">;

export const ServiceDefinition = {
  name: "XService",
  fullName: "x.v1.XService",
  methods: {
    get: { name: "Get", requestType: Order as typeof Order, requestStream: false, responseType: Item as typeof Item, responseStream: false, options: { idempotencyLevel: "NO_SIDE_EFFECTS" } },
    watch: { name: "Watch", requestType: Order as typeof Order, requestStream: false, responseType: Item as typeof Item, responseStream: true, options: {} },
    record: { name: "Record", requestType: Order as typeof Order, requestStream: true, responseType: Item as typeof Item, responseStream: false, options: { _unknownFields: { 578365826: [new Uint8Array([1]) as Uint8Array] } } },
    chat: { name: "Chat", requestType: Order as typeof Order, requestStream: true, responseType: Order as typeof Order, responseStream: true, options: {} },
  },
} as const;

type Stream<T> = Iterable<PartialMessage<T>> | AsyncIterable<PartialMessage<T>>;
export interface XClient extends Client {
  get(request: PartialMessage<Order>, options?: CallOptions): Promise<Item>;
  watch(request: PartialMessage<Order>, options?: CallOptions): AsyncIterable<Item>;
  record(requests: Stream<Order>, options?: CallOptions): Promise<Item>;
  chat(requests: Stream<Order>, options?: CallOptions): AsyncIterable<Order>;
}
export function createXClient(target: Target, options?: ClientOptions): XClient {
  return createClient(ServiceDefinition, target, options);
}
`;

const calls = `
import { createChannel, RpcError, Code, isCallOf, observe, type Interceptor } from "@bookstore/rpc";
import { createXClient, ServiceDefinition, type Item, type Order } from "./generated.js";

const channel = createChannel("http://localhost:1");
const client = createXClient(channel, { deadline: 5, metadata: { "x-a": ["b"] } });
const whole = {} as Order;
export async function fine(): Promise<void> {
  const item: Item = await client.get(whole);
  const frozen: readonly Item[] = [item];
  await client.get({ id: undefined, total: 1, items: frozen, parent: { parent: { items: [{ amount: "5" }] } } });
  await client.get({ payment: { $case: "item", value: {} }, extra: { a: 1 }, placed: new Date(0), raw: new Uint8Array() });
  await client.get({ payment: { $case: "free", value: 5 }, byName: { a: { amount: 1n } }, byNumber: new Map(), list: [1] });
  await client.get({}, { deadline: new Date(), metadata: new Map([["a", "b"]]), waitForReady: true, signal: undefined });
  for await (const response of client.chat([whole, {}])) {
    const id: string = response.id;
    if (id === "") break;
  }
  try { await client.record([]); } catch (error) { if (RpcError.is(error) && error.code === Code.NOT_FOUND) throw error; }
}
export const typed: Interceptor = async (call, next) => {
  if (isCallOf(call, ServiceDefinition, "get")) {
    const id: string = call.request.id;
    const reply = await next({ ...call, request: { ...call.request, id: id + "!" } });
    const sku: string = reply.response.sku;
    return { ...reply, response: { ...reply.response, sku } };
  }
  if (isCallOf(call, ServiceDefinition, "record")) {
    for await (const { total } of call.request) if (total > 5n) return { response: {} };
  }
  return observe(call, next, { onEnd: ({ code, left }) => { if (left || code === Code.OK) call.metadata.set("a", "b"); } });
};
createXClient(channel, { interceptors: [typed], onDeprecated: ({ kind, name }) => { if (kind === "field") throw new Error(name); } });
export const untyped: Interceptor = async (call, next) => { // TS2322
  call.request.id; // TS18046
  isCallOf(call, ServiceDefinition, "gett"); // TS2345
  next(); // TS2554
  return { reply: 5 };
};
createXClient(channel, { interceptors: [() => 5] }); // TS2322
export async function wrong(): Promise<void> {
  await client.get({ idd: "a" }); // TS2353
  await client.get({ quantity: 1 }); // TS2353
  await client.get({ parent: { parent: { quantity: 1 } } }); // TS2353
  await client.get({ items: [{ skuu: "a" }] }); // TS2561
  await client.get({ byName: { a: { quantity: "a" } } }); // TS2353
  await client.get({ payment: { $case: "item", value: { quantity: 1 } } }); // TS2353
  await client.get({ payment: { $case: "card", value: 5 } }); // TS2322
  await client.get({ payment: { $case: "card" } }); // TS2322
  await client.get({ payment: { $case: "cash", value: "" } }); // TS2322
  await client.get({ id: 5 }); // TS2322
  await client.get({ total: true }); // TS2322
  await client.get({ placed: "2026-01-01" }); // TS2322
  await client.get({ kind: 7 }); // TS2322
  await client.get("text"); // TS2559
  await client.record({ id: "a" }); // TS2353
  await client.record([{ quantity: 1 }]); // TS2345
  await client.get({}, { dedline: 5 }); // TS2561
  client.watch({}).next(); // TS2339
  createXClient("http://x:1", { dedline: 5 }); // TS2561
}
`;

const handlers = `
import { implement, type Implementation, toGrpcService } from "@bookstore/rpc/server";
import { createFake } from "@bookstore/rpc/testing";
import { ServiceDefinition, type Item, type Order, type XClient } from "./generated.js";

type X = Implementation<typeof ServiceDefinition>;
export const all: X = {
  get: async (request, context) => ({ sku: request.id, amount: context.deadline === undefined ? 1 : "2" }),
  async *watch(request: Order) { yield { sku: request.id }; },
  record: async (requests) => { for await (const { id } of requests) return { sku: id }; return {}; },
  chat: (requests) => requests,
};
const fake = createFake(ServiceDefinition, all);
export const client: XClient = fake;
for (const call of fake.calls) {
  if (call.method === "get") { const id: string | undefined = call.requests[0]?.id; console.log(id); }
}
export const served = toGrpcService(implement(ServiceDefinition, { get: undefined }));
export const item: Promise<Item> = fake.get({});
export const misspelt: X = { gett: () => ({}) }; // TS2561
export const mistyped: X = { get: () => ({ sku: 5 }) }; // TS2322
export const unstreamed: X = { watch: async () => ({ sku: "" }) }; // TS2322
export const strange: X = { get: () => ({ quantity: 1 }) }; // TS2322
`;

/** Compiles the files and compares each error's file, line and code with the comments that announce them. */
function check(compiler: string, files: Readonly<Record<string, string>>, options: object): void {
  const expected: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    text.split("\n").forEach((line, index) => {
      const code = / \/\/ (TS\d+)$/.exec(line)?.[1];
      if (code !== undefined) {
        expected.push(`${name}:${index + 1} ${code}`);
      }
    });
  }
  const config = { extends: join(repository, "tsconfig.base.json"), compilerOptions: { paths, ...options } };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...config, files: Object.keys(files) }));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const run = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  const found = run.stdout
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(" "))
    .map((line) => line.replace(/^(.*)\((\d+),\d+\): error (TS\d+):.*$/, "$1:$2 $3"));
  assert.deepEqual(found.sort(), expected.sort(), run.stdout);
}

const compilers = {
  "TypeScript 7": join(repository, "node_modules/typescript/bin/tsc"),
  "TypeScript 5.9": join(repository, "node_modules/typescript-5/bin/tsc"),
};
const node = { types: ["node"], typeRoots: [join(repository, "node_modules/@types")] };
const bundler = { module: "esnext", moduleResolution: "bundler" };

for (const [name, compiler] of Object.entries(compilers)) {
  test(`${name}: wrong requests fail at the field; neither Node's, DOM's nor disposal types are needed`, () => {
    const client = { "generated.ts": generated, "calls.ts": calls };
    check(compiler, client, { types: [], lib: ["es2023"] });
  });
  test(`${name}: the same by a bundler's rules, with DOM types`, () => {
    const client = { "generated.ts": generated, "calls.ts": calls };
    check(compiler, client, { types: [], lib: ["es2023", "dom"], ...bundler });
  });
  test(`${name}: handlers and fakes are typed; ./server needs Node's types for grpc-js`, () => {
    const server = { "generated.ts": generated, "handlers.ts": handlers };
    check(compiler, server, node);
  });
}
