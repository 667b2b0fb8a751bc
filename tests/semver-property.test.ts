import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BUMPS, type Bump, worse, worst } from "../scripts/core/change.ts";
import { diff } from "../scripts/core/diff.ts";
import { linkImage } from "../scripts/core/image.ts";
import { readSchema } from "../scripts/core/read-schema.ts";
import { RULES } from "../scripts/core/rules.ts";
import type { Schema } from "../scripts/core/schema.ts";
import { announceSeed, seeded } from "./support/random.ts";
import { editCopy } from "./support/random-edit.ts";
import { type Model, randomModel, toFile } from "./support/random-schema.ts";

/** How many schemas are edited: 2,000 in the soak. */
const SCHEMAS = process.env["SOAK"] === "1" ? 2000 : 150;

const read = (model: Model): Schema => readSchema(linkImage([toFile(model)]));

const bumpOf = (before: Schema, after: Schema): Bump => worst(diff(before, after).map(({ bump }) => bump));

/** What a change of type breaks depends on its direction: every string is bytes, not all bytes are a string. */
function family(rule: string): string {
  return rule.replace(/^(field-type-changed).*/, "$1");
}

describe("random schemas and random edits", () => {
  test("two steps bump at least as much as one, a schema equals itself, and a mirror is the mirror", () => {
    const seed = announceSeed("semver");
    const random = seeded(seed);
    const seen = new Set<string>();
    for (let count = 0; count < SCHEMAS; count++) {
      const start = randomModel(random);
      const first = editCopy(start, random);
      const last = editCopy(first.model, random);
      const [a, b, c] = [start, first.model, last.model].map(read);
      assert.ok(a !== undefined && b !== undefined && c !== undefined);
      const story = `SEED=${seed}, schema ${count}: ${first.edits.join(", ")}; then ${last.edits.join(", ")}`;
      assert.deepEqual(diff(b, b), [], story);
      const [direct, steps] = [bumpOf(a, c), worse(bumpOf(a, b), bumpOf(b, c))];
      assert.ok(BUMPS.indexOf(direct) <= BUMPS.indexOf(steps), `${story}: ${direct} at once, ${steps} in two steps`);
      const forward = diff(a, b).map(({ rule }) => rule);
      const back = diff(b, a).map(({ rule }) => family(rule));
      const mirrored = forward.map((rule) => family(RULES[rule]?.mirror ?? ""));
      assert.deepEqual(mirrored.sort(), back.sort(), `${story}: ${forward.join(", ")}`);
      for (const rule of forward) seen.add(rule);
    }
    // The edits reach most of the table; what they cannot reach has fixtures.
    assert.ok(seen.size > 40, `${seen.size} rules: ${[...seen].sort().join(", ")}`);
  });
});
