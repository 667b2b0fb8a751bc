import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Against, parseRegistry } from "../core/against.ts";
import { type Baseline, type BaselinePackage, baselineOf } from "../core/baseline.ts";
import { type FindingsError, usageError } from "../core/finding.ts";
import type { Naming } from "../core/names.ts";
import { type Place, readBaselineImage, readFolder } from "./baseline-image.ts";
import { readPublished, readPublishedOne } from "./baseline-npm.ts";
import { type MergeBase, readMergeBase } from "./git.ts";
import { checkOutSchemas, resolveCommit } from "./git-tree.ts";
import { type NpmRegistry, readNpmSettings } from "./npm-client.ts";

export interface BaselineOptions extends Place {
  /** undefined: no scope is configured, so that no package has a name in npm. */
  readonly naming: Naming | undefined;
  /** Where published packages are read, for all forms that do. Default: as npm is configured. */
  readonly registry: string | undefined;
  /** The proto packages that are there now, and those that were published and are no more. */
  readonly protoPackages: readonly string[];
}

/** What the schemas are to be compared with. Writes nothing. @throws FindingsError when there is no answer. */
export async function readBaseline(against: Against, options: BaselineOptions): Promise<Baseline> {
  switch (against.kind) {
    case "default":
      return await readDefault(options);
    case "npm": {
      const { naming, registry } = await publishedPlace(options);
      return { ...(await readPublished(options.protoPackages, naming, registry)), only: undefined };
    }
    case "npm-package": {
      const { registry } = await publishedPlace(options, against.name.split("/")[0]);
      const published = await readPublishedOne(`${against.name}@${against.version}`, registry);
      return { packages: new Map([[published.protoPackage, published]]), only: published.protoPackage };
    }
    case "git":
      return await readRef(against.ref, options);
    case "path":
      return await readPath(against.path, options);
  }
}

/** What was published last, of each package that the scope's own registry knows; the merge base for the others. */
async function readDefault(options: BaselineOptions): Promise<Baseline> {
  const { root, naming, protoPackages } = options;
  const scoped = naming === undefined ? undefined : await scopedRegistry(options, naming);
  const base = await readMergeBase(root);
  if (base.kind !== "found" && scoped === undefined) throw nothingToCompare(base, naming);
  const older = base.kind === "found" ? await readCommit(base.commit, "the merge base", options) : undefined;
  if (scoped === undefined || naming === undefined) return older ?? NOTHING;
  const registry = { url: scoped, scope: naming.scope, root };
  const names = new Set([...protoPackages, ...(older?.packages.keys() ?? [])]);
  const published = await readPublished([...names], naming, registry);
  const unknown = protoPackages.filter((name) => !published.packages.has(name));
  // Without git there is no more to know: they are new. History that was not fetched is.
  if (base.kind === "shallow" && unknown.length > 0) throw nothingToCompare(base, naming);
  return { ...published, packages: new Map([...(older?.packages ?? []), ...published.packages]), only: undefined };
}

const NOTHING: Baseline = { packages: new Map<string, BaselinePackage>(), only: undefined };

async function scopedRegistry({ root, registry }: BaselineOptions, naming: Naming): Promise<string | undefined> {
  if (registry !== undefined) return parseRegistry(registry);
  return (await readNpmSettings(root, naming.scope)).scoped;
}

function nothingToCompare({ kind }: Exclude<MergeBase, { kind: "found" }>, naming: Naming | undefined): FindingsError {
  if (kind === "shallow") return usageError("baseline-shallow");
  return usageError("baseline-none", { scope: naming?.scope ?? "the packages" });
}

/** The registry for who asks for it by name: that of the scope, else npm's own. */
async function publishedPlace(
  { root, naming, registry }: BaselineOptions,
  scope: string | undefined = naming?.scope,
): Promise<{ readonly naming: Naming; readonly registry: NpmRegistry }> {
  if (scope === undefined) throw usageError("scope-missing");
  const settings = registry === undefined ? await readNpmSettings(root, scope) : undefined;
  const url = registry ?? settings?.scoped ?? settings?.general;
  if (url === undefined) throw usageError("baseline-registry-unset", { scope });
  return { naming: naming ?? { scope, root: scope.slice(1) }, registry: { url: parseRegistry(url), scope, root } };
}

async function readRef(ref: string, options: BaselineOptions): Promise<Baseline> {
  const commit = await resolveCommit(options.root, ref);
  if (commit === undefined) {
    const base = await readMergeBase(options.root);
    throw usageError(base.kind === "no-git" ? "git-missing" : "git-ref-unknown", { ref });
  }
  const baseline = await readCommit(commit, ref, options);
  if (baseline === undefined) throw usageError("baseline-empty", { baseline: `git:${ref}` });
  return baseline;
}

/** @returns undefined when the commit has no schemas there. */
async function readCommit(commit: string, name: string, place: Place): Promise<Baseline | undefined> {
  await using folder = await checkOutSchemas(place.root, commit);
  if (folder === undefined) return undefined;
  const short = commit.slice(0, 10);
  const from = commit.startsWith(name) ? short : `${name} at ${short}`;
  return baselineOf(await readFolder(folder.path, place, from), { kind: "git", from });
}

async function readPath(path: string, place: Place): Promise<Baseline> {
  const full = resolve(path);
  const found = await stat(full).catch(() => undefined);
  if (found === undefined) throw usageError("baseline-absent", { against: path });
  if (found.isDirectory()) return baselineOf(await readFolder(full, place, path), { kind: "folder", from: path });
  const read = readBaselineImage(await readFile(full));
  if ("reason" in read) throw usageError("baseline-no-image", { reason: read.reason }, { file: full });
  return baselineOf(read, { kind: "image", from: path });
}
