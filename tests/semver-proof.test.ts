import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Break, Change } from "../scripts/core/change.ts";
import { diff } from "../scripts/core/diff.ts";
import { linkImage } from "../scripts/core/image.ts";
import { readSchema } from "../scripts/core/read-schema.ts";
import { FIXTURES } from "./semver/all.ts";
import { compileSides, packagePrefix, type Side } from "./semver/fixture.ts";
import { tryAll } from "./semver/prove.ts";
import { announceSeed, seeded } from "./support/random.ts";
import { editModel } from "./support/random-edit.ts";
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
        const seen = evidence[encoding];
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
const SCHEMAS = process.env["SOAK"] === "1" ? 2000 : 100;

test("every message that decodes wrongly across random edits is announced by a rule", () => {
  const random = seeded(announceSeed("semver proof of random edits"));
  let shown = 0;
  for (let count = 0; count < SCHEMAS; count++) {
    const model = randomModel(random);
    const edited = structuredClone(model);
    const edits = [1, 2, 3].flatMap(() => editModel(edited, random) ?? []);
    const [old, now] = [linkImage([toFile(model)]), linkImage([toFile(edited)])];
    const changes = diff(readSchema(old), readSchema(now));
    const evidence = tryAll({
      old: old.registry,
      now: now.registry,
      prefix: "acme.random.v1.",
      renames: renamesOf(changes),
      random,
    });
    for (const [encoding, seen] of Object.entries(evidence)) {
      const declared = changes.some(({ breaks }) => breaks.includes(encoding as Break));
      assert.ok(declared, `${count}: ${edits.join(", ")}: ${encoding} breaks, and no rule says so: ${seen}`);
      shown++;
    }
  }
  assert.ok(shown > SCHEMAS / 2, `${shown} breaks were shown`);
});

function renamesOf(changes: readonly Change[]): ReadonlyMap<string, string> {
  const renamed = changes.filter(({ rule }) => rule === "message-renamed");
  return new Map(renamed.map((change) => [change.before, change.after]));
}
