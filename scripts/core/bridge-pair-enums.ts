import type { DescEnum } from "@bufbuild/protobuf";
import { insidePackage } from "./bridge-field-path.ts";
import type { BridgeEntry } from "./bridge-file.ts";
import type { Position } from "./finding.ts";

export interface EnumPair {
  readonly old: DescEnum;
  readonly now: DescEnum;
  /** Value of the old enum → value of the new one, and back; several may become one. */
  readonly toNow: ReadonlyMap<string, string>;
  readonly toOld: ReadonlyMap<string, string>;
}

/** Hears of a name that is not there, with the names that are. */
export type OnAbsent = (
  name: string,
  side: "old" | "now",
  names: readonly string[],
  position: Position | undefined,
) => void;

/** The values of two enums that belong together, by their names without the prefix, and by what a person has said. */
export function pairEnums(
  enums: readonly (readonly [DescEnum, DescEnum])[],
  entries: readonly BridgeEntry[],
  onAbsent: OnAbsent,
): readonly EnumPair[] {
  const used = new Set<BridgeEntry>();
  const pairs = enums.map(([old, now]): EnumPair => {
    const toNow = new Map<string, string>();
    const toOld = new Map<string, string>();
    const known = new Map(now.values.map((value) => [stem(now, value.name), value.name]));
    for (const { name } of old.values) {
      const entry = entries.find(({ from }) => from === `${insidePackage(old)}.${name}`);
      if (entry !== undefined) used.add(entry);
      const counterpart = entry === undefined ? known.get(stem(old, name)) : entry.to;
      if (counterpart === undefined) continue;
      const names = now.values.map((value) => value.name);
      if (!names.includes(counterpart)) {
        onAbsent(counterpart, "now", names, entry?.position);
        continue;
      }
      toNow.set(name, counterpart);
      // Of several that become one, the first comes back, and one of the same name before all others.
      if (!toOld.has(counterpart) || stem(old, name) === stem(now, counterpart)) toOld.set(counterpart, name);
    }
    return { old, now, toNow, toOld };
  });
  const names = enums.flatMap(([old]) => old.values.map(({ name }) => `${insidePackage(old)}.${name}`));
  for (const entry of entries) if (!used.has(entry)) onAbsent(entry.from, "old", names, entry.position);
  return pairs;
}

/** A value's name without the prefix of its enum, which may have another name in the other version. */
function stem(desc: DescEnum, value: string): string {
  const prefix = desc.sharedPrefix === undefined ? "" : desc.sharedPrefix.toUpperCase();
  return value.startsWith(prefix) ? value.slice(prefix.length) : value;
}
