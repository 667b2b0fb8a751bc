import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Approval, renderApproval } from "../scripts/core/approval.ts";
import { addDays, addPeriod, daysBetween, parsePeriod } from "../scripts/core/calendar-day.ts";
import type { Finding } from "../scripts/core/finding.ts";
import { judgeLifecycle } from "../scripts/core/lifecycle.ts";
import { assembleCalendar, renderCalendarIcs, renderCalendarText } from "../scripts/core/lifecycle-calendar.ts";
import { type LifecycleFile, parseLifecycle } from "../scripts/core/lifecycle-file.ts";
import { DATE_MOVED, dateMoves, joinTold } from "../scripts/core/lifecycle-moves.ts";
import type { Named, NamedKind, Names } from "../scripts/core/lifecycle-names.ts";
import { entriesByName, stateOf } from "../scripts/core/lifecycle-state.ts";
import { renderFinding } from "../scripts/core/messages.ts";

/** `CODE 3:5`: what is found, and where in the file. */
function told(findings: readonly Finding[]): readonly string[] {
  return findings.map((each) => {
    renderFinding(each);
    const { line, column } = each.position ?? {};
    return line === undefined ? each.code : `${each.code} ${line}:${column}`;
  });
}

function read(text: string): LifecycleFile {
  const { file, findings } = parseLifecycle(text);
  assert.deepEqual(told(findings), [], text);
  return file;
}

describe("lifecycle.yaml", () => {
  const cases: readonly (readonly [what: string, text: string, found: readonly string[]])[] = [
    ["nothing", "", []],
    ["no entries", "notice: 90 days\nentries:\n", []],
    ["an entry", "entries:\n  a.v1:\n    deprecated: 2026-12-01\n    sunset: 2027-06-01\n    successor: a.v2\n", []],
    ["without a sunset", "entries:\n  a.v1: { deprecated: '2026-12-01', successor: none, reason: old }\n", []],
    ["no YAML", "entries: [\n", ["lifecycle-malformed 2:1"]],
    ["a list", "- a\n", ["lifecycle-malformed 1:1"]],
    ["entries as a list", "entries: [a]\n", ["lifecycle-malformed 1:1"]],
    ["an entry without keys", "entries:\n  a.v1: soon\n", ["lifecycle-malformed 2:3"]],
    ["an unknown key", "notices: 6 months\n", ["lifecycle-key-unknown 1:1"]],
    [
      "a misspelt key of an entry, which is not missing as well",
      "entries:\n  a.v1: { depricated: 2026-12-01, successor: a.v2 }\n",
      ["lifecycle-key-unknown 2:11"],
    ],
    ["both missing", "entries:\n  a.v1: {}\n", ["lifecycle-missing 2:3", "lifecycle-missing 2:3"]],
    [
      "none without a reason",
      "entries:\n  a.v1: { deprecated: 2026-12-01, successor: none }\n",
      ["lifecycle-reason-missing 2:46"],
    ],
    ["a notice in words", "notice: half a year\n", ["lifecycle-notice-malformed 1:9"]],
    ["no notice at all", "notice: 0 days\n", ["lifecycle-notice-malformed 1:9"]],
    [
      "a name twice",
      "entries:\n  a.v1: { deprecated: 2026-12-01, successor: a.v2 }\n  a.v1: {}\n",
      ["lifecycle-twice 3:3"],
    ],
    ["a key twice", "notice: 1 day\nnotice: 2 days\n", ["lifecycle-malformed 2:1"]],
    [
      "many mistakes at once",
      `entries:
  a.v1: { deprecated: 2026-02-30, sunset: 2027-01-01T00:00:00Z, successor: a.v2 }
  b.v1: { deprecated: 2026-12-1, successor: b.v2 }
  c.v1: { deprecated: 2026-12-01, sunset: 2026-11-30, successor: c.v2 }
  d.v1: { deprecated: 2026-12-01, sunset: 2027-05-31, successor: d.v2 }
  e.v1: { deprecated: 2026-12-01 +02:00, successor: "" }
`,
      [
        "lifecycle-date-malformed 2:23",
        "lifecycle-date-time 2:43",
        "lifecycle-date-malformed 3:23",
        "lifecycle-sunset-first 4:43",
        "lifecycle-notice-short 5:43",
        "lifecycle-malformed 6:42",
        "lifecycle-date-time 6:23",
      ],
    ],
  ];
  for (const [what, text, found] of cases) {
    test(what, () => assert.deepEqual(told(parseLifecycle(text).findings), found));
  }
});

test("days and periods are those of the calendar in UTC", () => {
  const after = (day: string, period: string): string => addPeriod(day, parsePeriod(period) ?? { months: 0, days: 0 });
  assert.equal(after("2026-08-31", "6 months"), "2027-02-28");
  assert.equal(after("2027-08-31", "6 months"), "2028-02-29");
  assert.equal(after("2026-12-01", "1 year"), "2027-12-01");
  assert.equal(after("2026-12-31", "2 weeks"), "2027-01-14");
  // The days on which clocks change in Europe and America.
  assert.equal(addDays("2027-03-13", 2), "2027-03-15");
  assert.equal(addDays("9999-12-31", 1), "9999-12-31");
  assert.equal(daysBetween("2027-10-30", "2027-11-01"), 2);
  for (const text of ["6", "months", "6 moons", "-1 days", "1.5 years", "0 months", "9999 years"]) {
    assert.equal(parsePeriod(text), undefined, text);
  }
});

const TODAY = "2026-12-01";

function names(rows: Readonly<Record<string, string>>): Names {
  return new Map(
    Object.entries(rows).map(([name, text]): [string, Named] => {
      const [kind = "", own = "", ...rest] = text.split(" ");
      const uses = rest.filter((word) => word !== "deprecated");
      const deprecated = rest.includes("deprecated");
      return [name, { kind: kind as NamedKind, package: own, deprecated, position: undefined, uses }];
    }),
  );
}

/** The schemas of the tables: v1 and v2 of one API, a beta, and another service that uses v1. */
const TREE: Readonly<Record<string, string>> = {
  "a.v1": "package a.v1",
  "a.v1.M": "message a.v1",
  "a.v1.M.old": "field a.v1 deprecated",
  "a.v1.M.f": "field a.v1",
  "a.v1.S": "service a.v1",
  "a.v1.S.Get": "method a.v1 a.v1.M a.v1.M",
  "a.v2": "package a.v2",
  "a.v2.M": "message a.v2",
  "a.v3beta1": "package a.v3beta1",
  "b.v1": "package b.v1",
  "b.v1.N.m": "field b.v1 a.v1.M",
  "b.v2beta1.N.m": "field b.v2beta1 a.v1.M",
};

interface Case {
  readonly what: string;
  readonly after: string;
  readonly before?: string;
  readonly now?: Readonly<Record<string, string>>;
  readonly was?: Readonly<Record<string, string>>;
  readonly without?: readonly string[];
  readonly errors?: readonly string[];
  readonly warnings?: readonly string[];
  readonly today?: string;
}

const without = (rows: Readonly<Record<string, string>>, gone: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(rows).filter(([name]) => !gone.includes(name)));

const entry = (name: string, deprecated: string, sunset: string, successor = "none"): string =>
  `entries: { ${name}: { deprecated: ${deprecated}, ${sunset === "" ? "" : `sunset: ${sunset}, `}successor: ${successor}, reason: r } }`;

const MARKED = { ...TREE, "a.v1": "package a.v1 deprecated" };

describe("the rules of a lifecycle", () => {
  const cases: readonly Case[] = [
    { what: "a date to come", after: entry("a.v1", "2027-02-01", "2027-08-01", "a.v2") },
    { what: "from today on, not marked", after: entry("a.v1", TODAY, "", "a.v2"), errors: ["lifecycle-unmarked"] },
    { what: "from today on, marked", after: entry("a.v1", TODAY, "", "a.v2"), now: MARKED },
    { what: "marked by its package", after: entry("a.v1.S.Get", TODAY, ""), now: MARKED },
    {
      what: "soon, not marked",
      after: entry("a.v1", "2026-12-31", "", "a.v2"),
      warnings: ["lifecycle-deprecation-near"],
    },
    { what: "in 31 days", after: entry("a.v1", "2027-01-01", "", "a.v2") },
    { what: "soon, and marked", after: entry("a.v1", "2026-12-31", "", "a.v2"), now: MARKED },
    { what: "no such name", after: entry("a.v1.M.g", "2027-02-01", ""), errors: ["lifecycle-name-unknown"] },
    {
      what: "written with a past date",
      after: entry("a.v1", "2026-11-30", "2027-08-01", "a.v2"),
      now: MARKED,
      errors: ["lifecycle-date-past"],
    },
    { what: "past, and marked before", after: entry("a.v1.M.old", "2020-01-01", "2027-06-01") },
    {
      what: "long deprecated, and its sunset told too late",
      after: entry("a.v1.M.old", "2020-01-01", "2027-05-31"),
      errors: ["lifecycle-notice-late"],
    },
    {
      what: "long deprecated, and a sunset that is told on its day",
      after: entry("a.v1.M.old", "2020-01-01", TODAY),
      errors: ["lifecycle-notice-late"],
      warnings: ["lifecycle-sunset-passed"],
    },
    {
      what: "long deprecated, and a sunset in the past",
      after: entry("a.v1.M.old", "2020-01-01", "2026-11-30"),
      errors: ["lifecycle-date-past"],
      warnings: ["lifecycle-sunset-passed"],
    },
    {
      what: "successor: absent",
      after: entry("a.v1", "2027-02-01", "", "a.v4"),
      errors: ["lifecycle-successor-unknown"],
    },
    {
      what: "successor: unstable",
      after: entry("a.v1", "2027-02-01", "", "a.v3beta1"),
      errors: ["lifecycle-successor-unfit"],
    },
    {
      what: "successor: itself",
      after: entry("a.v1", "2027-02-01", "", "a.v1"),
      errors: ["lifecycle-successor-unfit"],
    },
    {
      what: "successor: inside",
      after: entry("a.v1", "2027-02-01", "", "a.v1.M"),
      errors: ["lifecycle-successor-unfit"],
    },
    {
      what: "successor: marked",
      after: entry("a.v1.M.f", "2027-02-01", "", "a.v1.M.old"),
      errors: ["lifecycle-successor-unfit"],
    },
    { what: "successor: in the same package", after: entry("a.v1.M.old", "2027-02-01", "", "a.v1.M.f") },
    {
      what: "sunset in 30 days, and its stable user has a month",
      after: entry("a.v1", "2026-06-01", "2026-12-31", "a.v2"),
      before: entry("a.v1", "2026-06-01", "2026-12-31", "a.v2"),
      now: MARKED,
      warnings: ["lifecycle-sunset-near"],
    },
    {
      what: "sunset today, with a stable user and one that is not",
      after: entry("a.v1", "2026-06-01", TODAY, "a.v2"),
      before: entry("a.v1", "2026-06-01", TODAY, "a.v2"),
      now: MARKED,
      errors: ["lifecycle-dependent"],
      warnings: ["lifecycle-sunset-passed"],
    },
    {
      what: "a method removed a day early",
      after: entry("a.v1.S.Get", "2026-06-01", "2026-12-02"),
      before: entry("a.v1.S.Get", "2026-06-01", "2026-12-02"),
      without: ["a.v1.S.Get"],
      errors: ["lifecycle-removed-early"],
    },
    {
      what: "a method removed on the day",
      after: entry("a.v1.S.Get", "2026-06-01", TODAY),
      before: entry("a.v1.S.Get", "2026-06-01", TODAY),
      without: ["a.v1.S.Get"],
    },
    {
      what: "removed without a sunset",
      after: entry("a.v1.M.old", "2026-06-01", ""),
      before: entry("a.v1.M.old", "2026-06-01", ""),
      without: ["a.v1.M.old"],
      errors: ["lifecycle-removed-early"],
    },
    {
      what: "the record of what is gone for long",
      after: entry("z.v1", "2020-06-01", "2021-01-01"),
      before: entry("z.v1", "2020-06-01", "2021-01-01"),
    },
    {
      what: "a record that was invented",
      after: entry("z.v1", "2020-06-01", "2021-01-01"),
      errors: ["lifecycle-name-unknown"],
    },
    {
      what: "a sunset that is later",
      before: entry("a.v1", "2027-02-01", "2027-08-01", "a.v2"),
      after: entry("a.v1", "2027-02-01", "2027-09-01", "a.v2"),
      errors: ["lifecycle-date-moved"],
    },
    {
      what: "both earlier",
      before: entry("a.v1", "2027-02-01", "2027-09-01", "a.v2"),
      after: entry("a.v1", "2027-01-15", "2027-08-01", "a.v2"),
      errors: ["lifecycle-date-moved", "lifecycle-date-moved"],
    },
    {
      what: "an entry that is no more",
      before: entry("a.v1", "2027-02-01", "", "a.v2"),
      after: "",
      errors: ["lifecycle-date-moved"],
    },
    {
      what: "a shorter notice",
      before: `notice: 6 months\n${entry("a.v1", "2027-02-01", "", "a.v2")}`,
      after: `notice: 1 day\n${entry("a.v1", "2027-02-01", "", "a.v2")}`,
      errors: ["lifecycle-date-moved"],
    },
    {
      what: "a sunset for what had none, and another successor",
      before: entry("a.v1", "2027-02-01", "", "a.v2"),
      after: entry("a.v1", "2027-02-01", "2027-08-01", "a.v2.M"),
    },
  ];
  for (const { what, before = "", after, errors = [], warnings = [], today = TODAY, ...each } of cases) {
    test(what, () => {
      const was = names(each.was ?? TREE);
      const now = names(without(each.now ?? TREE, each.without ?? []));
      const input = { file: read(after), before: read(before), now, was, approvals: [], today };
      const verdict = judgeLifecycle(input);
      assert.deepEqual([verdict.errors, verdict.warnings].map(codes), [errors, warnings]);
    });
  }

  test("without a baseline, what would need one is not asked", () => {
    const text = entry("a.v1.M.old", "2020-01-01", "2026-12-05");
    const input = {
      file: read(text),
      before: undefined,
      now: names(TREE),
      was: undefined,
      approvals: [],
      today: TODAY,
    };
    const verdict = judgeLifecycle(input);
    assert.deepEqual([verdict.errors, verdict.warnings].map(codes), [[], ["lifecycle-sunset-near"]]);
  });
});

function codes(findings: readonly Finding[]): readonly string[] {
  for (const each of findings) renderFinding(each);
  return findings.map(({ code }) => code);
}

test("a move is permitted by an approval of its fingerprint, until that ends", () => {
  const before = read(entry("a.v1", "2027-02-01", "2027-08-01", "a.v2"));
  const file = read(entry("a.v1", "2027-02-01", "2027-09-01", "a.v2"));
  const [move] = dateMoves({ before, after: file });
  assert.ok(move !== undefined);
  assert.deepEqual([move.path, move.before, move.after], ["a.v1", "sunset 2027-08-01", "sunset 2027-09-01"]);
  const approval: Approval = {
    fingerprint: move.fingerprint,
    rule: DATE_MOVED,
    path: "a.v1",
    reason: "A customer asked",
    owner: "a-team",
    expires: TODAY,
  };
  assert.match(renderApproval(approval), /rule: lifecycle-date-moved/);
  const judged = (approvals: readonly Approval[], today = TODAY): readonly string[] =>
    codes(judgeLifecycle({ file, before, now: names(TREE), was: names(TREE), approvals, today }).errors);
  assert.deepEqual(judged([approval]), []);
  assert.deepEqual(judged([approval], "2026-12-02"), ["approval-expired"]);
  assert.deepEqual(judged([{ ...approval, path: "a.v2" }]), ["approval-misdescribed"]);
  assert.deepEqual(judged([{ ...approval, fingerprint: "000000000000" }]), ["lifecycle-date-moved"]);
  // The next move is another one.
  const [next] = dateMoves({ before: file, after: read(entry("a.v1", "2027-02-01", "2027-10-01", "a.v2")) });
  assert.notEqual(next?.fingerprint, move.fingerprint);
});

test("a baseline from before the entries does not make their dates new; what has moved since it, has moved", () => {
  const trunk = read(entry("a.v1.M.old", "2020-01-01", "2026-12-15"));
  const judged = (asked: string): readonly string[] => {
    const before = joinTold(read(asked), trunk);
    const input = { file: trunk, before, now: names(TREE), was: names(TREE), approvals: [], today: TODAY };
    return codes(judgeLifecycle(input).errors);
  };
  assert.deepEqual(judged(""), []);
  assert.deepEqual(judged(entry("a.v1.M.old", "2020-01-01", "")), []);
  assert.deepEqual(judged(entry("a.v1.M.old", "2020-01-01", "2026-12-14")), ["lifecycle-date-moved"]);
  assert.deepEqual(judged(entry("a.v1.M.old", "2019-01-01", "")), ["lifecycle-date-moved"]);
});

test("the state of an element is that of what is furthest on its way around it", () => {
  const { entries } = read(`entries:
  a.v1: { deprecated: 2026-12-01, sunset: 2027-06-01, successor: a.v2 }
  a.v1.M.old: { deprecated: 2026-01-01, sunset: 2026-12-15, successor: none, reason: r }
`);
  const on = (name: string, day: string): string => stateOf(name, entriesByName(entries), names(TREE), day);
  const days = ["2025-12-31", "2026-11-30", "2026-12-01", "2026-12-15", "2027-06-01"];
  const rows: Readonly<Record<string, readonly string[]>> = {
    "a.v1": ["stable", "stable", "deprecated", "deprecated", "sunset"],
    "a.v1.S.Get": ["stable", "stable", "deprecated", "deprecated", "sunset"],
    "a.v1.M.old": ["stable", "deprecated", "deprecated", "sunset", "sunset"],
    "a.v3beta1": ["unstable", "unstable", "unstable", "unstable", "unstable"],
    "a.v10": ["gone", "gone", "gone", "gone", "gone"],
  };
  for (const [name, states] of Object.entries(rows)) {
    assert.deepEqual(
      days.map((day) => on(name, day)),
      states,
      name,
    );
  }
});

describe("the calendar", () => {
  const calendar = (sunset: string, reason = "old") =>
    assembleCalendar(
      read(`entries:
  a.v1: { deprecated: 2026-12-01, sunset: ${sunset}, successor: a.v2, reason: ${JSON.stringify(reason)} }
`),
      names({ ...TREE, "a.v2.M": "message a.v2 deprecated", "a.v2.M.x": "field a.v2 deprecated" }),
      TODAY,
    );
  const linesOf = (text: string, key: string): readonly string[] =>
    text.split("\r\n").filter((line) => line.startsWith(`${key}:`) || line.startsWith(`${key};`));

  test("an event keeps its UID when its date moves, and no two share one", () => {
    const [before, after] = ["2027-07-01", "2027-08-01"].map((sunset) => renderCalendarIcs(calendar(sunset)));
    assert.deepEqual(linesOf(before ?? "", "UID"), linesOf(after ?? "", "UID"));
    assert.equal(new Set(linesOf(before ?? "", "UID")).size, 2);
    assert.notDeepEqual(linesOf(before ?? "", "DTSTART"), linesOf(after ?? "", "DTSTART"));
  });

  test("lines are folded by bytes, between characters, and texts are escaped", () => {
    const reason = `${"ä€😀".repeat(40)};,\\`;
    const text = renderCalendarIcs(calendar("2027-07-01", reason));
    assert.match(text, /^BEGIN:VCALENDAR\r\n/);
    assert.doesNotMatch(text, /[^\r]\n/);
    for (const line of text.split("\r\n")) assert.ok(Buffer.byteLength(line) <= 75, line);
    const unfolded = text.replaceAll("\r\n ", "");
    assert.ok(unfolded.includes(`Use a.v2. ${"ä€😀".repeat(40)}\\;\\,`), unfolded);
  });

  test("what is deprecated without a date is named, the outermost alone", () => {
    assert.deepEqual(calendar("2027-07-01").undated, ["a.v2.M"]);
    assert.match(renderCalendarText(calendar("2027-07-01")), /\n\nDeprecated without a date:\n {2}a\.v2\.M$/);
    const none = { version: 1, on: TODAY, events: [], undated: [] } as const;
    assert.equal(renderCalendarText(none), "Nothing has a date.");
    assert.doesNotMatch(renderCalendarIcs(none), /VEVENT/);
    assert.match(renderCalendarIcs(calendar("9999-12-31")), /DTSTART;VALUE=DATE:99991231/);
  });
});
