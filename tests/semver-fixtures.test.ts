import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import type { Change } from "../scripts/core/change.ts";
import { diff } from "../scripts/core/diff.ts";
import { RULES } from "../scripts/core/rules.ts";
import type { Schema } from "../scripts/core/schema.ts";
import { ALL, FIXTURES } from "./semver/all.ts";
import { BEGIN, END, renderRules } from "./semver/document.ts";
import { compileSides, type Fixture, type Side } from "./semver/fixture.ts";
import { REPOSITORY } from "./support/cli.ts";

const rulesOf = (changes: readonly Change[]): readonly string[] => changes.map(({ rule }) => rule).sort();

/** What a change of type breaks depends on its direction: every string is bytes, not all bytes are a string. */
const family = (rule: string): string => rule.replace(/^(field-type-changed).*/, "$1");

/** What a dependent inherits is as visible as its cause: the way back of a minor may be a patch, which nobody inherits. */
const isOwn = ({ rule }: Change): boolean => !rule.startsWith("dependency-");

describe("fixtures of the diff", () => {
  let sides: { readonly before: Side; readonly after: Side };

  before(async () => {
    sides = await compileSides(FIXTURES);
  });

  const schemasOf = (fixture: Fixture): readonly [Schema, Schema] => [
    sides.before.schemaOf(fixture),
    sides.after.schemaOf(fixture),
  ];

  for (const fixture of FIXTURES) {
    test(fixture.name, () => {
      const [old, now] = schemasOf(fixture);
      const changes = diff(old, now);
      assert.deepEqual(rulesOf(changes), fixture.expect);
      assert.deepEqual(diff(old, old), [], "the old schema equals itself");
      assert.deepEqual(diff(now, now), [], "the new schema equals itself");
      const mirrored = changes.filter(isOwn).map(({ rule }) => family(RULES[rule]?.mirror ?? ""));
      assert.deepEqual(
        mirrored.sort(),
        diff(now, old)
          .filter(isOwn)
          .map(({ rule }) => family(rule))
          .sort(),
        "the sides swapped",
      );
      const prints = changes.map(({ fingerprint }) => fingerprint);
      assert.equal(new Set(prints).size, prints.length, "each change has a fingerprint of its own");
    });
  }

  test("what parted is told where it stands now", async () => {
    const parted: Fixture = {
      name: "parted",
      before: "message M { oneof o { string a = 1; string b = 2; } }",
      after: "\n\n\nmessage M { string a = 1; string b = 2; }",
      expect: [],
    };
    const { before: old, after: now } = await compileSides([parted]);
    const changes = diff(old.schemaOf(parted), now.schemaOf(parted));
    assert.deepEqual(rulesOf(changes).at(-1), "fields-parted-from-oneof");
    assert.deepEqual([...new Set(changes.map(({ position }) => position?.line))], [6]);
  });

  test("each has a name of its own, and is told apart from what it must not be", () => {
    assert.equal(new Set(ALL.map(({ name }) => name)).size, ALL.length);
    for (const { name, expect, not = [] } of ALL) {
      assert.deepEqual(expect, [...expect].sort(), `${name}: sorted`);
      for (const rule of not) assert.ok(rule in RULES && !expect.includes(rule), `${name}: ${rule}`);
    }
  });

  test("on an unstable package a break is a minor", () => {
    const unstable = FIXTURES.find(({ name }) => name === "a break in a package that promises nothing yet");
    assert.ok(unstable !== undefined);
    const [change] = diff(...(schemasOf(unstable) as [Schema, Schema]));
    assert.equal(change?.bump, "minor");
    assert.deepEqual(change?.breaks, ["json", "source"]);
  });
});

describe("the table of rules", () => {
  for (const [id, rule] of Object.entries(RULES)) {
    test(`${id} has fixtures for and against it, and a mirror that mirrors back`, () => {
      assert.ok(
        ALL.some(({ expect }) => expect.includes(id)),
        "a fixture that gives it",
      );
      assert.ok(
        ALL.some(({ not }) => not?.includes(id)),
        "a near miss that does not",
      );
      if (rule.mirror !== undefined) assert.equal(RULES[rule.mirror]?.mirror, id);
      assert.equal(rule.breaks.length === 0 || rule.bump === "major", true, "a break is a major");
    });
  }

  test("docs/rules.md has a section for each, with what the table says and a fixture as its example", () => {
    const text = readFileSync(join(REPOSITORY, "docs", "rules.md"), "utf8");
    const sections = [...text.matchAll(/^## ([a-z0-9-]+)$/gm)].map(([, id]) => id);
    assert.deepEqual(sections, Object.keys(RULES));
    assert.ok(text.includes(`${BEGIN}${renderRules()}${END}`), "run node tests/semver/write-rules.ts");
  });
});
