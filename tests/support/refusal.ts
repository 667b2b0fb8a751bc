import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CliResult, charter } from "./cli.ts";
import { snapshot, temporaryFolder, writeTree } from "./tree.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A finding as the command printed it: `place: what [code]`, and the fix on the next line. */
export interface Printed {
  readonly place: string;
  readonly what: string;
  readonly code: string;
  readonly fix: string;
}

/** What must be printed: the place and the code exactly, the rest by its telling words. */
export type Expected = readonly [place: string, code: string, what: string, fix: string];

export interface Refusal {
  /** From a temporary folder, in which the command is called: the workspace is `root`, the packages go to `out`. */
  readonly files: Files;
  /** What a tree of files cannot say: links, permissions. */
  readonly prepare?: (folder: string) => void;
  /** Default: `generate` of that workspace. */
  readonly args?: readonly string[];
  /** Default: 2. */
  readonly exit?: number;
  readonly finds: readonly Expected[];
}

export const WORKSPACE = ["--root", "root", "--scope", "@acme", "--out", "out"] as const;

export const BUF_YAML: Files = { "root/buf.yaml": "version: v2\nmodules:\n  - path: proto\n" };

/** A schema in proto3. `package` is on line 3, the imports on line 5 and after, then the body. */
export function schema(protoPackage: string, body: string, ...imports: readonly string[]): string {
  const lines = imports.map((each) => `import "${each}";\n`).join("");
  return `syntax = "proto3";\n\npackage ${protoPackage};\n\n${lines}${body}`;
}

/** A workspace in which all is well. */
export const GOOD: Files = { ...BUF_YAML, "root/proto/a.proto": schema("acme.a.v1", "message A {}\n") };

/** A schema of the package acme.a.v1, whose body begins on line 5. */
export function body(text: string): Files {
  return { "a.proto": schema("acme.a.v1", text) };
}

export function inProto(files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`root/proto/${path}`, content]));
}

/** One line a case: its files, and the places in what is found, are below root/proto. */
export type Row = readonly [name: string, files: Files, ...finds: readonly Expected[]];

/** A test for each row: `generate` must refuse it. `more` is there in each case. */
export function refuseAll(rows: readonly Row[], more: Files = {}): void {
  for (const [name, files, ...finds] of rows) {
    const below = finds.map(([place, ...rest]) => [`root/proto/${place}`, ...rest] as const);
    test(name, () => assertRefused({ files: { ...BUF_YAML, ...more, ...inProto(files) }, finds: below }));
  }
}

/** Runs the real command on a bad tree: it must say what it has to, and leave the tree as it was. */
export async function assertRefused(refusal: Refusal): Promise<void> {
  using folder = temporaryFolder();
  writeTree(folder.path, refusal.files);
  refusal.prepare?.(folder.path);
  const before = treeOf(folder.path);
  const result = await charter(refusal.args ?? ["generate", ...WORKSPACE], { cwd: folder.path });
  assert.equal(result.status, refusal.exit ?? 2, result.stderr);
  const printed = parseFindings(result, folder.path);
  for (const expected of refusal.finds) assertFinds(printed, expected);
  assert.equal(printed.length, refusal.finds.length, `as many findings as expected:\n${result.stderr}`);
  assert.deepEqual(treeOf(folder.path), before, "the tree is as it was");
}

/** Every file with its digest, and every folder, so that a new empty one is seen too. */
export function treeOf(folder: string): unknown {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return { files: snapshot(folder, []), folders: folders.sort() };
}

/** Standard error as findings; anything else in it, such as a stack trace, fails. */
export function parseFindings({ stderr }: Pick<CliResult, "stderr">, folder = ""): readonly Printed[] {
  const printed: Printed[] = [];
  const lines = (folder === "" ? stderr : stderr.replaceAll(`${folder}/`, "")).trimEnd().split("\n");
  for (let at = 0; at < lines.length && stderr !== ""; at += 2) {
    if (lines[at]?.startsWith("Nothing to compare with")) at++;
    const match = /^(\S+): (.*) \[([a-z0-9-]+)\]$/.exec(lines[at] ?? "");
    const fix = /^ {2}(\S.*)$/.exec(lines[at + 1] ?? "")?.[1];
    assert.ok(match !== null && fix !== undefined, `line ${at + 1} is no finding:\n${stderr}`);
    const [, place = "", what = "", code = ""] = match;
    assert.match(what, /^\S.*[.:)]$/, "ends as a sentence does");
    printed.push({ place, what, code, fix });
  }
  return printed;
}

function assertFinds(printed: readonly Printed[], [place, code, what, fix]: Expected): void {
  const found = printed.filter((each) => each.place === place && each.code === code && each.what.includes(what));
  assert.equal(found.length, 1, `${place}: ${what} [${code}] among\n${JSON.stringify(printed, null, 2)}`);
  assert.ok(found[0]?.fix.includes(fix), `"${found[0]?.fix}" says "${fix}"`);
}
