import { relative } from "node:path";
import { type RunOptions, run } from "./process.ts";

/** Where the current branch left the trunk, or why that cannot be told. */
export type MergeBase =
  | { readonly kind: "found"; readonly commit: string }
  /** no-git: also without a commit. shallow: there is history, and it was not fetched. */
  | { readonly kind: "no-git" | "no-trunk" | "shallow" };

/** Where a branch usually comes from, most telling first. */
const TRUNKS = ["origin/main", "origin/master", "main", "master"];

/**
 * The commit at which the current branch left the trunk; on the trunk itself, its newest commit, so that the
 * uncommitted change is compared.
 */
export async function readMergeBase(root: string): Promise<MergeBase> {
  if ((await git(root, ["rev-parse", "--verify", "--quiet", "HEAD"])) === undefined) return { kind: "no-git" };
  for (const trunk of TRUNKS) {
    const commit = await git(root, ["merge-base", "HEAD", trunk]);
    if (commit !== undefined) return { kind: "found", commit };
  }
  return { kind: (await isShallow(root)) ? "shallow" : "no-trunk" };
}

/** @returns the commit of the merge base; undefined without one, or when it has no `.proto` file. */
export async function findMergeBase(root: string): Promise<string | undefined> {
  const base = await readMergeBase(root);
  if (base.kind !== "found") return undefined;
  const files = await git(root, ["ls-tree", "-r", "--name-only", base.commit]);
  return files !== undefined && /\.proto$/m.test(files) ? base.commit : undefined;
}

/**
 * A commit as `buf --against` takes it: the repository's own folder, and the workspace's place in it.
 * @returns undefined without git, or when there is no such commit.
 */
export async function bufInputOf(root: string, ref: string): Promise<string | undefined> {
  const top = await git(root, ["rev-parse", "--show-toplevel"]);
  const commit = await git(root, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
  if (top === undefined || commit === undefined) return undefined;
  const folder = relative(top, root);
  return `${top}/.git#ref=${commit}${folder === "" ? "" : `,subdir=${folder}`}`;
}

/** Whether the repository lacks a part of its history. */
export async function isShallow(root: string): Promise<boolean> {
  return (await git(root, ["rev-parse", "--is-shallow-repository"])) === "true";
}

/** @returns what git printed; undefined when it failed or is not there. */
export async function git(cwd: string, args: readonly string[], options: RunOptions = {}): Promise<string | undefined> {
  const result = await run("git", args, { ...options, cwd }).catch(() => undefined);
  return result?.status === 0 ? result.stdout.toString("utf8").trim() : undefined;
}
