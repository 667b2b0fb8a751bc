import type { Change } from "./change.ts";
import { judge } from "./judge.ts";
import type { PackageJson } from "./package-json.ts";

/** The files of a package by their paths, as published or as they would be. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>;

/**
 * What follows from the schema of a package alone is told by the diff; its descriptors hold those of its imports too,
 * whose comments are no reason for a release.
 */
const FROM_SCHEMA = /^dist\/schema\.(js|d\.ts)$/;

/**
 * The emitted files and the parts of the manifest that differ, sorted: a file by its path, a key of package.json by its
 * name. For one schema they are what the generator changed.
 */
export function differingOutput(published: PackageFiles, candidate: PackageFiles): readonly string[] {
  const emitted = (files: PackageFiles): readonly string[] =>
    [...files.keys()].filter((path) => path.startsWith("dist/") && !FROM_SCHEMA.test(path));
  const paths = new Set([...emitted(published), ...emitted(candidate)]);
  const files = [...paths].filter((path) => !equal(published.get(path), candidate.get(path)));
  const [old, now] = [manifestOf(published), manifestOf(candidate)];
  const keys = ["type", "sideEffects", "engines", "exports"].filter((key) => text(old[key]) !== text(now[key]));
  const own = ownDependencies(now);
  if (dependencies(old, own) !== dependencies(now, own)) keys.push("dependencies");
  return [...files, ...keys].sort();
}

/** @param extended whether a consumer of the new output may do what one of the old could not. */
export function outputChange(protoPackage: string, differing: readonly string[], extended: boolean): Change {
  return judge({
    rule: extended ? "output-extended" : "output-changed",
    package: protoPackage,
    path: protoPackage,
    before: "",
    after: differing.join(", "),
    position: undefined,
  });
}

function manifestOf(files: PackageFiles): PackageJson {
  const bytes = files.get("package.json");
  return bytes === undefined ? {} : JSON.parse(new TextDecoder().decode(bytes));
}

/** Those from the repository itself: their ranges are only written when the package is packed. */
function ownDependencies(json: PackageJson): ReadonlySet<string> {
  return new Set(entriesOf(json).flatMap(([name, range]) => (String(range).startsWith("workspace:") ? [name] : [])));
}

/** As text, without the ranges of what is in the repository. */
function dependencies(json: PackageJson, own: ReadonlySet<string>): string {
  const told = entriesOf(json).map(([name, range]) => (own.has(name) ? name : `${name} ${String(range)}`));
  return told.sort().join();
}

function entriesOf({ dependencies: found }: PackageJson): readonly (readonly [name: string, range: unknown])[] {
  return typeof found === "object" && found !== null ? Object.entries(found) : [];
}

function text(value: unknown): string | undefined {
  return JSON.stringify(value);
}

function equal(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((byte, index) => byte === b[index]);
}
