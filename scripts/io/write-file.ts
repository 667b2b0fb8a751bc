import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type FindingsError, usageError } from "../core/finding.ts";

/** Files under this ending were being written when a command was killed. */
const UNFINISHED = ".charter-tmp";

/** @returns undefined when there is no such file. */
export async function readOptional(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    // Node names no path when the file is a folder.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

/** What a machine may refuse at any place and any time, so that it is not our bug. */
const REFUSALS = "EACCES EDQUOT EEXIST EIO EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE ENOSPC ENOTDIR EPERM EROFS".split(
  " ",
);

/** @returns a refusal of the file system as the user's finding; undefined for any other error. */
export function fileSystemError(error: unknown): FindingsError | undefined {
  if (!(error instanceof Error && "code" in error && "path" in error)) return undefined;
  if (!REFUSALS.includes(String(error.code))) return undefined;
  const reason = error.message.replace(/^\w+: /, "").replace(/, \w+(?: '.*)?$/s, "");
  return usageError("file-system", { reason: `${reason} (${error.code})` }, { file: String(error.path) });
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/**
 * Writes a file whole or not at all, and only when its bytes differ, so that a watcher or a compiler sees no change
 * where there is none.
 * @returns whether it wrote.
 */
export async function writeChanged(path: string, content: string | Uint8Array): Promise<boolean> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const existing = await readOptional(path);
  if (existing?.equals(bytes)) return false;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path + UNFINISHED, bytes);
  await rename(path + UNFINISHED, path);
  return true;
}

/**
 * Writes new files, all or none: where they are all in one new folder, by one rename.
 * @param files contents by path from `root`.
 */
export async function writeTogether(root: string, files: ReadonlyMap<string, string>): Promise<void> {
  const folders = [...files.keys()].map((path) => dirname(path));
  const common = folders.reduce((a, b) => commonFolder(a, b), folders[0] ?? ".");
  const target = join(root, common);
  if ((await lstat(target).catch(() => undefined)) !== undefined) {
    for (const [path, content] of files) await writeChanged(join(root, path), content);
    return;
  }
  const staging = target + UNFINISHED;
  await rm(staging, { recursive: true, force: true });
  for (const [path, content] of files) await writeChanged(join(staging, path.slice(common.length + 1)), content);
  await rename(staging, target);
}

function commonFolder(a: string, b: string): string {
  return b === a || b.startsWith(`${a}/`) || a === "." ? a : commonFolder(dirname(a), b);
}

/** The files below a folder, as paths from it with `/`, sorted; links are named, not followed. Empty when it is absent. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  const nested = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isDirectory()) return [entry.name];
      return (await listFiles(join(folder, entry.name))).map((file) => `${entry.name}/${file}`);
    }),
  );
  return nested.flat().sort();
}

/**
 * Removes the files of `folder` that are not among `keep` (paths from the folder), and folders left empty. When the
 * folder is a link, nothing: what it leads to is not ours.
 */
export async function removeOthers(folder: string, keep: ReadonlySet<string>): Promise<number> {
  if ((await lstat(folder).catch(() => undefined))?.isSymbolicLink()) return 0;
  const stale = (await listFiles(folder)).filter((file) => !keep.has(file));
  await Promise.all(stale.map((file) => rm(join(folder, file))));
  if (stale.length > 0) await removeEmptyFolders(folder);
  return stale.length;
}

/** Removes what a killed command left directly in `folder`. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.filter((name) => name.endsWith(UNFINISHED)).map((name) => rm(join(folder, name))));
}

async function removeEmptyFolders(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true });
  const emptied = await Promise.all(
    entries.map(async (entry) => entry.isDirectory() && (await removeEmptyFolders(join(folder, entry.name)))),
  );
  if (!emptied.every(Boolean)) return false;
  await rm(folder, { recursive: true });
  return true;
}
