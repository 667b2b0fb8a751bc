import { relative } from "node:path";
import { type RunOptions, run } from "./process.ts";

/** What the branch is to be compared with. */
export interface Baseline {
  /** The commit, in full. */
  readonly commit: string;
  /** The repository's own folder and the workspace's place in it, as `buf --against` takes them. */
  readonly bufInput: string;
}

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

/** @returns undefined without a merge base, or when it has no `.proto` file. */
export async function findMergeBase(root: string): Promise<Baseline | undefined> {
  const top = await git(root, ["rev-parse", "--show-toplevel"]);
  const base = await readMergeBase(root);
  if (top === undefined || base.kind !== "found") return undefined;
  const { commit } = base;
  const files = await git(root, ["ls-tree", "-r", "--name-only", commit]);
  if (files === undefined || !/\.proto$/m.test(files)) return undefined;
  const folder = relative(top, root);
  return { commit, bufInput: `${top}/.git#ref=${commit}${folder === "" ? "" : `,subdir=${folder}`}` };
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
