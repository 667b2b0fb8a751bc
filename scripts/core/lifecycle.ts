import { addDays, addPeriod, type Day, daysBetween } from "./calendar-day.ts";
import { type Finding, finding } from "./finding.ts";
import type { LifecycleEntry, LifecycleFile } from "./lifecycle-file.ts";
import { judgeMoves, type MovesInput } from "./lifecycle-moves.ts";
import { around, type Names } from "./lifecycle-names.ts";
import { type Entries, entriesByName, isMarked, isSunset, stateOf } from "./lifecycle-state.ts";
import { stabilityOf } from "./names.ts";
import { nearest } from "./nearest.ts";

/** How many days before a date it is spoken of. */
export const WARNING_DAYS = 30;

export interface LifecycleInput extends Omit<MovesInput, "after"> {
  readonly file: LifecycleFile;
  /** The schemas as they are. */
  readonly now: Names;
  /** The schemas of the baseline; undefined when there is nothing to compare with. */
  readonly was: Names | undefined;
}

export interface LifecycleVerdict {
  /** What a check refuses. */
  readonly errors: readonly Finding[];
  /** What a check says, and passes. */
  readonly warnings: readonly Finding[];
}

/** What is to be said of the entries on a day, in the order of the file. */
export function judgeLifecycle(input: LifecycleInput): LifecycleVerdict {
  const { file, now, was, before, today } = input;
  const errors: Finding[] = [];
  const warnings: Finding[] = [];
  const entries = entriesByName(file.entries);
  for (const entry of file.entries) {
    const old = before === undefined ? undefined : entriesByName(before.entries).get(entry.name);
    if (now.has(entry.name)) {
      errors.push(...judgeNew(entry, old, input), ...judgeMark(entry, now, today));
      errors.push(...judgeSuccessor(entry, entries, now, today));
      warnings.push(...warn(entry, now, today));
    } else errors.push(...judgeAbsent(entry, was, old, { now, today }));
  }
  errors.push(...judgeMoves({ ...input, after: file }), ...judgeDependents(entries, now, today));
  return { errors, warnings };
}

/** A date that is written today and lies in the past would have been announced to nobody. */
function judgeNew(
  entry: LifecycleEntry,
  old: LifecycleEntry | undefined,
  { before, was, file, today }: LifecycleInput,
): readonly Finding[] {
  // Without a baseline nobody knows when it was written.
  if (before === undefined || was === undefined) return [];
  const { name, deprecated, sunset, positions } = entry;
  const findings: Finding[] = [];
  if (old === undefined && deprecated < today && !isMarked(name, was)) {
    findings.push(finding("lifecycle-date-past", { name, key: "deprecated", date: deprecated }, positions.deprecated));
  }
  if (sunset === undefined || old?.sunset !== undefined) return findings;
  // The notice begins when the date is told: what was deprecated long ago has had none.
  const { notice, period } = file;
  const from = deprecated > today ? deprecated : today;
  const earliest = addPeriod(from, period);
  if (sunset < today)
    findings.push(finding("lifecycle-date-past", { name, key: "sunset", date: sunset }, positions.sunset));
  else if (sunset < earliest) {
    findings.push(finding("lifecycle-notice-late", { name, sunset, notice, earliest }, positions.sunset));
  }
  return findings;
}

/** What stands in no schema: gone for good, gone too soon, or never there. */
function judgeAbsent(
  entry: LifecycleEntry,
  was: Names | undefined,
  old: LifecycleEntry | undefined,
  { now, today }: { readonly now: Names; readonly today: Day },
): readonly Finding[] {
  const { name, sunset, positions } = entry;
  const known = was?.get(name);
  // The entry stays as a record of what was there.
  if (isSunset(entry, today) && (was === undefined || known !== undefined || old !== undefined)) return [];
  if (known !== undefined) {
    const args = { name, kind: known.kind, sunset: sunset ?? "a day that nobody has set" };
    return [finding("lifecycle-removed-early", args, positions.name)];
  }
  return [finding("lifecycle-name-unknown", { name, nearest: nearest(name, [...now.keys()]) }, positions.name)];
}

function judgeMark({ name, deprecated }: LifecycleEntry, now: Names, today: Day): readonly Finding[] {
  if (deprecated > today || isMarked(name, now)) return [];
  const named = now.get(name);
  const kind = named?.kind ?? "package";
  return [finding("lifecycle-unmarked", { name, kind, deprecated, where: markOf(kind) }, named?.position)];
}

function markOf(kind: string): string {
  if (kind === "package") return "`option deprecated = true;` into each of its files";
  return kind === "field" || kind === "enum value"
    ? "`[deprecated = true]` behind it"
    : "`option deprecated = true;` into it";
}

function judgeSuccessor(entry: LifecycleEntry, entries: Entries, now: Names, today: Day): readonly Finding[] {
  const { name, successor, positions } = entry;
  if (successor === undefined) return [];
  const position = positions.successor;
  const found = now.get(successor);
  if (found === undefined) {
    const others = [...now.keys()].filter((each) => each !== name);
    return [finding("lifecycle-successor-unknown", { name, successor, nearest: nearest(successor, others) }, position)];
  }
  const fail = (reason: string): readonly Finding[] => [
    finding("lifecycle-successor-unfit", { name, successor, reason }, position),
  ];
  if (around(successor).includes(name)) return fail(successor === name ? "is the same" : "goes with it");
  const state = stateOf(successor, entries, now, today);
  if (state === "unstable") return fail("is unstable, and may break at any time");
  if (state !== "stable" || isMarked(successor, now)) return fail("is deprecated itself");
  return [];
}

function warn(entry: LifecycleEntry, now: Names, today: Day): readonly Finding[] {
  const { name, deprecated, sunset, successor = "nothing", positions } = entry;
  const kind = now.get(name)?.kind ?? "package";
  const isNear = (day: Day): boolean => today < day && day <= addDays(today, WARNING_DAYS);
  if (sunset !== undefined && sunset <= today) {
    return [finding("lifecycle-sunset-passed", { name, kind, sunset, successor }, positions.sunset)];
  }
  if (sunset !== undefined && isNear(sunset)) {
    const days = daysText(daysBetween(today, sunset));
    return [finding("lifecycle-sunset-near", { name, kind, sunset, days, successor }, positions.sunset)];
  }
  if (isNear(deprecated) && !isMarked(name, now)) {
    const args = { name, kind, deprecated, days: daysText(daysBetween(today, deprecated)), where: markOf(kind) };
    return [finding("lifecycle-deprecation-near", args, positions.deprecated)];
  }
  return [];
}

function daysText(days: number): string {
  return days === 1 ? "1 day" : `${days} days`;
}

/** What is stable and stays, and needs what may be gone. Each pair is told of once, where it is first seen. */
function judgeDependents(entries: Entries, now: Names, today: Day): readonly Finding[] {
  const sunset = new Map([...entries].filter(([, entry]) => isSunset(entry, today)));
  if (sunset.size === 0) return [];
  const found = new Map<string, Finding>();
  const nearestOf = (name: string): LifecycleEntry | undefined =>
    around(name).flatMap((each) => sunset.get(each) ?? [])[0];
  for (const [name, { package: own, uses, position }] of now) {
    if (uses.length === 0 || stabilityOf(own) === "unstable" || nearestOf(name) !== undefined) continue;
    for (const used of uses) {
      const entry = now.has(used) ? nearestOf(used) : undefined;
      if (entry === undefined) continue;
      const key = `${own} ${entry.name}`;
      if (found.has(key)) continue;
      const args = { name, used, package: own, entry: entry.name, sunset: entry.sunset ?? "" };
      found.set(key, finding("lifecycle-dependent", args, position));
    }
  }
  return [...found.values()];
}
