import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Change } from "../../scripts/core/change.ts";
import { diff } from "../../scripts/core/diff.ts";
import { linkImage } from "../../scripts/core/image.ts";
import { isBreak } from "../../scripts/core/judge.ts";
import { readSchema } from "../../scripts/core/read-schema.ts";
import type { Schema } from "../../scripts/core/schema.ts";
import { wellKnownFiles } from "../../scripts/core/well-known-types.ts";
import { runBuf } from "../../scripts/io/buf.ts";
import { editCopy } from "../support/random-edit.ts";
import { randomModel, toFile } from "../support/random-schema.ts";
import { temporaryFolder } from "../support/tree.ts";
import { DISAGREEMENTS, type Disagreement } from "./disagreements.ts";
import { compileSides, type Fixture, fixtureOf, packagePrefix, writeSide } from "./fixture.ts";

/** buf's strictest set, for stable and unstable packages alike. */
const CONFIGURATION = JSON.stringify({ version: "v2", breaking: { use: ["FILE"] } });

/** buf's exit status when it has findings. */
const FINDINGS = 100;

/** What both say of one pair of schemas. */
export interface Opinions {
  /** Of the fixture, or what was edited. */
  readonly name: string;
  /** Our rules, each once. */
  readonly ours: readonly string[];
  /** Those of them that are breaks. */
  readonly breaks: readonly string[];
  /** buf's rules, each once. */
  readonly buf: readonly string[];
}

/** Asks both about every fixture: buf once, about all of them in one module. */
export async function askBoth(fixtures: readonly Fixture[]): Promise<readonly Opinions[]> {
  const [sides, buf] = await Promise.all([compileSides(fixtures), askBuf(fixtures)]);
  return fixtures.map((fixture, index) => {
    const changes = diff(sides.before.schemaOf(fixture), sides.after.schemaOf(fixture));
    return opinionsOf(fixture.name, changes, buf.get(index));
  });
}

function opinionsOf(name: string, changes: readonly Change[], buf: Iterable<string> = []): Opinions {
  return { name, ours: rulesOf(changes), breaks: rulesOf(changes.filter(isBreak)), buf: [...buf].sort() };
}

function rulesOf(changes: readonly Change[]): readonly string[] {
  return [...new Set(changes.map(({ rule }) => rule))];
}

/** The rules of `buf breaking` that each fixture breaks, by its index. */
async function askBuf(fixtures: readonly Fixture[]): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  using folder = temporaryFolder();
  const [before, after] = [join(folder.path, "before"), join(folder.path, "after")];
  writeSide(before, fixtures, (fixture) => fixture.before, "version: v2\n");
  writeSide(after, fixtures, (fixture) => fixture.after, "version: v2\n");
  return await findings(folder.path, after, before);
}

/** Asks both about one step of each of many random schemas: buf once, about all of them in one image. */
export async function askBothAtRandom(count: number, random: () => number): Promise<readonly Opinions[]> {
  const steps = Array.from({ length: count }, (_, index) => {
    const before = randomModel(random, `${packagePrefix(index)}v1`);
    return { before, ...editCopy(before, random) };
  });
  using folder = temporaryFolder();
  const sides = [steps.map(({ before }) => toFile(before)), steps.map(({ model }) => toFile(model))] as const;
  const [before, after] = sides.map((files, side) => {
    const path = join(folder.path, `${side}.binpb`);
    const set = create(FileDescriptorSetSchema, { file: [...wellKnownFiles(), ...files] });
    writeFileSync(path, toBinary(FileDescriptorSetSchema, set));
    return path;
  }) as [string, string];
  const buf = await findings(folder.path, after, before);
  return steps.map(({ edits }, index) => {
    const [old, now] = sides.map((files) => readSchema(linkImage(files.slice(index, index + 1)))) as [Schema, Schema];
    return opinionsOf(edits.join(", "), diff(old, now), buf.get(index));
  });
}

/** What buf says of two inputs, by the index in the name of a package. */
async function findings(
  folder: string,
  after: string,
  before: string,
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const args = ["breaking", after, "--against", before, "--error-format", "json", "--config", CONFIGURATION];
  const { status, stdout, stderr } = await runBuf(folder, args);
  assert.equal(status, FINDINGS, stderr);
  const found = new Map<number, Set<string>>();
  for (const line of stdout.toString("utf8").trim().split("\n")) {
    const { path, type, message } = JSON.parse(line) as { path?: string; type: string; message: string };
    // A file that is gone has no path; the message names it.
    const index = fixtureOf(path ?? message);
    assert.ok(index !== undefined, line);
    found.set(index, (found.get(index) ?? new Set()).add(type));
  }
  return found;
}

/** The rules of buf's that the comparison should meet. */
export async function bufRules(): Promise<readonly string[]> {
  const { stdout } = await runBuf(".", ["config", "ls-breaking-rules", "--version", "v2", "--format", "json"]);
  const lines = stdout.toString("utf8").trim().split("\n");
  const rules = lines.map((line) => JSON.parse(line) as { id: string; categories: readonly string[] });
  return rules.filter(({ categories }) => categories.includes("FILE")).map(({ id }) => id);
}

/** One rule that only one of the two calls a break, with the row that explains it; undefined where none does. */
export interface Explained {
  readonly rule: string;
  readonly row: Disagreement | undefined;
}

/** @returns nothing where both, or neither, see a break. */
export function explain({ ours, breaks, buf }: Opinions): readonly Explained[] {
  if (breaks.length > 0 === buf.length > 0) return [];
  if (buf.length === 0) {
    return breaks.map((rule) => ({
      rule,
      row: DISAGREEMENTS.find((row) => row.buf.length === 0 && row.ours.includes(rule)),
    }));
  }
  const isAbout = (row: Disagreement): boolean =>
    row.ours.length === 0 ? ours.length === 0 : row.ours.some((rule) => ours.includes(rule));
  return buf.map((rule) => ({ rule, row: DISAGREEMENTS.find((row) => row.buf.includes(rule) && isAbout(row)) }));
}

export const OPINION_BEGIN = "<!-- from tests/semver/disagreements.ts: node tests/semver/write-rules.ts -->\n";
export const OPINION_END = "<!-- end of the comparison -->\n";

/** The part of docs/rules.md that is about buf: how often the two agree, and why they do not. */
export function renderOpinions(opinions: readonly Opinions[]): string {
  const both = opinions.filter(({ breaks, buf }) => breaks.length > 0 && buf.length > 0).length;
  const neither = opinions.filter(({ breaks, buf }) => breaks.length === 0 && buf.length === 0).length;
  const ours = opinions.filter(({ breaks, buf }) => breaks.length > 0 && buf.length === 0).length;
  const theirs = opinions.length - both - neither - ours;
  const count =
    `Of ${opinions.length} pairs, ${both} are a break for both and ${neither} for neither; ` +
    `${ours} for us alone, and ${theirs} for buf alone.`;
  const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(", ");
  const links = (rules: readonly string[]): string =>
    rules.length === 0 ? "no difference" : rules.map((rule) => `[\`${rule}\`](#${rule})`).join(", ");
  const linked = (why: string): string =>
    why.replaceAll(/`((?:\w+-)+\w+)`/g, (_, rule: string) => `[\`${rule}\`](#${rule})`);
  const rows = DISAGREEMENTS.map(
    ({ ours, buf, why }) => `| ${links(ours)} | ${buf.length === 0 ? "nothing" : code(buf)} | ${linked(why)} |`,
  );
  return `\n${count}\n\n${["| ours | buf | why |", "|---|---|---|", ...rows].join("\n")}\n`;
}
