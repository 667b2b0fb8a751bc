import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type CliResult, charter } from "./support/cli.ts";
import {
  assertRefused,
  type Expected,
  type Files,
  GOOD,
  parseFindings,
  schema,
  treeOf,
  WORKSPACE,
} from "./support/refusal.ts";
import { snapshot, temporaryFolder, writeTree } from "./support/tree.ts";

const GENERATE = ["generate", ...WORKSPACE];

/** The marker of a package that was generated before. */
const OURS = '{ "charter": { "protoPackage": "acme.a.v1" } }\n';

describe("an output folder that is not ours", { concurrency: 2 }, () => {
  const foreign = (folder: string, owner: string): Expected => [
    `out/${folder}`,
    "folder-not-ours",
    `not made by charter, and ${owner} would be written there`,
    "another folder by --out",
  ];
  const a = foreign("a-v1", "acme.a.v1");
  const rpc = foreign("rpc", "@acme/rpc");
  const taken = (path: string): Expected => [
    `out/a-v1/${path}`,
    "path-taken",
    "is a link, or not of the kind",
    "Move it away",
  ];
  const invalid = (place: string): Expected => [
    place,
    "package-json-invalid",
    "no JSON object",
    "delete it to have it written anew",
  ];
  const link = (target: string, path: string) => (folder: string) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    symlinkSync(target, join(folder, path));
  };
  type Row = readonly [
    name: string,
    files: Files,
    prepare: ((folder: string) => void) | undefined,
    ...finds: readonly Expected[],
  ];
  const rows: readonly Row[] = [
    [
      "a package by hand",
      { "out/a-v1/package.json": '{ "name": "mine" }\n', "out/a-v1/src/mine.ts": "" },
      undefined,
      a,
    ],
    ["a marker that is not ours", { "out/a-v1/package.json": '{ "charter": true }\n' }, undefined, a],
    ["files without a package.json", { "out/a-v1/notes.txt": "" }, undefined, a],
    ["a link to a folder", { "else/x": "" }, link("../else", "out/a-v1"), a],
    ["a link to a folder with our marker", { "else/package.json": OURS }, link("../else", "out/a-v1"), a],
    ["a file in its place", { "out/a-v1": "" }, undefined, a],
    ["a link as its package.json", { "else/package.json": "{}" }, link("../../else/none", "out/a-v1/package.json"), a],
    [
      "the runtime's: a package by hand",
      { "out/rpc/package.json": '{ "name": "mine" }\n', "out/rpc/src/mine.ts": "" },
      undefined,
      rpc,
    ],
    ["the runtime's: files without a package.json", { "out/rpc/src/mine.ts": "" }, undefined, rpc],
    ["the runtime's: a link", { "else/x": "" }, link("../else", "out/rpc"), rpc],
    ["the runtime's: a file in its place", { "out/rpc": "" }, undefined, rpc],
    ["both at once", { "out/rpc/x": "", "out/a-v1/x": "" }, undefined, a, rpc],
    [
      "a package.json that is no JSON",
      { "out/a-v1/package.json": '{ "name":\n' },
      undefined,
      invalid("out/a-v1/package.json"),
    ],
    [
      "package.json files that are no objects",
      { "out/a-v1/package.json": "[]", "out/other/package.json": "null" },
      undefined,
      invalid("out/a-v1/package.json"),
      invalid("out/other/package.json"),
    ],
    [
      "a folder in the place of package.json",
      { "out/a-v1/package.json/x": "" },
      undefined,
      ["out/a-v1/package.json", "file-system", "directory (EISDIR)", "See what stands there"],
    ],
    [
      "a folder in the place of a README",
      { "out/a-v1/package.json": OURS, "out/a-v1/README.md/x": "" },
      undefined,
      taken("README.md"),
    ],
    ["a file in the place of src", { "out/a-v1/package.json": OURS, "out/a-v1/src": "" }, undefined, taken("src")],
    [
      "a link in the place of src/gen",
      { "out/a-v1/package.json": OURS, "else/mine.ts": "" },
      link("../../../else", "out/a-v1/src/gen"),
      taken("src/gen"),
    ],
    [
      "a link in the place of proto",
      { "out/a-v1/package.json": OURS, "else/a.proto": "" },
      link("../../else", "out/a-v1/proto"),
      taken("proto"),
    ],
    [
      "a link in the place of a README",
      { "out/a-v1/package.json": OURS, "else/README.md": "" },
      link("../../else/README.md", "out/a-v1/README.md"),
      taken("README.md"),
    ],
    ["the whole folder is a file", { out: "" }, undefined, ["out", "out-no-folder", "it is no folder", "--out"]],
    [
      "the whole folder is a link to nothing",
      {},
      link("nowhere", "out"),
      ["out", "out-no-folder", "it is no folder", "--out"],
    ],
  ];
  for (const [name, files, prepare, ...finds] of rows) {
    test(name, () =>
      assertRefused({ files: { ...GOOD, ...files }, ...(prepare === undefined ? {} : { prepare }), finds }),
    );
  }

  test("build removes nothing behind a link", async () => {
    using folder = temporaryFolder();
    writeTree(folder.path, { ...GOOD, "else/mine.js": "mine\n" });
    assert.equal((await charter(GENERATE, { cwd: folder.path })).status, 0);
    symlinkSync("../../else", join(folder.path, "out/a-v1/dist"));
    await charter(["build", ...WORKSPACE], { cwd: folder.path });
    assert.equal(readFileSync(join(folder.path, "else/mine.js"), "utf8"), "mine\n");
  });
});

describe("a tree that is generated again", () => {
  const folder = temporaryFolder();
  const at = (path: string): string => join(folder.path, path);
  const run = (...args: readonly string[]): Promise<CliResult> => charter([...GENERATE, ...args], { cwd: folder.path });
  const read = (path: string): Record<string, unknown> => JSON.parse(readFileSync(at(path), "utf8"));
  const files: Files = {
    ...GOOD,
    "root/proto/b.proto": schema("acme.b.v1", "message B {}\n"),
    "out/by-hand/package.json": '{ "name": "by-hand" }\n',
    "out/no-package/notes.txt": "mine\n",
  };

  before(async () => {
    writeTree(folder.path, files);
    const result = await run();
    assert.equal(result.status, 0, result.stderr);
  });
  after(() => folder[Symbol.dispose]());

  test("--check finds nothing", async () => {
    const before = treeOf(folder.path);
    const result = await run("--check");
    assert.deepEqual([result.status, result.stderr], [0, ""]);
    assert.match(result.stdout, /3 packages are as the schemas say/);
    assert.deepEqual(treeOf(folder.path), before);
  });

  for (const [name, edit] of [
    ["README.md", (text: string) => `${text}More.\n`],
    ["README.md", (text: string) => text.trimEnd()],
    ["package.json", (text: string) => text.replace('"type": "module"', '"type": "commonjs"')],
    ["package.json", (text: string) => text.trimEnd()],
  ] as const) {
    test(`--check names a ${name} that was edited by hand, and generate puts it right`, async () => {
      const path = at(`out/a-v1/${name}`);
      const text = readFileSync(path, "utf8");
      writeFileSync(path, edit(text));
      const before = treeOf(folder.path);
      const result = await run("--check");
      assert.equal(result.status, 1);
      const found = parseFindings(result).map(({ place, code }) => [place, code]);
      assert.deepEqual(found, [[`out/a-v1/${name}`, "stale-file"]]);
      assert.deepEqual(treeOf(folder.path), before);
      assert.equal((await run()).status, 0);
      assert.equal(readFileSync(path, "utf8"), text);
    });
  }

  test("--check names each file that is missing", async () => {
    rmSync(at("out/a-v1"), { recursive: true });
    const found = parseFindings(await run("--check")).map(({ place, code }) => [place, code]);
    assert.deepEqual(found, [
      ["out/a-v1/package.json", "stale-file"],
      ["out/a-v1/README.md", "stale-file"],
    ]);
    assert.equal((await run()).status, 0);
  });

  test("what a person wrote into a package.json stays", async () => {
    const path = "out/a-v1/package.json";
    const own = { version: "1.4.2", keywords: ["books"], author: "Ada", description: "Ours." };
    writeFileSync(at(path), `${JSON.stringify({ ...read(path), ...own }, null, 2)}\n`);
    const result = await run("--check");
    // In the order in which they were added, which is also the one that they are written in.
    assert.equal(result.status, 0, result.stderr);
    assert.equal((await run()).status, 0);
    const { version, keywords, author, description, name } = read(path);
    assert.deepEqual({ version, keywords, author, description }, own);
    assert.equal(name, "@acme/a-v1");
  });

  test("a package whose schema was deleted is named, and stays until --prune, which removes nothing else", async () => {
    rmSync(at("root/proto/b.proto"));
    const before = snapshot(folder.path, []);
    const orphaned = { place: "out/b-v1", code: "package-orphaned" };
    const names = (result: CliResult): void => {
      const found = parseFindings(result);
      assert.deepEqual(
        found.map(({ place, code }) => ({ place, code })),
        [orphaned],
      );
      assert.match(found[0]?.what ?? "", /was generated from a proto package that is no more/);
      assert.match(found[0]?.fix ?? "", /--prune/);
    };
    const plain = await run();
    assert.equal(plain.status, 0);
    names(plain);
    const checked = await run("--check");
    assert.equal(checked.status, 1);
    names(checked);
    const one = await run("--package", "acme.a.v1", "--prune");
    assert.deepEqual([one.status, one.stderr], [0, ""]);
    assert.deepEqual(snapshot(folder.path, []), before);

    const pruned = await run("--prune");
    assert.deepEqual([pruned.status, pruned.stderr], [0, ""]);
    assert.match(pruned.stdout, /Removed out\/b-v1\.\n$/);
    const left = Object.entries(before).filter(([path]) => !path.startsWith("out/b-v1/"));
    assert.deepEqual(snapshot(folder.path, []), Object.fromEntries(left));
    assert.match((await run("--prune")).stdout, /all unchanged\.\n$/);
  });
});

describe("packages inside of a module", () => {
  test("their copies of the schemas do not count as schemas", async () => {
    using folder = temporaryFolder();
    writeTree(folder.path, { "a.proto": schema("acme.a.v1", "message A {}\n") });
    const run = (command: string): Promise<CliResult> => charter([command, "--scope", "@acme"], { cwd: folder.path });
    assert.equal((await run("generate")).status, 0);
    const first = snapshot(folder.path, []);
    const again = await run("generate");
    assert.deepEqual([again.status, again.stderr], [0, ""]);
    assert.match(again.stdout, /all unchanged/);
    const checked = await run("check");
    assert.doesNotMatch(checked.stderr, /packages\/a-v1\/proto/);
    assert.deepEqual(snapshot(folder.path, []), first);
  });
});
