import { type History, NO_HISTORY } from "../../scripts/core/history.ts";
import { nextHistories } from "../../scripts/core/next-history.ts";
import { pairPackages } from "../../scripts/core/pair-packages.ts";
import type { Schema } from "../../scripts/core/schema.ts";
import { compileSides, type Fixture, type Side, type Texts } from "./fixture.ts";

/** A fixture with releases before the last one, the oldest first: what `before` remembers follows from them. */
export interface PastFixture extends Fixture {
  readonly past: readonly [Texts, Texts?];
}

/** All releases of the fixtures: those before the baseline, the baseline, and what comes after it. */
export interface Releases {
  readonly before: Side;
  readonly after: Side;
  /** The releases before the baseline, the oldest first; the second is the baseline itself where a fixture has one. */
  readonly past: readonly [Side, Side];
  /** What the baseline of a fixture remembers. */
  historyOf(fixture: PastFixture): ReadonlyMap<string, History>;
  /** The types of a fixture that have another name since. */
  renamesOf(fixture: PastFixture): ReadonlyMap<string, string>;
}

export async function compileReleases(fixtures: readonly PastFixture[]): Promise<Releases> {
  const earlier: readonly Fixture[] = fixtures.map((fixture) => {
    const [first, second = fixture.before] = fixture.past;
    return { name: fixture.name, before: first, after: second, expect: [] };
  });
  const [{ before: first, after: second }, last] = await Promise.all([compileSides(earlier), compileSides(fixtures)]);
  const releasesOf = (fixture: PastFixture): readonly [Schema, Schema, Schema] => {
    const past = earlier[fixtures.indexOf(fixture)];
    if (past === undefined) throw new Error(`no releases of ${fixture.name}`);
    return [first.schemaOf(past), second.schemaOf(past), last.before.schemaOf(fixture)];
  };
  return {
    ...last,
    past: [first, second],
    historyOf: (fixture) => remember(releasesOf(fixture)),
    renamesOf(fixture) {
      const [oldest, older, old] = releasesOf(fixture);
      return new Map([...pairPackages(oldest, older).renames, ...pairPackages(older, old).renames]);
    },
  };
}

/** What the last of some releases remembers of the ones before it. */
export function remember(releases: readonly Schema[]): ReadonlyMap<string, History> {
  let histories: ReadonlyMap<string, History> = new Map();
  for (const [index, release] of releases.entries()) {
    const last = releases[index - 1];
    if (last === undefined) continue;
    const baseline = [...last.packages].map(
      ([name, schema]) => [name, { schema, history: histories.get(name) ?? NO_HISTORY }] as const,
    );
    histories = nextHistories(new Map(baseline), release);
  }
  return histories;
}
