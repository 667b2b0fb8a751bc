import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { RULES } from "../scripts/core/rules.ts";
import { FIXTURES } from "./semver/all.ts";
import { DISAGREEMENTS } from "./semver/disagreements.ts";
import {
  askBoth,
  askBothAtRandom,
  bufRules,
  explain,
  OPINION_BEGIN,
  OPINION_END,
  type Opinions,
  renderOpinions,
} from "./semver/opinion.ts";
import { REPOSITORY } from "./support/cli.ts";
import { announceSeed, seeded } from "./support/random.ts";

/** How many random schemas are edited: 2,000 in the soak. */
const SCHEMAS = process.env["SOAK"] === "1" ? 2000 : 200;

function assertExplained(opinion: Opinions): void {
  const { name, ours, buf } = opinion;
  for (const { rule, row } of explain(opinion)) {
    assert.ok(row !== undefined, `${name}: ${rule} of ${ours.join(", ")} here, ${buf.join(", ")} there`);
  }
}

// `buf breaking` is asked about every fixture. Where it and our rules do not agree whether there is a break,
// docs/rules.md says why.
describe("buf breaking beside our rules", () => {
  let opinions: readonly Opinions[] = [];

  before(async () => {
    opinions = await askBoth(FIXTURES);
  });

  test("every disagreement has a row that explains it", () => {
    for (const opinion of opinions) assertExplained(opinion);
  });

  test("so has every disagreement about a random edit", async () => {
    const seed = announceSeed("buf opinion");
    const found = await askBothAtRandom(SCHEMAS, seeded(seed));
    for (const opinion of found) assertExplained({ ...opinion, name: `SEED=${seed}: ${opinion.name}` });
    const agreed = found.filter((opinion) => explain(opinion).length === 0);
    assert.ok(agreed.length > SCHEMAS * 0.9, `${agreed.length} of ${SCHEMAS}`);
  });

  test("every rule of every row is met by a fixture", () => {
    for (const row of DISAGREEMENTS) {
      const met = opinions.filter((opinion) => explain(opinion).some((each) => each.row === row));
      assert.ok(met.length > 0, row.why);
      const rules = new Set(met.flatMap(({ ours, buf }) => [...ours, ...buf]));
      for (const rule of [...row.ours, ...row.buf]) assert.ok(rules.has(rule), `${rule}: ${row.why}`);
      for (const rule of row.ours) assert.ok(rule in RULES, rule);
    }
  });

  test("every rule of buf's strictest set flags a fixture", async () => {
    const flagged = new Set(opinions.flatMap(({ buf }) => buf));
    assert.deepEqual(
      (await bufRules()).filter((rule) => !flagged.has(rule)),
      [],
    );
  });

  test("docs/rules.md has the rows and how often the two agree", () => {
    const text = readFileSync(join(REPOSITORY, "docs", "rules.md"), "utf8");
    const part = `${OPINION_BEGIN}${renderOpinions(opinions)}${OPINION_END}`;
    assert.ok(text.includes(part), "run node tests/semver/write-rules.ts");
  });
});
