import type { Difference } from "./change.ts";
import type { Position } from "./finding.ts";
import { type History, NO_HISTORY } from "./history.ts";
import { type Given, NOTHING_GIVEN } from "./pair.ts";
import type { Options } from "./schema.ts";

/** Collects the differences of one package. */
export interface Differ {
  readonly package: string;
  /** Old full name → new full name, for every type that has another one now. */
  readonly renames: ReadonlyMap<string, string>;
  /** What a person says belongs together, of fields, values and rpcs. */
  readonly given: Given;
  /** What the last release remembered of the ones before it. */
  readonly history: History;
  report(rule: string, path: string, before: string, after: string, position: Position | undefined): void;
}

interface Documented {
  readonly path: string;
  readonly comment: string;
  readonly deprecated: boolean;
  readonly options: Options;
  readonly position: Position;
}

/** What all elements have: a comment, a mark, options. @param kind the first word of the rules: `field`. */
export function diffElement(differ: Differ, kind: string, before: Documented, after: Documented): void {
  const report = (rule: string, old: string, now: string): void =>
    differ.report(`${kind}-${rule}`, before.path, old, now, after.position);
  if (before.comment !== after.comment) report("comment-changed", before.comment, after.comment);
  // Not every kind can be deprecated: a oneof cannot.
  if (!before.deprecated && after.deprecated) report("deprecated", "", "deprecated = true");
  if (before.deprecated && !after.deprecated) report("undeprecated", "deprecated = true", "");
  diffOptions(differ, kind, before, after);
}

interface WithOptions {
  readonly path: string;
  readonly options: Options;
  readonly position: Position;
}

export function diffOptions(differ: Differ, kind: string, before: WithOptions, after: WithOptions): void {
  if (before.options.size === 0 && after.options.size === 0) return;
  const names = new Set([...before.options.keys(), ...after.options.keys()]);
  for (const name of [...names].sort()) {
    const [old, now] = [before.options.get(name), after.options.get(name)];
    if (old === now) continue;
    const text = (value: string | undefined): string => (value === undefined ? "" : `${name} = ${value}`);
    differ.report(`${kind}-option-changed`, before.path, text(old), text(now), after.position);
  }
}

interface Ordered {
  readonly path: string;
  readonly position: Position;
}

/** Told once for a parent: whether its members that are on both sides stand in another order. */
export function diffOrder<T extends { readonly name: string }>(
  differ: Differ,
  rule: string,
  [before, after]: readonly [Ordered, Ordered],
  [old, now]: readonly [readonly T[], readonly T[]],
  pairs: readonly (readonly [before: T, after: T])[],
): void {
  const place = new Map(now.map((member, index) => [member, index]));
  const counterpart = new Map(pairs);
  const order = old.flatMap((member) => place.get(counterpart.get(member) ?? member) ?? []);
  if (order.every((index, at) => at === 0 || index > (order[at - 1] ?? 0))) return;
  const names = (members: readonly T[]): string => members.map(({ name }) => name).join(", ");
  differ.report(rule, before.path, names(old), names(now), after.position);
}

/** A type's full name as it is called in the new schema. */
export function currentName(differ: Differ, name: string): string {
  return differ.renames.get(name) ?? name;
}

export function collector(
  name: string,
  renames: ReadonlyMap<string, string>,
  history: History = NO_HISTORY,
  given: Given = NOTHING_GIVEN,
): Differ & { readonly found: Difference[] } {
  const found: Difference[] = [];
  return {
    package: name,
    renames,
    history,
    given,
    found,
    report: (rule, path, before, after, position) => found.push({ rule, package: name, path, before, after, position }),
  };
}
