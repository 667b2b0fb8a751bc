import { type Fixture, m, proto2, withHints } from "./fixture.ts";

/** The enum `E` in the message `M`. */
export const e = (values: string): string => `${m("E e = 1;")} enum E { ${values} }`;
export const closed = (values: string): string =>
  proto2(`${m("optional E e = 1; repeated E list = 2;")} enum E { ${values} }`);
export const alias = (values: string): string => e(`option allow_alias = true; E_NONE = 0; ${values}`);

const OLDER = "the release before knows both names; a reader of the one before that may know only the first";

export const ENUM_VALUES: readonly Fixture[] = [
  {
    name: "a value more",
    before: e("E_NONE = 0; E_ONE = 1;"),
    after: e("E_NONE = 0; E_ONE = 1; E_TWO = 2;"),
    expect: ["enum-value-added"],
    not: ["enum-value-added-closed", "enum-alias-added", "enum-option-changed"],
  },
  {
    name: "a value more in front",
    before: e("E_NONE = 0; E_TWO = 2;"),
    after: e("E_NONE = 0; E_ONE = 1; E_TWO = 2;"),
    expect: ["enum-value-added"],
    not: ["enum-values-reordered", "enum-value-number-changed"],
  },
  {
    name: "a value more of a closed enum",
    before: closed("E_NONE = 0; E_ONE = 1;"),
    after: closed("E_NONE = 0; E_ONE = 1; E_TWO = 2;"),
    expect: ["enum-value-added-closed"],
    not: ["enum-value-added", "enum-default-changed"],
  },
  {
    name: "a value on a number that was reserved",
    before: e("reserved 2; E_NONE = 0; E_ONE = 1;"),
    after: e("E_NONE = 0; E_ONE = 1; E_TWO = 2;"),
    expect: ["enum-value-added", "reserved-removed"],
    not: ["reserved-added"],
  },
  {
    name: "a value less",
    before: e("E_NONE = 0; E_ONE = 1; E_TWO = 2;"),
    after: e("E_NONE = 0; E_ONE = 1;"),
    expect: ["enum-value-removed"],
    not: ["enum-value-removed-closed", "enum-alias-removed"],
  },
  {
    name: "a value less, its number and its name reserved",
    before: e("E_NONE = 0; E_ONE = 1; E_TWO = 2;"),
    after: e('reserved 2; reserved "E_TWO"; E_NONE = 0; E_ONE = 1;'),
    expect: ["enum-value-removed", "reserved-added"],
    not: ["reserved-removed"],
  },
  {
    name: "a value less of a closed enum",
    before: closed("E_NONE = 0; E_ONE = 1; E_TWO = 2;"),
    after: closed("E_NONE = 0; E_ONE = 1;"),
    expect: ["enum-value-removed-closed"],
    not: ["enum-value-removed", "enum-default-changed"],
  },
  {
    name: "a value with another name",
    before: e("E_NONE = 0; E_ONE = 1;"),
    after: e("E_NONE = 0; E_FIRST = 1;"),
    expect: ["enum-value-renamed"],
    not: ["enum-value-removed", "enum-value-added", "enum-alias-order-changed"],
  },
  {
    name: "a value with another number",
    before: e("E_NONE = 0; E_ONE = 1;"),
    after: e("E_NONE = 0; E_ONE = 2;"),
    expect: ["enum-value-number-changed"],
    not: ["enum-value-removed", "enum-value-added"],
  },
  {
    name: "two values that swapped their numbers",
    before: e("E_NONE = 0; E_ONE = 1; E_TWO = 2;"),
    after: e("E_NONE = 0; E_ONE = 2; E_TWO = 1;"),
    expect: ["enum-value-number-changed", "enum-value-number-changed"],
    not: ["enum-value-renamed", "enum-values-reordered"],
  },
  {
    name: "a value with another number, and a new one on the number that it had",
    before: e("E_NONE = 0; E_ONE = 1;"),
    after: e("E_NONE = 0; E_NEW = 1; E_ONE = 2;"),
    expect: ["enum-value-added", "enum-value-number-changed"],
    not: ["enum-value-renamed", "enum-alias-added"],
  },
  {
    name: "values in another order",
    before: e("E_NONE = 0; E_ONE = 1; E_TWO = 2;"),
    after: e("E_NONE = 0; E_TWO = 2; E_ONE = 1;"),
    expect: ["enum-values-reordered"],
    not: ["enum-value-number-changed", "enum-alias-order-changed", "enum-default-changed"],
  },
  {
    name: "an alias after the name",
    before: alias("E_ONE = 1; E_TWO = 2; E_ZWEI = 2;"),
    after: alias("E_ONE = 1; E_FIRST = 1; E_TWO = 2; E_ZWEI = 2;"),
    expect: ["enum-alias-added"],
    not: ["enum-alias-order-changed", "enum-value-renamed", "enum-value-added"],
  },
  {
    name: "an alias before the name",
    before: alias("E_ONE = 1; E_TWO = 2; E_ZWEI = 2;"),
    after: alias("E_FIRST = 1; E_ONE = 1; E_TWO = 2; E_ZWEI = 2;"),
    expect: ["enum-alias-added", "enum-alias-order-changed"],
    not: ["enum-value-renamed", "enum-value-added"],
  },
  {
    name: "an alias less",
    before: alias("E_ONE = 1; E_FIRST = 1; E_TWO = 2; E_ZWEI = 2;"),
    after: alias("E_ONE = 1; E_TWO = 2; E_ZWEI = 2;"),
    expect: ["enum-alias-removed"],
    not: ["enum-value-removed", "enum-alias-order-changed"],
    unproven: { json: "JSON writes the first name, and reads the second from those who write it by hand" },
  },
  {
    name: "the first of two names less",
    before: alias("E_ONE = 1; E_FIRST = 1; E_TWO = 2; E_ZWEI = 2;"),
    after: alias("E_FIRST = 1; E_TWO = 2; E_ZWEI = 2;"),
    expect: ["enum-alias-order-changed", "enum-alias-removed"],
    not: ["enum-value-renamed", "enum-value-removed"],
  },
  {
    name: "two names of a number in another order",
    before: alias("E_ONE = 1; E_FIRST = 1;"),
    after: alias("E_FIRST = 1; E_ONE = 1;"),
    expect: ["enum-alias-order-changed", "enum-values-reordered"],
    not: ["enum-alias-added", "enum-alias-removed"],
    unproven: { json: OLDER },
  },
  {
    name: "allow_alias without an alias",
    before: alias("E_ONE = 1; E_FIRST = 1;"),
    after: e("E_NONE = 0; E_ONE = 1;"),
    expect: ["enum-alias-removed"],
    not: ["enum-option-changed"],
    unproven: { json: "JSON writes the first name, and reads the second from those who write it by hand" },
  },
  {
    name: "a deprecated value",
    before: e("E_NONE = 0; E_ONE = 1;"),
    after: e("E_NONE = 0; E_ONE = 1 [deprecated = true];"),
    expect: ["enum-value-deprecated"],
    not: ["enum-value-option-changed", "enum-deprecated"],
  },
  {
    name: "a value that is deprecated no more",
    before: e("E_NONE = 0; E_ONE = 1 [deprecated = true];"),
    after: e("E_NONE = 0; E_ONE = 1;"),
    expect: ["enum-value-undeprecated"],
    not: ["enum-value-option-changed", "enum-undeprecated"],
  },
  {
    name: "another comment of a value",
    before: e("E_NONE = 0;\n// The first.\nE_ONE = 1;"),
    after: e("E_NONE = 0;\n// The one.\nE_ONE = 1;"),
    expect: ["enum-value-comment-changed"],
    not: ["enum-comment-changed"],
  },
  {
    name: "an option of a value",
    before: withHints(e('E_NONE = 0; E_ONE = 1 [(enumvalue_hint) = "x"];')),
    after: withHints(e('E_NONE = 0; E_ONE = 1 [(enumvalue_hint) = "y"];')),
    expect: ["enum-value-option-changed"],
    not: ["enum-option-changed"],
  },
];
