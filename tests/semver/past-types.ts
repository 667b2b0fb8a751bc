import { alias, e } from "./enum-values.ts";
import { m, proto2 } from "./fixture.ts";
import type { PastFixture } from "./past-fixture.ts";

const FREE = m("string a = 1;");
const N = "message N { string a = 1; string note = 3; }";
const MONEY = "message Money { int64 units = 1; int32 nanos = 2; }";
const PRICE = MONEY.replace("Money", "Price");

const MESSAGES: readonly PastFixture[] = [
  {
    name: "a message comes back with other fields under its numbers and names",
    past: [`${FREE} ${N}`],
    before: FREE,
    after: `${FREE} message N { int32 a = 1; string b = 2; }`,
    expect: ["field-name-reused-json", "field-number-reused", "message-added"],
  },
  {
    name: "a message comes back as it was, but for a field that is new",
    past: [`${FREE} ${N}`],
    before: FREE,
    after: `${FREE} ${N.replace("}", "string b = 4; }")}`,
    expect: ["message-added"],
    not: ["field-name-reused", "field-number-reused"],
  },
  {
    name: "a message that was renamed takes its past along",
    past: [`${FREE} ${N}`, `${FREE} message N { string a = 1; int32 b = 2; }`],
    before: `${FREE} message P { string a = 1; int32 b = 2; }`,
    after: `${FREE} message P { string a = 1; int32 b = 2; int32 count = 3; }`,
    expect: ["field-added", "field-number-reused"],
    not: ["field-name-reused"],
  },
  {
    name: "the old name of a message that was renamed keeps its past too",
    past: [`${FREE} ${N}`],
    before: `${FREE} ${N.replace("N", "P")}`,
    after: `${FREE} ${N.replace("N", "P")} message N { int32 a = 1; }`,
    expect: ["field-name-reused-json", "field-number-reused", "message-added"],
  },
  {
    name: "a message takes the name of one that is gone",
    past: [`message N { int32 count = 1; } ${MONEY}`, MONEY],
    before: MONEY,
    after: MONEY.replace("Money", "N"),
    expect: ["field-number-reused", "message-renamed"],
    not: ["field-name-reused"],
  },
  {
    name: "a field comes back whose type has another name since",
    past: [`${m("string a = 1; Money total = 2;")} ${MONEY}`, `${FREE} ${MONEY}`],
    before: `${FREE} ${PRICE}`,
    after: `${m("string a = 1; Price total = 2;")} ${PRICE}`,
    expect: ["field-added"],
    not: ["field-number-reused", "field-name-reused"],
  },
  {
    name: "a field comes back whose type gets another name with it",
    past: [`${m("string a = 1; Money total = 2;")} ${MONEY}`],
    before: `${FREE} ${MONEY}`,
    after: `${m("string a = 1; Price total = 2;")} ${PRICE}`,
    expect: ["field-added", "message-renamed"],
    not: ["field-number-reused", "field-name-reused-json"],
  },
  {
    name: "a field comes back with another message",
    past: [`${m("string a = 1; Money total = 2;")} ${MONEY} ${N}`],
    before: `${FREE} ${MONEY} ${N}`,
    after: `${m("string a = 1; N total = 2;")} ${MONEY} ${N}`,
    expect: ["field-added", "field-name-reused-json", "field-number-reused"],
  },
];

const TWO = e("E_NONE = 0; E_ONE = 1; E_TWO = 2;");
const ONE = e("E_NONE = 0; E_ONE = 1;");

const ENUMS: readonly PastFixture[] = [
  {
    name: "the number of a value comes back as another value",
    past: [TWO],
    before: e("reserved 2; E_NONE = 0; E_ONE = 1;"),
    after: e("E_NONE = 0; E_ONE = 1; E_OTHER = 2;"),
    expect: ["enum-value-added", "enum-value-number-reused"],
    not: ["enum-value-name-reused", "reserved-removed", "reserved-removed-known"],
    unproven: { wire: "a number is a number; only a person knows that something else is meant" },
  },
  {
    name: "the name of a value comes back with another number",
    past: [TWO],
    before: ONE,
    after: e("E_NONE = 0; E_ONE = 1; E_TWO = 3;"),
    expect: ["enum-value-added", "enum-value-name-reused"],
    not: ["enum-value-number-reused"],
    unproven: { json: "a name is a name; only a person knows that something else is meant" },
  },
  {
    name: "a value comes back as it was",
    past: [TWO],
    before: ONE,
    after: TWO,
    expect: ["enum-value-added"],
    not: ["enum-value-number-reused", "enum-value-name-reused"],
  },
  {
    name: "a value that was renamed comes back under its last name",
    past: [TWO, TWO.replace("E_TWO", "E_DUE")],
    before: ONE,
    after: TWO.replace("E_TWO", "E_DUE"),
    expect: ["enum-value-added"],
    not: ["enum-value-number-reused"],
  },
  {
    name: "one of the two names of a value comes back",
    past: [alias("E_ONE = 1; E_UNO = 1; E_TWO = 2; E_DUE = 2;"), alias("E_ONE = 1; E_TWO = 2; E_DUE = 2;")],
    before: alias("E_TWO = 2; E_DUE = 2;"),
    after: alias("E_UNO = 1; E_TWO = 2; E_DUE = 2;"),
    expect: ["enum-value-added"],
    not: ["enum-value-number-reused", "enum-value-name-reused"],
  },
];

const A = "message A { string a = 1; } message B { int32 b = 1; }";
const KEPT = "rpc Keep(A) returns (A);";
const s = (rpcs: string): string => `service S { ${rpcs} } ${A}`;

const RPCS: readonly PastFixture[] = [
  {
    name: "the name of an rpc comes back for another call",
    past: [s(`${KEPT} rpc Get(A) returns (B);`)],
    before: s(KEPT),
    after: s(`${KEPT} rpc Get(B) returns (B);`),
    expect: ["rpc-added", "rpc-name-reused"],
  },
  {
    name: "the name of an rpc comes back for many answers",
    past: [s(`${KEPT} rpc Get(A) returns (B);`)],
    before: s(KEPT),
    after: s(`${KEPT} rpc Get(A) returns (stream B);`),
    expect: ["rpc-added", "rpc-name-reused"],
  },
  {
    name: "an rpc comes back as it was",
    past: [s(`${KEPT} rpc Get(A) returns (B);`)],
    before: s(KEPT),
    after: s(`${KEPT} rpc Get(A) returns (B);`),
    expect: ["rpc-added"],
    not: ["rpc-name-reused"],
  },
  {
    name: "a service comes back with another call",
    past: [s(KEPT)],
    before: A,
    after: s(KEPT.replace("returns (A)", "returns (B)")),
    expect: ["rpc-name-reused", "service-added"],
    not: ["rpc-added"],
  },
];

const OPEN = proto2("message M { extensions 100 to 199; optional string a = 1; }");
const extended = (field: string): string => `${OPEN} extend M { optional ${field}; }`;

const EXTENSIONS: readonly PastFixture[] = [
  {
    name: "the number of an extension comes back for another one",
    past: [extended("string note = 100")],
    before: OPEN,
    after: extended("int32 count = 100"),
    expect: ["extension-added", "extension-number-reused"],
    not: ["extension-name-reused"],
  },
  {
    name: "the name of an extension comes back for another one",
    past: [extended("string note = 100")],
    before: OPEN,
    after: extended("int32 note = 101"),
    expect: ["extension-added", "extension-name-reused"],
    not: ["extension-number-reused", "extension-name-reused-json"],
  },
  {
    name: "an extension comes back with another type",
    past: [extended("string note = 100")],
    before: OPEN,
    after: extended("int32 note = 100"),
    expect: ["extension-added", "extension-name-reused-json", "extension-number-reused"],
    not: ["extension-name-reused"],
  },
  {
    name: "an extension comes back as it was",
    past: [extended("string note = 100")],
    before: OPEN,
    after: extended("string note = 100"),
    expect: ["extension-added"],
    not: ["extension-number-reused", "extension-name-reused"],
  },
];

/** Messages, enums, services and extensions of which something comes back. */
export const PAST_TYPES: readonly PastFixture[] = [...MESSAGES, ...ENUMS, ...RPCS, ...EXTENSIONS];
