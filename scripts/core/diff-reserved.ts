import type { Differ } from "./differ.ts";
import type { Position } from "./finding.ts";
import { renderReserved } from "./render-element.ts";
import type { Range, Reserved } from "./schema.ts";

/** A field or an enum value, as far as a reservation is about it. */
interface Reservable {
  readonly name: string;
  readonly number: number;
}

/** Whether it is known what the number was before. */
export function isKnown(past: readonly Reservable[], { number }: Reservable): boolean {
  return past.some((each) => each.number === number);
}

/** What else is told of the reserved numbers and names of a message or an enum. */
interface Told {
  /** Those of which it is told already that they were reserved when they went, or until they came. */
  readonly removed: readonly Reservable[];
  readonly added: readonly Reservable[];
  /** What the history knows: a reuse is told when it comes, so that nothing is lost with the reservation. */
  readonly past: readonly Reservable[];
}

/** By its number: a name alone keeps nobody from using the number for something else. */
export function isReserved({ ranges }: Reserved, { number }: Reservable): boolean {
  return ranges.some(([from, to]) => from <= number && number <= to);
}

/** What became reserved, and what is no longer. */
export function diffReserved(
  differ: Differ,
  before: { readonly path: string; readonly reserved: Reserved },
  after: { readonly reserved: Reserved; readonly position: Position },
  told: Told,
): void {
  const report = (rule: string, old: string, now: string): void =>
    differ.report(rule, before.path, old, now, after.position);
  const gained = without(after.reserved, before.reserved, told.removed);
  const lost = without(before.reserved, after.reserved, [...told.added, ...told.past]);
  const known = freed(before.reserved, after.reserved, told);
  if (gained !== "") report("reserved-added", "", gained);
  if (lost !== "") report("reserved-removed", lost, "");
  if (known !== "") report("reserved-removed-known", known, "");
}

/** What is no longer reserved, of what is known. */
function freed(before: Reserved, after: Reserved, { added, past }: Told): string {
  const numbers = past.filter(
    (each) =>
      isReserved(before, each) && !isReserved(after, each) && !added.some(({ number }) => number === each.number),
  );
  const names = before.names.filter(
    (name) =>
      !after.names.includes(name) &&
      past.some((each) => each.name === name) &&
      !added.some((each) => each.name === name),
  );
  return renderReserved({
    ranges: mergeRanges(numbers.map(({ number }): Range => [number, number])),
    names: [...names].sort(),
  });
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
