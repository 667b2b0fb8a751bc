// node bench/google-diff.ts [--sample N] [--seed S]: how long `charter diff --rules-only` takes between two releases of
// all of Google's APIs, by phases, and beside buf's own builds of the same two trees in the same run. Times depend on
// the machine: the ratios are what to compare. npm packs the releases into a temporary folder; nothing else is written.
// With --sample, N of the changes are printed too, for a person to check: drawn by rule first, so that rare rules come.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { baselineHistories, baselineOf, baselineSchema } from "../scripts/core/baseline.ts";
import { diff } from "../scripts/core/diff.ts";
import { assembleReport, type ChangeReport, type DiffReport } from "../scripts/core/diff-report.ts";
import { readImage } from "../scripts/core/image.ts";
import { readAhead, readSchema } from "../scripts/core/read-schema.ts";
import { buildImage, listProtoFiles } from "../scripts/io/buf.ts";
import { readProtoTree } from "../scripts/io/proto-tree.ts";
import { charter } from "../tests/support/cli.ts";
import { RELEASES, writeGoogleRelease } from "../tests/support/google-release.ts";
import { draw, seeded } from "../tests/support/random.ts";
import { temporaryFolder } from "../tests/support/tree.ts";

const { values } = parseArgs({ options: { sample: { type: "string" }, seed: { type: "string" } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
using folder = temporaryFolder();
const [before, after] = [join(folder.path, RELEASES.before), join(folder.path, RELEASES.after)];
const NAMING = { scope: "@x", root: "x" };

async function timed<T>(work: () => T | Promise<T>): Promise<readonly [result: T, ms: number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}

await writeGoogleRelease(RELEASES.before, before);
await writeGoogleRelease(RELEASES.after, after);

// What a person waits for: a process of its own, before anything here is warm. That reads the disk for the first time,
// so that buf has its builds before.
const [newBytes, bufNew] = await timed(() => buildImage({ root: after, exclude: [] }));
const [oldBytes, bufOld] = await timed(() => buildImage({ root: before, exclude: [] }));
const args = ["diff", "--root", after, "--against", before, "--scope", NAMING.scope, "--rules-only"];
const [answer, whole] = await timed(() => charter([...args, "--format", "json"]));
if (answer.status !== 0) throw new Error(answer.stderr);
const told = JSON.parse(answer.stdout) as DiffReport;

const [listed, listing] = await timed(async () => {
  const old = await listProtoFiles({ root: before, exclude: [] });
  const files = await listProtoFiles({ root: after, exclude: [] });
  await readProtoTree(after, files);
  const paths = [old, files].map((each) => each.map(({ importPath }) => importPath));
  return { old: paths[0] ?? [], new: paths[1] ?? [] };
});
// As the command does it: of a package that is on one side only, no type is read.
function readImageOf(bytes: Uint8Array, others: readonly string[]) {
  const image = readImage(bytes);
  const schema = readSchema(image);
  const wanted = new Set(others);
  readAhead(schema, (files) => files.some(({ path }) => wanted.has(path)));
  return { image, schema };
}

const [now, readingNew] = await timed(() => readImageOf(newBytes, listed.old));
const [then, readingOld] = await timed(() => readImageOf(oldBytes, listed.new));
const baseline = baselineOf(then, { kind: "folder", from: before });
const [changes, diffing] = await timed(() => diff(baselineSchema(baseline), now.schema, baselineHistories(baseline)));
const [, reporting] = await timed(() => {
  const protoPackages = now.image.ownPackages;
  const input = { against: before, baseline, changes, protoPackages, naming: NAMING, paths: new Map() };
  return JSON.stringify(assembleReport({ ...input, compiler: "left-out" }), undefined, 2);
});

const buf = bufNew + bufOld;
const rows: readonly (readonly [phase: string, ms: number])[] = [
  [`buf builds ${RELEASES.after}`, bufNew],
  [`buf builds ${RELEASES.before}`, bufOld],
  ["list both, read the texts of one", listing],
  ["decode, link and read the new image", readingNew],
  ["decode, link and read the old image", readingOld],
  ["diff", diffing],
  ["report, as JSON", reporting],
  ["all of ours", listing + readingNew + readingOld + diffing + reporting],
  // The command reads the new image while buf builds the old tree.
  ["of it after buf's last build", readingOld + diffing + reporting],
  ["the whole command", whole],
  ["the whole command less buf's two builds", whole - buf],
];
console.log(
  `${listed.old.length + listed.new.length} files, ${told.packages.length} packages, ${changes.length} changes`,
);
console.log(`Node ${process.version}, ${availableParallelism()} cores\n`);
for (const [phase, ms] of rows) {
  console.log(
    `${phase.padEnd(42)}${ms.toFixed(0).padStart(7)} ms${(ms / buf).toFixed(2).padStart(8)}× buf's two builds`,
  );
}

if (values.sample !== undefined) {
  console.log(`\nSEED=${seed}`);
  for (const [index, [name, change]] of drawn(told, Number(values.sample)).entries()) show(index + 1, name, change);
}

type Drawn = readonly [protoPackage: string, change: ChangeReport];

/** Each of another rule as long as there are rules. */
function drawn({ packages }: DiffReport, count: number): readonly Drawn[] {
  const random = seeded(seed);
  const all = packages.flatMap(({ package: name, changes }) => changes.map((change): Drawn => [name, change]));
  const rules = [...new Set(all.map(([, { rule }]) => rule))].sort();
  const found: Drawn[] = [];
  while (found.length < Math.min(count, all.length)) {
    for (const rule of draw(rules, count - found.length, random)) {
      const left = all.filter((each) => each[1].rule === rule && !found.includes(each));
      found.push(...draw(left, 1, random));
    }
  }
  return found;
}

function show(number: number, name: string, { rule, path, before, after, bump, breaks, position }: ChangeReport): void {
  const { file = "", line, column } = position ?? {};
  console.log(`\n${number}. ${rule}: ${bump}${breaks.length > 0 ? `, breaks ${breaks.join(", ")}` : ""}`);
  console.log(`   ${path} in ${name}`);
  console.log(`   ${[file, line, column].join(":")}`);
  for (const [word, text] of [
    ["before", before],
    ["after", after],
  ] as const) {
    console.log(`   ${word}: ${JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text)}`);
  }
}
