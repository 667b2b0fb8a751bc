import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Change } from "../scripts/core/change.ts";
import { diff } from "../scripts/core/diff.ts";
import { type History, NO_HISTORY, parseHistory, renderHistory } from "../scripts/core/history.ts";
import { type Image, linkImage } from "../scripts/core/image.ts";
import { readSchema } from "../scripts/core/read-schema.ts";
import { RULES } from "../scripts/core/rules.ts";
import { isAnnounced } from "./semver/announced.ts";
import { packagePrefix, type Side } from "./semver/fixture.ts";
import { compileReleases, type Releases, remember } from "./semver/past-fixture.ts";
import { PASTS } from "./semver/pasts.ts";
import { tryAll } from "./semver/prove.ts";
import { announceSeed, seeded } from "./support/random.ts";
import { type FieldModel, type MessageModel, type Model, pick, randomModel, typesOf } from "./support/random-model.ts";
import { toFile } from "./support/random-schema.ts";

const rulesOf = (changes: readonly Change[]): readonly string[] => changes.map(({ rule }) => rule).sort();

// What earlier releases had and the baseline has not is told by what the baseline remembers, and by nothing else.
describe("fixtures with a past", () => {
  const random = seeded(announceSeed("semver past"));
  let releases: Releases;

  before(async () => {
    releases = await compileReleases(PASTS);
  });

  for (const [index, fixture] of PASTS.entries()) {
    const sidesOf = () => [releases.before.schemaOf(fixture), releases.after.schemaOf(fixture)] as const;

    test(fixture.name, () => {
      const [old, now] = sidesOf();
      const histories = releases.historyOf(fixture);
      const changes = diff(old, now, histories);
      assert.deepEqual(rulesOf(changes), fixture.expect);
      assert.deepEqual(diff(old, old, histories), [], "the old schema equals itself");
      assert.deepEqual(diff(now, now, histories), [], "the new schema equals itself");
      const prints = changes.map(({ fingerprint }) => fingerprint);
      assert.equal(new Set(prints).size, prints.length, "each change has a fingerprint of its own");
      const plain = diff(old, now);
      assert.deepEqual(plain.map(({ rule }) => RULES[rule]?.mirror ?? "").sort(), rulesOf(diff(now, old)), "swapped");
    });

    test(`${fixture.name}: messages of then show what breaks`, () => {
      const [old, now] = sidesOf();
      const reused = diff(old, now, releases.historyOf(fixture)).filter(({ rule }) => rule.endsWith("-reused"));
      // A message that was renamed is met under both names.
      const names = [releases.renamesOf(fixture), new Map<string, string>()];
      const shown = (to: Side) =>
        releases.past
          .slice(0, fixture.past.length)
          .flatMap(({ image: { registry: old } }) => names.map((renames) => ({ old, renames })))
          .flatMap((side) => tryAll({ ...side, now: to.image.registry, prefix: packagePrefix(index), random }));
      // What was lost with the last release already is not what the new one breaks.
      const lost = shown(releases.before).map(({ what }) => what);
      const evidence = shown(releases.after).filter(({ what }) => !lost.includes(what));
      for (const encoding of ["wire", "json"] as const) {
        if (!reused.some(({ breaks }) => breaks.includes(encoding))) continue;
        const seen = evidence.find((each) => each.encoding === encoding)?.what;
        const excuse = fixture.unproven?.[encoding];
        if (excuse === undefined) assert.ok(seen !== undefined, `no message shows it in ${encoding}`);
        else assert.equal(seen, undefined, `${encoding} can be shown`);
      }
    });

    test(`${fixture.name}: what is remembered survives its file`, () => {
      for (const [name, history] of releases.historyOf(fixture)) {
        const text = renderHistory(history);
        const parsed = parseHistory(text);
        assert.ok("history" in parsed, name);
        assert.equal(renderHistory(parsed.history), text);
        const schemas = sidesOf();
        const again = (kept: History) => diff(...schemas, new Map([[name, kept]]));
        assert.deepEqual(again(parsed.history), again(history));
      }
    });

    test(`${fixture.name}: a release of the same schema remembers the same`, () => {
      const [old, now] = sidesOf();
      const texts = (histories: ReadonlyMap<string, History>) =>
        [...histories].map(([name, history]) => [name, renderHistory(history)]);
      assert.deepEqual(texts(remember([old, now, now])), texts(remember([old, now])));
    });
  }
});

/** How many schemas lose something and get it back: 2,000 in the soak. */
const SCHEMAS = process.env["SOAK"] === "1" ? 2000 : 40;

const read = (model: Model): Image => linkImage([toFile(model)]);

/** Takes some fields and values out. @returns what was taken, by message. */
function lose(model: Model, random: () => number): ReadonlyMap<MessageModel, readonly FieldModel[]> {
  for (const { values } of model.enums) values.splice(1, Math.floor(random() * values.length));
  return new Map(
    model.messages.map((message) => {
      const gone = message.fields.filter(() => random() < 0.5);
      for (const field of gone) message.fields.splice(message.fields.indexOf(field), 1);
      return [message, gone];
    }),
  );
}

/** Brings some of it back: as it was, or with another name, number, type or cardinality. */
function bringBack(model: Model, gone: ReturnType<typeof lose>, random: () => number): void {
  for (const [message, fields] of gone) {
    for (const field of fields) {
      const back = { ...field };
      if (random() < 0.3) back.name = `field_${model.next++}`;
      if (random() < 0.3) back.number = Math.max(0, ...fields.map(({ number }) => number)) + model.next++;
      if (random() < 0.4) back.type = pick(typesOf(model), random) ?? back.type;
      if (random() < 0.2) back.repeated = !back.repeated;
      if (random() < 0.8) message.fields.push(back);
    }
  }
}

// From a by way of b, which lacks something, to c: what b no longer misread and c does.
describe("random schemas that lose something and get something back", () => {
  test("every message of then that is read as something else now is announced by what the last release remembers", () => {
    const seed = announceSeed("semver past of random schemas");
    const random = seeded(seed);
    let shown = 0;
    for (let count = 0; count < SCHEMAS; count++) {
      const start = { ...randomModel(random), edition: false };
      const lost = structuredClone(start);
      const gone = lose(lost, random);
      const b = read(lost);
      bringBack(lost, gone, random);
      const [a, c] = [read(start), read(lost)];
      const [first, last, next] = [readSchema(a), readSchema(b), readSchema(c)];
      const histories = remember([first, last]);
      const sides = { old: a.registry, now: c.registry, renames: new Map<string, string>() };
      const trial = { ...sides, prefix: "acme.random.v1.", random };
      const known = new Set(tryAll({ ...trial, now: b.registry }).map(({ type, encoding }) => `${type} ${encoding}`));
      const changes = diff(last, next, histories);
      for (const evidence of tryAll(trial)) {
        if (known.has(`${evidence.type} ${evidence.encoding}`)) continue;
        const what = `SEED=${seed}, schema ${count}: ${evidence.encoding} of ${evidence.type}: ${evidence.what}`;
        assert.ok(isAnnounced(evidence, changes, sides), what);
        shown++;
      }
      const restored = diff(last, first, histories);
      assert.deepEqual(
        restored.filter(({ rule }) => rule.includes("-reused")),
        [],
        "what comes back as it was",
      );
      assert.deepEqual([...remember([first, last, first]).values()].map(renderHistory), [renderHistory(NO_HISTORY)]);
    }
    assert.ok(shown > SCHEMAS / 4, `${shown} breaks were shown`);
  });
});
