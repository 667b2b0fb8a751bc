import assert from "node:assert/strict";
import { test } from "node:test";
import type { Approval } from "../scripts/core/approval.ts";
import { addDays } from "../scripts/core/calendar-day.ts";
import type { Finding } from "../scripts/core/finding.ts";
import { judgeLifecycle } from "../scripts/core/lifecycle.ts";
import { assembleCalendar } from "../scripts/core/lifecycle-calendar.ts";
import { parseLifecycle } from "../scripts/core/lifecycle-file.ts";
import { DATE_MOVED, dateMoves } from "../scripts/core/lifecycle-moves.ts";
import type { NamedKind, Names } from "../scripts/core/lifecycle-names.ts";
import { entriesByName, type LifecycleState, stateOf } from "../scripts/core/lifecycle-state.ts";

/** What is committed: the schemas, and lifecycle.yaml. */
interface Tree {
  readonly names: Names;
  readonly text: string;
  readonly approvals: readonly Approval[];
}

type Change = (tree: Tree) => Tree;

const put =
  (name: string, kind: NamedKind, own: string, ...uses: string[]): Change =>
  ({ names, ...rest }) => {
    const named = { kind, package: own, deprecated: false, position: undefined, uses };
    return { ...rest, names: new Map([...names, [name, named]]) };
  };

const mark =
  (name: string): Change =>
  ({ names, ...rest }) => {
    const named = names.get(name);
    assert.ok(named !== undefined, name);
    return { ...rest, names: new Map([...names, [name, { ...named, deprecated: true }]]) };
  };

const remove =
  (...gone: string[]): Change =>
  ({ names, ...rest }) => ({ ...rest, names: new Map([...names].filter(([name]) => !gone.includes(name))) });

const write =
  (text: string): Change =>
  (tree) => ({ ...tree, text });

const all =
  (...changes: Change[]): Change =>
  (tree) =>
    changes.reduce((each, change) => change(each), tree);

/** With an approval of each move of a date that the change makes. */
const approved =
  (change: Change, expires: string): Change =>
  (tree) => {
    const after = change(tree);
    const moves = dateMoves({ before: parseLifecycle(tree.text).file, after: parseLifecycle(after.text).file });
    const approvals = moves.map(({ fingerprint, path }): Approval => {
      return { fingerprint, path, rule: DATE_MOVED, reason: "They asked", owner: "shop", expires };
    });
    return { ...after, approvals: [...tree.approvals, ...approvals] };
  };

const V1 = (sunset: string): string => `  shop.v1: { deprecated: 2026-03-01, sunset: ${sunset}, successor: shop.v2 }\n`;
const NOTE = "  shop.v2.Item.note: { deprecated: 2026-08-15, sunset: 2027-02-15, successor: none, reason: unread }\n";
const file = (...entries: string[]): string => `entries:\n${entries.join("")}`;

const START: Tree = all(
  put("shop.v1", "package", "shop.v1"),
  put("shop.v1.Item", "message", "shop.v1"),
  put("shop.v1.Shop.Get", "method", "shop.v1", "shop.v1.Item"),
  put("shop.v2beta1", "package", "shop.v2beta1"),
  put("cart.v1", "package", "cart.v1"),
  put("cart.v1.Cart.item", "field", "cart.v1", "shop.v1.Item"),
)({ names: new Map(), text: "", approvals: [] });

const V1_ALL = ["shop.v1", "shop.v1.Item", "shop.v1.Shop.Get"];

/** What people send as pull requests, each on its day, and what they hear of it. */
const HISTORY: readonly (readonly [day: string, what: string, change: Change])[] = [
  ["2026-01-10", "deprecates v1 before v2 is there", write(file(V1("2026-09-01")))],
  ["2026-01-11", "names the beta", write(file(V1("2026-09-01").replace("v2 }", "v2beta1 }")))],
  [
    "2026-01-20",
    "adds v2",
    all(
      put("shop.v2", "package", "shop.v2"),
      put("shop.v2.Item", "message", "shop.v2"),
      put("shop.v2.Item.note", "field", "shop.v2"),
    ),
  ],
  ["2026-01-21", "gives a month of notice", write(file(V1("2026-04-01")))],
  ["2026-01-22", "gives six months", write(file(V1("2026-09-01")))],
  ["2026-03-02", "marks v1", mark("shop.v1")],
  ["2026-06-01", "removes v1 early", remove(...V1_ALL)],
  ["2026-06-02", "moves the sunset", write(file(V1("2026-10-01")))],
  ["2026-06-03", "moves it by an approval", approved(write(file(V1("2026-10-01"))), "2026-06-30")],
  ["2026-07-01", "says that the past was announced", write(file(V1("2026-10-01"), NOTE.replace("08-15", "06-30")))],
  ["2026-07-02", "deprecates a field", write(file(V1("2026-10-01"), NOTE))],
  ["2026-08-10", "marks the field", mark("shop.v2.Item.note")],
  ["2026-09-30", "removes v1 a day early", remove(...V1_ALL)],
  ["2026-10-10", "moves the user to v2", put("cart.v1.Cart.item", "field", "cart.v1", "shop.v2.Item")],
  ["2026-10-11", "removes v1", remove(...V1_ALL)],
  ["2026-11-01", "drops the record", write(file(NOTE))],
  ["2027-02-14", "removes the field a day early", remove("shop.v2.Item.note")],
  ["2027-02-15", "removes the field", remove("shop.v2.Item.note")],
];

const [FIRST, LAST] = ["2026-01-01", "2027-12-31"];

/** What is told on each day on which it is not what it was the day before, with every answer to a pull request. */
const TOLD = `
2026-01-10 deprecates v1 before v2 is there: lifecycle-successor-unknown
2026-01-11 names the beta: lifecycle-successor-unfit
2026-01-20 adds v2: merged
2026-01-21 gives a month of notice: lifecycle-notice-short
2026-01-22 gives six months: merged
2026-01-30 every check: lifecycle-deprecation-near shop.v1
2026-03-01 every check: lifecycle-unmarked shop.v1
2026-03-02 marks v1: merged
2026-03-02 every check: nothing
2026-06-01 removes v1 early: lifecycle-removed-early
2026-06-02 moves the sunset: lifecycle-date-moved
2026-06-03 moves it by an approval: merged
2026-07-01 says that the past was announced: lifecycle-date-past, lifecycle-unmarked
2026-07-02 deprecates a field: merged
2026-07-16 every check: lifecycle-deprecation-near shop.v2.Item.note
2026-08-10 marks the field: merged
2026-08-10 every check: nothing
2026-09-01 every check: lifecycle-sunset-near shop.v1
2026-09-30 removes v1 a day early: lifecycle-removed-early
2026-10-01 every check: lifecycle-dependent cart.v1.Cart.item, lifecycle-sunset-passed shop.v1
2026-10-10 moves the user to v2: merged
2026-10-10 every check: lifecycle-sunset-passed shop.v1
2026-10-11 removes v1: merged
2026-10-11 every check: nothing
2026-11-01 drops the record: lifecycle-date-moved, lifecycle-date-moved
2027-01-16 every check: lifecycle-sunset-near shop.v2.Item.note
2027-02-14 removes the field a day early: lifecycle-removed-early
2027-02-15 removes the field: merged
2027-02-15 every check: nothing
`;

/** All that is refused of a pull request on a day, as `charter check` would. */
function refusals(tree: Tree, before: Tree, today: string): readonly Finding[] {
  const { file, findings } = parseLifecycle(tree.text);
  const base = parseLifecycle(before.text).file;
  const input = { file, before: base, now: tree.names, was: before.names, approvals: tree.approvals, today };
  return [...findings, ...judgeLifecycle(input).errors];
}

/** What every check of the trunk says on a day, errors and warnings, with the names. */
function standing({ names, text, approvals }: Tree, today: string): string {
  const { file } = parseLifecycle(text);
  const { errors, warnings } = judgeLifecycle({ file, before: file, now: names, was: names, approvals, today });
  const lines = [...errors, ...warnings].map(({ code, args }) => `${code} ${args["name"]}`);
  return lines.length === 0 ? "nothing" : lines.join(", ");
}

test("two years, day by day: each warning, refusal and removal comes on its day", () => {
  let tree = START;
  let said = "nothing";
  let days = 0;
  const told: string[] = [];
  const states = new Map<string, [string, LifecycleState][]>(
    ["shop.v1", "shop.v1.Shop.Get", "shop.v2.Item.note", "shop.v2beta1"].map((name) => [name, []]),
  );
  for (let today = FIRST; today <= LAST; today = addDays(today, 1)) {
    days++;
    for (const [, what, change] of HISTORY.filter(([day]) => day === today)) {
      const wanted = change(tree);
      const refused = refusals(wanted, tree, today);
      told.push(`${today} ${what}: ${refused.length === 0 ? "merged" : refused.map(({ code }) => code).join(", ")}`);
      if (refused.length === 0) tree = wanted;
    }
    const now = standing(tree, today);
    if (now !== said) told.push(`${today} every check: ${now}`);
    said = now;
    const entries = entriesByName(parseLifecycle(tree.text).file.entries);
    for (const [name, seen] of states) {
      const state = stateOf(name, entries, tree.names, today);
      if (seen.at(-1)?.[1] !== state) seen.push([today, state]);
    }
  }
  assert.equal(days, 730);
  assert.equal(`\n${told.join("\n")}\n`, TOLD);
  assert.deepEqual(Object.fromEntries(states), {
    "shop.v1": [
      [FIRST, "stable"],
      ["2026-03-01", "deprecated"],
      ["2026-10-01", "sunset"],
      ["2026-10-11", "gone"],
    ],
    "shop.v1.Shop.Get": [
      [FIRST, "stable"],
      ["2026-03-01", "deprecated"],
      ["2026-10-01", "sunset"],
      ["2026-10-11", "gone"],
    ],
    "shop.v2.Item.note": [
      [FIRST, "gone"],
      ["2026-01-20", "stable"],
      ["2026-08-15", "deprecated"],
      ["2027-02-15", "gone"],
    ],
    "shop.v2beta1": [[FIRST, "unstable"]],
  });
  assert.deepEqual(
    assembleCalendar(parseLifecycle(tree.text).file, tree.names, LAST).events.map(({ on, event, name, state }) => [
      on,
      event,
      name,
      state,
    ]),
    [
      ["2026-03-01", "deprecated", "shop.v1", "gone"],
      ["2026-08-15", "deprecated", "shop.v2.Item.note", "gone"],
      ["2026-10-01", "sunset", "shop.v1", "gone"],
      ["2027-02-15", "sunset", "shop.v2.Item.note", "gone"],
    ],
  );
});
