import type { History } from "./history.ts";
import { type Pairing, pairNumbered } from "./pair.ts";
import { type PackagePairing, pairPackages } from "./pair-packages.ts";
import {
  type Extended,
  extensionsOf,
  type PastField,
  type PastMember,
  pairExtended,
  pastField,
  pastRpc,
  pastValue,
  renameType,
  statementOf,
} from "./past.ts";
import type { EnumSchema, PackageSchema, Schema } from "./schema.ts";

/** A package as it was, with what it remembered. */
export interface Remembered {
  readonly schema: PackageSchema;
  readonly history: History;
}

/**
 * What each package that is on both sides has to remember: what its baseline remembered and what it had, without what the
 * schema has just so. It follows from the baseline and the schema alone: what comes back is forgotten, and to ask twice
 * changes nothing.
 */
export function nextHistories(before: ReadonlyMap<string, Remembered>, after: Schema): ReadonlyMap<string, History> {
  const schemas = new Map([...before].map(([name, { schema }]) => [name, schema]));
  const pairing = pairPackages({ packages: schemas }, after);
  const found = new Map<string, History>();
  for (const [name, old] of before) {
    const now = after.packages.get(name);
    if (now !== undefined) found.set(name, nextHistory(name, old, now, pairing));
  }
  return found;
}

function nextHistory(name: string, old: Remembered, now: PackageSchema, pairing: PackagePairing): History {
  const { renames, pairings } = pairing;
  const types = pairings.get(name);
  if (types === undefined) throw new Error(`${name} is not on both sides`);
  const { schema, history } = old;
  const [extended, extendedNow] = [extensionsOf(schema), extensionsOf(now)];
  const extendedPairs = pairExtended(extended, extendedNow, renames);
  return {
    fields: carryFields(history.fields, schema.messages, now.messages, types.messages.pairs, renames),
    extensions: carryFields(history.extensions, extended, extendedNow, extendedPairs, renames),
    values: carry<PastMember, EnumSchema>({
      remembered: history.values,
      had: membersOf(schema.enums, ({ values }) => values.map(pastValue)),
      has: membersOf(now.enums, ({ values }) => values.map(pastValue)),
      pairs: types.enums.pairs,
      linksOf: valueLinks,
      keyOf: statementOf,
    }),
    rpcs: carry({
      remembered: mapAll(history.rpcs, (rpc) => renameRpc(rpc, renames)),
      had: membersOf(schema.services, ({ methods }) => methods.map((each) => renameRpc(pastRpc(each), renames))),
      has: membersOf(now.services, ({ methods }) => methods.map(pastRpc)),
      pairs: types.services.pairs,
      linksOf: () => new Map(),
      keyOf: ({ name: rpc, request, response }) => JSON.stringify([rpc, request, response]),
    }),
  };
}

function carryFields<P extends Extended>(
  remembered: Members<PastField>,
  before: ReadonlyMap<string, P>,
  after: ReadonlyMap<string, P>,
  pairs: Pairing<P>["pairs"],
  renames: ReadonlyMap<string, string>,
): Members<PastField> {
  const rename = (field: PastField): PastField => ({ ...field, type: renameType(field.type, renames) });
  return carry({
    remembered: mapAll(remembered, rename),
    had: membersOf(before, ({ fields }) => fields.map((field) => rename(pastField(field)))),
    has: membersOf(after, ({ fields }) => fields.map(pastField)),
    pairs,
    linksOf: (from, to) => linksOf(pairNumbered(from.fields, to.fields).pairs),
    keyOf: (field) => JSON.stringify([statementOf(field), field.type, field.jsonName]),
  });
}

/** Old `name = number` → the new one, of the elements that go on under another. What their types do is judged apart. */
type Links = ReadonlyMap<string, string>;

type Members<T> = ReadonlyMap<string, readonly T[]>;

interface Carrying<T, P extends { readonly path: string }> {
  readonly remembered: Members<T>;
  readonly had: Members<T>;
  readonly has: Members<T>;
  readonly pairs: Pairing<P>["pairs"];
  linksOf(from: P, to: P): Links;
  /** All of a member but what it is called since. */
  keyOf(member: T): string;
}

function carry<T extends object, P extends { readonly path: string }>(carrying: Carrying<T, P>): Members<T> {
  const { remembered, had, has, pairs, linksOf, keyOf } = carrying;
  const found = new Map<string, Map<string, T>>();
  const add = (path: string, members: readonly T[]): void => {
    const there = found.get(path) ?? new Map<string, T>();
    for (const member of members) there.set(keyOf(member), member);
    found.set(path, there);
  };
  const successors = new Map(pairs.map(([from, to]) => [from.path, [from, to] as const]));
  for (const path of new Set([...remembered.keys(), ...had.keys()])) {
    // What was there last knows best what it is called since.
    const members = [...(remembered.get(path) ?? []), ...(had.get(path) ?? [])];
    const [from, to] = successors.get(path) ?? [];
    if (from === undefined || to === undefined) add(path, members);
    else {
      // Under another name the type takes its past along; and what bore the old name may be read for ever.
      if (to.path !== path) add(path, members);
      const links = linksOf(from, to);
      add(
        to.path,
        members.map((member) => relink(member, links)),
      );
    }
  }
  const kept = [...found].map(([path, members]) => {
    const there = new Set((has.get(path) ?? []).map(keyOf));
    return [path, [...members].flatMap(([key, member]) => (there.has(key) ? [] : [member]))] as const;
  });
  return new Map(kept.filter(([, members]) => members.length > 0));
}

function relink<T extends object>(member: T, links: Links): T {
  if (!isMember(member)) return member;
  const own = statementOf(member);
  const now = links.get(member.now ?? own) ?? member.now;
  return { ...member, now: now === own ? undefined : now };
}

function isMember(member: object): member is PastMember {
  return "number" in member;
}

/** Several names of a number are one value: what an alias was called lives on in the others. */
function valueLinks(from: EnumSchema, to: EnumSchema): Links {
  const { pairs, removed } = pairNumbered(from.values, to.values);
  const successor = new Map(pairs);
  const lost = removed.flatMap((value) => {
    const names = from.values.filter(({ number }) => number === value.number);
    const other = names.find((each) => successor.has(each)) ?? names[0];
    return other === undefined || other === value ? [] : [[value, successor.get(other) ?? other] as const];
  });
  return linksOf([...pairs, ...lost]);
}

function linksOf(pairs: readonly (readonly [PastStatement, PastStatement])[]): Links {
  return new Map(pairs.map(([old, now]) => [statementOf(old), statementOf(now)] as const).filter(([a, b]) => a !== b));
}

type PastStatement = Parameters<typeof statementOf>[0];

function renameRpc<R extends { readonly request: string; readonly response: string }>(rpc: R, renames: Links): R {
  return { ...rpc, request: renameType(rpc.request, renames), response: renameType(rpc.response, renames) };
}

function membersOf<T, P>(types: ReadonlyMap<string, T>, members: (type: T) => readonly P[]): Members<P> {
  return new Map([...types].map(([path, type]) => [path, members(type)]));
}

function mapAll<T>(all: Members<T>, change: (member: T) => T): Members<T> {
  return new Map([...all].map(([path, members]) => [path, members.map(change)]));
}
