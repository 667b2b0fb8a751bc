import type { Differ } from "./differ.ts";
import type { TypePairing } from "./pair-types.ts";
import {
  extensionsOf,
  type PastField,
  type PastMember,
  type PastRpc,
  pairExtended,
  pastRpc,
  renameType,
  renderPastField,
  renderPastRpc,
  statementOf,
} from "./past.ts";
import { type Identity, identityOf, typeBreaks } from "./past-meaning.ts";
import { renderField, renderMethod, renderValue } from "./render-element.ts";
import type { EnumValueSchema, FieldSchema, MethodSchema, PackageSchema } from "./schema.ts";

/**
 * What comes back as something else: a number or a name that the last release did not have and an earlier one had. What
 * comes back as it was is an addition like any other, and what the last release reused already was told then.
 */
export function diffHistory(differ: Differ, before: PackageSchema, after: PackageSchema, pairing: TypePairing): void {
  const { fields, extensions, values, rpcs } = differ.history;
  for (const { past, old, now } of pastOf(fields, before.messages, after.messages, pairing.messages.pairs)) {
    diffFields(differ, "field", past, [old?.fields ?? [], now.fields]);
  }
  const [extended, extendedNow] = [extensionsOf(before), extensionsOf(after)];
  const extendedPairs = pairExtended(extended, extendedNow, differ.renames);
  for (const { past, old, now } of pastOf(extensions, extended, extendedNow, extendedPairs)) {
    diffFields(differ, "extension", past, [old?.fields ?? [], now.fields]);
  }
  for (const { past, old, now } of pastOf(values, before.enums, after.enums, pairing.enums.pairs)) {
    diffValues(differ, past, old?.values ?? [], now.values);
  }
  for (const { past, old, now } of pastOf(rpcs, before.services, after.services, pairing.services.pairs)) {
    diffRpcs(differ, past, old?.methods ?? [], now.methods);
  }
}

interface Comparison<T, M> {
  readonly past: readonly M[];
  /** As the last release had it; undefined when it did not have that name. */
  readonly old: T | undefined;
  readonly now: T;
}

/** Each type with its past: that of its name, and that of the one it had in the last release. */
function pastOf<T extends { readonly path: string }, M>(
  history: ReadonlyMap<string, readonly M[]>,
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  pairs: readonly (readonly [before: T, after: T])[],
): readonly Comparison<T, M>[] {
  if (history.size === 0) return [];
  const counterpart = new Map(pairs.map(([old, now]) => [now, old]));
  return [...after.values()].flatMap((now): readonly Comparison<T, M>[] => {
    const old = counterpart.get(now);
    const paired = old === undefined ? [] : [{ past: history.get(old.path) ?? [], old, now }];
    if (before.has(now.path)) return paired;
    return [...paired, { past: history.get(now.path) ?? [], old: undefined, now }];
  });
}

function diffFields(
  differ: Differ,
  kind: "field" | "extension",
  remembered: readonly PastField[],
  [old, now]: readonly [readonly FieldSchema[], readonly FieldSchema[]],
): void {
  if (remembered.length === 0) return;
  const past = remembered.map((field) => ({ ...field, type: renameType(field.type, differ.renames) }));
  const isOther = otherIdentity(past);
  const numbers = new Set(old.map(({ number }) => number));
  const names = new Set(old.flatMap(namesOf));
  for (const field of now) {
    const report = (rule: string, was: readonly PastField[]): void => {
      if (was.length === 0) return;
      differ.report(rule, field.path, was.map(renderPastField).join("; "), renderField(field), field.position);
    };
    const atNumber = numbers.has(field.number) ? [] : past.filter(({ number }) => number === field.number);
    const fresh = namesOf(field).filter((name) => !names.has(name));
    const atName = past.filter((was) => namesOf(was).some((name) => fresh.includes(name)));
    report(
      `${kind}-number-reused`,
      atNumber.filter((was) => isOther(was, field) || typeBreaks(was, field).includes("wire")),
    );
    // The name alone is what a person means; only JSON knows the other one, and the type that stands under it.
    const isNamesake = (was: PastField): boolean => was.name === field.name && isOther(was, field);
    report(`${kind}-name-reused`, atName.filter(isNamesake));
    report(
      `${kind}-name-reused-json`,
      atName.filter((was) => !isNamesake(was) && (isOther(was, field) || typeBreaks(was, field).includes("json"))),
    );
  }
}

/** A reader of JSON takes both. */
function namesOf({ name, jsonName }: { readonly name: string; readonly jsonName: string }): readonly string[] {
  return [...new Set([name, jsonName])];
}

function diffValues(
  differ: Differ,
  past: readonly PastMember[],
  old: readonly EnumValueSchema[],
  now: readonly EnumValueSchema[],
): void {
  if (past.length === 0) return;
  const isOther = otherIdentity(past);
  const numbers = new Set(old.map(({ number }) => number));
  const names = new Set(old.map(({ name }) => name));
  for (const value of now) {
    const report = (rule: string, was: readonly PastMember[]): void => {
      if (was.length === 0) return;
      differ.report(rule, value.path, was.map(statementOf).join("; "), renderValue(value), value.position);
    };
    const others = past.filter((each) => isOther(each, value));
    const atNumber = others.filter(({ number }) => number === value.number);
    const atName = others.filter(({ name }) => name === value.name);
    if (!numbers.has(value.number)) report("enum-value-number-reused", atNumber);
    if (!names.has(value.name)) report("enum-value-name-reused", atName);
  }
}

function diffRpcs(
  differ: Differ,
  past: readonly PastRpc[],
  old: readonly MethodSchema[],
  now: readonly MethodSchema[],
): void {
  for (const method of now) {
    if (old.some(({ name }) => name === method.name)) continue;
    const { request, response } = pastRpc(method);
    const was = past.filter(
      (each) =>
        each.name === method.name &&
        (renameType(each.request, differ.renames) !== request ||
          renameType(each.response, differ.renames) !== response),
    );
    if (was.length === 0) continue;
    const before = was.map(renderPastRpc).join("; ");
    differ.report("rpc-name-reused", method.path, before, renderMethod(method), method.position);
  }
}

type Named = Parameters<typeof statementOf>[0];

/** Whether what was there is another element than what is there now. */
function otherIdentity(past: readonly PastMember[]): (was: PastMember, now: Named) => boolean {
  const identity: Identity = identityOf(past);
  return (was, now) => identity(statementOf(was)) !== identity(statementOf(now));
}
