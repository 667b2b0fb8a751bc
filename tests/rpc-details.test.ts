import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { create, createFileRegistry, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import {
  type ErrorDetail,
  type ErrorDetailInit,
  type KnownDetails,
  Metadata,
  RpcError,
} from "../packages/rpc/dist/index.js";
import { createFake } from "../packages/rpc/dist/testing.js";
import { detailsOf, encodeStatus } from "../packages/rpc/src/details.ts";
import { caught, collect, NoteServiceDefinition, serveNotes } from "./rpc-fixture.ts";
import { writeGoogleTree } from "./support/google-tree.ts";
import { announceSeed, draw, seeded } from "./support/random.ts";
import { randomMessage } from "./support/random-message.ts";

const folder = mkdtempSync(join(tmpdir(), "charter-rpc-details-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The real google.rpc, as buf compiles it: what our table of fields must agree with. */
function googleRpc(): (name: string) => DescMessage {
  writeGoogleTree(folder, ["google/rpc"]);
  const buf = join(dirname(createRequire(import.meta.url).resolve("@bufbuild/buf/package.json")), "bin", "buf");
  const built = spawnSync(process.execPath, [buf, "build", "-o", "-"], { cwd: folder, maxBuffer: 2 ** 26 });
  assert.equal(built.status, 0, String(built.stderr));
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, built.stdout));
  return (name) => {
    const found = registry.getMessage(name);
    assert.ok(found !== undefined, name);
    return found;
  };
}

const descOf = googleRpc();

const NAMES: readonly (keyof KnownDetails)[] = [
  "google.rpc.BadRequest",
  "google.rpc.DebugInfo",
  "google.rpc.ErrorInfo",
  "google.rpc.Help",
  "google.rpc.LocalizedMessage",
  "google.rpc.PreconditionFailure",
  "google.rpc.QuotaFailure",
  "google.rpc.RequestInfo",
  "google.rpc.ResourceInfo",
  "google.rpc.RetryInfo",
];

/** A message of protobuf-es as a plain object, absent fields as undefined. */
function plain(desc: DescMessage, message: Message): Record<string, unknown> {
  const values = message as unknown as Record<string, unknown>;
  return Object.fromEntries(
    desc.fields.map((field) => {
      const value = values[field.localName];
      if (field.message === undefined || value === undefined) {
        return [field.localName, value];
      }
      const inner = field.message;
      return [
        field.localName,
        field.fieldKind === "list"
          ? (value as Message[]).map((each) => plain(inner, each))
          : plain(inner, value as Message),
      ];
    }),
  );
}

/** A status with details, as another implementation would send it. */
function statusOf(details: readonly { readonly typeUrl: string; readonly value: Uint8Array }[]): Uint8Array {
  const desc = descOf("google.rpc.Status");
  const any = descOf("google.protobuf.Any");
  const status = create(desc) as Message & { code: number; message: string; details: unknown[] };
  status.code = 5;
  status.message = "none";
  status.details = details.map((each) => Object.assign(create(any), each));
  return toBinary(desc, status);
}

function received(bytes: Uint8Array): readonly ErrorDetail[] {
  return detailsOf(new Metadata({ "grpc-status-details-bin": bytes }));
}

/** A message with about half of its top fields. */
function sparse(desc: DescMessage, random: () => number): Message {
  const message = randomMessage(desc, random) as unknown as Record<string, unknown>;
  const dropped = draw(desc.fields, Math.floor(random() * (desc.fields.length + 1)), random);
  const fresh = create(desc) as unknown as Record<string, unknown>;
  for (const { localName } of dropped) {
    message[localName] = fresh[localName];
  }
  return message as unknown as Message;
}

describe("google.rpc agrees with protobuf-es and the real schemas", () => {
  const random = seeded(announceSeed("google.rpc"));

  for (const name of NAMES) {
    const desc = descOf(name);

    test(`${name}: what another encodes is decoded`, () => {
      for (let round = 0; round < 200; round++) {
        const message = sparse(desc, random);
        const bytes = statusOf([{ typeUrl: `type.googleapis.com/${name}`, value: toBinary(desc, message) }]);
        assert.deepEqual(received(bytes), [{ type: name, value: plain(desc, message) }]);
      }
    });

    test(`${name}: what is encoded another decodes`, () => {
      for (let round = 0; round < 200; round++) {
        const value = plain(desc, sparse(desc, random));
        const status = fromBinary(
          descOf("google.rpc.Status"),
          encodeStatus(5, "none", [{ type: name, value } as unknown as ErrorDetailInit]),
        ) as unknown as { code: number; message: string; details: { typeUrl: string; value: Uint8Array }[] };
        assert.deepEqual([status.code, status.message], [5, "none"]);
        const [any] = status.details;
        assert.equal(any?.typeUrl, `type.googleapis.com/${name}`);
        assert.deepEqual(plain(desc, fromBinary(desc, any?.value ?? new Uint8Array())), value);
      }
    });

    test(`${name}: a message in two halves is merged, and fields from the future are skipped`, () => {
      for (let round = 0; round < 50; round++) {
        const future = toBinary(
          descOf("google.rpc.QuotaFailure.Violation"),
          sparse(descOf("google.rpc.QuotaFailure.Violation"), random),
        );
        // Field numbers 100 and up: what is there is no field of any of these messages.
        const skipped = [
          0x82,
          0x07,
          future.length,
          ...future,
          0x88,
          0x07,
          0xff,
          0x01,
          0x93,
          0x07,
          0x94,
          0x07,
          0x9d,
          0x07,
          1,
          2,
          3,
          4,
        ];
        const value = Uint8Array.from([
          ...toBinary(desc, sparse(desc, random)),
          ...(future.length < 128 ? skipped : []),
          ...toBinary(desc, sparse(desc, random)),
        ]);
        assert.deepEqual(received(statusOf([{ typeUrl: `x/${name}`, value }])), [
          { type: name, value: plain(desc, fromBinary(desc, value)) },
        ]);
      }
    });
  }

  test("damaged bytes give fewer details or none, and never an error", () => {
    let lost = 0;
    for (let round = 0; round < 3000; round++) {
      const [name = "google.rpc.Help"] = draw(NAMES, 1, random);
      const bytes = statusOf([{ typeUrl: `x/${name}`, value: toBinary(descOf(name), sparse(descOf(name), random)) }]);
      const damaged = bytes.slice(0, random() < 0.5 ? Math.floor(random() * bytes.length) : bytes.length);
      for (let flip = 0; flip < 3 && damaged.length > 0; flip++) {
        damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      }
      lost += received(damaged).length === 0 ? 1 : 0;
    }
    assert.ok(lost > 100, `${lost} of 3000`);
  });
});

test("damage in one detail leaves the others; a length beyond the end is no message", () => {
  const good = toBinary(descOf("google.rpc.Help"), create(descOf("google.rpc.Help")));
  const bytes = statusOf([
    { typeUrl: "x/google.rpc.ErrorInfo", value: Uint8Array.of(0x0a, 0x7f) },
    { typeUrl: "x/google.rpc.Help", value: good },
  ]);
  assert.deepEqual(received(bytes), [{ type: "google.rpc.Help", value: { links: [] } }]);
  for (const wrong of [[0x0a], [0x1a, 0x05], [0x00], [0x07], [0x0c], [0x0b], [0x80], Array(11).fill(0x80)]) {
    assert.deepEqual(received(Uint8Array.from(wrong)), [], String(wrong));
  }
  assert.deepEqual(new RpcError("ABORTED", "").details, []);
});

test("after a good detail: a field that cannot be makes the whole status none, groups are skipped when they close", () => {
  const good = statusOf([{ typeUrl: "x/google.rpc.Help", value: new Uint8Array() }]);
  const groups = (depth: number): number[] => [...Array(depth).fill(0x2b), ...Array(depth).fill(0x2c)];
  for (const [rest, count] of [
    [[0x28, 0x01], 1],
    [groups(3), 1],
    [groups(1000), 0],
    [[0x2b, 0x34], 0],
    [[0x00, 0x01], 0],
    [[0x2c], 0],
  ] as const) {
    assert.equal(received(Uint8Array.from([...good, ...rest])).length, count, String(rest.slice(0, 8)));
  }
});

test("a message that comes in two pieces is one, and a byte order mark is part of a text", () => {
  const bytes = statusOf([
    { typeUrl: "x/google.rpc.RetryInfo", value: Uint8Array.of(0x0a, 2, 0x08, 7, 0x0a, 2, 0x10, 9) },
    { typeUrl: "x/google.rpc.DebugInfo", value: Uint8Array.of(0x12, 4, 0xef, 0xbb, 0xbf, 0x41) },
  ]);
  assert.deepEqual(
    received(bytes).map(({ value }) => value),
    [{ retryDelay: { seconds: 7n, nanos: 9 } }, { stackEntries: [], detail: "\ufeffA" }],
  );
});

test("a key called __proto__ is a key", () => {
  const value = JSON.parse('{"metadata": {"__proto__": "x", "a": "b"}}') as object;
  const [detail] = received(encodeStatus(2, "", [{ type: "google.rpc.ErrorInfo", value } as ErrorDetailInit]));
  assert.ok(detail?.type === "google.rpc.ErrorInfo");
  assert.deepEqual(Object.entries(detail.value.metadata), [
    ["__proto__", "x"],
    ["a", "b"],
  ]);
  assert.equal(Object.getPrototypeOf(detail.value.metadata), Object.prototype);
});

const sent: readonly ErrorDetailInit[] = [
  {
    type: "google.rpc.BadRequest",
    value: {
      fieldViolations: [{ field: "items[2].sku", description: "no such “sku”", localizedMessage: { locale: "de" } }],
    },
  },
  { type: "google.rpc.ErrorInfo", value: { reason: "NO_SKU", domain: "bookstore", metadata: { sku: "7" } } },
  { type: "acme.Own", value: Uint8Array.of(1, 2, 3) },
  { type: "google.rpc.RetryInfo", value: { retryDelay: { seconds: 1, nanos: 500_000_000 } } },
];

for (const where of ["server", "fake"]) {
  test(`${where}: the details that a handler throws arrive, typed, with every kind of call`, async () => {
    const fail = (): never => {
      throw new RpcError("INVALID_ARGUMENT", "a wrong sku", { details: sent, metadata: { "x-why": "sku" } });
    };
    const implementation = { get: fail, record: fail, watch: fail, chat: fail };
    const served = where === "server" ? await serveNotes(implementation) : undefined;
    const client = served?.client ?? createFake(NoteServiceDefinition, implementation);
    const calls = [
      () => client.get({}),
      () => client.record([]),
      () => collect(client.watch({})),
      () => collect(client.chat([])),
    ];
    for (const call of calls) {
      const error = await caught(call());
      assert.ok(RpcError.is(error));
      assert.equal(error.rawMessage, "a wrong sku");
      assert.equal(error.metadata.get("x-why"), "sku");
      assert.deepEqual(
        error.details.map(({ type }) => type),
        ["google.rpc.BadRequest", "google.rpc.ErrorInfo", "type.googleapis.com/acme.Own", "google.rpc.RetryInfo"],
      );
      const [first] = error.details;
      assert.ok(first?.type === "google.rpc.BadRequest");
      assert.deepEqual(first.value.fieldViolations[0], {
        field: "items[2].sku",
        description: "no such “sku”",
        reason: "",
        localizedMessage: { locale: "de", message: "" },
      });
      const reason: string | undefined = error.detail("google.rpc.ErrorInfo")?.reason;
      assert.equal(reason, "NO_SKU");
      const bytes: Uint8Array | undefined = error.detail("acme.Own");
      assert.deepEqual(bytes, Uint8Array.of(1, 2, 3));
      assert.equal(error.detail("type.googleapis.com/acme.Own"), bytes);
      assert.deepEqual(error.detail("google.rpc.RetryInfo")?.retryDelay, { seconds: 1n, nanos: 500_000_000 });
      assert.equal(error.detail("google.rpc.Help"), undefined);
      // A server that passes an error on sends the same details.
      assert.deepEqual(new RpcError("ABORTED", "", { details: error.details }).details, error.details);
    }
    await served?.[Symbol.asyncDispose]();
  });
}

test("details that cannot be sent are a TypeError where they are made", () => {
  const make = (detail: unknown) => (): RpcError =>
    new RpcError("ABORTED", "", { details: [detail as ErrorDetailInit] });
  const wrong: readonly [unknown, RegExp][] = [
    [{ type: "google.rpc.ErrorInfo", value: { reson: "X" } }, /google\.rpc\.ErrorInfo has no option "reson".*"reason"/],
    [{ type: "google.rpc.ErrorInfo", value: { reason: 5 } }, /ErrorInfo\.reason must be a string, not number/],
    [{ type: "google.rpc.ErrorInfo", value: { metadata: { a: 1 } } }, /ErrorInfo\.metadata\.value must be a string/],
    [
      { type: "google.rpc.RetryInfo", value: { retryDelay: 5 } },
      /RetryInfo\.retryDelay must be a message .*not number/,
    ],
    [
      { type: "google.rpc.RetryInfo", value: { retryDelay: { seconds: 1.5 } } },
      /seconds must be an integer of 64 bits/,
    ],
    [
      { type: "google.rpc.RetryInfo", value: { retryDelay: { nanos: 2 ** 31 } } },
      /nanos must be an integer of 32 bits/,
    ],
    [{ type: "google.rpc.Help", value: { links: [{}, null] } }, /Help\.links\[1\] must be a message .*not null/],
    [{ type: "acme.Own", value: { a: 1 } }, /acme\.Own must be given as bytes/],
  ];
  for (const [detail, message] of wrong) {
    assert.throws(make(detail), { name: "TypeError", message }, String(message));
  }
});

test("a status that would break the connection is cut, and the other calls on it go on", async () => {
  const text = "\u{1f600}".repeat(50_000);
  const info = { type: "google.rpc.ErrorInfo", value: { reason: "TOO_MUCH" } } as const;
  const debug = (length: number): ErrorDetailInit => ({
    type: "google.rpc.DebugInfo",
    value: { detail: "d".repeat(length) },
  });
  const began: string[] = [];
  await using served = await serveNotes({
    get({ count }) {
      throw new RpcError("ABORTED", text, { details: [info, debug(count)] });
    },
    async *watch(_, { signal }) {
      began.push("watch");
      yield {};
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const other = served.client.watch({})[Symbol.asyncIterator]();
  await other.next();
  for (const [length, kept] of [
    [3_000, 2],
    [100_000, 1],
  ] as const) {
    const error = (await caught(served.client.get({ count: length }))) as RpcError;
    assert.deepEqual([error.codeName, error.details.length], ["ABORTED", kept]);
    assert.equal(error.detail("google.rpc.ErrorInfo")?.reason, "TOO_MUCH");
    assert.match(error.rawMessage, /^(\u{1f600}){2047}\ufffd?…$/u);
  }
  assert.equal(
    await Promise.race([other.next(), new Promise((resolve) => setImmediate(resolve, "goes on"))]),
    "goes on",
  );
  await other.return?.();
});

test("an error of another copy of the package is read, and sent by a handler, as one of ours", async () => {
  // Its sources are a copy of their own.
  const other = await import("../packages/rpc/src/rpc-error.ts");
  const foreign = new other.RpcError("ABORTED", "x", { details: sent, attempts: 3, elapsed: 4210, hint: "none" });
  assert.equal(foreign instanceof RpcError, false);
  const fake = createFake(NoteServiceDefinition, {
    get: () => {
      throw foreign;
    },
  });
  const error = (await caught(fake.get({}))) as RpcError;
  for (const each of [foreign as unknown, error]) {
    assert.ok(RpcError.is(each));
    assert.equal(each.detail("google.rpc.ErrorInfo")?.reason, "NO_SKU");
    assert.equal(each.details.length, sent.length);
  }
  assert.deepEqual([foreign.attempts, foreign.elapsed, foreign.hint], [3, 4210, "none"]);
});

test("the message says method, address, code, text, a hint, tries and time", () => {
  const init = { method: "a.B/C", target: "http://x:1", hint: "it sleeps", attempts: 3, elapsed: 4210 };
  assert.equal(
    new RpcError("UNAVAILABLE", "busy.", init).message,
    "a.B/C at http://x:1: UNAVAILABLE: busy. Likely: it sleeps (3 tries, 4.2 s)",
  );
  assert.equal(new RpcError("UNAVAILABLE", "", { elapsed: 12.4 }).message, "UNAVAILABLE (12 ms)");
  assert.equal(new RpcError("NOT_FOUND", "no book 7.").message, "NOT_FOUND: no book 7.");
  assert.equal(
    new RpcError("NOT_FOUND", "x", { target: "in memory", attempts: 2 }).message,
    "in memory: NOT_FOUND: x (2 tries)",
  );
  const error = new RpcError("NOT_FOUND", "x");
  assert.deepEqual([error.attempts, error.elapsed, error.hint], [1, undefined, undefined]);
});
