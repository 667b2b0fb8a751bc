import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { diff } from "../scripts/core/diff.ts";
import { linkImage } from "../scripts/core/image.ts";
import { readSchema } from "../scripts/core/read-schema.ts";
import { FIXTURES } from "./semver/all.ts";
import { isAnnounced, renamesOf } from "./semver/announced.ts";
import { compileSides, packagePrefix, type Side } from "./semver/fixture.ts";
import { tryAll } from "./semver/prove.ts";
import { announceSeed, seeded } from "./support/random.ts";
import { editCopy } from "./support/random-edit.ts";
import { randomModel, toFile } from "./support/random-schema.ts";

// What the rules say of the wire and of JSON is held against protobuf-es: messages of either schema are sent to the
// other one. See docs/rules.md for what counts as broken.
describe("the rules are proven by running them", () => {
  const random = seeded(announceSeed("semver proof"));
  let sides: { readonly before: Side; readonly after: Side };

  before(async () => {
    sides = await compileSides(FIXTURES);
  });

  for (const [index, fixture] of FIXTURES.entries()) {
    test(`${fixture.name}: ${fixture.expect.join(", ") || "nothing"}`, () => {
      const changes = diff(sides.before.schemaOf(fixture), sides.after.schemaOf(fixture));
      const evidence = tryAll({
        old: sides.before.image.registry,
        now: sides.after.image.registry,
        prefix: packagePrefix(index),
        renames: renamesOf(changes),
        random,
      });
      for (const encoding of ["wire", "json"] as const) {
        const declared = changes.some(({ breaks }) => breaks.includes(encoding));
        const seen = evidence.find((each) => each.encoding === encoding)?.what;
        const excuse = fixture.unproven?.[encoding];
        if (!declared) assert.equal(seen, undefined, `${encoding} breaks, and no rule says so`);
        else if (excuse === undefined) assert.ok(seen !== undefined, `no message shows that ${encoding} breaks`);
        else assert.equal(seen, undefined, `${encoding} can be shown, so there is nothing to excuse`);
        assert.ok(declared || excuse === undefined, `${encoding} is excused, and no rule declares it`);
      }
    });
  }
});

/** How many schemas are edited: 2,000 in the soak. */
const SCHEMAS = process.env["SOAK"] === "1" ? 2000 : 60;

// From a by way of b to c: each step, and both at once.
test("every message that decodes wrongly across random edits is announced by a rule about it", () => {
  const seed = announceSeed("semver proof of random edits");
  const random = seeded(seed);
  let shown = 0;
  for (let count = 0; count < SCHEMAS; count++) {
    const start = randomModel(random);
    const first = editCopy(start, random);
    const last = editCopy(first.model, random);
    const [a, b, c] = [start, first.model, last.model].map((model) => linkImage([toFile(model)]));
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    for (const [old, now, edits] of [
      [a, b, first.edits],
      [b, c, last.edits],
      [a, c, [...first.edits, ...last.edits]],
    ] as const) {
      const changes = diff(readSchema(old), readSchema(now));
      const sides = { old: old.registry, now: now.registry, renames: renamesOf(changes) };
      for (const evidence of tryAll({ ...sides, prefix: "acme.random.v1.", random })) {
        const { type, encoding, what } = evidence;
        const story = `SEED=${seed}, schema ${count}: ${edits.join(", ")}`;
        assert.ok(
          isAnnounced(evidence, changes, sides),
          `${story}: ${encoding} breaks for ${type}, and no rule says so: ${what}`,
        );
        shown++;
      }
    }
  }
  assert.ok(shown > SCHEMAS, `${shown} breaks were shown`);
});
