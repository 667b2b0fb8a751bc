import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import ts from "typescript-5";
import { charter } from "./support/cli.ts";
import { linkPackages } from "./support/link.ts";
import { schema } from "./support/refusal.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

/** A version that is to go as a whole, the one that follows, and one in which single elements are to go. */
const TREE: Readonly<Record<string, string>> = {
  "buf.yaml": "version: v2\n",
  "old.proto": schema(
    "acme.shop.v1",
    `option deprecated = true;
message Item { string id = 1; message Part { string id = 1; } enum Size { SIZE_UNSPECIFIED = 0; } }
enum Colour { COLOUR_UNSPECIFIED = 0; }
service ShopService { rpc GetItem(Item) returns (Item); }
`,
  ),
  "new.proto": schema("acme.shop.v2", "message Item { string id = 1; }\n"),
  "beta.proto": schema("acme.shop.v3beta1", "message Item { string id = 1; }\n"),
  "single.proto": schema(
    "acme.single.v1",
    `message Old { option deprecated = true; string id = 1; }
enum Kind { option deprecated = true; KIND_UNSPECIFIED = 0; }
enum Mood { MOOD_UNSPECIFIED = 0; MOOD_GONE = 1 [deprecated = true]; }
message Item {
  string id = 1;
  string gone = 2 [deprecated = true];
  oneof way { string road = 3; string canal = 4 [deprecated = true]; }
  oneof other { string canals = 5; }
}
service ItemService { rpc Get(Item) returns (Item); rpc Drop(Item) returns (Item) { option deprecated = true; } }
service GoneService { option deprecated = true; rpc Get(Item) returns (Item); }
`,
  ),
};

/** Each use of what is deprecated has a mark, and no other has. Imports on one line are told of one by one. */
const CONSUMER = `import { createShopClient, type ShopClient } from "@acme/shop-v1"; // deprecated 2
import { Item, type Item_Part, Item_Size, Colour } from "@acme/shop-v1"; // deprecated 4
import { implementShop, type ShopImplementation } from "@acme/shop-v1/server"; // deprecated 2
import { createShopFake, type ShopFake } from "@acme/shop-v1/testing"; // deprecated 2
import { createItemClient, type Kind, Mood, type Item as Single, type Old } from "@acme/single-v1"; // deprecated 2
import { createGoneClient } from "@acme/single-v1"; // deprecated 1
import { createItemFake } from "@acme/single-v1/testing";

export type All = [ShopClient, Item, Item_Part, Item_Size, Colour, ShopImplementation, ShopFake, Kind, Old]; // deprecated 9
export const client = createShopClient("http://localhost:1"); // deprecated 1
export const implemented = implementShop({}); // deprecated 1
export const faked = createShopFake(); // deprecated 1
export const gone = createGoneClient("http://localhost:1"); // deprecated 1
export const codec = Item.fromPartial({}); // deprecated 1
export const mood = [
  Mood.UNSPECIFIED,
  Mood.GONE, // deprecated 1
];

export async function read(item: Single): Promise<string> {
  const single = createItemClient("http://localhost:1");
  await single.get({ id: item.id });
  await single.drop({ id: item.id }); // deprecated 1
  await createItemFake({ drop: () => ({}) }).drop({}); // deprecated 1
  if (item.way?.$case === "road") return item.way.value;
  if (item.way?.$case === "canal") return item.way.value; // deprecated 1
  if (item.other?.$case === "canals") return item.other.value;
  return item.gone; // deprecated 1
}
`;

describe("what a schema calls deprecated", () => {
  const folder = temporaryFolder();
  const at = (path: string): string => join(folder.path, path);

  before(async () => {
    writeTree(at("root"), TREE);
    for (const command of ["generate", "build"]) {
      const result = await charter([command, "--root", at("root"), "--scope", "@acme", "--out", at("out")]);
      assert.equal(result.status, 0, `charter ${command}: ${result.stderr}`);
    }
    linkPackages(at("out"));
    writeTree(at("out"), { "consumer.ts": CONSUMER, "package.json": '{ "type": "module" }\n' });
  });
  after(() => folder[Symbol.dispose]());

  test("is crossed out in an editor wherever it is used, and nothing else is", () => {
    const file = at("out/consumer.ts");
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      strict: true,
      types: ["node"],
    };
    const service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [file],
      getScriptVersion: () => "1",
      getScriptSnapshot: (name) => {
        const text = ts.sys.readFile(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => at("out"),
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
    assert.deepEqual(
      service.getSemanticDiagnostics(file).map(({ messageText }) => messageText),
      [],
    );
    const found = new Map<number, number>();
    for (const { start, reportsDeprecated } of service.getSuggestionDiagnostics(file)) {
      if (reportsDeprecated === undefined) continue;
      const line = CONSUMER.slice(0, start).split("\n").length;
      found.set(line, (found.get(line) ?? 0) + 1);
    }
    CONSUMER.split("\n").forEach((line, index) => {
      const expected = Number(/ \/\/ deprecated (\d)/.exec(line)?.[1] ?? 0);
      assert.equal(found.get(index + 1) ?? 0, expected, line);
    });
  });

  test("is told in the README, with the version to take instead", () => {
    const readme = (name: string): string => readFileSync(at(`out/${name}/README.md`), "utf8");
    assert.match(
      readme("shop-v1"),
      /^> \*\*Deprecated:\*\* `acme\.shop\.v1` is on its way out\. Use `@acme\/shop-v2`\.$/m,
    );
    assert.match(readme("single-v1"), /^\| `drop` \|.*\| \*\*Deprecated\.\*\*/m);
    assert.match(readme("single-v1"), /^## Methods of `GoneClient`\n\n\*\*Deprecated\.\*\*\n/m);
    for (const name of ["single-v1", "shop-v2", "shop-v3beta1"]) assert.doesNotMatch(readme(name), /\*\*Deprecated:/);
  });

  test("as a whole file is a minor, told of each type in it", async () => {
    const old = TREE["old.proto"] ?? "";
    writeTree(at("before"), {
      "buf.yaml": "version: v2\n",
      "old.proto": old.replace("option deprecated = true;\n", ""),
    });
    writeTree(at("after"), { "buf.yaml": "version: v2\n", "old.proto": old });
    const flags = ["--root", at("after"), "--scope", "@acme", "--against", at("before"), "--format", "json"];
    const { stdout } = await charter(["diff", ...flags]);
    const { bump, packages } = JSON.parse(stdout) as { bump: string; packages: { changes: { rule: string }[] }[] };
    assert.equal(bump, "minor");
    const types = packages.flatMap(({ changes }) => changes.map((change) => change.rule.replace("-deprecated", "")));
    assert.deepEqual(types.sort(), ["enum", "enum", "message", "message", "service"]);
  });
});
