import { lstat, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Finding, FindingsError, finding, usageError } from "../core/finding.ts";
import { type OutputFile, OWN_FOLDERS, type PackageOutput } from "../core/output.ts";
import { markedPackage, type PackageJson } from "../core/package-json.ts";
import { isAbsent, readOptional, removeOthers, removeUnfinished, writeChanged } from "./write-file.ts";

/** What stands in the output folder before a command writes there. */
export interface PackagesFolder {
  /** The package.json of each folder that has one, generated or not. */
  readonly existing: ReadonlyMap<string, PackageJson>;
  /** Folders that hold files but no package.json, and links and files: nothing that we made. */
  readonly strangers: ReadonlySet<string>;
}

/** @param out an absolute path; may be absent. @throws FindingsError for each package.json that is no JSON object. */
export async function readPackagesFolder(out: string): Promise<PackagesFolder> {
  const entries = await readdir(out, { withFileTypes: true }).catch(async (error: unknown) => {
    if (!isAbsent(error)) throw error;
    // A file, a link to nothing, or something below a file.
    const there = await lstat(out).catch((reason: unknown) => !isMissing(reason));
    if (there !== false) throw usageError("out-no-folder", {}, { file: out });
    return [];
  });
  const existing = new Map<string, PackageJson>();
  const strangers = new Set<string>();
  const findings: Finding[] = [];
  for (const entry of entries) {
    const folder = join(out, entry.name);
    const text = entry.isDirectory() ? await readOptional(join(folder, "package.json")) : undefined;
    if (text === undefined) {
      if (!entry.isDirectory() || (await holdsFiles(folder))) strangers.add(entry.name);
      continue;
    }
    const json = parseObject(text.toString("utf8"));
    if (json === undefined) findings.push(finding("package-json-invalid", {}, { file: join(folder, "package.json") }));
    else existing.set(entry.name, json);
  }
  if (findings.length > 0) throw new FindingsError(findings, 2);
  return { existing, strangers };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function parseObject(text: string): PackageJson | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as PackageJson) : undefined;
  } catch {
    return undefined;
  }
}

/** A folder that only holds what a killed command was about to write may be taken over. */
async function holdsFiles(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => !name.endsWith(".charter-tmp"));
}

/** A finding for each package whose folder is somebody else's. */
export function checkOwnership(
  outputs: readonly PackageOutput[],
  folder: PackagesFolder,
  out: string,
): readonly Finding[] {
  return outputs.flatMap((output) => {
    const json = folder.existing.get(output.folder);
    const ours = json === undefined ? !folder.strangers.has(output.folder) : markedPackage(json) !== undefined;
    if (ours) return [];
    return [finding("folder-not-ours", { package: output.protoPackage }, { file: join(out, output.folder) })];
  });
}

/**
 * A finding for each link on the way to a file that would be written, and for each folder in a file's place or file in
 * a folder's: what is behind it is not ours, although the folder of the package is.
 * @param output its files, and the folders in which others are removed, as paths from its folder.
 */
export async function checkPaths(
  out: string,
  output: { readonly folder: string; readonly files: readonly string[]; readonly folders: readonly string[] },
): Promise<readonly Finding[]> {
  const wanted = new Map<string, "file" | "folder">(output.files.map((file) => [file, "file"]));
  for (const path of [...output.files.map(dirname), ...output.folders]) {
    for (let each = path; each !== "."; each = dirname(each)) wanted.set(each, "folder");
  }
  const taken: string[] = [];
  for (const [path, kind] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (taken.some((each) => path.startsWith(`${each}/`))) continue;
    const found = await lstat(join(out, output.folder, path)).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });
    if (found !== undefined && !(kind === "file" ? found.isFile() : found.isDirectory())) taken.push(path);
  }
  return taken.map((path) => finding("path-taken", {}, { file: join(out, output.folder, path) }));
}

/** Folders that were generated from a proto package that is no more. */
export function orphans(outputs: readonly { readonly folder: string }[], folder: PackagesFolder): readonly string[] {
  const wanted = new Set(outputs.map((output) => output.folder));
  return [...folder.existing]
    .filter(([name, json]) => markedPackage(json) !== undefined && !wanted.has(name))
    .map(([name]) => name)
    .sort();
}

/** @returns the committed files that differ from what would be written, from `out`. Writes nothing. */
export async function staleFiles(out: string, output: PackageOutput): Promise<readonly string[]> {
  const stale: string[] = [];
  for (const { path, content } of output.committed) {
    const existing = await readOptional(join(out, output.folder, path));
    if (!existing?.equals(Buffer.from(content))) stale.push(`${output.folder}/${path}`);
  }
  return stale;
}

/** Writes one package. The marker comes first: a run that is killed after it leaves a folder that the next one knows. */
export async function writePackage(out: string, output: PackageOutput): Promise<boolean> {
  const folder = join(out, output.folder);
  let changed = false;
  const write = async ({ path, content }: OutputFile): Promise<void> => {
    if (await writeChanged(join(folder, path), content)) changed = true;
  };
  for (const file of output.committed) await write(file);
  await Promise.all(output.generated.map(write));
  for (const file of output.initial) {
    if ((await lstat(join(folder, file.path)).catch(() => undefined)) === undefined) await write(file);
  }
  await removeUnfinished(folder);
  for (const own of OWN_FOLDERS) {
    const keep = output.generated
      .filter(({ path }) => path.startsWith(`${own}/`))
      .map(({ path }) => path.slice(own.length + 1));
    if ((await removeOthers(join(folder, own), new Set(keep))) > 0) changed = true;
  }
  return changed;
}
