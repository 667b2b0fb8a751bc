import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { usageError } from "../core/finding.ts";
import { type RunOptions, type RunResult, run } from "./process.ts";

/** Where the current branch left the trunk, or why that cannot be told. */
export type MergeBase =
  | { readonly kind: "found"; readonly commit: string }
  /** no-git: also without a commit. shallow: there is history, and it was not fetched. */
  | { readonly kind: "no-git" | "no-trunk" | "shallow" };

/** Where a branch usually comes from, most telling first. Not origin/HEAD: of a folder, that is what it is at work on. */
const TRUNKS = ["origin/main", "origin/master", "main", "master"];

/**
 * The commit at which the current branch left the trunk; on the trunk itself, its newest commit, so that the
 * uncommitted change is compared.
 * @throws FindingsError when git refuses to look into the repository.
 */
export async function readMergeBase(root: string): Promise<MergeBase> {
  if ((await git(root, ["rev-parse", "--verify", "--quiet", "HEAD"])) === undefined) {
    await refuseDubious(root);
    return { kind: "no-git" };
  }
  for (const trunk of TRUNKS) {
    const commit = await git(root, ["merge-base", "HEAD", trunk]);
    if (commit !== undefined) return { kind: "found", commit };
  }
  return { kind: (await isShallow(root)) ? "shallow" : "no-trunk" };
}

/**
 * In a container, the repository often belongs to somebody else, and git then acts as if there were none: a check that
 * found nothing to compare with would pass.
 */
async function refuseDubious(root: string): Promise<void> {
  const result = await runGit(root, ["rev-parse", "--git-dir"]);
  const owned = /dubious ownership.*'(.*)'/.exec(result?.stderr ?? "")?.[1];
  if (owned === undefined) return;
  const reason = `git says that the repository is somebody else's; \`git config --global --add safe.directory ${owned}\` trusts it`;
  throw usageError("file-system", { reason }, { file: root });
}

/**
 * @returns the commit of the merge base; undefined without one, or when it has no `.proto` file.
 * @throws FindingsError `baseline-shallow` when the history that has it was not fetched.
 */
export async function findMergeBase(root: string): Promise<string | undefined> {
  const base = await readMergeBase(root);
  // A check that compares with nothing passes: not where there is something.
  if (base.kind === "shallow") throw usageError("baseline-shallow");
  if (base.kind !== "found") return undefined;
  const trees = await listTrees(root, base.commit);
  return trees.some(({ entries }) => entries.some((entry) => entry.endsWith(".proto"))) ? base.commit : undefined;
}

/** The files of a commit that one repository holds: the workspace's own, or a submodule. */
export interface Tree {
  /** The folder at its top. */
  readonly top: string;
  /** As `git read-tree` takes it. */
  readonly tree: string;
  /** Where it stands: a path from the root that ends with a slash, or nothing. */
  readonly prefix: string;
  /** `mode type object TAB path`, the path from the tree. */
  readonly entries: readonly string[];
}

/**
 * What the workspace's folder held in a commit; nothing without git, or when it was not there.
 * @throws FindingsError when a submodule lacks the commit that belongs to it.
 */
export async function listTrees(root: string, commit: string): Promise<readonly Tree[]> {
  const [top, prefix] = await Promise.all([
    git(root, ["rev-parse", "--show-toplevel"]),
    git(root, ["rev-parse", "--show-prefix"]),
  ]);
  if (top === undefined || prefix === undefined) return [];
  return await listTree({ top, tree: `${commit}:${prefix.replace(/\/$/, "")}`, prefix: "" }, root, commit);
}

async function listTree(from: Omit<Tree, "entries">, root: string, commit: string): Promise<readonly Tree[]> {
  const listed = (await git(from.top, ["ls-tree", "-r", "-z", from.tree]))?.split("\0") ?? [];
  const entries = listed.filter((entry) => entry !== "");
  const trees: Tree[] = [{ ...from, entries }];
  for (const entry of entries) {
    const [, object, path] = /^160000 commit (\w+)\t(.*)$/s.exec(entry) ?? [];
    if (object === undefined || path === undefined) continue;
    const folder = `${from.prefix}${path}`;
    const top = join(root, folder);
    // One that was never fetched is empty, so the workspace cannot need it.
    if (!(await isTopOfRepository(top))) continue;
    if ((await git(top, ["cat-file", "-e", `${object}^{commit}`])) === undefined) {
      const reason = `the submodule ${folder} has no commit ${object.slice(0, 10)}; \`git -C ${folder} fetch\` may bring it`;
      throw usageError("baseline-broken", { baseline: commit.slice(0, 10), reason });
    }
    trees.push(...(await listTree({ top, tree: `${object}:`, prefix: `${folder}/` }, root, commit)));
  }
  return trees;
}

async function isTopOfRepository(folder: string): Promise<boolean> {
  const real = await realpath(folder).catch(() => undefined);
  return real !== undefined && (await git(folder, ["rev-parse", "--show-toplevel"])) === real;
}

/** Whether the repository lacks a part of its history. */
export async function isShallow(root: string): Promise<boolean> {
  return (await git(root, ["rev-parse", "--is-shallow-repository"])) === "true";
}

/** @returns what git printed; undefined when it failed or is not there. */
export async function git(cwd: string, args: readonly string[], options: RunOptions = {}): Promise<string | undefined> {
  const result = await runGit(cwd, args, options);
  return result?.status === 0 ? result.stdout.toString("utf8").trim() : undefined;
}

/** @returns undefined when git is not there. */
export async function runGit(
  cwd: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult | undefined> {
  const { GIT_DIR, ...env } = options.env ?? process.env;
  // A hook of a worktree has GIT_DIR alone, and git then takes any folder for the top of the work tree.
  const full = env["GIT_WORK_TREE"] === undefined ? env : { ...env, GIT_DIR };
  return await run("git", args, { ...options, env: full, cwd }).catch(() => undefined);
}
