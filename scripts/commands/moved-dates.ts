import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Against } from "../core/against.ts";
import { approvalFile } from "../core/approval.ts";
import type { Change } from "../core/change.ts";
import type { Finding } from "../core/finding.ts";
import { dateMoves, joinTold } from "../core/lifecycle-moves.ts";
import { readMergeBase } from "../io/git.ts";
import { resolveCommit } from "../io/git-tree.ts";
import { type ReadLifecycle, readLifecycle, readLifecycleAt } from "../io/lifecycle-yaml.ts";

/** The dates that are not what the baseline said: what `charter approve` permits beside breaks. */
export async function movedDates(root: string, against: Against | undefined): Promise<readonly Change[]> {
  const [now, before] = await Promise.all([readLifecycle(root), lifecycleBefore(root, against)]);
  return dateMoves({ before: before?.file, after: now.file });
}

/** Without what the check of breaks says of approvals that are about dates: it knows none of those. */
export function withoutDateApprovals(findings: readonly Finding[], moves: readonly Change[]): readonly Finding[] {
  const files = new Set(moves.map(({ fingerprint }) => approvalFile(fingerprint)));
  return findings.filter(({ code, position }) => code !== "approval-unused" || !files.has(position?.file ?? ""));
}

/**
 * lifecycle.yaml as people know it: of the merge base, and of an older baseline that was asked for. What npm has, and an
 * image, have none.
 * @returns undefined when there is nothing to compare with.
 */
export async function lifecycleBefore(root: string, against: Against | undefined): Promise<ReadLifecycle | undefined> {
  if (against === undefined) return undefined;
  const [asked, base] = await Promise.all([lifecycleOf(root, against), readMergeBase(root)]);
  const trunk = base.kind === "found" ? await readLifecycleAt(root, base.commit) : undefined;
  if (asked === undefined || trunk === undefined) return asked ?? trunk;
  return { findings: [], there: asked.there || trunk.there, file: joinTold(asked.file, trunk.file) };
}

/** @returns undefined for a baseline that has no such file by its nature. */
async function lifecycleOf(root: string, against: Against): Promise<ReadLifecycle | undefined> {
  if (against.kind === "git") {
    const commit = await resolveCommit(root, against.ref);
    return commit === undefined ? undefined : await readLifecycleAt(root, commit);
  }
  if (against.kind !== "path") return undefined;
  const folder = resolve(against.path);
  const found = await stat(folder).catch(() => undefined);
  return found?.isDirectory() === true ? await readLifecycle(folder) : undefined;
}
