import { diffReserved, isKnown, isReserved } from "./diff-reserved.ts";
import { type Differ, diffElement, diffOrder } from "./differ.ts";
import { type Pairing, pairBy, pairNumbered } from "./pair.ts";
import { renderValue } from "./render-element.ts";
import type { EnumSchema, EnumValueSchema } from "./schema.ts";

/** All that is different in an enum that is on both sides, but its name and its file. */
export function diffEnum(differ: Differ, before: EnumSchema, after: EnumSchema): void {
  if (before.open !== after.open) {
    const word = (open: boolean): string => (open ? "OPEN" : "CLOSED");
    const rule = after.open ? "enum-made-open" : "enum-made-closed";
    differ.report(rule, before.path, word(before.open), word(after.open), after.position);
  }
  const { pairs, removed, added } = pairAliases(pairNumbered(before.values, after.values, differ.given));
  for (const [old, now] of pairs) diffValue(differ, old, now);
  for (const value of removed) {
    differ.report(removalRule(value, after, before), value.path, renderValue(value), "", value.position);
  }
  for (const value of added) {
    differ.report(additionRule(value, before, after), value.path, "", renderValue(value), value.position);
  }
  diffAliasOrder(differ, before, after, pairs);
  diffDefault(differ, before, after, pairs);
  const past = differ.history.values.get(before.path) ?? [];
  // No rule of a value says that it was reserved; where it is known what it was, there is no need to.
  const cameBack = added.filter((value) => isReserved(before.reserved, value) && isKnown(past, value));
  diffReserved(differ, before, after, { removed: [], added: cameBack, past });
  diffElement(differ, "enum", before, after);
  diffOrder(differ, "enum-values-reordered", [before, after], [before.values, after.values], pairs);
}

/** What is left of a number that has several names: in the order in which they stand. */
function pairAliases(left: Pairing<EnumValueSchema>): Pairing<EnumValueSchema> {
  const places = new Map<EnumValueSchema, string>();
  for (const side of [left.removed, left.added]) {
    for (const value of side) {
      const names = side.filter(({ number }) => number === value.number);
      places.set(value, `${value.number} ${names.indexOf(value)}`);
    }
  }
  return pairBy(left, (value) => places.get(value));
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

/**
 * JSON writes the first name of a number. Another first name is a change when the old one is still there, or when the
 * value came to the number of another one, or left it.
 */
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
  for (const [old, now] of pairs) {
    const [wrote, writes] = [first(before, old.number), first(after, now.number)];
    if (old.number === now.number || wrote === undefined || writes === undefined) continue;
    const left = wrote !== old && pairs.find(([from]) => from === wrote)?.[1].number !== now.number;
    const came = writes !== now && pairs.find(([, to]) => to === writes)?.[0].number !== old.number;
    if (left || came) differ.report("enum-alias-order-changed", old.path, wrote.name, writes.name, now.position);
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
