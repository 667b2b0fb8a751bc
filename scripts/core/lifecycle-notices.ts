import type { Day } from "./calendar-day.ts";
import type { LifecycleFile } from "./lifecycle-file.ts";
import { around, type Names } from "./lifecycle-names.ts";
import { type Naming, npmName } from "./names.ts";
import { isRecord, type Manifest } from "./release.ts";

/** npm name → what npm says to whoever installs it, for each package that is deprecated or sunset on a day. */
export function noticesOf(
  { entries }: LifecycleFile,
  names: Names,
  naming: Naming,
  today: Day,
): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap((entry): readonly (readonly [string, string])[] => {
      const { name, deprecated, sunset, successor, reason } = entry;
      if (deprecated > today || names.get(name)?.kind !== "package") return [];
      const end = sunset === undefined ? "." : `, may be gone from ${sunset} on.`;
      const instead = successor === undefined ? undefined : `Use ${npmOf(successor, names, naming)}.`;
      const text = [`Deprecated since ${deprecated}${end}`, instead, reason].filter((part) => part !== undefined);
      return [[npmName(name, naming), text.join(" ")]];
    }),
  );
}

/** The package of the successor, and the element in it when it is not all of it. */
function npmOf(successor: string, names: Names, naming: Naming): string {
  const own = names.get(successor)?.package ?? around(successor).find((each) => names.get(each)?.kind === "package");
  if (own === undefined) return successor;
  return own === successor ? npmName(own, naming) : `${successor} of ${npmName(own, naming)}`;
}

/**
 * A registry's answer for a package with a notice at every version.
 * @returns undefined when each has it already.
 */
export function withNotice(packument: Manifest, notice: string): Manifest | undefined {
  const versions = Object.entries(isRecord(packument["versions"]) ? packument["versions"] : {});
  const changed = versions.map(([version, release]) => {
    return [version, isRecord(release) ? { ...release, deprecated: notice } : release] as const;
  });
  const isSame = versions.every(([, release]) => isRecord(release) && release["deprecated"] === notice);
  return isSame ? undefined : { ...packument, versions: Object.fromEntries(changed) };
}
