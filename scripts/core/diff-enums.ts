import { diffReserved } from "./diff-reserved.ts";
import { type Differ, diffElement, diffOrder } from "./differ.ts";
import { pairNumbered } from "./pair.ts";
import { renderValue } from "./render-element.ts";
import type { EnumSchema, EnumValueSchema } from "./schema.ts";

/** All that is different in an enum that is on both sides, but its name and its file. */
export function diffEnum(differ: Differ, before: EnumSchema, after: EnumSchema): void {
  if (before.open !== after.open) {
    const word = (open: boolean): string => (open ? "OPEN" : "CLOSED");
    const rule = after.open ? "enum-made-open" : "enum-made-closed";
    differ.report(rule, before.path, word(before.open), word(after.open), after.position);
  }
  const { pairs, removed, added } = pairNumbered(before.values, after.values);
  for (const [old, now] of pairs) diffValue(differ, old, now);
  for (const value of removed) {
    differ.report(removalRule(value, after, before), value.path, renderValue(value), "", value.position);
  }
  for (const value of added) {
    differ.report(additionRule(value, before, after), value.path, "", renderValue(value), value.position);
  }
  diffAliasOrder(differ, before, after, pairs);
  diffDefault(differ, before, after, pairs);
  // No rule of a value says that it was reserved.
  diffReserved(differ, before, after, [], []);
  diffElement(differ, "enum", before, after);
  diffOrder(differ, "enum-values-reordered", [before, after], [before.values, after.values], pairs);
}

function diffValue(differ: Differ, before: EnumValueSchema, after: EnumValueSchema): void {
  const report = (rule: string, old: string, now: string): void =>
    differ.report(rule, before.path, old, now, after.position);
  if (before.name !== after.name) report("enum-value-renamed", before.name, after.name);
  if (before.number !== after.number) {
    report("enum-value-number-changed", String(before.number), String(after.number));
  }
  diffElement(differ, "enum-value", before, after);
}

/** A name of a number that had one, and still has. */
function isAlias({ number }: EnumValueSchema, here: EnumSchema, there: EnumSchema): boolean {
  const names = ({ values }: EnumSchema): number => values.filter((value) => value.number === number).length;
  return names(here) > 1 && names(there) > 0;
}

function additionRule(value: EnumValueSchema, before: EnumSchema, after: EnumSchema): string {
  if (isAlias(value, after, before)) return "enum-alias-added";
  return before.open && after.open ? "enum-value-added" : "enum-value-added-closed";
}

function removalRule(value: EnumValueSchema, after: EnumSchema, before: EnumSchema): string {
  if (isAlias(value, before, after)) return "enum-alias-removed";
  return before.open && after.open ? "enum-value-removed" : "enum-value-removed-closed";
}

type Pairs = readonly (readonly [before: EnumValueSchema, after: EnumValueSchema])[];

/** JSON writes the first name of a number. Another first name is a change when the old one is still there. */
function diffAliasOrder(differ: Differ, before: EnumSchema, after: EnumSchema, pairs: Pairs): void {
  const first = ({ values }: EnumSchema, number: number): EnumValueSchema | undefined =>
    values.find((value) => value.number === number);
  for (const number of new Set(before.values.map((value) => value.number))) {
    const [old, now] = [first(before, number), first(after, number)];
    if (old === undefined || now === undefined) continue;
    const same = pairs.some(([from, to]) => from === old && to === now);
    const bothThere = pairs.some(
      ([from, to]) => (from === old && to.number === number) || (to === now && from.number === number),
    );
    if (!same && bothThere) differ.report("enum-alias-order-changed", old.path, old.name, now.name, now.position);
  }
}

/** The first value of a closed enum is what a field that was not sent means. */
function diffDefault(differ: Differ, before: EnumSchema, after: EnumSchema, pairs: Pairs): void {
  if (before.open || after.open) return;
  const [old, now] = [before.values[0], after.values[0]];
  if (old === undefined || now === undefined || old.number === now.number) return;
  // Its number changed: told already.
  if (pairs.some(([from, to]) => from === old && to === now)) return;
  differ.report("enum-default-changed", before.path, old.name, now.name, now.position);
}
