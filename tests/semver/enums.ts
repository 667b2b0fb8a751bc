import { closed, e } from "./enum-values.ts";
import { edition, type Fixture, m, withHints } from "./fixture.ts";

export const ENUMS: readonly Fixture[] = [
  {
    name: "an enum that is closed from now on",
    before: edition(`${m("E e = 1;")} enum E { E_NONE = 0; }`),
    after: edition(`${m("E e = 1;")} enum E { option features.enum_type = CLOSED; E_NONE = 0; }`),
    expect: ["enum-made-closed"],
    not: ["enum-made-open", "enum-option-changed"],
  },
  {
    name: "an enum that is open from now on",
    before: edition(`${m("E e = 1;")} enum E { option features.enum_type = CLOSED; E_NONE = 0; }`),
    after: edition(`${m("E e = 1;")} enum E { E_NONE = 0; }`),
    expect: ["enum-made-open"],
    not: ["enum-made-closed", "enum-option-changed"],
  },
  {
    name: "open spelled out as it is",
    before: edition(`${m("E e = 1;")} enum E { E_NONE = 0; }`),
    after: edition(`${m("E e = 1;")} enum E { option features.enum_type = OPEN; E_NONE = 0; }`),
    expect: [],
    not: ["enum-made-open", "enum-made-closed", "enum-option-changed"],
  },
  {
    name: "another first value of a closed enum",
    before: closed("E_ONE = 1; E_TWO = 2;"),
    after: closed("E_TWO = 2; E_ONE = 1;"),
    expect: ["enum-default-changed", "enum-values-reordered"],
    not: ["enum-value-number-changed"],
  },
  {
    name: "other values than the first of a closed enum in another order",
    before: closed("E_ONE = 1; E_TWO = 2; E_THREE = 3;"),
    after: closed("E_ONE = 1; E_THREE = 3; E_TWO = 2;"),
    expect: ["enum-values-reordered"],
    not: ["enum-default-changed"],
  },
  {
    name: "an enum more",
    before: m("string a = 1;"),
    after: `${m("string a = 1;")} enum E { E_NONE = 0; }`,
    expect: ["enum-added"],
    not: ["enum-value-added", "message-added", "enum-renamed"],
  },
  {
    name: "an enum less",
    before: `${m("string a = 1;")} enum E { E_NONE = 0; }`,
    after: m("string a = 1;"),
    expect: ["enum-removed"],
    not: ["enum-value-removed", "enum-renamed"],
  },
  {
    name: "an enum with another name",
    before: `${m("A.E e = 1;")} message A { string a = 1; enum E { NONE = 0; ONE = 1; } }`,
    after: `${m("A.F e = 1;")} message A { string a = 1; enum F { NONE = 0; ONE = 1; } }`,
    expect: ["enum-renamed"],
    not: ["enum-removed", "enum-added", "field-type-changed-source"],
  },
  {
    name: "an enum in another file of the package",
    before: {
      "x.proto": `import "acme/x/v1/y.proto"; ${e("E_NONE = 0;")}`,
      "y.proto": m("string a = 1;").replace("M", "Y"),
    },
    after: {
      "x.proto": `import public "acme/x/v1/y.proto"; ${m("E e = 1;")}`,
      "y.proto": `${m("string a = 1;").replace("M", "Y")} enum E { E_NONE = 0; }`,
    },
    expect: ["enum-moved", "file-forwarded", "file-forwarded"],
    not: ["enum-removed", "enum-added", "enum-renamed", "file-unforwarded"],
  },
  {
    name: "an enum in another place of its file",
    before: `enum E { E_NONE = 0; } ${m("E e = 1;")}`,
    after: `${m("E e = 1;")} enum E { E_NONE = 0; }`,
    expect: [],
    not: ["enum-moved", "message-moved"],
  },
  {
    name: "a deprecated enum",
    before: e("E_NONE = 0;"),
    after: e("option deprecated = true; E_NONE = 0;"),
    expect: ["enum-deprecated"],
    not: ["enum-option-changed", "enum-value-deprecated"],
  },
  {
    name: "an enum that is deprecated no more",
    before: e("option deprecated = true; E_NONE = 0;"),
    after: e("E_NONE = 0;"),
    expect: ["enum-undeprecated"],
    not: ["enum-option-changed", "enum-value-undeprecated"],
  },
  {
    name: "another comment of an enum",
    before: `${m("E e = 1;")}\n// What it is.\nenum E { E_NONE = 0; }`,
    after: `${m("E e = 1;")}\n// What it was.\nenum E { E_NONE = 0; }`,
    expect: ["enum-comment-changed"],
    not: ["enum-value-comment-changed", "message-comment-changed"],
  },
  {
    name: "an option of an enum",
    before: withHints(e('option (enum_hint) = "x"; E_NONE = 0;')),
    after: withHints(e('option (enum_hint) = "y"; E_NONE = 0;')),
    expect: ["enum-option-changed"],
    not: ["enum-value-option-changed"],
  },
];
