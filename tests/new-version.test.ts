import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { deprecateText } from "../scripts/core/deprecate-text.ts";
import { FindingsError } from "../scripts/core/finding.ts";
import { readImage } from "../scripts/core/image.ts";
import { renderFinding } from "../scripts/core/messages.ts";
import { chooseVersions, nextVersion, splitVersion } from "../scripts/core/version-names.ts";
import { buildImage, runBuf } from "../scripts/io/buf.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { packagesOf, versionedFolders, writeGoogleTree } from "./support/google-tree.ts";
import { announceSeed, draw, seeded } from "./support/random.ts";
import { stopAtRename } from "./support/stop-at-rename.ts";
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

No test is written, as no package has its own.
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

  test("a mistake is told, and nothing is written", async () => {
    const before = snapshot(folder.path, []);
    for (const [args, code] of [
      [[], "api-missing"],
      [["acme.shpo", "--deprecate"], "api-unknown"],
    ] as const) {
      const { status, stderr } = await run(...args);
      assert.equal(status, 2);
      assert.ok(stderr.includes(`[${code}]`), stderr);
    }
    assert.deepEqual(snapshot(folder.path, []), before);
  });

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
    const result = await charter(["new-version", `bookstore.${api}`, "--deprecate"], { cwd: folder.path });
    assert.equal(result.status, 0, result.stderr);
  }
  assert.equal((await runBuf(folder.path, ["format", "--diff", "--exit-code"])).status, 0);
  const lint = await runBuf(folder.path, ["lint"]);
  assert.equal(lint.status, 0, lint.stdout.toString("utf8"));
  const generated = await charter(["generate"], { cwd: folder.path });
  assert.equal(generated.status, 0, generated.stderr);
  assert.match(generated.stdout, /13 packages/);
  // Whoever has the old package is told, and of what; the new one says nothing of the kind.
  const ofPackage = (path: string): string => readFileSync(join(folder.path, "packages", path), "utf8");
  assert.match(ofPackage("orders-v2/README.md"), /\*\*Deprecated:\*\* .* Use `@bookstore\/orders-v3`\./);
  assert.match(ofPackage("orders-v2/src/gen/client.ts"), /@deprecated\n.*\nexport function createOrdersClient/);
  assert.doesNotMatch(ofPackage("orders-v3/README.md"), /Deprecated:/);
  const built = await charter(["build"], { cwd: folder.path });
  assert.equal(built.status, 0, built.stderr);
});

describe("charter new-version --deprecate", () => {
  const ITEM = `// Kept as it is.
syntax = "proto3";
package acme.shop.v1;
option  java_package="a.v1" ; // odd, and ours
option deprecated = true;

message Item { }`;
  const OLD = {
    "buf.yaml": BUF,
    "proto/acme/shop/v1/item.proto": ITEM,
    "proto/acme/shop/v1/shop.proto":
      'syntax = "proto3";\r\npackage acme.shop.v1;\r\nimport "acme/shop/v1/item.proto";\r\n\r\nmessage Shop { Item item = 1; }\r\n',
  };
  const folder = temporaryFolder();
  before(() => writeTree(folder.path, OLD));
  after(() => folder[Symbol.dispose]());
  const shop = (): string => readFileSync(join(folder.path, "proto/acme/shop/v1/shop.proto"), "utf8");

  test("--dry-run names the lines, and what stands there already", async () => {
    const args = ["new-version", "acme.shop", "--deprecate", "--dry-run"];
    const { status, stdout } = await charter(args, { cwd: folder.path });
    assert.equal(status, 0);
    assert.match(stdout, /\nLeft behind.*:\n {2}acme\/shop\/v1\/item\.proto: option deprecated\n/);
    const lines = `
Deprecated, so that each client of acme.shop.v1 says so:
  proto/acme/shop/v1/item.proto:5: it says so already
  proto/acme/shop/v1/shop.proto:5: option deprecated = true;
`;
    assert.ok(stdout.includes(lines), stdout);
    assert.equal(shop(), OLD["proto/acme/shop/v1/shop.proto"]);
  });

  test("killed between the old version and the new one: the next run does the rest", async () => {
    // The old file has its mark, both new ones are there, and their folder has not got its name.
    const env = stopAtRename(4, "killed");
    const killed = await charter(["new-version", "acme.shop", "--deprecate"], { cwd: folder.path, env });
    assert.equal(killed.status, -1);
    assert.ok(!existsSync(join(folder.path, "proto/acme/shop/v2")));
    const meanwhile = await charter(["generate", "--scope", "@acme"], { cwd: folder.path });
    assert.equal(meanwhile.status, 2);
    assert.match(meanwhile.stderr, /proto\/acme\/shop\/v2\.charter-tmp: .*\[scaffold-unfinished\]/);
    const { status, stderr, stdout } = await charter(["new-version", "acme.shop", "--deprecate"], { cwd: folder.path });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^Removed proto\/acme\/shop\/v2\.charter-tmp/);
    assert.match(stdout, /shop\.proto:5: it says so already/);
    assert.deepEqual(Object.keys(snapshot(folder.path)), [
      "buf.yaml",
      "proto/acme/shop/v1/item.proto",
      "proto/acme/shop/v1/shop.proto",
      "proto/acme/shop/v2/item.proto",
      "proto/acme/shop/v2/shop.proto",
    ]);
    const [head, rest] = ['.proto";\r\n\r\n', "message Shop { Item item = 1; }\r\n"];
    assert.ok(shop().endsWith(`${head}option deprecated = true;\r\n\r\n${rest}`), JSON.stringify(shop()));
    assert.equal(readFileSync(join(folder.path, "proto/acme/shop/v1/item.proto"), "utf8"), ITEM);
    const created = ["item", "shop"].map((name) =>
      readFileSync(join(folder.path, `proto/acme/shop/v2/${name}.proto`), "utf8"),
    );
    assert.doesNotMatch(created.join(""), /deprecated/);
  });

  test("what cannot be written takes the marks back", async () => {
    using other = temporaryFolder();
    const path = "proto/acme/shop/v1/shop.proto";
    writeTree(other.path, { ...OLD, [path]: `\ufeff${OLD[path]}` });
    const before = snapshot(other.path);
    const env = stopAtRename(4, "refused");
    const { status, stderr } = await charter(["new-version", "acme.shop", "--deprecate"], { cwd: other.path, env });
    assert.equal(status, 2);
    assert.match(stderr, /proto\/acme\/shop\/v2: .*\[file-system\]/);
    const now = snapshot(other.path);
    for (const path of Object.keys(before)) assert.equal(now[path], before[path], path);
    assert.ok(!existsSync(join(other.path, "proto/acme/shop/v2")));
  });

  test("the place of the mark, whatever the file looks like", async () => {
    const rows: readonly (readonly [name: string, before: string, after: string])[] = [
      ["bare", "message Bare {}\n", "\noption deprecated = true;\n\nmessage Bare {}\n"],
      ["spaced", "\nmessage Spaced {}\n", "\noption deprecated = true;\n\nmessage Spaced {}\n"],
      ["noted", "// It.\nmessage Noted {}\n", "\noption deprecated = true;\n\n// It.\nmessage Noted {}\n"],
      ["empty", "", "\noption deprecated = true;\n"],
      [
        "before",
        "\noption cc_enable_arenas = true; // Here.\n",
        "\noption cc_enable_arenas = true; // Here.\noption deprecated = true;\n",
      ],
      [
        "between",
        '\noption cc_enable_arenas = true;\n// Of Go.\noption go_package = "x";\n',
        '\noption cc_enable_arenas = true;\noption deprecated = true;\n// Of Go.\noption go_package = "x";\n',
      ],
      ["not", "\noption /* not yet */ deprecated = false;\n", "\noption /* not yet */ deprecated = true;\n"],
      [
        "said",
        '\noption go_package = "deprecated";\n',
        '\noption deprecated = true;\noption go_package = "deprecated";\n',
      ],
    ];
    const head = 'syntax = "proto3"; // Of "é".\npackage acme.marks.v1; // Its name.\n';
    using other = temporaryFolder();
    writeTree(other.path, {
      "buf.yaml": "version: v2\n",
      ...Object.fromEntries(rows.map(([name, body]) => [`${name}.proto`, head + body])),
    });
    const image = readImage(await buildImage({ root: other.path, exclude: [] }));
    for (const [name, before, after] of rows) {
      const file = image.files.find(({ proto }) => proto.name === `${name}.proto`);
      assert.ok(file);
      const { content, line, changed } = deprecateText(file, head + before);
      assert.equal(content, head + after, name);
      assert.match(content.split("\n")[line - 1] ?? "", /deprecated = true;$/, name);
      assert.ok(changed);
    }
  });
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

describe("the versions that are meant", () => {
  const packages = ["acme.shop.v1", "acme.beta.v2beta3", "acme.beta.v1", "acme.plain"];
  const choose = (api: string, from?: string, to?: string, beta = false) =>
    chooseVersions(packages, api, { from, to, beta });

  test("what a beta leads to, and a beta of what comes next", () => {
    assert.deepEqual(choose("acme.beta"), { from: "acme.beta.v2beta3", to: "acme.beta.v2" });
    assert.equal(choose("acme.beta", undefined, undefined, true).to, "acme.beta.v2beta4");
    assert.deepEqual(choose("acme.beta", "v1", "v3"), { from: "acme.beta.v1", to: "acme.beta.v3" });
  });

  const mistakes: readonly (readonly [args: Parameters<typeof choose>, code: string, told: RegExp])[] = [
    [["acme.shpo"], "api-unknown", /Did you mean acme\.shop\?/],
    [["acme.shop.v1"], "api-unknown", /named without its version/],
    [["acme.plain"], "api-unknown", /No package is a version of acme\.plain/],
    [["acme.shop", "v7"], "version-unknown", /Its versions are v1/],
    [["acme.beta", undefined, "v1"], "version-exists", /has a version v1 already/],
    [["acme.beta", undefined, "2"], "version-malformed", /2 is no version/],
  ];
  for (const [args, code, told] of mistakes) {
    test(`${args.join(" ")}: ${code}`, () => {
      assert.throws(
        () => choose(...args),
        (error) => {
          assert.ok(error instanceof FindingsError && error.exitCode === 2);
          const [found] = error.findings;
          assert.ok(found?.code === code, found?.code);
          const { what, fix } = renderFinding(found);
          assert.match(`${what} ${fix}`, told);
          return true;
        },
      );
    });
  }
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
