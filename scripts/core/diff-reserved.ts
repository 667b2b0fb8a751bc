import type { Differ } from "./differ.ts";
import type { Position } from "./finding.ts";
import { renderReserved } from "./render-element.ts";
import type { Range, Reserved } from "./schema.ts";

/** A field or an enum value, as far as a reservation is about it. */
interface Reservable {
  readonly name: string;
  readonly number: number;
}

/** By its number: a name alone keeps nobody from using the number for something else. */
export function isReserved({ ranges }: Reserved, { number }: Reservable): boolean {
  return ranges.some(([from, to]) => from <= number && number <= to);
}

/**
 * What became reserved, and what is no longer.
 * @param removed, added those of which it is told already that they were reserved when they went, or until they came.
 */
export function diffReserved(
  differ: Differ,
  before: { readonly path: string; readonly reserved: Reserved },
  after: { readonly reserved: Reserved; readonly position: Position },
  removed: readonly Reservable[],
  added: readonly Reservable[],
): void {
  const report = (rule: string, old: string, now: string): void =>
    differ.report(rule, before.path, old, now, after.position);
  const gained = without(after.reserved, before.reserved, removed);
  const lost = without(before.reserved, after.reserved, added);
  if (gained !== "") report("reserved-added", "", gained);
  if (lost !== "") report("reserved-removed", lost, "");
}

/** What one side reserves and the other does not, without the elements that say it themselves. */
function without(reserved: Reserved, other: Reserved, elements: readonly Reservable[]): string {
  const taken: readonly Range[] = [...other.ranges, ...elements.map(({ number }): Range => [number, number])];
  const ranges = reserved.ranges.flatMap((range) => subtractRanges(range, taken));
  const names = reserved.names.filter(
    (name) => !other.names.includes(name) && !elements.some((each) => each.name === name),
  );
  return renderReserved({ ranges: mergeRanges(ranges), names: [...names].sort() });
}

export function subtractRanges(range: Range, taken: readonly Range[]): readonly Range[] {
  return taken.reduce<readonly Range[]>(
    (left, [from, to]) =>
      left.flatMap(([low, high]): readonly Range[] => {
        if (to < low || high < from) return [[low, high]];
        const parts: Range[] = [];
        if (low < from) parts.push([low, from - 1]);
        if (to < high) parts.push([to + 1, high]);
        return parts;
      }),
    [range],
  );
}

/** The same numbers as the fewest ranges, in order: 2, 3 and 2 to 3 are one. */
export function mergeRanges(ranges: readonly Range[]): readonly Range[] {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
