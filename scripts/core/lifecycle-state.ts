import type { Day } from "./calendar-day.ts";
import type { LifecycleEntry } from "./lifecycle-file.ts";
import { around, type Names } from "./lifecycle-names.ts";
import { stabilityOf } from "./names.ts";

/** unstable and stable follow from the version's name, the others from lifecycle.yaml and the day. */
export type LifecycleState = "unstable" | "stable" | "deprecated" | "sunset" | "gone";

/** The entries by name. */
export type Entries = ReadonlyMap<string, LifecycleEntry>;

export function entriesByName(entries: readonly LifecycleEntry[]): Entries {
  return new Map(entries.map((entry) => [entry.name, entry]));
}

/** What an element is on a day. Of an element inside others, the one that is furthest on its way counts. */
export function stateOf(name: string, entries: Entries, names: Names, today: Day): LifecycleState {
  const states = around(name).map((each) => entryState(entries.get(each), today));
  const own = names.get(name);
  if (own === undefined) return "gone";
  if (states.includes("sunset")) return "sunset";
  if (states.includes("deprecated")) return "deprecated";
  return stabilityOf(own.package) === "unstable" ? "unstable" : "stable";
}

function entryState(entry: LifecycleEntry | undefined, today: Day): "deprecated" | "sunset" | undefined {
  if (entry === undefined || entry.deprecated > today) return undefined;
  return isSunset(entry, today) ? "sunset" : "deprecated";
}

/** Whether the day has come on which it may be gone. */
export function isSunset({ sunset }: LifecycleEntry, today: Day): boolean {
  return sunset !== undefined && sunset <= today;
}

/** Whether the schema says so, of the element or of one that it is in. */
export function isMarked(name: string, names: Names): boolean {
  return around(name).some((each) => names.get(each)?.deprecated === true);
}
