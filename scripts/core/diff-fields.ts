import type { Break } from "./change.ts";
import { currentName, type Differ, diffElement } from "./differ.ts";
import { renderField, renderType } from "./render-element.ts";
import type { FieldSchema, FieldType } from "./schema.ts";
import { keyBreaks, scalarBreaks, scalarKind, typeRule } from "./type-change.ts";

/** What replacing one message or enum by another in a field breaks, besides the source. */
export type ReplacementBreaks = (before: FieldType, after: FieldType) => readonly Break[];

/** All that is different in a field that is on both sides. The oneofs of the message are compared by diff-messages.ts. */
export function diffField(
  differ: Differ,
  before: FieldSchema,
  after: FieldSchema,
  replacementBreaks: ReplacementBreaks,
): void {
  const report = (rule: string, old: string, now: string): void =>
    differ.report(rule, before.path, old, now, after.position);
  if (before.number !== after.number) report("field-number-changed", String(before.number), String(after.number));
  diffNames(before, after, report);
  diffShape(differ, before, after, replacementBreaks, report);
  diffDetails(before, after, report);
  diffElement(differ, "field", before, after);
}

type Report = (rule: string, before: string, after: string) => void;

function diffNames(before: FieldSchema, after: FieldSchema, report: Report): void {
  const sameJson = before.jsonName === after.jsonName;
  if (before.name !== after.name) {
    report(sameJson ? "field-renamed-same-json" : "field-renamed", before.name, after.name);
  } else if (!sameJson) report("field-json-name-changed", before.jsonName, after.jsonName);
}

/** One value, a list, or a map; and of what. */
function diffShape(
  differ: Differ,
  before: FieldSchema,
  after: FieldSchema,
  replacementBreaks: ReplacementBreaks,
  report: Report,
): void {
  const [old, now] = [renderType(before), renderType(after)];
  if (before.cardinality !== after.cardinality) {
    const isMap = before.cardinality === "map" || after.cardinality === "map";
    report(isMap ? "field-map-changed" : `field-made-${after.cardinality}`, old, now);
    return;
  }
  const sameKind = before.type.kind === after.type.kind;
  const same = sameKind && currentName(differ, before.type.name) === after.type.name;
  if (same && before.mapKey === after.mapKey) {
    diffPresence(before, after, report);
    return;
  }
  const wrapped = before.type.kind === "message" && scalarKind(before) !== undefined && scalarKind(after) !== undefined;
  const replacement = (): readonly Break[] =>
    sameKind && before.type.name !== "" && !wrapped
      ? [...replacementBreaks(before.type, after.type), "source"]
      : scalarBreaks(before, after);
  const rule = typeRule([...keyBreaks(before, after), ...(same ? [] : replacement())]);
  if (rule !== undefined) report(rule, old, now);
  // A message beside a scalar is told already.
  if (scalarKind(before) !== undefined && scalarKind(after) !== undefined) diffPresence(before, after, report);
}

function diffPresence(before: FieldSchema, after: FieldSchema, report: Report): void {
  if (before.presence === after.presence) return;
  // A case of a oneof has presence by itself.
  const text = (field: FieldSchema): string =>
    field.oneof === undefined ? renderType(field) : `${renderType(field)} in ${field.oneof}`;
  const [old, now] = [text(before), text(after)];
  if (after.presence === "required") report("field-made-required", old, now);
  else if (before.presence === "required") report("field-made-unrequired", old, now);
  else report(after.presence === "explicit" ? "field-made-optional" : "field-made-implicit", old, now);
}

function diffDetails(before: FieldSchema, after: FieldSchema, report: Report): void {
  const sameType = before.type.kind === after.type.kind && before.cardinality === after.cardinality;
  const zero = sameType ? zeroOf(before) : undefined;
  if ((before.defaultValue ?? zero) !== (after.defaultValue ?? zero)) {
    report("field-default-changed", before.defaultValue ?? "", after.defaultValue ?? "");
  }
  if (sameType && before.packed !== after.packed) {
    report("field-packed-changed", `packed = ${before.packed}`, `packed = ${after.packed}`);
  }
  if (before.delimited !== after.delimited) {
    report("field-delimited-changed", encoding(before), encoding(after));
  }
  if (sameType && before.jstype !== after.jstype) {
    report("field-jstype-changed", before.jstype, after.jstype);
  }
  if (sameType && before.utf8 !== after.utf8) {
    report(after.utf8 ? "field-utf8-made-strict" : "field-utf8-made-lax", "", "");
  }
}

/** What a field of a scalar is when nothing is said of it, as a default would say it. */
function zeroOf({ type }: FieldSchema): string | undefined {
  if (type.kind === "message" || type.kind === "enum") return undefined;
  if (type.kind === "bool") return "false";
  return type.kind === "string" || type.kind === "bytes" ? "" : "0";
}

function encoding({ delimited }: FieldSchema): string {
  return delimited ? "DELIMITED" : "LENGTH_PREFIXED";
}

/** Extensions are compared as a whole: they are options and proto2's, and the clients do not have them. */
export function diffExtension(differ: Differ, before: FieldSchema, after: FieldSchema): void {
  const text = (field: FieldSchema): string => `extend ${field.extendee} { ${renderField(field)} }`;
  if (text(before) !== text(after)) {
    differ.report("extension-changed", before.path, text(before), text(after), after.position);
  }
}
