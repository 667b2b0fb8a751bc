import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { nestedTypes, reflect } from "@bufbuild/protobuf/reflect";
import { jsonText } from "../scripts/core/bridge-compare.ts";
import { checkGolden, goldenText, parseGolden, recordGolden } from "../scripts/core/bridge-golden.ts";
import { proveBridge } from "../scripts/core/bridge-proof.ts";
import type { ProofPair } from "../scripts/core/bridge-proof-report.ts";
import { shrinkMessage } from "../scripts/core/bridge-shrink.ts";
import type { FindingsError } from "../scripts/core/finding.ts";
import { type Image, readImage } from "../scripts/core/image.ts";
import { renderGolden } from "../scripts/core/render-proof.ts";
import { readBridge, readGolden, writeGolden } from "../scripts/io/bridge-package.ts";
import { itemPairs, itemsImage } from "./support/bridge-items.ts";
import { PACKAGES } from "./support/packages.ts";
import { announceSeed } from "./support/random.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const SEED = announceSeed("bridge package");

let image: Image;
let item: DescMessage;

before(async () => {
  image = await itemsImage();
  const found = image.registry.getMessage("shop.items.v1.Item");
  assert.ok(found !== undefined);
  item = found;
});

interface MessageFns {
  readonly $type: string;
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

test("what is drawn is what the generated clients can hold", async () => {
  const pairs: ProofPair[] = [];
  for (const folder of ["catalog-v1", "catalog-v2", "orders-v2", "recommendations-v1", "recommendations-v2"]) {
    const { files } = readImage(readFileSync(join(PACKAGES, folder, "schema.binpb")));
    const client: Record<string, Partial<MessageFns>> = await import(join(PACKAGES, folder, "dist", "index.js"));
    const codecs = new Map(Object.values(client).map((each) => [each.$type, each as MessageFns]));
    for (const desc of files.flatMap((file) => [...nestedTypes(file)])) {
      if (desc.kind !== "message") continue;
      const codec = codecs.get(desc.typeName);
      if (codec === undefined) continue;
      const again = (bytes: Uint8Array): Uint8Array => codec.encode(codec.decode(bytes)).finish();
      pairs.push({ old: desc, now: desc, toNew: again, toOld: (bytes) => bytes });
    }
  }
  assert.ok(pairs.length > 60, `${pairs.length} types`);
  assert.deepEqual(proveBridge({ pairs, losses: [], seed: SEED, count: 60 }).findings, []);
});

describe("a failing message is shrunk", () => {
  const large = {
    id: "Some Text with 😀",
    pages: -7,
    cents: 2n ** 62n + 12_345n,
    score: Number.MAX_VALUE,
    weight: Number.NEGATIVE_INFINITY,
    cover: Uint8Array.of(9, 8, 7, 6),
    subtitle: "xyz",
    states: [2, 1, 3, 0],
    tags: ["one", "two", "three", "four"],
    stock: { left: 3, right: -4 },
    notes: { a: [1, { b: "c" }], d: null },
    parts: [{ name: "p", parts: [{ name: "q", parts: [] }] }],
    key: { case: "number", value: -5n },
  };
  type Large = typeof large;
  const rows: readonly (readonly [name: string, fails: (message: Large) => boolean, smallest: object])[] = [
    ["to nothing", () => true, {}],
    ["to a limit of an int64", ({ cents }) => cents > 2n ** 40n, { cents: String(2n ** 40n + 1n) }],
    ["to a negative number", ({ pages }) => pages < 0, { pages: -1 }],
    ["to the letter that matters", ({ id }) => id.includes("😀"), { id: "😀" }],
    ["to a length", ({ id }) => [...id].length >= 5, { id: "aaaaa" }],
    ["to a limit of a double", ({ score }) => score >= 1e300, { score: 1e300 }],
    ["to a float that is no number", ({ weight }) => !Number.isFinite(weight), { weight: "Infinity" }],
    ["to one element", ({ tags }) => tags.some((tag) => tag.length === 3), { tags: ["aaa"] }],
    ["to a value of an enum", ({ states }) => states.some((state) => state > 0), { states: ["STATE_NEW"] }],
    ["to one entry", ({ stock }) => Object.keys(stock).some((key) => key.length > 0), { stock: { a: 0 } }],
    ["to a field with presence", ({ subtitle }) => typeof subtitle === "string", { subtitle: "" }],
    ["to bytes", ({ cover }) => cover.length > 1, { cover: "AAA=" }],
    [
      "to a deep message",
      ({ parts }) => parts.some(({ parts: inner }) => inner.length > 0),
      { parts: [{ parts: [{}] }] },
    ],
    ["to a member of a oneof", ({ key }) => key.case === "number", { number: "0" }],
    ["to a Struct", ({ notes }) => notes !== undefined && "d" in notes, { notes: { d: null } }],
    ["to two fields", ({ pages, cents }) => pages !== 0 && cents !== 0n, { pages: 1, cents: "1" }],
  ];
  for (const [name, fails, smallest] of rows) {
    test(name, () => {
      const bytes = toBinary(item, create(item, large as never));
      const shrunk = shrinkMessage(item, bytes, (each) => fails(fromBinary(item, each) as unknown as Large));
      const actual = JSON.parse(jsonText(reflect(item, fromBinary(item, shrunk))));
      if (name === "to a limit of a double") assert.ok(actual.score >= 1e300 && actual.score < 1.01e300, actual.score);
      else assert.deepEqual(actual, smallest);
    });
  }
});

describe("golden messages", () => {
  const how = { seed: 3, each: 2 };

  test("are recorded once, and convert to the same bytes", () => {
    const pairs = itemPairs(image);
    const golden = recordGolden(pairs, [], how);
    assert.equal(golden.length, 8);
    assert.deepEqual(parseGolden(goldenText(golden)), golden);
    assert.deepEqual(checkGolden(pairs, golden), []);
    assert.deepEqual(recordGolden(pairs, golden, { seed: 4, each: 5 }), golden);
    const items = golden.filter(({ from }) => from.endsWith(".Item"));
    assert.deepEqual(recordGolden(pairs, items, how).slice(0, 4), items);
    assert.equal(recordGolden(pairs, items, how).length, 8);
  });

  test("say what converts otherwise, with both as JSON", () => {
    const golden = recordGolden(itemPairs(image), [], { seed: 3, each: 6 });
    const changed = itemPairs(image, {
      toNew: (made) => {
        made.pages += made.pages > 0 ? -1 : 0;
      },
    });
    const findings = checkGolden(changed, golden);
    assert.ok(findings.length > 0);
    for (const found of findings) {
      assert.ok(found.kind === "golden-changed");
      assert.equal(found.path, "v2.Item.pages");
      assert.notEqual(found.before, found.after);
    }
    const text = renderGolden(findings, "golden.json");
    assert.match(text, /^golden\.json, message \d+: v2\.Item\.pages is not what shop\.items\.v1\./);
  });

  test("say what is refused now, what is missing and what is left over", () => {
    const [response, ...rest] = itemPairs(image, {
      toOld: () => {
        throw new Error("not today");
      },
    });
    const golden = recordGolden(itemPairs(image), [], how);
    const kinds = (pairs: readonly ProofPair[], some = golden): readonly string[] => [
      ...new Set(checkGolden(pairs, some).map(({ kind }) => kind)),
    ];
    assert.deepEqual(kinds(rest), ["golden-threw", "golden-stray"]);
    assert.ok(response !== undefined);
    assert.deepEqual(kinds(itemPairs(image), golden.slice(0, 4)), ["golden-missing"]);
    assert.match(renderGolden(checkGolden(rest, golden), "golden.json"), /refuses what it took before: not today$/m);
  });

  test("are shown as bytes where they are no message", () => {
    const [first] = recordGolden(itemPairs(image), [], how);
    assert.ok(first !== undefined);
    const [found] = checkGolden(itemPairs(image), [{ ...first, becomes: "/////w==" }]);
    assert.ok(found?.kind === "golden-changed");
    assert.deepEqual([found.path, found.before], ["v2.GetItemResponse", '{"$bytes":"/////w=="}']);
  });

  for (const [text, reason] of [
    ["{", /JSON/],
    ["{}", /it is no list/],
    ['[{"from":"a","to":"b","message":"AA=="}]', /message 1 has no "becomes"/],
    ['[{"from":"a","to":"b","message":"?","becomes":""}]', /base64/],
  ] as const) {
    test(`are refused as ${text}`, () => {
      const found = parseGolden(text);
      assert.ok("kind" in found);
      assert.match(found.reason, reason);
      assert.match(renderGolden([found], "golden.json"), /^golden\.json is no file of golden messages: /);
    });
  }
});

describe("a built package of a bridge", () => {
  const CODE = `import { GetOrderRequest as old } from "@bookstore/orders-v1";
import { GetOrderRequest as now } from "@bookstore/orders-v2";
const same = ({ orderId }) => ({ orderId });
export const messages = [{ old, now, toNew: same, toOld: same }];
export const losses = [
  { path: "v1.OrdersService.GetOrderStatus", reason: "an rpc" },
  { path: "v1.GetOrderRequest.order_id", reason: "never" },
];
`;
  const NAMES = ["@bookstore/rpc", "@bookstore/orders-v1", "@bookstore/orders-v2"];

  function bridgeIn(folder: string, dependencies: readonly string[]): void {
    const named = Object.fromEntries(dependencies.map((name) => [name, "^1.0.0"]));
    writeTree(folder, {
      "package.json": JSON.stringify({ type: "module", dependencies: named }),
      "dist/index.js": CODE,
    });
    mkdirSync(join(folder, "node_modules", "@bookstore"), { recursive: true });
    for (const name of NAMES) symlinkSync(join(PACKAGES, name.slice(11)), join(folder, "node_modules", name));
  }

  test("gives its pairs and losses, and keeps its golden messages", async () => {
    using folder = temporaryFolder();
    bridgeIn(folder.path, NAMES);
    const { pairs, losses } = await readBridge(folder.path);
    assert.deepEqual(
      pairs.map(({ old, now }) => [old.typeName, now.typeName]),
      [["bookstore.orders.v1.GetOrderRequest", "bookstore.orders.v2.GetOrderRequest"]],
    );
    const { findings } = proveBridge({ pairs, losses, seed: SEED, count: 50 });
    assert.deepEqual(
      findings.map(({ kind, path }) => [kind, path]),
      [["loss-never-happens", "v1.GetOrderRequest.order_id"]],
    );
    assert.deepEqual(await readGolden(folder.path), []);
    const golden = recordGolden(pairs, [], { seed: 1, each: 3 });
    await writeGolden(folder.path, golden);
    assert.deepEqual(await readGolden(folder.path), golden);
    writeFileSync(join(folder.path, "golden.json"), "no");
    assert.ok("kind" in (await readGolden(folder.path)));
  });

  const fails = async (folder: string, code: string): Promise<void> => {
    await assert.rejects(readBridge(folder), (error: FindingsError) => {
      assert.deepEqual([error.findings.map((each) => each.code), error.exitCode], [[code], 2]);
      return true;
    });
  };

  test("is refused when it is not built, exports nothing, or depends on no client", async () => {
    using folder = temporaryFolder();
    await fails(folder.path, "bridge-not-built");
    writeTree(folder.path, { "bare/package.json": '{"type":"module"}', "bare/dist/index.js": "export {};\n" });
    await fails(join(folder.path, "bare"), "bridge-not-built");
    bridgeIn(join(folder.path, "alone"), ["@bookstore/rpc", "absent"]);
    await fails(join(folder.path, "alone"), "bridge-type-absent");
  });
});
