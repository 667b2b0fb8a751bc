import assert from "node:assert/strict";
import { join } from "node:path";
import { checkedPackages } from "../../scripts/commands/build.ts";
import { readImage } from "../../scripts/core/image.ts";
import type { LensFinding } from "../../scripts/core/lens.ts";
import { loadGenerator } from "../../scripts/core/sources.ts";
import { witnessSource } from "../../scripts/core/witness-source.ts";
import type { Witness } from "../../scripts/core/witness-text.ts";
import { buildImage } from "../../scripts/io/buf.ts";
import { emitPackage } from "../../scripts/io/emit.ts";
import { compileWitnesses } from "../../scripts/io/lens.ts";
import { charter } from "./cli.ts";
import { writeTree } from "./tree.ts";

const NAMING = { scope: "@acme", root: "acme" };

/** The old consumers of all packages of a workspace. */
export async function witnessesOf(
  root: string,
  naming = NAMING,
  exclude: readonly string[] = [],
): Promise<readonly Witness[]> {
  const generator = loadGenerator(readImage(await buildImage({ root, exclude })), naming);
  assert.deepEqual(generator.findings, []);
  return generator.packages.map((each) => witnessSource(each, naming, generator.nameOf));
}

/** Generates the packages of a workspace and writes their declarations; `build` also has all their types checked. */
export async function makePackages(root: string, out: string, build = false): Promise<void> {
  const flags = ["--root", root, "--scope", NAMING.scope, "--out", out];
  for (const command of build ? ["generate", "build"] : ["generate"]) {
    const result = await charter([command, ...flags]);
    assert.equal(result.status, 0, `charter ${command}: ${result.stdout}${result.stderr}`);
  }
  if (build) return;
  for (const { folder } of await checkedPackages({ out })) assert.deepEqual(await emitPackage(folder), []);
}

export async function look(witnesses: readonly Witness[], out: string): Promise<readonly LensFinding[]> {
  return await compileWitnesses(witnesses, await checkedPackages({ out }));
}

/** One row of a table: a package of its own, before and after. Texts without `package` and `syntax`. */
export interface Pair {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Lines that a schema must have before its first declaration. */
const IMPORTS = [
  "google/protobuf/any.proto",
  "google/protobuf/duration.proto",
  "google/protobuf/field_mask.proto",
  "google/protobuf/struct.proto",
  "google/protobuf/timestamp.proto",
  "google/protobuf/wrappers.proto",
  "shared.proto",
];

/** A package that others import. */
const SHARED = `syntax = "proto3";
package acme.shared.v1;
message Money { string currency = 1; int64 units = 2; }
enum Mode { MODE_UNSPECIFIED = 0; MODE_ON = 1; }
`;

/** The workspace of one side: a package for each pair, in a file of the same name. */
export function writePairs(folder: string, pairs: readonly Pair[], side: "before" | "after"): void {
  const imports = IMPORTS.map((path) => `import "${path}";\n`).join("");
  const files = pairs.map((pair, index) => {
    return [`p${index}.proto`, `syntax = "proto3";\npackage ${packageOf(index)};\n${imports}${pair[side]}`] as const;
  });
  writeTree(folder, { "buf.yaml": "version: v2\n", "shared.proto": SHARED, ...Object.fromEntries(files) });
}

function packageOf(index: number): string {
  return `acme.p${index}.v1`;
}

/**
 * Compiles the consumers of all pairs' before against all pairs' after, in one run.
 * @returns by the pairs' names what was found, the paths without the package.
 */
export async function comparePairs(
  pairs: readonly Pair[],
  folder: string,
  build = false,
): Promise<ReadonlyMap<string, readonly LensFinding[]>> {
  const [before, after, out] = [join(folder, "before"), join(folder, "after"), join(folder, "out")];
  writePairs(before, pairs, "before");
  writePairs(after, pairs, "after");
  await makePackages(after, out, build);
  const found = await look(await witnessesOf(before), out);
  const ofPair = (index: number): readonly LensFinding[] =>
    found
      .filter((each) => each.package === packageOf(index))
      .map((each) => ({ ...each, path: each.path.replace(`${packageOf(index)}.`, "") }));
  return new Map(pairs.map(({ name }, index) => [name, ofPair(index)] as const));
}
