import { type Fixture, m } from "./fixture.ts";

/** A message that shows a type of another package, and that type. */
function shown(other: string, own = m("acme.x.type.v1.Money price = 1;")): Fixture["before"] {
  return { "x.proto": `import "acme/x/type/v1/t.proto"; ${own}`, "acme/x/type/v1/t.proto": other };
}

const MONEY = "message Money { int64 units = 1; }";
const THROUGH = 'import "acme/x/type/v1/t.proto"; message Price { acme.x.type.v1.Money money = 1; }';

/** What a change of one package is to another one that shows its types. */
export const DEPENDENTS: readonly Fixture[] = [
  {
    name: "a field of a shown type goes",
    before: shown("message Money { int64 units = 1; int32 nanos = 2; }"),
    after: shown(`${MONEY.slice(0, -1)} reserved 2; reserved "nanos"; }`),
    expect: ["dependency-broken", "field-removed-reserved"],
    not: ["dependency-extended"],
  },
  {
    name: "a field of a shown type comes",
    before: shown(MONEY),
    after: shown("message Money { int64 units = 1; int32 nanos = 2; }"),
    expect: ["dependency-extended", "field-added"],
    not: ["dependency-broken"],
  },
  {
    name: "a type is shown through another package's message",
    before: {
      "acme/x/type/v1/t.proto": MONEY,
      "acme/x/price/v1/p.proto": THROUGH,
      "x.proto": `import "acme/x/price/v1/p.proto"; ${m("acme.x.price.v1.Price price = 1;")}`,
    },
    after: {
      "acme/x/type/v1/t.proto": MONEY.replace("units", "amount"),
      "acme/x/price/v1/p.proto": THROUGH,
      "x.proto": `import "acme/x/price/v1/p.proto"; ${m("acme.x.price.v1.Price price = 1;")}`,
    },
    expect: ["dependency-broken", "dependency-broken", "field-renamed"],
  },
  {
    name: "an rpc shows an enum of another package in its answer",
    before: {
      "acme/x/type/v1/t.proto": "enum Kind { KIND_NONE = 0; } message Answer { Kind kind = 1; }",
      "x.proto":
        'import "acme/x/type/v1/t.proto"; message Ask {} service S { rpc Get(Ask) returns (acme.x.type.v1.Answer); }',
    },
    after: {
      "acme/x/type/v1/t.proto": "enum Kind { KIND_NONE = 0; KIND_OLD = 1; } message Answer { Kind kind = 1; }",
      "x.proto":
        'import "acme/x/type/v1/t.proto"; message Ask {} service S { rpc Get(Ask) returns (acme.x.type.v1.Answer); }',
    },
    expect: ["dependency-extended", "enum-value-added"],
  },
  {
    name: "a type of another package that nothing shows",
    before: shown(`${MONEY} message Other { string a = 1; }`),
    after: shown(`${MONEY} message Other { string b = 1; }`),
    expect: ["field-renamed"],
    not: ["dependency-broken", "dependency-extended"],
  },
  {
    name: "a comment in a shown type",
    before: shown("message Money { int64 units = 1; }"),
    after: shown("// Whole.\nmessage Money { int64 units = 1; }"),
    expect: ["message-comment-changed"],
    not: ["dependency-extended"],
  },
];
