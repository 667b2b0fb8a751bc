import { join } from "node:path";
import { git } from "./git.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** @returns the commit in full; undefined when the repository has no such commit. */
export async function resolveCommit(root: string, ref: string): Promise<string | undefined> {
  // A word that begins with a dash would be an option.
  if (ref === "" || ref.startsWith("-")) return undefined;
  return await git(root, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
}

/**
 * The schemas of a workspace as they were in a commit, in a temporary folder. The repository stays as it is: the files
 * go through an index of their own. Not by buf's git input: that clones fifty commits deep and no deeper, and takes no
 * worktree.
 * @returns undefined when the commit has no `.proto` file there.
 */
export async function checkOutSchemas(root: string, commit: string): Promise<TemporaryFolder | undefined> {
  const [top, prefix] = await Promise.all([
    git(root, ["rev-parse", "--show-toplevel"]),
    git(root, ["rev-parse", "--show-prefix"]),
  ]);
  if (top === undefined || prefix === undefined) return undefined;
  const tree = `${commit}:${prefix.replace(/\/$/, "")}`;
  const entries = (await git(top, ["ls-tree", "-r", "-z", tree]))?.split("\0") ?? [];
  const paths = entries.filter(isWanted).map((entry) => entry.slice(entry.indexOf("\t") + 1));
  if (!paths.some((path) => path.endsWith(".proto"))) return undefined;
  const folder = await temporaryFolder("charter-baseline-");
  try {
    const env = { ...process.env, GIT_INDEX_FILE: join(folder.path, "index") };
    const input = Buffer.from(paths.map((path) => `${path}\0`).join(""));
    const read = await git(top, ["read-tree", tree], { env });
    const args = ["checkout-index", "-z", "--stdin", `--prefix=${join(folder.path, "tree")}/`];
    const written = read === undefined ? undefined : await git(top, args, { env, input });
    if (written === undefined) throw new Error(`git could not check out ${tree}`);
    return { ...folder, path: join(folder.path, "tree") };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** What buf reads, what says which folders are ours, and links, which may lead to either. `mode type object TAB path` */
function isWanted(entry: string): boolean {
  return /^(120000 .*|.*\.proto|.*[\t/]buf\.(yaml|work\.yaml|lock|md)|.*[\t/]package\.json)$/s.test(entry);
}
