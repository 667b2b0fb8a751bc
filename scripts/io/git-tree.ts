import { join } from "node:path";
import { usageError } from "../core/finding.ts";
import { git, listTrees, runGit, type Tree } from "./git.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** @returns the commit in full; undefined when the repository has no such commit. */
export async function resolveCommit(root: string, ref: string): Promise<string | undefined> {
  // A word that begins with a dash would be an option.
  if (ref === "" || ref.startsWith("-")) return undefined;
  return await git(root, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
}

/**
 * The schemas of a workspace as they were in a commit, with those of its submodules, in a temporary folder. The
 * repository stays as it is: the files go through an index of their own. Not by buf's git input: that reads no path with
 * a `#` or a comma, leaves submodules out, and does not work in a hook of a worktree.
 * @returns undefined when the commit has no `.proto` file there.
 * @throws FindingsError when git cannot write what the commit has.
 */
export async function checkOutSchemas(root: string, commit: string): Promise<TemporaryFolder | undefined> {
  const trees = await listTrees(root, commit);
  const wanted = trees.map((tree) => ({ tree, paths: tree.entries.filter(isWanted).map(pathOf) }));
  if (!wanted.some(({ paths }) => paths.some((path) => path.endsWith(".proto")))) return undefined;
  const folder = await temporaryFolder("charter-baseline-");
  const path = join(folder.path, "tree");
  try {
    for (const [index, { tree, paths }] of wanted.entries()) {
      const failed = await writeTree(tree, paths, { index: join(folder.path, `index-${index}`), path });
      if (failed !== undefined) throw usageError("baseline-broken", { baseline: commit.slice(0, 10), reason: failed });
    }
    return { ...folder, path };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** @returns what git says when it cannot. */
async function writeTree(
  { top, tree, prefix }: Tree,
  paths: readonly string[],
  to: { readonly index: string; readonly path: string },
): Promise<string | undefined> {
  const env = { ...process.env, GIT_INDEX_FILE: to.index };
  const input = Buffer.from(paths.map((path) => `${path}\0`).join(""));
  const read = await runGit(top, ["read-tree", tree], { env });
  const args = ["checkout-index", "-z", "--stdin", `--prefix=${join(to.path, prefix)}/`.replace(/\/+$/, "/")];
  const written = read?.status === 0 ? await runGit(top, args, { env, input }) : read;
  if (written?.status === 0) return undefined;
  const [line = ""] = (written?.stderr ?? "").trim().split("\n").slice(-1);
  return `git could not check it out (${line})`;
}

/**
 * What buf reads, what says which folders are ours and what they remember, and links, which may lead to any of it.
 * @param entry `mode type object TAB path`
 */
function isWanted(entry: string): boolean {
  return /^(120000 .*|.*\.proto|.*[\t/]buf\.(yaml|work\.yaml|lock|md)|.*[\t/](package|history)\.json)$/s.test(entry);
}

function pathOf(entry: string): string {
  return entry.slice(entry.indexOf("\t") + 1);
}
