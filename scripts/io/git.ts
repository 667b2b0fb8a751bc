import { relative } from "node:path";
import { run } from "./process.ts";

/** What the branch is to be compared with. */
export interface Baseline {
  /** The commit, in full. */
  readonly commit: string;
  /** The repository's own folder and the workspace's place in it, as `buf --against` takes them. */
  readonly bufInput: string;
}

/** Where a branch usually comes from, most telling first. */
const TRUNKS = ["origin/main", "origin/master", "main", "master"];

/**
 * The commit at which the current branch left the trunk; on the trunk itself, its newest commit, so that the
 * uncommitted change is compared.
 * @returns undefined without git, without a commit, without a trunk, or when the baseline has no `.proto` file.
 */
export async function findMergeBase(root: string): Promise<Baseline | undefined> {
  const top = await git(root, ["rev-parse", "--show-toplevel"]);
  if (top === undefined) return undefined;
  for (const trunk of TRUNKS) {
    const commit = await git(root, ["merge-base", "HEAD", trunk]);
    if (commit === undefined) continue;
    const files = await git(root, ["ls-tree", "-r", "--name-only", commit]);
    if (files === undefined || !/\.proto$/m.test(files)) return undefined;
    const folder = relative(top, root);
    return { commit, bufInput: `${top}/.git#ref=${commit}${folder === "" ? "" : `,subdir=${folder}`}` };
  }
  return undefined;
}

/** @returns what git printed; undefined when it failed or is not there. */
async function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  const result = await run("git", args, { cwd }).catch(() => undefined);
  return result?.status === 0 ? result.stdout.toString("utf8").trim() : undefined;
}
