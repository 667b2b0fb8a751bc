import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { loadSchemas } from "../scripts/commands/load-schemas.ts";
import { openWorkspace } from "../scripts/commands/workspace.ts";
import { parseBridgeFile } from "../scripts/core/bridge-file.ts";
import { exportedNames } from "../scripts/core/bridge-holes.ts";
import { type BridgePlan, planBridge } from "../scripts/core/bridge-plan.ts";
import { type Finding, FindingsError } from "../scripts/core/finding.ts";
import type { Generator } from "../scripts/core/sources.ts";
import { charter } from "./support/cli.ts";
import { snapshot, temporaryFolder, writeTree } from "./support/tree.ts";

const V1 = `syntax = "proto2";
package acme.shop.v1;
message Item {
  required string item_id = 1;
  optional string name = 2;
  optional string added = 3;
  repeated Item parts = 4;
  optional Kind kind = 5;
}
enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_BOOK = 1;
}
message Request {}
service ShopService {
  rpc GetItem(Request) returns (Item);
}
`;
const V2 = V1.replaceAll("acme.shop.v1", "acme.shop.v2").replace("string name = 2", "string title = 2");

/** Of v4 ItemPart.size and Item.part_size ask for one name; a field has that of a parameter. */
const V3 = V1.replaceAll("acme.shop.v1", "acme.shop.v3").concat("message ItemPart {\n  optional string from = 2;\n}\n");
const V4 = V3.replaceAll("acme.shop.v3", "acme.shop.v4")
  .replace("optional Kind kind = 5;", "optional Kind kind = 5;\n  optional bool part_size = 6;")
  .replace("string from = 2;", "string from = 2;\n  optional int64 size = 3;");

const HEAD = "old: acme.shop.v1\nnow: acme.shop.v2\n";

/** What is in bridge.yaml behind the head → the findings, with their lines. */
const FILES: readonly (readonly [name: string, text: string, expected: readonly string[]])[] = [
  ["nothing said", "", []],
  ["no YAML", "fields: {", ["bridge-syntax:3"]],
  [
    "the marks of a merge",
    "<<<<<<< ours\nfields: {}\n=======\n>>>>>>> theirs\n",
    ["bridge-syntax:3", "bridge-syntax:5", "bridge-syntax:5"],
  ],
  ["a key twice", "fields: {}\nfields: {}\n", ["bridge-syntax:4"]],
  ["a mapping twice", "fields:\n  Item.name: title\n  Item.name: added\n", ["bridge-syntax:5"]],
  ["a key that is not known", "feilds: {}\n", ["bridge-key-unknown:3"]],
  ["a list in a map's place", "fields: [Item.name]\n", ["bridge-form:3"]],
  ["a number in a name's place", "fields:\n  Item.name: 7\n", ["bridge-form:4"]],
  ["a loss without a reason", "losses:\n  - path: v1.Item.name\n", ["bridge-form:4"]],
  [
    "a loss twice",
    "losses:\n  - { path: v1.Item.name, reason: a }\n  - { path: v1.Item.name, reason: b }\n",
    ["bridge-loss-twice:5"],
  ],
  ["a loss of nothing", "losses:\n  - { path: v1.Item.nmae, reason: a }\n", ["bridge-path-absent:4"]],
  ["a loss without a version", "losses:\n  - { path: Item.name, reason: a }\n", ["bridge-path-absent:4"]],
  ["a loss of what is required", "losses:\n  - { path: v1.Item.item_id, reason: a }\n", ["bridge-loss-required:4"]],
  ["a field that is not there", "fields:\n  Item.nmae: title\n", ["bridge-name-absent:4"]],
  ["a target that is not there", "fields:\n  Item.name: titel\n", ["bridge-name-absent:4"]],
  ["a message that is not there", "types:\n  Itme: Item\n", ["bridge-name-absent:4"]],
  ["a message for an enum", "types:\n  Item: Kind\n", ["bridge-name-absent:4"]],
  ["a value that is not there", "values:\n  Kind.KIND_BOKO: KIND_BOOK\n", ["bridge-name-absent:4"]],
  ["a value's target that is not there", "values:\n  Kind.KIND_BOOK: KIND_BOKO\n", ["bridge-name-absent:4"]],
  ["a method that is not there", "methods:\n  ShopService.GetItme: GetItem\n", ["bridge-name-absent:4"]],
  ["a method without its service", "methods:\n  GetItem: GetItem\n", ["bridge-name-absent:4"]],
  ["a format of nothing", "formats:\n  v1.Item.addde: rfc3339\n", ["bridge-path-absent:4"]],
  ["a format that is not known", "formats:\n  v1.Item.added: iso\n", ["bridge-format-unknown:4"]],
  [
    "all of it at once",
    "fields:\n  Item.nmae: title\nformats:\n  v1.Item.added: iso\nlosses:\n  - { path: v1.Item.x, reason: a }\n",
    ["bridge-name-absent:4", "bridge-path-absent:8", "bridge-format-unknown:6"],
  ],
];

describe("bad input of a bridge", () => {
  const folder = temporaryFolder();
  const root = join(folder.path, "root");
  let generator: Generator;
  before(async () => {
    writeTree(root, {
      "buf.yaml": "version: v2\n",
      "charter.yaml": 'scope: "@acme"\n',
      "acme/shop/v1/shop.proto": V1,
      "acme/shop/v2/shop.proto": V2,
      "acme/shop/v3/shop.proto": V3,
      "acme/shop/v4/shop.proto": V4,
    });
    ({ generator } = await loadSchemas(await openWorkspace({ root })));
  });
  after(() => folder[Symbol.dispose]());

  const plan = (text: string, holes = ""): BridgePlan => {
    const named = parseBridgeFile(text, "bridge.yaml");
    const [old, now] = [named.old, named.now].map((name) =>
      generator.packages.find(({ protoPackage }) => protoPackage === name),
    );
    assert.ok(old !== undefined && now !== undefined);
    return planBridge(old, now, named, exportedNames(holes), generator.nameOf);
  };

  const findingsOf = (text: string): readonly Finding[] => {
    try {
      return plan(text).findings;
    } catch (error) {
      if (!(error instanceof FindingsError)) throw error;
      return error.findings;
    }
  };

  for (const [name, text, expected] of FILES) {
    test(`${name}: ${expected.length === 0 ? "fine" : expected.join(", ")}`, () => {
      const found = findingsOf(HEAD + text).map(({ code, position }) => `${code}:${position?.line}`);
      assert.deepEqual(found, expected);
    });
  }

  test("no old and no now", () => {
    assert.deepEqual(
      findingsOf("fields: {}\n").map(({ code, args }) => [code, args["key"]]),
      [
        ["bridge-form", "old"],
        ["bridge-form", "now"],
      ],
    );
  });

  test("two holes never share a name", () => {
    const names = plan("old: acme.shop.v3\nnow: acme.shop.v4\n").holes.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, names.join(" "));
    assert.deepEqual(names.filter((name) => name.toLowerCase().includes("size")).sort(), [
      "itemPartSizeToV4",
      "itemPartToV4_size",
    ]);
  });

  test("what a file of holes exports is read whatever it looks like", () => {
    const text = `import { x } from "y";
// export const commented = 1;
/* export const out = 2; */
export const a: open.A = (from) => "export const no = 1;";
export function b() {}
export async function c() {}
export async function* d() {}
export function* e() {}
const f = 1;
export { f, a as g };
export type H = string;
`;
    assert.deepEqual([...exportedNames(text)].sort(), ["a", "b", "c", "d", "e", "f", "g"]);
  });

  test("a hole that is filled goes before what could be made, and says so by its type", () => {
    const [name] = plan(`${HEAD}fields: { Item.name: title }\n`).holes.map((hole) => hole.name);
    assert.equal(name, undefined);
    const written = plan(`${HEAD}fields: { Item.name: title }\n`, "export const itemTitleToV2 = 1;");
    assert.deepEqual(
      written.holes.map((hole) => [hole.name, hole.path, hole.filled]),
      [["itemTitleToV2", "v2.Item.title", true]],
    );
  });

  test("what may be meant is asked, and no longer when it is answered", () => {
    assert.deepEqual(plan(HEAD).suggestions, ["Item.name: title"]);
    assert.deepEqual(plan(`${HEAD}fields: { Item.name: title }\n`).suggestions, []);
  });

  const usages: readonly (readonly [args: string, code: string])[] = [
    ["acme.shpo v1 v2", "api-unknown"],
    ["acme.shop v1 v9", "version-unknown"],
    ["acme.shop v1 v1", "versions-same"],
    ["acme.shop v1", "bridge-versions"],
    ["acme.shop v1 v2 v3", "option-usage"],
    ["--verify --count some", "option-number"],
    ["--seed 7", "bridge-verify-missing"],
    ["", "bridge-none"],
  ];
  test("usage: each mistake has its finding, and nothing is written", async () => {
    const before = snapshot(root);
    await Promise.all(
      usages.map(async ([args, code]) => {
        const { status, stderr } = await charter([
          "bridge",
          ...args.split(" ").filter((each) => each !== ""),
          "--root",
          root,
        ]);
        assert.equal(status, 2, stderr);
        assert.ok(stderr.includes(`[${code}]`), `${args}: ${stderr}`);
      }),
    );
    assert.deepEqual(snapshot(root), before);
  });

  test("a file of holes in the middle of a merge, a hole that closed, a folder that is somebody's, a type that is wrong", async () => {
    const out = join(folder.path, "out");
    const run = (...args: string[]) => charter([...args, "--root", root, "--out", out]);
    writeTree(out, { "shop-bridge/mine.txt": "mine" });
    const taken = await run("bridge", "acme.shop", "v1", "v2");
    assert.equal(taken.status, 2);
    assert.match(taken.stderr, /\[folder-not-ours\]/);
    const second = join(folder.path, "second");
    const again = (...args: string[]) => charter([...args, "--root", root, "--out", second]);
    assert.equal((await again("bridge", "acme.shop", "v1", "v2")).status, 1);
    writeTree(second, { "shop-bridge/src/holes.ts": "export const a = 1;\n<<<<<<< ours\n=======\n>>>>>>> theirs\n" });
    const merge = await again("bridge");
    assert.match(merge.stderr, /shop-bridge\/src\/holes\.ts:2:1.*\[bridge-conflict\]/);
    writeTree(second, { "shop-bridge/src/holes.ts": "export const gone = 1;\n" });
    const closed = await again("bridge");
    assert.equal(closed.status, 1);
    assert.match(closed.stderr, /`gone`.*\[bridge-hole-closed\]/);
    assert.match(closed.stdout, /export const itemTitleToV2: open\.ItemTitleToV2 = \(from\) => …;/);
    writeTree(second, {
      "shop-bridge/src/holes.ts":
        'import type * as open from "./gen/holes.ts";\nexport const itemTitleToV2: open.ItemTitleToV2 = () => 7;\nexport const itemNameToV1 = (): string => "";\n',
    });
    assert.equal((await again("bridge")).status, 0);
    assert.equal((await again("generate")).status, 0);
    const built = await again("build");
    assert.equal(built.status, 1);
    assert.match(built.stderr, /shop-bridge\/src\/holes\.ts:2:\d+: Type 'number' is not assignable/);
  });
});
