import assert from "node:assert/strict";
import { test } from "node:test";
import { bridgeClient, bridgeServer, connectInProcess } from "../packages/rpc/dist/bridge.js";
import type { CallOptions, Channel, ReadonlyMetadata } from "../packages/rpc/dist/index.js";
import { Code, RpcError } from "../packages/rpc/dist/index.js";
import type { ServiceImplementation } from "../packages/rpc/dist/server.js";
import { serve } from "../packages/rpc-server/dist/index.js";
import {
  bridge,
  memoClient,
  memos,
  memoTexts,
  noteClient,
  notes,
  noteTexts,
  type TextClient,
} from "./rpc-bridge-fixture.ts";

const silent = { onError: () => {} };
const start = (service: ServiceImplementation) =>
  serve({ address: "127.0.0.1:0", services: [service], shutdown: { signals: [], grace: 0 }, health: false, ...silent });

type Run = (client: TextClient, options: CallOptions) => Promise<string>;

/** Of each kind, with one text that decides what the handler does. */
const kinds: Readonly<Record<string, (client: TextClient, text: string, options: CallOptions) => Promise<string>>> = {
  unary: (client, text, options) => client.unary(text, options),
  serverStream: (client, text, options) => client.serverStream(text, options),
  clientStream: (client, text, options) => client.clientStream(["first", text], options),
  bidiStream: (client, text, options) => client.bidiStream(["first", text], options),
};
const texts = ["plain", "metadata", "missing", "bad", "string", "bug", "late", "time"];
const metadata = { "x-one": "1", "x-two": ["2", "3"] };

const calls: Readonly<Record<string, Run>> = {
  ...Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, call]) =>
      texts.map((text): [string, Run] => [
        `${kind} ${text}`,
        (client, options) => call(client, text, { ...options, metadata, deadline: 60_000 }),
      ]),
    ),
  ),
  ...Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, call]): [string, Run][] => [
      [`${kind} deadline`, (client, options) => call(client, "wait", { ...options, deadline: 30 })],
      [`${kind} aborted`, (client, options) => call(client, "wait", { ...options, signal: AbortSignal.timeout(30) })],
      [
        `${kind} aborted before`,
        (client, options) => call(client, "plain", { ...options, signal: AbortSignal.abort() }),
      ],
    ]),
  ),
  "clientStream empty": (client, options) => client.clientStream([], options),
  "bidiStream empty": (client, options) => client.bidiStream([], options),
};

const ownKeys = (metadata: ReadonlyMetadata): unknown[] => [...metadata].filter(([key]) => key.startsWith("x-"));

/** Everything that a caller can see of a call. */
async function outcomeOf(run: Run, client: TextClient): Promise<unknown> {
  let [header, trailer]: unknown[] = [[], []];
  const options: CallOptions = {
    onHeader: (each) => {
      header = ownKeys(each);
    },
    onTrailer: (each) => {
      trailer = ownKeys(each);
    },
  };
  const outcome = await run(client, options).catch((error: unknown) => {
    if (!RpcError.is(error)) throw error;
    // Of a deadline each transport says how long it was in its own words.
    const ours = error.code === Code.DEADLINE_EXCEEDED ? "" : error.rawMessage;
    const text = ours.replace(/^internal error [0-9a-f]{8}$/, "internal error");
    return { code: error.codeName, text, details: error.details, metadata: ownKeys(error.metadata) };
  });
  return { outcome, header, trailer };
}

async function outcomesOf(client: TextClient): Promise<Record<string, unknown>> {
  const outcomes = Object.entries(calls).map(async ([name, run]) => [name, await outcomeOf(run, client)] as const);
  return Object.fromEntries(await Promise.all(outcomes));
}

const inProcess = (service: ServiceImplementation): Channel => connectInProcess(service, silent);

test("a caller cannot tell a bridged service from a native one, over a socket and in process, either way", async () => {
  await using oldServer = await start(notes);
  await using newServer = await start(memos);
  await using bridged = await start(bridgeServer(memos, bridge));
  await using oldClient = noteClient(oldServer.address);
  const upward = bridgeClient(oldClient, bridge);
  await using proxy = await start(upward);
  const asOld: Readonly<Record<string, string | Channel>> = {
    native: oldServer.address,
    "native in process": inProcess(notes),
    bridged: bridged.address,
    "bridged in process": inProcess(bridgeServer(memos, bridge)),
  };
  const asNew: Readonly<Record<string, string | Channel>> = {
    native: newServer.address,
    "native in process": inProcess(memos),
    "bridged in process": inProcess(upward),
    "bridged by a proxy": proxy.address,
    "there and back": inProcess(bridgeClient(noteClient(bridged.address), bridge)),
  };
  const expectedOld = await outcomesOf(noteTexts(noteClient(oldServer.address)));
  const expectedNew = await outcomesOf(memoTexts(memoClient(newServer.address)));
  for (const [name, target] of Object.entries(asOld)) {
    assert.deepEqual(await outcomesOf(noteTexts(noteClient(target))), expectedOld, `an old client, ${name}`);
  }
  for (const [name, target] of Object.entries(asNew)) {
    assert.deepEqual(await outcomesOf(memoTexts(memoClient(target))), expectedNew, `a new client, ${name}`);
  }
});
