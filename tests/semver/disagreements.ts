/** A kind of change of which only one of the two, our rules and `buf breaking`, says that it breaks. */
export interface Disagreement {
  /** Our rules; none where we see no difference at all. */
  readonly ours: readonly string[];
  /** buf's rules; none where it is silent. */
  readonly buf: readonly string[];
  readonly why: string;
}

/** Options that a file has for other languages. */
const FILE_OPTION_RULES = [
  "CC_ENABLE_ARENAS",
  "CC_GENERIC_SERVICES",
  "CSHARP_NAMESPACE",
  "GO_PACKAGE",
  "JAVA_GENERIC_SERVICES",
  "JAVA_MULTIPLE_FILES",
  "JAVA_OUTER_CLASSNAME",
  "JAVA_PACKAGE",
  "OBJC_CLASS_PREFIX",
  "OPTIMIZE_FOR",
  "PHP_CLASS_PREFIX",
  "PHP_METADATA_NAMESPACE",
  "PHP_NAMESPACE",
  "PY_GENERIC_SERVICES",
  "RUBY_PACKAGE",
  "SWIFT_PREFIX",
].map((option) => `FILE_SAME_${option}`);

/** Every kind, as docs/rules.md lists them: first what we alone call a break, then what buf alone does. */
export const DISAGREEMENTS: readonly Disagreement[] = [
  {
    ours: ["enum-value-added-closed"],
    buf: [],
    why: "buf has no rule for a value that comes. A reader that has the closed enum as it was takes the number for no value of the field, and refuses the name in JSON.",
  },
  {
    ours: ["enum-default-changed"],
    buf: [],
    why: "buf looks for the fields of which the first value is the default, and says nothing where the tree has none. Who imports the enum may have one.",
  },
  {
    ours: ["enum-alias-order-changed"],
    buf: [],
    why: "buf compares which names a number has, and not which of them comes first. JSON writes the first.",
  },
  {
    ours: ["extension-changed"],
    buf: [],
    why: "buf says nothing of another number while the name stands in the file. On the wire an extension is its number.",
  },
  {
    ours: ["field-added-required"],
    buf: [],
    why: "buf tells by the label whether a field is required. An edition has no such label and says it by `features.field_presence = LEGACY_REQUIRED`; for buf the field is like any other that comes.",
  },
  {
    ours: ["file-unforwarded"],
    buf: [],
    why: "buf asks what a file declares, and not what it gives by `import public`. A `.proto` that imports the path does not compile any more.",
  },
  {
    ours: ["file-syntax-changed"],
    buf: ["FILE_SAME_SYNTAX"],
    why: "A syntax is a set of defaults. What follows from them is compared for each field and each enum; where all of that stays, nothing breaks.",
  },
  {
    ours: ["file-syntax-changed"],
    buf: ["MESSAGE_SAME_REQUIRED_FIELDS"],
    why: "As with `field-added-required`: buf sees that the label is gone, and not the feature that says the same.",
  },
  {
    ours: ["message-moved", "enum-moved", "service-moved", "extension-moved"],
    buf: ["MESSAGE_NO_DELETE", "ENUM_NO_DELETE", "SERVICE_NO_DELETE", "EXTENSION_NO_DELETE"],
    why: "buf holds a type, or an extension, to its file. Here the old path still gives it by `import public`, and its full name is what code, wire and JSON know. Where the path no longer gives it, it is `file-unforwarded` or `file-removed`, and both see a break.",
  },
  {
    ours: ["rpc-idempotency-strengthened"],
    buf: ["RPC_SAME_IDEMPOTENCY_LEVEL"],
    why: "buf wants the level to stay. A client may now do more than before and need not; where it may do less, it is `rpc-idempotency-weakened`, and both see a break.",
  },
  {
    ours: ["file-option-changed", "field-option-changed", "message-option-changed"],
    buf: [
      ...FILE_OPTION_RULES,
      "FIELD_SAME_CPP_STRING_TYPE",
      "FIELD_SAME_JAVA_UTF8_VALIDATION",
      "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR",
    ],
    why: "They change what is generated for other languages. We judge the package that we publish, which is TypeScript; who generates from the `.proto` files in it for another language has buf's opinion for that.",
  },
  {
    ours: [],
    buf: ["ENUM_SAME_JSON_FORMAT", "MESSAGE_SAME_JSON_FORMAT"],
    why: "`features.json_format` lets the compiler accept names that would collide in JSON. What is written and read stays the same, and a name in JSON that changes has a rule of its own.",
  },
];
