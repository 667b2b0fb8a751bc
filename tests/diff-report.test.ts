import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Baseline, baselineOf, baselineSchema } from "../scripts/core/baseline.ts";
import type { Change } from "../scripts/core/change.ts";
import { describeChange, hasSentence } from "../scripts/core/describe-change.ts";
import { diff } from "../scripts/core/diff.ts";
import { assembleReport, type DiffReport } from "../scripts/core/diff-report.ts";
import { linkImage } from "../scripts/core/image.ts";
import { readSchema } from "../scripts/core/read-schema.ts";
import { renderDiffMarkdown } from "../scripts/core/render-diff-markdown.ts";
import { renderDiffText } from "../scripts/core/render-diff-text.ts";
import { COMPILER_RULES, RULES, ruleOf } from "../scripts/core/rules.ts";
import type { Schema } from "../scripts/core/schema.ts";
import { REPOSITORY } from "./support/cli.ts";
import { refusals } from "./support/json-schema.ts";
import { announceSeed, seeded } from "./support/random.ts";
import { editModel } from "./support/random-edit.ts";
import { type Model, randomModel, toFile } from "./support/random-schema.ts";

const read = (model: Model): Schema => readSchema(linkImage([toFile(model)]));
const SCHEMA: Readonly<Record<string, unknown>> = JSON.parse(
  readFileSync(join(REPOSITORY, "docs", "diff.schema.json"), "utf8"),
);

function report(before: Schema, after: Schema, changes = diff(before, after)): DiffReport {
  const baseline: Baseline = baselineOf({ schema: before, image: linkImage([]) }, { kind: "folder", from: "old" });
  const naming = { scope: "@acme", root: "acme" };
  const input = { against: "old", baseline, changes, protoPackages: [...after.packages.keys()], naming };
  return assembleReport({ ...input, compiler: "asked", paths: new Map() });
}

/** A change by one rule, with texts of its own. */
function change(rule: string, before: string, after: string): Change {
  const { breaks, bump } = ruleOf(rule);
  const path = "acme.a.v1.A.b";
  return {
    rule,
    package: "acme.a.v1",
    path,
    before,
    after,
    breaks,
    bump,
    fingerprint: "0".repeat(12),
    position: undefined,
  };
}

describe("changes in words", () => {
  for (const [rule, { breaks, bump }] of Object.entries({ ...RULES, ...COMPILER_RULES })) {
    test(`${rule} has one sentence, and what breaks says who notices and what to do instead`, () => {
      assert.ok(hasSentence(rule));
      const { what, who, why, instead } = describeChange(change(rule, "the old", "the new"));
      assert.match(what, /^[A-Z][^\n{}]*\.$/);
      assert.match(why, /\.$/);
      const breaking = breaks.length > 0 || bump === "major";
      assert.equal(who !== "", breaking);
      assert.ok(!breaking || /^[A-Z].*\.$/s.test(instead), instead);
    });
  }

  test("each rule that has a sentence of its own says both texts where both are there", () => {
    const { what } = describeChange(change("field-type-changed-wire", "int32", "sint32"));
    assert.equal(what, "The type of the field `A.b` was `int32` and is `sint32`.");
  });

  test("a text from a schema stays on its line, short, and is no escape for a terminal or for Markdown", () => {
    const hostile = "a\n\n# b `c` \u001b[31m\u202e\u0007 <img src=x> @everyone ".repeat(20);
    const { what } = describeChange(change("field-comment-changed", "", hostile));
    assert.equal(what.split("`").length - 1, 4, "two pairs of backticks");
    assert.ok(what.length < 150 && !/[\n\p{C}]/u.test(what), what);
    assert.match(what, /^The comment of `A\.b` is another: `a # b 'c' \[31m/);
  });
});

describe("reports of random schemas", () => {
  test("each is as docs/diff.schema.json says, in the order that it says, and has each change in each format", () => {
    const random = seeded(announceSeed("diff-report"));
    for (let count = 0; count < 60; count++) {
      const before = randomModel(random);
      const after = structuredClone(before);
      for (let edit = 0; edit < 6; edit++) editModel(after, random);
      const [old, now] = [read(before), read(after)];
      const made = report(old, now);
      assert.deepEqual(refusals(SCHEMA, JSON.parse(JSON.stringify(made))), []);
      const changes = made.packages.flatMap((each) => each.changes);
      assert.equal(changes.length, diff(old, now).length);
      const bumps = ["major", "minor", "patch", "none"];
      const ranks = changes.map(({ bump }) => bumps.indexOf(bump));
      assert.deepEqual(ranks, ranks.toSorted(), "the worst first");
      assert.equal(made.bump, changes[0]?.bump ?? "none");
      const [text, markdown] = [renderDiffText(made, ({ file }) => file), renderDiffMarkdown(made)];
      for (const { what } of changes) assert.ok(text.includes(what) && markdown.includes(what), what);
    }
  });

  test("a break stands before an addition of the same bump, as on an unstable package", () => {
    const model = read(randomModel(seeded(3)));
    const [name = ""] = model.packages.keys();
    const of = (rule: string, line: number): Change => ({
      ...change(rule, "a", "b"),
      package: name,
      bump: "minor",
      position: { file: "a.proto", line },
    });
    const made = report(model, model, [of("field-added", 1), of("field-renamed", 3), of("field-renamed", 2)]);
    assert.deepEqual(
      made.packages.flatMap(({ changes }) => changes.map(({ position }) => position?.line)),
      [2, 3, 1],
    );
  });

  test("the schema refuses what is wrong, so that it proves something", () => {
    const random = seeded(1);
    const [old, now] = [read(randomModel(random)), read(randomModel(random))];
    const made = report(old, now);
    assert.ok(made.bump === "major");
    const broken = [
      { ...made, version: 2 },
      { ...made, extra: true },
      { ...made, bump: "huge" },
      { ...made, packages: made.packages.map(({ changes: _, ...rest }) => rest) },
      { ...made, packages: made.packages.map((each) => ({ ...each, npm: "orders" })) },
      {
        ...made,
        packages: made.packages.map((each) => ({
          ...each,
          changes: each.changes.map((one) => ({ ...one, fingerprint: "x" })),
        })),
      },
    ];
    for (const each of broken) assert.notDeepEqual(refusals(SCHEMA, each), []);
  });

  test("a comment on a pull request has a limit, and says what it left out", () => {
    const before = baselineSchema({ packages: new Map(), only: undefined });
    const many = Array.from({ length: 2000 }, (_, index) => ({
      ...change("field-removed", `string f${index} = ${index}`, ""),
      path: `acme.a.v1.A.f${index}`,
    }));
    const model = read(randomModel(seeded(2)));
    const [name = ""] = model.packages.keys();
    const made = report(
      before,
      model,
      many.map((each) => ({ ...each, package: name })),
    );
    const markdown = renderDiffMarkdown(made);
    assert.ok(markdown.length < 65_536, `${markdown.length} characters`);
    const shown = markdown.match(/^- \*\*major\*\*/gm)?.length ?? 0;
    assert.match(markdown, new RegExp(`… and ${2000 - shown} changes more than a comment holds\\.`));
  });
});
