import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { nextVersion, splitVersion } from "../scripts/core/version-names.ts";
import { runBuf } from "../scripts/io/buf.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { packagesOf, versionedFolders, writeGoogleTree } from "./support/google-tree.ts";
import { announceSeed, draw, seeded } from "./support/random.ts";
import { snapshot, temporaryFolder, writeTree } from "./support/tree.ts";

const SOAK = process.env["SOAK"] === "1";
const BUF = "version: v2\nmodules:\n  - path: proto\n";

/** Every way to name a type of the package, in every place. */
const SHOP = `syntax = "proto3";

// All of acme.shop.v1, and not of acme.shop.v1beta1 or xacme.shop.v1.
package acme.shop.v1;

import "acme/shop/v1/part.proto";
import "acme/other/v1/other.proto";
import "google/protobuf/descriptor.proto";

option go_package = "example.com/acme/shop/v1;shopv1";
option java_package = "com.acme.shop.v1";
option csharp_namespace = "Acme.Shop.V1";
option objc_class_prefix = "V12";

extend google.protobuf.FieldOptions {
  // A hint.
  string hint = 50001;
}

// The shop.
message Shop {
  reserved 8, 9;
  reserved "old";
  // Short.
  Part a = 1;
  // By the version.
  v1.Part b = 2;
  // By more of it.
  shop.v1.Part c = 3;
  // In full.
  acme.shop.v1.Part d = 4 [(acme.shop.v1.hint) = "v1"];
  // From the root.
  .acme.shop.v1.Part.Kind e = 5;
  // As a map's value.
  map<string, shop.v1.Part> f = 6;
  // Of another package, whose version is its own.
  acme.other.v1.Other g = 7;
  // Not taken over.
  string gone = 10 [deprecated = true]; // Behind it, too.
  oneof choice {
    // Not taken over.
    string first = 11 [deprecated = true];
    // Not taken over.
    string second = 12 [deprecated = true];
  }
}

// Sells.
service ShopService {
  // In and out.
  rpc Sell(shop.v1.Part) returns (stream .acme.shop.v1.Shop);
  // Not taken over, with its messages.
  rpc Haggle(HaggleRequest) returns (HaggleResponse) {
    option deprecated = true;
  }
}

// Only for Haggle.
message HaggleRequest {
  // Its offer.
  Offer offer = 1;
}

// Only for Haggle.
message HaggleResponse {}

// Deprecated, and nobody's but Haggle's.
message Offer {
  option deprecated = true;
}

// Deprecated, and still of use.
message Kept {
  option deprecated = true;
}

// Holds it.
message Holder {
  // It.
  Kept kept = 1;
}
`;

const PART = `syntax = "proto3";
package acme.shop.v1;
// A part. In version 1 it was a thing.
message Part {
  // Its kind.
  enum Kind {
    option allow_alias = true;
    // None.
    KIND_UNSPECIFIED = 0 [deprecated = true];
    // Not taken over.
    KIND_OLD = 1 [deprecated = true];
    // New.
    KIND_NEW = 2;
    // The same, not taken over.
    KIND_ALSO_NEW = 2 [deprecated = true];
  }
}
`;

const TREE = {
  "buf.yaml": BUF,
  "proto/acme/shop/v1/shop.proto": SHOP,
  "proto/acme/shop/v1/part.proto": PART,
  "proto/acme/other/v1/other.proto": 'syntax = "proto3";\npackage acme.other.v1;\nmessage Other {}\n',
  "proto/acme/beta/v2beta3/b.proto": 'syntax = "proto3";\npackage acme.beta.v2beta3;\nmessage B {}\n',
  "proto/acme/beta/v1/b.proto": 'syntax = "proto3";\npackage acme.beta.v1;\nmessage B {}\n',
};

describe("charter new-version", () => {
  const folder = temporaryFolder();
  before(() => writeTree(folder.path, TREE));
  after(() => folder[Symbol.dispose]());
  const run = (...args: readonly string[]) => charter(["new-version", ...args], { cwd: folder.path });
  const read = (path: string): string => readFileSync(join(folder.path, path), "utf8");

  test("--dry-run says what would be, and writes nothing", async () => {
    const before = snapshot(folder.path, []);
    const { status, stdout } = await run("acme.shop", "--dry-run");
    assert.equal(status, 0);
    assert.equal(
      stdout,
      `acme.shop.v2 would be made from acme.shop.v1:
  proto/acme/shop/v2/part.proto
  proto/acme/shop/v2/shop.proto

Left behind, as it is deprecated or reserved:
  acme.shop.v1.HaggleRequest
  acme.shop.v1.HaggleResponse
  acme.shop.v1.Offer
  acme.shop.v1.Part.Kind.KIND_ALSO_NEW
  acme.shop.v1.Part.Kind.KIND_OLD
  acme.shop.v1.Shop.choice
  acme.shop.v1.Shop.first
  acme.shop.v1.Shop.gone
  acme.shop.v1.Shop.second
  acme.shop.v1.Shop: reserved "old"
  acme.shop.v1.Shop: reserved 8, 9
  acme.shop.v1.ShopService.Haggle
  acme.shop.v1.hint: an option has one number, and stays where it is

Deprecated, and still there:
  acme.shop.v1.Part.Kind.KIND_UNSPECIFIED: it is what an unset field means
  acme.shop.v1.Kept: something that stays has its type

To be read by you, as it speaks of a version:
  proto/acme/shop/v2/part.proto:3: // A part. In version 1 it was a thing.
  proto/acme/shop/v2/shop.proto:3: // All of acme.shop.v2, and not of acme.shop.v1beta1 or xacme.shop.v1.
`,
    );
    assert.deepEqual(snapshot(folder.path, []), before);
  });

  test("names the version wherever the old one was named, and nowhere else", async () => {
    const before = snapshot(folder.path, []);
    assert.equal((await run("acme.shop")).status, 0);
    const text = read("proto/acme/shop/v2/shop.proto");
    for (const line of [
      "// All of acme.shop.v2, and not of acme.shop.v1beta1 or xacme.shop.v1.",
      "package acme.shop.v2;",
      'import "acme/shop/v2/part.proto";',
      'import "acme/other/v1/other.proto";',
      'option go_package = "example.com/acme/shop/v2;shopv2";',
      'option java_package = "com.acme.shop.v2";',
      'option csharp_namespace = "Acme.Shop.V2";',
      'option objc_class_prefix = "V12";',
      "  Part a = 1;",
      "  v2.Part b = 2;",
      "  shop.v2.Part c = 3;",
      'import "acme/shop/v1/shop.proto";',
      '  acme.shop.v2.Part d = 4 [(acme.shop.v1.hint) = "v1"];',
      "  .acme.shop.v2.Part.Kind e = 5;",
      "  map<string, shop.v2.Part> f = 6;",
      "  acme.other.v1.Other g = 7;",
      "  rpc Sell(shop.v2.Part) returns (stream .acme.shop.v2.Shop);",
    ]) {
      assert.ok(text.split("\n").includes(line), line);
    }
    assert.doesNotMatch(text, /deprecated = true;\n.*Offer|reserved|gone|Haggle|Not taken over|Behind it|choice/);
    // The old version is as it was, and both compile and are formatted.
    const now = snapshot(folder.path, []);
    for (const path of Object.keys(before)) assert.equal(now[path], before[path], path);
    for (const args of [
      ["build", "-o", "-"],
      ["format", "--diff", "--exit-code", "--path", "proto/acme/shop/v2"],
    ]) {
      const result = await runBuf(folder.path, args);
      assert.equal(result.status, 0, result.stderr);
    }
    assert.ok(!readdirSync(join(folder.path, "proto/acme/shop")).some((name) => name.includes("tmp")));
  });

  test("what a beta leads to, and a beta of what comes next", async () => {
    assert.match(
      (await run("acme.beta", "--dry-run")).stdout,
      /^acme\.beta\.v2 would be made from acme\.beta\.v2beta3/,
    );
    assert.match((await run("acme.beta", "--dry-run", "--beta")).stdout, /^acme\.beta\.v2beta4 would be/);
    assert.match(
      (await run("acme.beta", "--dry-run", "--from", "v1", "--to", "v3")).stdout,
      /^acme\.beta\.v3 would be made from acme\.beta\.v1/,
    );
  });

  const mistakes: readonly (readonly [args: readonly string[], code: string, told: RegExp])[] = [
    [[], "api-missing", /charter new-version bookstore\.catalog/],
    [["acme.shpo"], "api-unknown", /Did you mean acme\.shop\?/],
    [["acme.shop.v1"], "api-unknown", /named without its version/],
    [["acme.shop", "--from", "v7"], "version-unknown", /Its versions are v1/],
    [["acme.beta", "--to", "v1"], "version-exists", /has a version v1 already/],
    [["acme.beta", "--to", "2"], "version-malformed", /2 is no version/],
  ];
  for (const [args, code, told] of mistakes) {
    test(`${args.join(" ") || "nothing"}: ${code}`, async () => {
      const before = snapshot(folder.path, []);
      const { status, stderr } = await run(...args);
      assert.equal(status, 2);
      assert.ok(stderr.includes(`[${code}]`), stderr);
      assert.match(stderr, told);
      assert.deepEqual(snapshot(folder.path, []), before);
    });
  }

  test("a file that is in the way is left alone", async () => {
    using other = temporaryFolder();
    writeTree(other.path, { ...TREE, "proto/acme/shop/v2/part.proto": 'syntax = "proto3";\npackage acme.mine.v1;\n' });
    const { status, stderr } = await charter(["new-version", "acme.shop"], { cwd: other.path });
    assert.equal(status, 2);
    assert.match(stderr, /proto\/acme\/shop\/v2\/part\.proto: .*\[version-taken\]/);
    assert.ok(!existsSync(join(other.path, "proto/acme/shop/v2/shop.proto")));
  });

  test("schemas that do not compile are told as such", async () => {
    using other = temporaryFolder();
    writeTree(other.path, { "buf.yaml": BUF, "proto/a.proto": "syntax = 3;\n" });
    const { status, stderr } = await charter(["new-version", "acme.shop"], { cwd: other.path });
    assert.equal(status, 2);
    assert.match(stderr, /proto\/a\.proto:1:10: .*\[proto-syntax\]/);
  });
});

test("versions of the bookstore can have a next one that lints, compiles and is generated", async () => {
  using folder = temporaryFolder();
  for (const path of ["proto", "buf.yaml", "charter.yaml"])
    cpSync(join(REPOSITORY, path), join(folder.path, path), { recursive: true });
  for (const api of ["catalog", "orders", "reviews"]) {
    const result = await charter(["new-version", `bookstore.${api}`], { cwd: folder.path });
    assert.equal(result.status, 0, result.stderr);
  }
  const lint = await runBuf(folder.path, ["lint"]);
  assert.equal(lint.status, 0, lint.stdout.toString("utf8"));
  const generated = await charter(["generate"], { cwd: folder.path });
  assert.equal(generated.status, 0, generated.stderr);
  assert.match(generated.stdout, /13 packages/);
  const built = await charter(["build"], { cwd: folder.path });
  assert.equal(built.status, 0, built.stderr);
});

test("real APIs, drawn at random, get a next version that compiles beside the old one", async () => {
  const random = seeded(announceSeed("new versions"));
  using folder = temporaryFolder();
  const drawn = draw(versionedFolders(), SOAK ? 60 : 4, random);
  writeGoogleTree(folder.path, drawn);
  const names = new Set(drawn.flatMap(packagesOf));
  for (const name of names) {
    const { api, version } = splitVersion(name) ?? {};
    if (api === undefined || version === undefined) continue;
    const result = await charter(["new-version", api, "--from", version, "--to", "v77"], { cwd: folder.path });
    // Two versions of one API may have been drawn.
    if (!result.stderr.includes("[version-exists]")) assert.equal(result.status, 0, `${name}: ${result.stderr}`);
  }
  const built = await runBuf(folder.path, ["build", "-o", "-"]);
  assert.equal(built.status, 0, built.stderr);
});

test("the versions that follow each other", () => {
  const rows: readonly (readonly [version: string, beta: boolean, next: string | undefined])[] = [
    ["v1", false, "v2"],
    ["v9", false, "v10"],
    ["v1", true, "v2beta1"],
    ["v2beta1", false, "v2"],
    ["v2beta9", true, "v2beta10"],
    ["v2alpha3", true, "v2beta1"],
    ["v2alpha", false, "v2"],
    ["v1p1beta1", false, "v1"],
    ["v1test", false, undefined],
  ];
  for (const [version, beta, next] of rows) assert.equal(nextVersion(version, beta), next, version);
});
