import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Approval,
  approvalFile,
  checkApprovals,
  isDate,
  parseApproval,
  renderApproval,
} from "../scripts/core/approval.ts";
import type { Change } from "../scripts/core/change.ts";

const CHANGE: Change = {
  rule: "field-renamed",
  package: "acme.orders.v1",
  path: "acme.orders.v1.Order.id",
  before: "id",
  after: "order_id",
  breaks: ["json", "source"],
  bump: "major",
  fingerprint: "3c9397f975fa",
  position: { file: "acme/orders/v1/order.proto", line: 5, column: 3 },
};

const APPROVAL: Approval = {
  fingerprint: CHANGE.fingerprint,
  rule: CHANGE.rule,
  path: CHANGE.path,
  reason: "Nobody uses it: see the usage report of 2026-11",
  owner: "orders-team",
  expires: "2027-01-31",
};

const TODAY = "2026-11-24";

describe("approvals of breaks", () => {
  const cases: readonly (readonly [
    what: string,
    changes: readonly Change[],
    approvals: readonly Approval[],
    codes: readonly string[],
  ])[] = [
    ["a break without an approval", [CHANGE], [], ["break-unapproved"]],
    ["an approved break", [CHANGE], [APPROVAL], []],
    [
      "a break of an unstable package is a minor",
      [{ ...CHANGE, package: "acme.orders.v1beta1", bump: "minor" }],
      [],
      [],
    ],
    ["an addition", [{ ...CHANGE, rule: "field-added", breaks: [], bump: "minor" }], [], []],
    ["a change of behaviour needs one too", [{ ...CHANGE, breaks: [] }], [], ["break-unapproved"]],
    ["an approval on its last day", [CHANGE], [{ ...APPROVAL, expires: TODAY }], []],
    ["an expired approval", [CHANGE], [{ ...APPROVAL, expires: "2026-11-23" }], ["approval-expired"]],
    ["an approval without a break", [], [APPROVAL], ["approval-unused"]],
    ["an approval that says something else", [CHANGE], [{ ...APPROVAL, path: "acme.X" }], ["approval-misdescribed"]],
    [
      "a second break beside the approved one",
      [CHANGE, { ...CHANGE, path: "acme.orders.v1.Order.total", fingerprint: "111111111111" }],
      [APPROVAL],
      ["break-unapproved"],
    ],
  ];
  for (const [what, changes, approvals, codes] of cases) {
    test(what, () => {
      assert.deepEqual(
        checkApprovals(changes, approvals, TODAY).map(({ code }) => code),
        codes,
      );
    });
  }
});

describe("the file of an approval", () => {
  const file = approvalFile(APPROVAL.fingerprint);

  test("is read as it was written, whatever its texts hold", () => {
    for (const reason of ["plain", "a: b # c", "two\nlines", "'quoted' \"twice\"", "2026-01-01", "- dash", "yes"]) {
      const parsed = parseApproval(renderApproval({ ...APPROVAL, reason }), file);
      assert.ok("approval" in parsed, JSON.stringify(parsed));
      assert.equal(parsed.approval.reason.replace(/\s+/g, " "), reason.replace(/\s+/g, " "));
      assert.equal(parsed.approval.expires, APPROVAL.expires);
    }
  });

  const written = renderApproval(APPROVAL);
  const mistakes: readonly (readonly [what: string, text: string, code: string, reason: RegExp])[] = [
    ["a misspelt key", written.replace("owner:", "ownr:"), "approval-malformed", /did you mean owner/],
    ["a missing key", written.replace(/^owner:.*\n/m, ""), "approval-malformed", /owner is missing/],
    ["no date", written.replace("2027-01-31", "next year"), "approval-malformed", /next year is no date/],
    ["a day that is not", written.replace("2027-01-31", "2027-02-30"), "approval-malformed", /2027-02-30 is no date/],
    ["no YAML", "reason: [", "approval-malformed", /./],
    ["a list", "- a\n", "approval-malformed", /keys and values/],
    ["nothing", "", "approval-malformed", /keys and values/],
    ["another fingerprint than its name", written.replace("3c9397f975fa", "000000000000"), "approval-misnamed", /./],
  ];
  for (const [what, text, code, reason] of mistakes) {
    test(`${what} is a finding`, () => {
      const parsed = parseApproval(text, file);
      assert.ok("findings" in parsed);
      assert.equal(parsed.findings[0]?.code, code);
      assert.match(Object.values(parsed.findings[0]?.args ?? {}).join(" "), reason);
    });
  }

  test("dates are days of the calendar", () => {
    assert.deepEqual(["2026-11-24", "2028-02-29", "2027-02-29", "2026-13-01", "26-1-1", ""].map(isDate), [
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
