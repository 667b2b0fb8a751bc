import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type CliResult, charter } from "./cli.ts";
import { startRepository } from "./git.ts";
import { type Expected, type Files, type Printed, parseFindings, schema, treeOf } from "./refusal.ts";
import { temporaryFolder, writeTree } from "./tree.ts";

const PROTO = "proto/acme/orders/v1/order.proto";
const COMMON: Files = {
  "buf.yaml": "version: v2\nmodules:\n  - path: proto\nlint:\n  use: [MINIMAL]\n",
  "charter.yaml": 'scope: "@acme"\nlicense: MIT\n',
  ".gitignore": "packages/*/src\npackages/*/proto\npackages/*/schema.binpb\npackages/*/LICENSE\npackages/rpc\n",
  ".changeset/config.json": "{}\n",
};

/** A repository with its generated packages, in which one package has changed since the commit. */
export interface ChangedTree extends Disposable {
  readonly path: string;
  /** Of the break. */
  readonly fingerprint: string;
  /** Another one like it as it is now, in a folder of its own. */
  copy(): ChangedTree;
  /** Calls the real command in the tree. */
  run(...args: readonly string[]): Promise<CliResult>;
  write(files: Files): void;
  read(file: string): string;
  remove(...files: readonly string[]): void;
  /** Makes the fields of the one message these. */
  fields(...lines: readonly string[]): void;
}

/** The package is acme.orders.v1; its field `note` was renamed, which is a break of a stable package. */
export async function startChanged(): Promise<ChangedTree> {
  const tree = treeIn(temporaryFolder(), "");
  const succeed = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await tree.run(...args);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  tree.write(COMMON);
  tree.fields("string id = 1;", "string note = 2;");
  await succeed("generate");
  startRepository(tree.path);
  tree.fields("string id = 1;", "string remark = 2;");
  await succeed("generate");
  const { packages } = JSON.parse(await succeed("diff", "--rules-only", "--format", "json")) as {
    packages: { changes: { rule: string; fingerprint: string }[] }[];
  };
  const renamed = packages.flatMap(({ changes }) => changes).find(({ rule }) => rule === "field-renamed");
  return { ...tree, fingerprint: renamed?.fingerprint ?? assert.fail("no break") };
}

function treeIn(folder: ReturnType<typeof temporaryFolder>, fingerprint: string): ChangedTree {
  const { path } = folder;
  const write = (files: Files): void => writeTree(path, files);
  return {
    path,
    fingerprint,
    copy() {
      const other = temporaryFolder();
      cpSync(path, other.path, { recursive: true, verbatimSymlinks: true });
      return treeIn(other, this.fingerprint);
    },
    run: (...args) => charter(args, { cwd: path }),
    write,
    read: (file) => readFileSync(join(path, file), "utf8"),
    remove: (...files) => {
      for (const file of files) rmSync(join(path, file), { recursive: true });
    },
    fields: (...lines) => {
      const body = lines.map((line) => `  ${line}\n`).join("");
      write({ [PROTO]: schema("acme.orders.v1", `message Order {\n${body}}\n`) });
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Runs the command, which must end so, say just this, and leave every file as it was. */
export async function assertSays(
  tree: ChangedTree,
  args: readonly string[],
  exit: number,
  ...finds: readonly Expected[]
): Promise<void> {
  const before = treeOf(tree.path);
  const result = await tree.run(...args);
  assert.equal(result.status, exit, result.stderr);
  assertPrinted(parseFindings(result, tree.path), finds);
  assert.deepEqual(treeOf(tree.path), before, "the tree is as it was");
}

/** @param expected the place and the code exactly, the rest by its telling words; each once, and no others. */
export function assertPrinted(printed: readonly Printed[], expected: readonly Expected[]): void {
  const text = JSON.stringify(printed, null, 2);
  for (const [place, code, what, fix] of expected) {
    const found = printed.filter((each) => each.place === place && each.code === code && each.what.includes(what));
    assert.equal(found.length, 1, `${place}: ${what} [${code}] among\n${text}`);
    assert.ok(found[0]?.fix.includes(fix), `"${found[0]?.fix}" says "${fix}"`);
  }
  assert.equal(printed.length, expected.length, `as many findings as expected:\n${text}`);
}
