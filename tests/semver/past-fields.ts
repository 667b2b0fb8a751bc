import { m } from "./fixture.ts";
import type { PastFixture } from "./past-fixture.ts";

const NOTE = m("string a = 1; string note = 3;");
const GONE = m('reserved 3; reserved "note"; string a = 1;');
/** The same without a reservation. */
const FREE = m("string a = 1;");
const REMARK = m("string a = 1; string remark = 3;");

const SAME_TYPE = "the type is the one of then, and only a person knows that something else is meant";

/** Fields that come back, and what was reserved for them. */
export const PAST_FIELDS: readonly PastFixture[] = [
  {
    name: "a number comes back as another field",
    past: [NOTE],
    before: FREE,
    after: m("string a = 1; int32 count = 3;"),
    expect: ["field-added", "field-number-reused"],
    not: ["field-added-unreserved", "field-name-reused"],
  },
  {
    name: "a number that was reserved comes back as another field",
    past: [NOTE],
    before: GONE,
    after: m('reserved "note"; string a = 1; string b = 3;'),
    expect: ["field-added", "field-number-reused"],
    not: ["field-added-unreserved", "reserved-removed", "reserved-removed-known"],
    unproven: { wire: SAME_TYPE },
  },
  {
    name: "a field comes back as it was, and was reserved until then",
    past: [NOTE],
    before: GONE,
    after: NOTE,
    expect: ["field-added"],
    not: ["field-number-reused", "field-name-reused", "field-added-unreserved", "reserved-removed-known"],
  },
  {
    name: "a name comes back with another number",
    past: [NOTE],
    before: FREE,
    after: m("string a = 1; string note = 4;"),
    expect: ["field-added", "field-name-reused"],
    not: ["field-number-reused"],
    unproven: { json: SAME_TYPE },
  },
  {
    name: "a name comes back with another number and another type",
    past: [NOTE],
    before: FREE,
    after: m("string a = 1; int32 note = 4;"),
    expect: ["field-added", "field-name-reused"],
    not: ["field-number-reused", "field-name-reused-json"],
  },
  {
    name: "a name in JSON comes back with another number",
    past: [m("string a = 1; string note_text = 3;")],
    before: FREE,
    after: m('string a = 1; int32 count = 4 [json_name = "noteText"];'),
    expect: ["field-added", "field-name-reused-json"],
    not: ["field-number-reused"],
  },
  {
    name: "a field comes back with another type",
    past: [NOTE],
    before: GONE,
    after: m("string a = 1; int32 note = 3;"),
    expect: ["field-added", "field-name-reused-json", "field-number-reused"],
  },
  {
    name: "a field comes back as a list",
    past: [NOTE],
    before: FREE,
    after: m("string a = 1; repeated string note = 3;"),
    expect: ["field-added", "field-name-reused-json", "field-number-reused"],
  },
  {
    name: "a field comes back in another encoding that JSON does not show",
    past: [m("string a = 1; int32 count = 3;")],
    before: FREE,
    after: m("string a = 1; sint32 count = 3;"),
    expect: ["field-added", "field-number-reused"],
    not: ["field-name-reused"],
  },
  {
    name: "a field comes back with room for more",
    past: [m("string a = 1; int32 count = 3;")],
    before: FREE,
    after: m("string a = 1; optional int64 count = 3;"),
    expect: ["field-added"],
    not: ["field-number-reused", "field-name-reused"],
  },
  {
    name: "a field that was renamed comes back under its last name",
    past: [NOTE, REMARK],
    before: FREE,
    after: REMARK,
    expect: ["field-added"],
    not: ["field-number-reused"],
  },
  {
    name: "a field that was renamed comes back under its first name",
    past: [NOTE, REMARK],
    before: FREE,
    after: NOTE,
    expect: ["field-added"],
    not: ["field-number-reused", "field-name-reused"],
  },
  {
    name: "a field that had other bytes under another name comes back as either: the other one is broken",
    past: [NOTE, m("string a = 1; int32 count = 3;")],
    before: FREE,
    after: NOTE,
    expect: ["field-added", "field-number-reused"],
    not: ["field-name-reused"],
  },
  {
    name: "a number that was reused by the last release is no news",
    past: [NOTE, FREE],
    before: m("string a = 1; int32 count = 3;"),
    after: m("string a = 1; int32 count = 3; int32 more = 4;"),
    expect: ["field-added"],
    not: ["field-number-reused"],
  },
  {
    name: "a field takes the number of one that is gone",
    past: [NOTE],
    before: FREE,
    after: m("string a = 3;"),
    expect: ["field-number-changed", "field-number-reused"],
    not: ["field-name-reused"],
  },
  {
    name: "a field takes the name of one that is gone",
    past: [NOTE],
    before: FREE,
    after: m("string note = 1;"),
    expect: ["field-name-reused", "field-renamed"],
    not: ["field-number-reused"],
  },
  {
    name: "what was reserved and known is free",
    past: [NOTE],
    before: GONE,
    after: FREE,
    expect: ["reserved-removed-known"],
    not: ["reserved-removed"],
  },
  {
    name: "what was reserved is free, and is known in part",
    past: [NOTE],
    before: m('reserved 2 to 5; reserved "note", "other"; string a = 1;'),
    after: FREE,
    expect: ["reserved-removed", "reserved-removed-known"],
  },
  {
    name: "what is known stays reserved",
    past: [NOTE],
    before: GONE,
    after: m('reserved 3; reserved "note"; string a = 1; string b = 2;'),
    expect: ["field-added"],
    not: ["reserved-removed-known", "field-name-reused"],
  },
];
