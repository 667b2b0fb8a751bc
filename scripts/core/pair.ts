/** What is on both sides, what is gone, and what is new. */
export interface Pairing<T> {
  readonly pairs: readonly (readonly [before: T, after: T])[];
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

interface Numbered {
  readonly path: string;
  readonly name: string;
  readonly number: number;
}

/**
 * Fields and enum values: by name (the number may have changed), and what is left by number (the name changed). A name
 * that is on both sides is what code and JSON still mean by it, also when something else has its number now.
 */
export function pairNumbered<T extends Numbered>(
  before: readonly T[],
  after: readonly T[],
  given: Given = NOTHING_GIVEN,
): Pairing<T> {
  const inPlace = given.size > 0 ? undefined : pairInPlace(before, after);
  if (inPlace !== undefined) return { pairs: inPlace, removed: [], added: [] };
  const byName = pairBy(pairGiven(unpaired(before, after), given), (item) => item.name);
  return pairBy(byName, (item) => String(item.number));
}

/** Most lists of members are as they were: the same names in the same order, each once. */
function pairInPlace<T extends Numbered>(before: readonly T[], after: readonly T[]): Pairing<T>["pairs"] | undefined {
  if (before.length !== after.length) return undefined;
  const pairs: (readonly [T, T])[] = [];
  for (const [at, old] of before.entries()) {
    const now = after[at];
    if (now === undefined || now.name !== old.name) return undefined;
    pairs.push([old, now]);
  }
  return new Set(before.map(({ name }) => name)).size === before.length ? pairs : undefined;
}

/** What a person says belongs together: old full name → new one. */
export type Given = ReadonlyMap<string, string>;

export const NOTHING_GIVEN: Given = new Map();

/** Pairs what a person has said. */
export function pairGiven<T extends { readonly path: string }>(left: Pairing<T>, given: Given): Pairing<T> {
  if (given.size === 0) return left;
  const targets = new Set(given.values());
  return pairBy(left, ({ path }) => given.get(path) ?? (targets.has(path) ? path : undefined));
}

/** Pairs what is left by a key that must be found once on each side. Items without a key stay. */
export function pairBy<T>(left: Pairing<T>, keyOf: (item: T) => string | undefined): Pairing<T> {
  if (left.removed.length === 0 || left.added.length === 0) return left;
  const [before, after] = [left.removed, left.added].map((items) => uniqueByKey(items, keyOf));
  const pairs = [...left.pairs];
  const taken = new Set<T>();
  for (const [key, item] of before ?? []) {
    const other = after?.get(key);
    if (other === undefined) continue;
    pairs.push([item, other]);
    taken.add(item).add(other);
  }
  return {
    pairs,
    removed: left.removed.filter((item) => !taken.has(item)),
    added: left.added.filter((item) => !taken.has(item)),
  };
}

function uniqueByKey<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Map<string, T> {
  const found = new Map<string, T>();
  const twice = new Set<string>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    if (found.has(key)) twice.add(key);
    found.set(key, item);
  }
  for (const key of twice) found.delete(key);
  return found;
}

/** The start of a pairing by keys. */
export function unpaired<T>(before: Iterable<T>, after: Iterable<T>): Pairing<T> {
  return { pairs: [], removed: [...before], added: [...after] };
}
