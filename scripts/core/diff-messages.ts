import { diffField, type ReplacementBreaks } from "./diff-fields.ts";
import { diffReserved, isKnown, isReserved, mergeRanges, subtractRanges } from "./diff-reserved.ts";
import { type Differ, diffElement, diffOrder } from "./differ.ts";
import { pairBy, pairNumbered, unpaired } from "./pair.ts";
import type { PastField } from "./past.ts";
import { renderField, renderRange } from "./render-element.ts";
import type { FieldSchema, MessageSchema, Range } from "./schema.ts";

/** All that is different in a message that is on both sides, but its name and its file. */
export function diffMessage(
  differ: Differ,
  before: MessageSchema,
  after: MessageSchema,
  replacementBreaks: ReplacementBreaks,
): void {
  const { pairs, removed, added } = pairNumbered(before.fields, after.fields, differ.given);
  for (const [old, now] of pairs) diffField(differ, old, now, replacementBreaks);
  for (const field of removed) {
    differ.report(removalRule(field, after), field.path, renderField(field), "", field.position);
  }
  const past = differ.history.fields.get(before.path) ?? [];
  for (const field of added) {
    differ.report(additionRule(field, before, past), field.path, "", renderField(field), field.position);
  }
  diffOneofs(differ, before, after, pairs);
  const wentReserved = removed.filter((field) => isReserved(after.reserved, field));
  const cameReserved = added.filter((field) => isReserved(before.reserved, field));
  diffReserved(differ, before, after, { removed: wentReserved, added: cameReserved, past });
  diffExtensionRanges(differ, before, after);
  diffElement(differ, "message", before, after);
  diffOrder(differ, "fields-reordered", [before, after], [before.fields, after.fields], pairs);
}

function removalRule(field: FieldSchema, after: MessageSchema): string {
  if (field.presence === "required") return "field-removed-required";
  return isReserved(after.reserved, field) ? "field-removed-reserved" : "field-removed";
}

function additionRule(field: FieldSchema, before: MessageSchema, past: readonly PastField[]): string {
  if (field.presence === "required") return "field-added-required";
  // Where it is known what the number was, it is known too whether this is something else: see diff-history.ts.
  return isReserved(before.reserved, field) && !isKnown(past, field) ? "field-added-unreserved" : "field-added";
}

type Pairs = readonly (readonly [before: FieldSchema, after: FieldSchema])[];

/**
 * A oneof is its members: one with another name and the same members was renamed. Where a field came into a oneof or
 * left it, that is told of the field; where fields that were independent now exclude each other, of the oneof too.
 */
function diffOneofs(differ: Differ, before: MessageSchema, after: MessageSchema, pairs: Pairs): void {
  const names = oneofNames(before, after, pairs);
  for (const oneof of before.oneofs) {
    const name = names.get(oneof.name);
    const now = after.oneofs.find((each) => each.name === name);
    if (now === undefined) continue;
    if (now.name !== oneof.name) differ.report("oneof-renamed", oneof.path, oneof.name, now.name, now.position);
    diffElement(differ, "oneof", oneof, now);
  }
  for (const [old, now] of pairs) {
    const was = old.oneof === undefined ? undefined : (names.get(old.oneof) ?? `gone: ${old.oneof}`);
    if (was === now.oneof) continue;
    const rule = was === undefined ? "into-oneof" : now.oneof === undefined ? "out-of-oneof" : undefined;
    const id = rule === undefined ? "field-oneof-changed" : `field-moved-${rule}`;
    differ.report(id, old.path, old.oneof ?? "", now.oneof ?? "", now.position);
  }
  const current = new Map(pairs);
  for (const [rule, sides] of [
    ["fields-joined-in-oneof", pairs.map(([old, now]) => [now, old] as const)],
    ["fields-parted-from-oneof", pairs],
  ] as const) {
    for (const [path, fields] of newlyExclusive(sides, rule === "fields-joined-in-oneof" ? after : before)) {
      const text = fields.map((field) => field.name).join(", ");
      const joined = rule === "fields-joined-in-oneof";
      const [first] = fields;
      const position = (first === undefined ? undefined : (current.get(first) ?? first))?.position;
      differ.report(rule, path, joined ? "" : text, joined ? text : "", position);
    }
  }
}

/** The oneofs of one side in which two members exclude each other that did not do so on the other side. */
function newlyExclusive(
  sides: readonly (readonly [here: FieldSchema, there: FieldSchema])[],
  message: MessageSchema,
): ReadonlyMap<string, readonly FieldSchema[]> {
  const found = new Map<string, readonly FieldSchema[]>();
  for (const oneof of message.oneofs) {
    const members = sides.filter(([here]) => here.oneof === oneof.name);
    const apart = new Set(members.map(([, there], index) => there.oneof ?? `alone ${index}`));
    if (apart.size > 1)
      found.set(
        oneof.path,
        members.map(([here]) => here),
      );
  }
  return found;
}

/** Old oneof → the new one that is the same: by its name, else by having just the same members. */
function oneofNames(before: MessageSchema, after: MessageSchema, pairs: Pairs): ReadonlyMap<string, string> {
  const members = (side: 0 | 1, name: string): string =>
    pairs.flatMap((pair, index) => (pair[side].oneof === name ? [index] : [])).join();
  const byName = pairBy(unpaired(before.oneofs, after.oneofs), ({ name }) => name);
  const [old, now] = [new Set(before.oneofs), new Set(after.oneofs)];
  const byMembers = pairBy(byName, (oneof) => {
    const key = old.has(oneof) ? members(0, oneof.name) : now.has(oneof) ? members(1, oneof.name) : "";
    return key === "" ? undefined : key;
  });
  return new Map(byMembers.pairs.map(([from, to]) => [from.name, to.name]));
}

function diffExtensionRanges(differ: Differ, before: MessageSchema, after: MessageSchema): void {
  const [old, now] = [mergeRanges(before.extensionRanges), mergeRanges(after.extensionRanges)];
  const report = (rule: string, from: readonly Range[], to: readonly Range[]): void =>
    differ.report(rule, before.path, from.map(renderRange).join(", "), to.map(renderRange).join(", "), after.position);
  if (now.some((range) => subtractRanges(range, old).length > 0)) report("message-extensions-added", old, now);
  if (old.some((range) => subtractRanges(range, now).length > 0)) report("message-extensions-removed", old, now);
}
