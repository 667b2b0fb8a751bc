import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { charter, REPOSITORY } from "./support/cli.ts";
import { diffReport } from "./support/diff.ts";
import { refusals } from "./support/json-schema.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const V1 = `syntax = "proto3";
package acme.shop.v1;
message Item {
  string name = 1;
  Price price = 2;
  map<string, Price> prices = 3;
}
message Price {
  int64 cents = 1;
}
service ShopService {
  rpc GetItem(Item) returns (Item);
  rpc ListItems(Item) returns (Item);
}
`;

/** The field that was renamed, the message and the rpc that are gone, and nothing that only has another version. */
const V2 = V1.replaceAll("acme.shop.v1", "acme.shop.v2")
  .replace("string name = 1", "string title = 1")
  .replace("  rpc ListItems(Item) returns (Item);\n", "");

describe("charter diff --from --to", () => {
  const folder = temporaryFolder();
  before(() =>
    writeTree(folder.path, {
      "buf.yaml": "version: v2\n",
      "acme/shop/v1/shop.proto": V1,
      "acme/shop/v2/shop.proto": V2,
      "acme/shop/v3/shop.proto": V1.replaceAll("acme.shop.v1", "acme.shop.v3"),
      "acme/shop/v4/shop.proto": V1.replaceAll("acme.shop.v1", "acme.shop.v4")
        .replace("string name = 1", "string title = 9")
        .replace("GetItem(", "FetchItem("),
      "packages/shop-bridge/package.json": JSON.stringify({
        charter: { bridge: { old: "acme.shop.v1", now: "acme.shop.v4" } },
      }),
      "packages/shop-bridge/bridge.yaml":
        "old: acme.shop.v1\nnow: acme.shop.v4\nfields: { Item.name: title }\nmethods: { ShopService.GetItem: FetchItem }\n",
    }),
  );
  after(() => folder[Symbol.dispose]());

  test("tells what changed, and not that the version did", async () => {
    const report = await diffReport(
      ["--from", "acme.shop.v1", "--to", "acme.shop.v2", "--scope", "@acme"],
      folder.path,
    );
    const schema = JSON.parse(readFileSync(join(REPOSITORY, "docs", "diff.schema.json"), "utf8"));
    assert.deepEqual(refusals(schema, report), []);
    const [only] = report.packages;
    assert.deepEqual([report.packages.length, only?.package, only?.baseline.from], [1, "acme.shop.v2", "acme.shop.v1"]);
    assert.deepEqual(
      only?.changes.map(({ rule, path, position }) => [rule, path, position?.file]),
      [
        ["rpc-removed", "acme.shop.v1.ShopService.ListItems", "acme/shop/v1/shop.proto"],
        ["field-renamed", "acme.shop.v1.Item.name", "acme/shop/v2/shop.proto"],
      ],
    );
  });

  test("what a bridge's file pairs is not gone and new", async () => {
    const report = await diffReport(["--from", "acme.shop.v1", "--to", "acme.shop.v4"], folder.path);
    assert.deepEqual(
      report.packages[0]?.changes.map(({ rule, path }) => [rule, path]),
      [
        ["field-number-changed", "acme.shop.v1.Item.name"],
        ["field-renamed", "acme.shop.v1.Item.name"],
        ["rpc-renamed", "acme.shop.v1.ShopService.GetItem"],
      ],
    );
  });

  test("a copy differs in nothing", async () => {
    const report = await diffReport(["--from", "acme.shop.v1", "--to", "acme.shop.v3"], folder.path);
    assert.deepEqual(report.packages[0]?.changes, []);
  });

  const mistakes: readonly (readonly [args: readonly string[], code: string])[] = [
    [["--from", "acme.shop.v1"], "versions-together"],
    [["--from", "acme.shop.v1", "--to", "acme.shop.v2", "--against", "git:HEAD"], "versions-together"],
    [["--from", "acme.shop.v1", "--to", "acme.shop.v1"], "versions-same"],
    [["--from", "acme.shop.v1", "--to", "acme.shpo.v2"], "package-absent"],
  ];
  for (const [args, code] of mistakes) {
    test(`${args.join(" ")}: ${code}`, async () => {
      const { status, stderr } = await charter(["diff", ...args], { cwd: folder.path });
      assert.equal(status, 2);
      assert.ok(stderr.includes(`[${code}]`), stderr);
    });
  }
});

test("a version that charter wrote differs from its origin in what was left behind, and in nothing else", async () => {
  using folder = temporaryFolder();
  for (const path of ["proto", "buf.yaml", "charter.yaml"]) {
    cpSync(join(REPOSITORY, path), join(folder.path, path), { recursive: true });
  }
  const left: Readonly<Record<string, readonly string[]>> = {
    "catalog v2 v9": ["reserved-removed"],
    "orders v1 v9": [
      "message-removed bookstore.orders.v1.GetOrderStatusRequest",
      "message-removed bookstore.orders.v1.GetOrderStatusResponse",
      "reserved-removed",
      "rpc-removed bookstore.orders.v1.OrdersService.GetOrderStatus",
    ],
    "recommendations v2 v9": [],
    "reviews v1beta1 v9": [],
  };
  for (const [name, expected] of Object.entries(left)) {
    const [api, from, to] = name.split(" ");
    const written = await charter(["new-version", `bookstore.${api}`, "--from", `${from}`, "--to", `${to}`], {
      cwd: folder.path,
    });
    assert.equal(written.status, 0, written.stderr);
    const report = await diffReport(
      ["--from", `bookstore.${api}.${from}`, "--to", `bookstore.${api}.${to}`],
      folder.path,
    );
    const told = report.packages[0]?.changes.map(({ rule, path }) =>
      rule === "reserved-removed" ? rule : `${rule} ${path}`,
    );
    assert.deepEqual([...new Set(told)].sort(), expected, name);
  }
});
