// node bench/many-packages.ts [COUNT]: how long one `charter changeset` takes when COUNT packages (100) changed at once,
// by phases, and beside buf's own builds of the same two trees in the same run. Times depend on the machine: the ratios
// are what to compare. The tree is generated in a temporary folder; nothing else is written.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { askCompiler } from "../scripts/commands/ask-compiler.ts";
import { loadImage } from "../scripts/commands/load-schemas.ts";
import { baselineHistories, baselineOf, baselineSchema } from "../scripts/core/baseline.ts";
import { demandsOf, planChangesets } from "../scripts/core/changeset.ts";
import { parseConfig } from "../scripts/core/config.ts";
import { diff } from "../scripts/core/diff.ts";
import { readImage } from "../scripts/core/image.ts";
import { readSchema } from "../scripts/core/read-schema.ts";
import { tellChanges } from "../scripts/core/tell-changes.ts";
import { buildImage } from "../scripts/io/buf.ts";
import { applyChangesetEdits, readChangesets } from "../scripts/io/changeset-folder.ts";
import { checkOutSchemas, resolveCommit } from "../scripts/io/git-tree.ts";
import { readPackagesFolder } from "../scripts/io/packages-folder.ts";
import { charter } from "../tests/support/cli.ts";
import { git, startRepository } from "../tests/support/git.ts";
import { editPackages, planPackages, release, writePackages } from "../tests/support/many-packages.ts";
import { temporaryFolder } from "../tests/support/tree.ts";

const count = Number(process.argv[2] ?? 100);
using folder = temporaryFolder();
const root = folder.path;

async function timed<T>(work: () => T | Promise<T>): Promise<readonly [result: T, ms: number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}

async function call(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await charter(args, { cwd: root });
  if (status !== 0) throw new Error(stderr);
}

const packages = planPackages(count);
writePackages(root, packages);
await call("generate");
release(root, packages);
startRepository(root);
editPackages(root, packages);
await call("generate");

const commit = (await resolveCommit(root, "main")) ?? "";
const out = join(root, "packages");
const config = parseConfig('scope: "@acme"\nlicense: MIT\n', {});
await using older = await checkOutSchemas(root, commit);
if (older === undefined) throw new Error("the commit has no schemas");

// What a person waits for: a process of its own, before anything here is warm.
const [, whole] = await timed(() => call("changeset", "--against", "git:main"));
git(root, "clean", "-fdq", ".changeset", "packages");

const [, bufNow] = await timed(() => buildImage({ root, exclude: [] }));
const [bytes, bufBefore] = await timed(() => buildImage({ root: older.path, exclude: [] }));
const [{ image }, loading] = await timed(() => loadImage({ root, out }));
const [[after, baseline], reading] = await timed(() => {
  const old = readImage(bytes);
  const source = { kind: "git", from: commit } as const;
  const histories = new Map<string, never>();
  return [readSchema(image), baselineOf({ image: old, schema: readSchema(old), histories }, source)] as const;
});
const [changes, diffing] = await timed(() => diff(baselineSchema(baseline), after, baselineHistories(baseline)));
const [edits, planning] = await timed(async () => {
  const { existing } = await readPackagesFolder(out);
  const known = new Set([...existing.values()].map((json) => String(json["name"])));
  return planChangesets(demandsOf(changes, config, known), await readChangesets(root), tellChanges);
});
const [, writing] = await timed(() => applyChangesetEdits(root, edits));
const [seen, asking] = await timed(() => askCompiler({ config, image, baseline, changes }));

const buf = bufNow + bufBefore;
const rows: readonly (readonly [phase: string, ms: number])[] = [
  ["buf builds the tree as it is", bufNow],
  ["buf builds the tree as it was", bufBefore],
  ["load: list, read, build, link", loading],
  ["read: the old image, and both schemas", reading],
  ["diff", diffing],
  ["plan the changesets", planning],
  ["write them", writing],
  ["read + diff + plan + write", reading + diffing + planning + writing],
  ["ask the compiler", asking],
  ["the whole command", whole],
  ["the whole command less buf's two builds", whole - buf],
];
console.log(
  `${count} packages, ${changes.length} changes, ${edits.length} changesets, ${seen?.length ?? 0} by the compiler alone`,
);
console.log(`Node ${process.version}, ${availableParallelism()} cores\n`);
for (const [phase, ms] of rows) {
  console.log(
    `${phase.padEnd(42)}${ms.toFixed(0).padStart(7)} ms${(ms / buf).toFixed(2).padStart(8)}× buf's two builds`,
  );
}
