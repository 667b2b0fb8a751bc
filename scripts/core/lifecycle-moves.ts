import { type Approval, approvalFile } from "./approval.ts";
import type { Day } from "./calendar-day.ts";
import type { Change } from "./change.ts";
import { type Finding, finding } from "./finding.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { LifecycleFile } from "./lifecycle-file.ts";
import { entriesByName } from "./lifecycle-state.ts";

/** The rule of a date that is not what it was: as a rule of the diff, so that an approval can name it. */
export const DATE_MOVED = "lifecycle-date-moved";

export interface MovesInput {
  /** lifecycle.yaml of the baseline, without entries when it had none; undefined when nobody knows. */
  readonly before: LifecycleFile | undefined;
  readonly after: LifecycleFile;
  readonly approvals: readonly Approval[];
  /** UTC. */
  readonly today: Day;
}

const NO_DATE = "none";

/**
 * What people were told and is not so any more: a date that is another or gone, and a shorter notice. A date that is
 * new takes nothing back. As changes, so that `charter approve` knows them by their fingerprints; they break no schema.
 */
export function dateMoves({ before, after }: Pick<MovesInput, "before" | "after">): readonly Change[] {
  if (before === undefined) return [];
  const now = entriesByName(after.entries);
  const moves = before.entries.flatMap((old): readonly Change[] => {
    const entry = now.get(old.name);
    return (["deprecated", "sunset"] as const).flatMap((key) => {
      const [was, is] = [old[key], entry?.[key]];
      if (was === undefined || was === is) return [];
      const position = entry?.positions[key] ?? after.noticePosition;
      return [moveOf(old.name, `${key} ${was}`, `${key} ${is ?? NO_DATE}`, position)];
    });
  });
  if (before.entries.length === 0 || before.notice === after.notice) return moves;
  return [...moves, moveOf("notice", before.notice, after.notice, after.noticePosition)];
}

/**
 * What people have been told: by an old baseline that somebody asked for, and since then by the trunk. A date that the
 * trunk has is none that is written today.
 */
export function joinTold(asked: LifecycleFile, trunk: LifecycleFile): LifecycleFile {
  const later = entriesByName(trunk.entries);
  const known = new Set(asked.entries.map(({ name }) => name));
  const entries = asked.entries.map((entry) => ({ ...entry, sunset: entry.sunset ?? later.get(entry.name)?.sunset }));
  const base = asked.entries.length === 0 ? trunk : asked;
  return { ...base, entries: [...entries, ...trunk.entries.filter(({ name }) => !known.has(name))] };
}

function moveOf(path: string, before: string, after: string, position: Change["position"]): Change {
  const difference = { rule: DATE_MOVED, package: path, path, before, after, position };
  return { ...difference, breaks: [], bump: "none", fingerprint: fingerprintOf(difference) };
}

/** Moves without an approval, and with one that has ended. */
export function judgeMoves(input: MovesInput): readonly Finding[] {
  const approved = new Map(input.approvals.map((each) => [each.fingerprint, each]));
  return dateMoves(input).flatMap((move): readonly Finding[] => {
    const { path, before, after, fingerprint } = move;
    const approval = approved.get(fingerprint);
    if (approval === undefined) {
      return [finding("lifecycle-date-moved", { name: path, before, after, fingerprint }, move.position)];
    }
    const file = approvalFile(fingerprint);
    if (approval.rule !== DATE_MOVED || approval.path !== path) {
      return [finding("approval-misdescribed", { rule: DATE_MOVED, path }, { file })];
    }
    if (approval.expires >= input.today) return [];
    return [finding("approval-expired", { path, expires: approval.expires }, { file })];
  });
}
