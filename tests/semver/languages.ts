import { edition, type Fixture, m, proto2 } from "./fixture.ts";

/** Options of a file, each of which changes the code of another language, or the name that it has there. */
const FILE_OPTIONS: readonly string[] = [
  "cc_enable_arenas = false",
  "cc_generic_services = true",
  'csharp_namespace = "Acme.X"',
  'go_package = "acme.com/x"',
  "java_generic_services = true",
  "java_multiple_files = true",
  'java_outer_classname = "X"',
  'java_package = "com.acme.x"',
  "java_string_check_utf8 = true",
  'objc_class_prefix = "AX"',
  "optimize_for = CODE_SIZE",
  'php_class_prefix = "AX"',
  'php_metadata_namespace = "Acme"',
  'php_namespace = "Acme"',
  "py_generic_services = true",
  'ruby_package = "Acme::X"',
  'swift_prefix = "AX"',
];

const LEGACY = "option features.json_format = LEGACY_BEST_EFFORT;";

/** What other languages see, and TypeScript does not. */
export const LANGUAGES: readonly Fixture[] = [
  {
    name: "every option of a file for another language",
    before: proto2(m("optional string a = 1;")),
    after: proto2(`${FILE_OPTIONS.map((option) => `option ${option};`).join(" ")} ${m("optional string a = 1;")}`),
    expect: FILE_OPTIONS.map(() => "file-option-changed"),
    not: ["message-option-changed", "field-option-changed", "field-utf8-made-strict"],
  },
  {
    name: "a string of another kind in C++",
    before: m("string a = 1;"),
    after: m("string a = 1 [ctype = CORD];"),
    expect: ["field-option-changed"],
    not: ["field-type-changed"],
  },
  {
    name: "a message whose method descriptor() gets another name in Java",
    before: m("string a = 1;"),
    after: m("option no_standard_descriptor_accessor = true; string a = 1;"),
    expect: ["message-option-changed"],
    not: ["field-option-changed"],
  },
  {
    name: "a message and an enum whose names in JSON are no longer checked",
    before: edition(`${m("E e = 1;")} enum E { E_NONE = 0; }`),
    after: edition(`${m(`${LEGACY} E e = 1;`)} enum E { ${LEGACY} E_NONE = 0; }`),
    expect: [],
    not: ["message-option-changed", "enum-option-changed", "field-json-name-changed"],
  },
];
