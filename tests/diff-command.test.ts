import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { charter, REPOSITORY } from "./support/cli.ts";
import { diffReport, reportOf } from "./support/diff.ts";
import { refusals } from "./support/json-schema.ts";
import { assertRefused, GOOD, schema } from "./support/refusal.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const BUF: Readonly<Record<string, string>> = { "buf.yaml": "version: v2\nmodules:\n  - path: proto\n" };

/** Each package changes in one way, and the name says how bad that is. */
const BEFORE = {
  ...BUF,
  "proto/breaking.proto": schema("acme.breaking.v1", "message A {\n  string a = 1;\n  string b = 2;\n}\n"),
  "proto/beta.proto": schema("acme.beta.v1beta1", "message A {\n  string a = 1;\n}\n"),
  "proto/minor.proto": schema("acme.minor.v1", "message A {\n  string a = 1;\n}\n"),
  "proto/patch.proto": schema("acme.patch.v1", "message A {\n  string a = 1;\n}\n"),
  "proto/same.proto": schema("acme.same.v1", "message A {\n  string a = 1;\n}\n"),
};
const AFTER = {
  ...BEFORE,
  "proto/breaking.proto": schema(
    "acme.breaking.v1",
    "message A {\n  // New words.\n  string c = 1;\n  string d = 3;\n  int64 b = 2;\n}\n",
  ),
  "proto/beta.proto": schema("acme.beta.v1beta1", "message A {\n  string b = 1;\n}\n"),
  "proto/minor.proto": schema("acme.minor.v1", "message A {\n  string a = 1;\n  string b = 2;\n}\n"),
  "proto/patch.proto": schema("acme.patch.v1", "message A {\n  // Words.\n  string a = 1;\n}\n"),
};

describe("charter diff", () => {
  const folder = temporaryFolder();
  before(() => {
    writeTree(join(folder.path, "old"), BEFORE);
    writeTree(join(folder.path, "new"), AFTER);
    // Each package alone: the others are as they were.
    for (const name of ["breaking", "beta", "minor", "patch", "same"] as const) {
      const path = `proto/${name}.proto` as const;
      writeTree(join(folder.path, name), { ...BEFORE, [path]: AFTER[path] });
    }
  });
  after(() => folder[Symbol.dispose]());
  const run = (...args: readonly string[]) => charter(["diff", "--against", "old", ...args], { cwd: folder.path });

  test("text: the worst package first, then the worst change, then as they stand in the file", async () => {
    const { status, stdout, stderr } = await run("--root", "new", "--scope", "@acme");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.equal(
      stdout,
      `acme.breaking.v1 (@acme/breaking-v1): major, against old
  new/proto/breaking.proto:7:3: The field \`A.a\` is now called \`c\`. [field-renamed] breaks json, source: major
    JSON and TypeScript know it by its name. Noticed by readers and writers of JSON, and code that compiles against the package.
    Instead: Keep the name, or add a field and deprecate this one.
  new/proto/breaking.proto:9:3: The type of the field \`A.b\` was \`string\` and is \`int64\`. [field-type-changed] breaks wire, json, source: major
    The bytes mean something else to the other side. Noticed by installed clients and servers, readers and writers of JSON, and code that compiles against the package.
    Instead: Keep the old one, and add a new one beside it.
  new/proto/breaking.proto:8:3: The field \`A.d\` is new: \`string d = 3\`. [field-added] minor
  new/proto/breaking.proto:7:3: The comment of \`A.a\` is another: \`New words.\`. [field-comment-changed] patch

acme.beta.v1beta1 (@acme/beta-v1beta1): minor, against old
  new/proto/beta.proto:6:3: The field \`A.a\` is now called \`b\`. [field-renamed] breaks json, source: minor
    JSON and TypeScript know it by its name. Noticed by readers and writers of JSON, and code that compiles against the package.
    Instead: Keep the name, or add a field and deprecate this one.

acme.minor.v1 (@acme/minor-v1): minor, against old
  new/proto/minor.proto:7:3: The field \`A.b\` is new: \`string b = 2\`. [field-added] minor

acme.patch.v1 (@acme/patch-v1): patch, against old
  new/proto/patch.proto:7:3: The comment of \`A.a\` is another: \`Words.\`. [field-comment-changed] patch

Compared with old: acme.beta.v1beta1, acme.breaking.v1, acme.minor.v1, acme.patch.v1, acme.same.v1.
4 packages changed, 1 did not: major.
`,
    );
  });

  test("json: as docs/diff.schema.json says, with all packages, and positions from the root", async () => {
    const report = await diffReport(["--root", "new", "--scope", "@acme", "--against", "old"], folder.path);
    const file = join(REPOSITORY, "docs", "diff.schema.json");
    assert.deepEqual(refusals(JSON.parse(readFileSync(file, "utf8")), report), []);
    assert.deepEqual(
      report.packages.map((each) => [each.npm, each.bump, each.changes.length]),
      [
        ["@acme/breaking-v1", "major", 4],
        ["@acme/beta-v1beta1", "minor", 1],
        ["@acme/minor-v1", "minor", 1],
        ["@acme/patch-v1", "patch", 1],
        ["@acme/same-v1", "none", 0],
      ],
    );
    const [renamed] = reportOf(report, "acme.breaking.v1").changes;
    assert.deepEqual(renamed?.position, { file: "proto/breaking.proto", line: 7, column: 3 });
    assert.deepEqual([report.baseline, report.bump], ["old", "major"]);
  });

  test("says when the compiler has no part in the answer", async () => {
    // Two packages that import each other: npm could not build either before the other.
    writeTree(join(folder.path, "cycle"), {
      ...BUF,
      "proto/types.proto": schema("acme.other.v1", "message B {}\n"),
      "proto/one.proto": schema("acme.one.v1", "message A {\n  acme.other.v1.B b = 1;\n}\n", "types.proto"),
      "proto/other.proto": schema("acme.other.v1", "message C {\n  acme.one.v1.A a = 1;\n}\n", "one.proto"),
    });
    const rows: readonly (readonly [args: readonly string[], compiler: string, told: RegExp])[] = [
      [["--root", "new"], "asked", /^(?!.*By the rules alone)/s],
      [["--root", "new", "--rules-only"], "left-out", /^By the rules alone\.$/m],
      [["--root", "cycle"], "refused", /^By the rules alone: `charter generate` refuses these schemas/m],
    ];
    for (const [args, compiler, told] of rows) {
      const json = await diffReport([...args, "--scope", "@acme", "--against", "old"], folder.path);
      assert.equal(json.compiler, compiler);
      assert.match((await run(...args, "--scope", "@acme")).stdout, told);
    }
  });

  test("markdown: what breaks is open, what does not is folded", async () => {
    const { status, stdout } = await run("--root", "new", "--scope", "@acme", "--format", "markdown");
    assert.equal(status, 0);
    assert.match(stdout, /^## Schema changes\n\n\*\*4 packages changed, 1 did not: major\.\*\*\n/);
    const [, breaking = ""] = /### `@acme\/breaking-v1`: major\n\n(.*?)\n\n###/s.exec(stdout) ?? [];
    const [open = "", folded = ""] = breaking.split("<details>");
    assert.equal(open.match(/^- \*\*major\*\*/gm)?.length, 2);
    assert.match(
      open,
      /`field-renamed`, breaks json, source <sub>proto\/breaking\.proto:7<\/sub>\n {2}JSON and .*\*Instead:\*/,
    );
    assert.match(folded, /^\n<summary>2 that break nothing<\/summary>\n\n- .*\n- .*\n\n<\/details>$/);
  });

  test("nothing changed", async () => {
    const { status, stdout } = await run("--root", "same");
    assert.equal(status, 0);
    assert.match(stdout, /\nNothing changed in 5 packages\.\n$/);
  });

  const levels = ["none", "patch", "minor", "major", "break"] as const;
  const table: Readonly<Record<string, readonly (0 | 1)[]>> = {
    same: [0, 0, 0, 0, 0],
    patch: [0, 1, 0, 0, 0],
    minor: [0, 1, 1, 0, 0],
    // A break on an unstable package is a minor, and still a break.
    beta: [0, 1, 1, 0, 1],
    breaking: [0, 1, 1, 1, 1],
  };
  for (const [root, exits] of Object.entries(table)) {
    test(`--fail-on with ${root}: ${levels.map((level, index) => `${level} ${exits[index]}`).join(", ")}`, async () => {
      const results = await Promise.all(levels.map((level) => run("--root", root, "--rules-only", "--fail-on", level)));
      assert.deepEqual(
        results.map(({ status }) => status),
        exits,
      );
      assert.ok(results.every(({ stdout, stderr }) => stdout === results[0]?.stdout && stderr === ""));
      assert.equal((await run("--root", root)).status, 0, "by default it only answers");
    });
  }

  test("what is gone is named where it was, and everything of a package that is gone is one line", async () => {
    using gone = temporaryFolder();
    const { "proto/same.proto": _, ...rest } = BEFORE;
    writeTree(join(gone.path, "old"), BEFORE);
    writeTree(join(gone.path, "new"), {
      ...rest,
      "proto/minor.proto": schema("acme.minor.v1", 'message A {\n  reserved 1;\n  reserved "a";\n}\n'),
    });
    const args = ["diff", "--root", "new", "--against", "old"];
    const { stdout } = await charter(args, { cwd: gone.path });
    assert.match(stdout, /^ {2}new\/proto\/minor\.proto:6:3: The field `A\.a` is gone, and its number is reserved/m);
    assert.match(
      stdout,
      /^acme\.same\.v1: major, against old\n {2}same\.proto:3:1: The package `acme\.same\.v1` is gone\./m,
    );
  });
});

describe("charter diff, called wrongly", () => {
  const rows = [
    [["--format", "xml"], "option-value", "--format cannot be xml", "text, json, markdown"],
    [["--fail-on", "all"], "option-value", "--fail-on cannot be all", "none, patch, minor, major, break"],
    [["--agianst", "old"], "option-unknown", "diff has no option --agianst", "--against"],
    [["--registry", ""], "option-empty", "--registry is empty", "leave the option out"],
    [["--scope", "acme"], "scope-invalid", "acme is no npm scope", "@acme"],
  ] as const;
  for (const [args, code, what, fix] of rows) {
    test(args.join(" "), () =>
      assertRefused({ files: GOOD, args: ["diff", "--root", "root", ...args], finds: [["error", code, what, fix]] }),
    );
  }
});

describe("the commands that compare take a baseline alike", () => {
  const given = ["000000000000", "--reason", "x", "--owner", "y", "--expires", "2999-01-31"];
  const rows: readonly (readonly [args: readonly string[], code: string])[] = [
    [["changeset", "--against", ""], "option-empty"],
    [["check", "--against", ""], "option-empty"],
    [["approve", ...given, "--against", ""], "option-empty"],
    [["changeset", "--against", "git:HEAD", "--registry", "http://127.0.0.1:9/"], "registry-unused"],
    [["approve", ...given, "--against", "git:HEAD", "--registry", "http://127.0.0.1:9/"], "registry-unused"],
  ];
  for (const [args, code] of rows) {
    test(`charter ${args.filter((each) => !given.includes(each)).join(" ")}: ${code}`, async () => {
      const result = await charter(args);
      assert.equal(result.status, 2, result.stdout);
      assert.ok(result.stderr.includes(`[${code}]`), result.stderr);
    });
  }
});
