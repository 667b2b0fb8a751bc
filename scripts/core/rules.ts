import type { Break, Bump } from "./change.ts";

/**
 * The policy: one row for each kind of difference. To settle a dispute about a number, change a row here, its section in
 * docs/rules.md, and its fixtures.
 */
export interface Rule {
  /** What breaks for a user of the schema as it was. A break is a major; on an unstable package a minor. */
  readonly breaks: readonly Break[];
  /** For what breaks nothing: what the release is. For a break that no encoding shows: `major`, with the reason in `why`. */
  readonly bump: Bump;
  /**
   * The rule that sees the same change when the sides are swapped; itself for a change of a value. undefined: it is about
   * what was before both sides.
   */
  readonly mirror: string | undefined;
  readonly why: string;
  readonly fix: string;
}

const NEW_VERSION = "Add it in a new version of the package, or keep the old one beside it and deprecate that.";
const KEEP = "Keep the old one, and add a new one beside it.";

function breaks(what: readonly Break[], mirror: string | undefined, why: string, fix: string): Rule {
  return { breaks: what, bump: "major", mirror, why, fix };
}

function minor(mirror: string, why: string, fix = ""): Rule {
  return { breaks: [], bump: "minor", mirror, why, fix };
}

function patch(mirror: string | undefined, why: string, fix = ""): Rule {
  return { breaks: [], bump: "patch", mirror, why, fix };
}

/** A change that no message shows and that changes what callers can rely on. */
function behaviour(mirror: string, why: string, fix: string): Rule {
  return { breaks: [], bump: "major", mirror, why, fix };
}

const ALL: readonly Break[] = ["wire", "json", "source"];

export const RULES: Readonly<Record<string, Rule>> = {
  "package-added": minor("package-removed", "Nobody uses it yet."),
  "package-removed": breaks(
    ALL,
    "package-added",
    "Everything that used it is gone.",
    "Deprecate it, and remove it on its date.",
  ),

  "file-added": patch("file-removed", "A new path under `proto/`, and nothing else by itself."),
  "file-removed": breaks(
    ["source"],
    "file-added",
    "Other languages import the `.proto` by its path.",
    "Leave a file at the old path that forwards by `import public`.",
  ),
  "file-forwarded": patch("file-unforwarded", "Who imports its path gets more: its own, or by `import public`."),
  "file-unforwarded": breaks(
    ["source"],
    "file-forwarded",
    "Other languages import the `.proto` by its path, and no longer get from it what it gave.",
    "Forward what moved to another file by `import public`.",
  ),
  "file-syntax-changed": patch("file-syntax-changed", "The features that follow from it are compared one by one."),
  "file-option-changed": patch(
    "file-option-changed",
    "Options of other languages do not reach TypeScript, the wire or JSON.",
  ),

  "message-added": minor("message-removed", "Nobody uses it yet."),
  "message-removed": breaks(ALL, "message-added", "Its type is gone, and with it every Any that holds one.", KEEP),
  "message-renamed": breaks(
    ["wire", "json", "source"],
    "message-renamed",
    "The type has another name in TypeScript, and in an Any.",
    KEEP,
  ),
  "message-moved": patch("message-moved", "Another file of the same package: every name stays."),
  "message-deprecated": minor("message-undeprecated", "Editors strike it through."),
  "message-undeprecated": patch("message-deprecated", "The mark is taken back."),
  "message-comment-changed": patch("message-comment-changed", "The documentation is part of what is shipped."),
  "message-option-changed": patch("message-option-changed", "Custom options reach neither TypeScript nor the wire."),
  "message-extensions-added": minor("message-extensions-removed", "More numbers for extensions."),
  "message-extensions-removed": breaks(
    ["wire"],
    "message-extensions-added",
    "An extension in that range has no place any more.",
    "Keep the range.",
  ),

  "field-added": minor("field-removed", "Requests may leave it out, and readers skip what they do not know."),
  "field-added-required": breaks(
    ["wire", "json"],
    "field-removed-required",
    "A message of the old schema lacks it and is refused.",
    "Make it optional.",
  ),
  "field-removed": breaks(
    ["wire", "json", "source"],
    "field-added",
    "Who reads or writes it does not compile, and its number may come back as something else.",
    "Deprecate it. When it goes, reserve its number and its name.",
  ),
  "field-removed-reserved": breaks(
    ["json", "source"],
    "field-added-unreserved",
    "Who reads or writes it does not compile, and JSON that has it is refused by a strict reader.",
    "Deprecate it instead.",
  ),
  "field-added-unreserved": breaks(
    ["wire", "json"],
    "field-removed-reserved",
    "The number was reserved: an old message may hold something else there, and JSON under the old name.",
    "Take a number and a name that were never used.",
  ),
  "field-removed-required": breaks(
    ALL,
    "field-added-required",
    "Old readers refuse a message that lacks it.",
    "Keep it.",
  ),
  "field-number-reused": breaks(
    ["wire"],
    undefined,
    "An earlier release had the number for something else: what was written then is read as what it never said.",
    "Take a number that was never used. `reserved` keeps the old one.",
  ),
  "field-name-reused": breaks(
    ["wire", "json"],
    undefined,
    "An earlier release had the name with another number: binary that was written then lacks it, and JSON fills it.",
    "Take a name that was never used. `reserved` keeps the old one.",
  ),
  "field-name-reused-json": breaks(
    ["json"],
    undefined,
    "An earlier release had something else under the name in JSON: what was written then is misread or refused.",
    "Take a name that was never used. `reserved` keeps the old one.",
  ),
  "field-renamed": breaks(
    ["json", "source"],
    "field-renamed",
    "JSON and TypeScript know it by its name.",
    "Keep the name, or add a field and deprecate this one.",
  ),
  "field-renamed-same-json": breaks(
    ["source"],
    "field-renamed-same-json",
    "TypeScript knows it by its name; `json_name` keeps JSON.",
    "Keep the name.",
  ),
  "field-json-name-changed": breaks(
    ["json"],
    "field-json-name-changed",
    "JSON that was written under the old name is not read any more.",
    "Keep `json_name`.",
  ),
  "field-number-changed": breaks(
    ["wire"],
    "field-number-changed",
    "On the wire a field is its number.",
    "Keep the number, or add a field and deprecate this one.",
  ),
  "field-type-changed": breaks(ALL, "field-type-changed", "The bytes mean something else to the other side.", KEEP),
  "field-type-changed-wire": breaks(
    ["wire"],
    "field-type-changed-wire",
    "The values that both types have in common are encoded differently, or change their meaning.",
    KEEP,
  ),
  "field-type-changed-wire-json": breaks(
    ["wire", "json"],
    "field-type-changed-wire-json",
    "Some values of one side mean something else to the other, in binary and in JSON; TypeScript sees one type.",
    KEEP,
  ),
  "field-type-changed-wire-source": breaks(
    ["wire", "source"],
    "field-type-changed-wire-source",
    "The encoding differs, and so does the type in TypeScript. JSON writes both alike.",
    KEEP,
  ),
  "field-type-changed-json-source": breaks(
    ["json", "source"],
    "field-type-changed-json-source",
    "The bytes stay, JSON writes another form, and TypeScript has another type.",
    KEEP,
  ),
  "field-type-changed-source": breaks(
    ["source"],
    "field-type-changed-source",
    "Bytes and JSON stay as they are; TypeScript has another type.",
    KEEP,
  ),
  "field-made-repeated": breaks(ALL, "field-made-singular", "One value becomes a list.", KEEP),
  "field-made-singular": breaks(ALL, "field-made-repeated", "A list becomes one value.", KEEP),
  "field-map-changed": breaks(ALL, "field-map-changed", "A map is encoded as a list of its entries.", KEEP),
  "field-made-optional": breaks(
    ["source"],
    "field-made-implicit",
    "Readers must now expect `undefined`.",
    "Say in the comment what unset means, or add a field.",
  ),
  "field-made-implicit": breaks(
    ["wire", "json"],
    "field-made-optional",
    "Whether it was set can no longer be told: an empty value that was sent is lost.",
    "Keep `optional`.",
  ),
  "field-made-required": breaks(
    ["wire", "json"],
    "field-made-unrequired",
    "A message without it is refused.",
    "Keep it optional.",
  ),
  "field-made-unrequired": breaks(
    ALL,
    "field-made-required",
    "Old readers refuse a message without it, and in TypeScript it may be undefined.",
    "Keep it.",
  ),
  "field-moved-into-oneof": breaks(
    ["source"],
    "field-moved-out-of-oneof",
    "It is a case of the oneof's property now. Setting another case unsets it.",
    KEEP,
  ),
  "field-moved-out-of-oneof": breaks(
    ["source"],
    "field-moved-into-oneof",
    "It is a property of its own now. Others no longer exclude it.",
    KEEP,
  ),
  "field-oneof-changed": breaks(["source"], "field-oneof-changed", "It is a case of another oneof.", KEEP),
  "fields-joined-in-oneof": breaks(
    ["wire", "json", "source"],
    "fields-parted-from-oneof",
    "A message that sets two of them keeps only the last.",
    KEEP,
  ),
  "fields-parted-from-oneof": breaks(
    ["wire", "json", "source"],
    "fields-joined-in-oneof",
    "A message may now set two of them, of which an old reader keeps only the last.",
    KEEP,
  ),
  "field-default-changed": behaviour(
    "field-default-changed",
    "A field that was not sent means something else.",
    "Keep the default.",
  ),
  "field-packed-changed": patch("field-packed-changed", "Readers take both forms."),
  "field-delimited-changed": breaks(
    ["wire"],
    "field-delimited-changed",
    "A group and a length-delimited message are different bytes.",
    "Keep the encoding.",
  ),
  "field-jstype-changed": breaks(["source"], "field-jstype-changed", "TypeScript has another type.", "Keep `jstype`."),
  "field-utf8-made-strict": breaks(
    ["wire"],
    "field-utf8-made-lax",
    "A string that is no UTF-8 is refused.",
    "Keep the validation off, or add a field.",
  ),
  "field-utf8-made-lax": breaks(
    ["wire"],
    "field-utf8-made-strict",
    "Old readers refuse a string that is no UTF-8.",
    "Keep the validation on.",
  ),
  "field-deprecated": minor("field-undeprecated", "Editors strike it through."),
  "field-undeprecated": patch("field-deprecated", "The mark is taken back."),
  "field-comment-changed": patch("field-comment-changed", "The documentation is part of what is shipped."),
  "field-option-changed": patch("field-option-changed", "Custom options reach neither TypeScript nor the wire."),
  "fields-reordered": patch("fields-reordered", "Only the order of the properties in the documentation."),

  "oneof-renamed": breaks(["source"], "oneof-renamed", "TypeScript knows it by its name.", "Keep the name."),
  "oneof-comment-changed": patch("oneof-comment-changed", "The documentation is part of what is shipped."),
  "oneof-option-changed": patch("oneof-option-changed", "Custom options reach neither TypeScript nor the wire."),

  "enum-added": minor("enum-removed", "Nobody uses it yet."),
  "enum-removed": breaks(["source"], "enum-added", "Its type is gone.", KEEP),
  "enum-renamed": breaks(
    ["source"],
    "enum-renamed",
    "Its type has another name; on the wire and in JSON an enum has none.",
    KEEP,
  ),
  "enum-moved": patch("enum-moved", "Another file of the same package: every name stays."),
  "enum-made-closed": breaks(
    ["wire", "json"],
    "enum-made-open",
    "A number that is not known is no value of the field any more.",
    "Keep it open.",
  ),
  "enum-made-open": breaks(
    ["wire", "json"],
    "enum-made-closed",
    "A number that is not known becomes a value of the field.",
    "Keep it closed.",
  ),
  "enum-deprecated": minor("enum-undeprecated", "Editors strike it through."),
  "enum-undeprecated": patch("enum-deprecated", "The mark is taken back."),
  "enum-comment-changed": patch("enum-comment-changed", "The documentation is part of what is shipped."),
  "enum-option-changed": patch("enum-option-changed", "Custom options reach neither TypeScript nor the wire."),

  "enum-value-added": minor(
    "enum-value-removed",
    "A switch has a default, and readers keep numbers that they do not know.",
  ),
  "enum-value-added-closed": breaks(
    ["wire", "json"],
    "enum-value-removed-closed",
    "A reader with the closed enum of before does not take the value.",
    "Make the enum open first.",
  ),
  "enum-value-removed": breaks(
    ["json", "source"],
    "enum-value-added",
    "JSON that names it is refused, and who uses it does not compile.",
    "Deprecate it.",
  ),
  "enum-value-removed-closed": breaks(
    ALL,
    "enum-value-added-closed",
    "The closed enum does not take it any more.",
    "Deprecate it.",
  ),
  "enum-value-renamed": breaks(
    ["json", "source"],
    "enum-value-renamed",
    "JSON and TypeScript know it by its name.",
    "Keep the name, or add an alias after it.",
  ),
  "enum-value-number-changed": breaks(
    ["wire"],
    "enum-value-number-changed",
    "On the wire a value is its number.",
    "Keep the number.",
  ),
  "enum-value-number-reused": breaks(
    ["wire"],
    undefined,
    "An earlier release had the number for another value: what was written then is read as what it never said.",
    "Take a number that was never used. `reserved` keeps the old one.",
  ),
  "enum-value-name-reused": breaks(
    ["wire", "json"],
    undefined,
    "An earlier release had the name with another number: binary from then does not have it now, and JSON takes it for this.",
    "Take a name that was never used. `reserved` keeps the old one.",
  ),
  "enum-alias-added": minor("enum-alias-removed", "A second name of a number, which JSON reads too."),
  "enum-alias-removed": breaks(
    ["json", "source"],
    "enum-alias-added",
    "JSON that has the name is refused, and who uses it does not compile.",
    "Deprecate it.",
  ),
  "enum-alias-order-changed": breaks(
    ["json"],
    "enum-alias-order-changed",
    "JSON writes the first name of a number: an old reader may not know it, or know it for another number.",
    "Keep the numbers, and put a new name after the old one.",
  ),
  "enum-value-deprecated": minor("enum-value-undeprecated", "Editors strike it through."),
  "enum-value-undeprecated": patch("enum-value-deprecated", "The mark is taken back."),
  "enum-value-comment-changed": patch("enum-value-comment-changed", "The documentation is part of what is shipped."),
  "enum-value-option-changed": patch(
    "enum-value-option-changed",
    "Custom options reach neither TypeScript nor the wire.",
  ),
  "enum-values-reordered": patch("enum-values-reordered", "Only the order of the members in the documentation."),
  "enum-default-changed": behaviour(
    "enum-default-changed",
    "A field of a closed enum that was not sent is its first value.",
    "Keep the first value.",
  ),

  "reserved-added": patch("reserved-removed", "It keeps numbers and names from being used again."),
  "reserved-removed": behaviour(
    "reserved-added",
    "It frees a number or a name that an old message may still hold.",
    "Keep what is reserved for ever.",
  ),
  "reserved-removed-known": patch(
    undefined,
    "The package remembers what it was, so that something else under the number or the name is told when it comes.",
    "Keep what is reserved for ever.",
  ),

  "service-added": minor("service-removed", "Nobody calls it yet."),
  "service-removed": breaks(
    ["wire", "source"],
    "service-added",
    "Its calls are answered by UNIMPLEMENTED.",
    "Deprecate it.",
  ),
  "service-renamed": breaks(["wire", "source"], "service-renamed", "The name is part of every call's path.", KEEP),
  "service-moved": patch("service-moved", "Another file of the same package: every name stays."),
  "service-deprecated": minor("service-undeprecated", "Editors strike it through."),
  "service-undeprecated": patch("service-deprecated", "The mark is taken back."),
  "service-comment-changed": patch("service-comment-changed", "The documentation is part of what is shipped."),
  "service-option-changed": patch("service-option-changed", "Custom options reach neither TypeScript nor the wire."),

  "rpc-added": minor("rpc-removed", "Nobody calls it yet, and a server that lacks it answers UNIMPLEMENTED."),
  "rpc-removed": breaks(["wire", "source"], "rpc-added", "A call of it is answered by UNIMPLEMENTED.", "Deprecate it."),
  "rpc-name-reused": breaks(
    ["wire"],
    undefined,
    "An earlier release had the name for a call of other messages: who still makes that call sends the wrong ones.",
    "Give the rpc a name that was never used.",
  ),
  "rpc-renamed": breaks(["wire", "source"], "rpc-renamed", "The name is part of the call's path.", KEEP),
  "rpc-request-changed": breaks(
    ALL,
    "rpc-request-changed",
    "The server reads another message. How alike the two are does not count: from now on each changes by itself.",
    NEW_VERSION,
  ),
  "rpc-response-changed": breaks(
    ALL,
    "rpc-response-changed",
    "The client reads another message. How alike the two are does not count: from now on each changes by itself.",
    NEW_VERSION,
  ),
  "rpc-request-streaming-changed": breaks(
    ["wire", "source"],
    "rpc-request-streaming-changed",
    "One message and a stream of them are different calls.",
    "Add an rpc beside it.",
  ),
  "rpc-response-streaming-changed": breaks(
    ["wire", "source"],
    "rpc-response-streaming-changed",
    "One message and a stream of them are different calls.",
    "Add an rpc beside it.",
  ),
  "rpc-idempotency-strengthened": minor("rpc-idempotency-weakened", "Clients may repeat the call by themselves now."),
  "rpc-idempotency-weakened": behaviour(
    "rpc-idempotency-strengthened",
    "Clients that are installed repeat the call by themselves, and it no longer bears that.",
    "Keep the rpc as safe as it was.",
  ),
  "rpc-deprecated": minor("rpc-undeprecated", "Editors strike it through."),
  "rpc-undeprecated": patch("rpc-deprecated", "The mark is taken back."),
  "rpc-comment-changed": patch("rpc-comment-changed", "The documentation is part of what is shipped."),
  "rpc-option-changed": patch("rpc-option-changed", "Custom options reach neither TypeScript nor the wire."),
  "rpcs-reordered": patch("rpcs-reordered", "Only the order of the methods in the documentation."),

  "extension-added": minor("extension-removed", "Nobody uses it yet."),
  "extension-number-reused": breaks(
    ["wire"],
    undefined,
    "An earlier release had the number for another extension: what was written then is read as what it never said.",
    "Take a number that was never used.",
  ),
  "extension-name-reused": breaks(
    ["wire", "json"],
    undefined,
    "An earlier release had the name with another number: binary that was written then lacks it, and JSON fills it.",
    "Take a name that was never used.",
  ),
  "extension-name-reused-json": breaks(
    ["json"],
    undefined,
    "An earlier release had another type under the name: JSON that was written then is misread or refused.",
    "Take a name that was never used.",
  ),
  "extension-removed": breaks(["wire", "json"], "extension-added", "Options and messages that set it lose it.", KEEP),
  "extension-moved": patch("extension-moved", "Another file of the same package: every name stays."),
  "extension-changed": breaks(["wire", "json"], "extension-changed", "Its number, name or type is another.", KEEP),

  "dependency-broken": breaks(
    ALL,
    "dependency-extended",
    "Its own messages or rpcs show a type of another package, and who upgrades gets that too.",
    "Answer the break in the other package: that approval holds here too.",
  ),
  "dependency-extended": minor(
    "dependency-broken",
    "Its own messages or rpcs show a type of another package, and that has more now.",
  ),
};

/** The rows of what no schema shows, and the compiler or the emitted files do. */
export const COMPILER_RULES: Readonly<Record<string, Rule>> = {
  "compiler-disagrees": breaks(
    ["source"],
    "compiler-disagrees",
    "A consumer of the last release does not compile against this one, and no rule said so: the rules are wrong, or the generator or the runtime broke what it promised.",
    "Find out which of the two is wrong and mend that. Release it as it is only if it must be.",
  ),
  "output-extended": minor(
    "output-extended",
    "The generator or the runtime gives more than it did, to a schema that did not change.",
  ),
  "output-changed": patch("output-changed", "The generator writes other code for a schema that did not change."),
};

/** @throws Error for a rule that has no row: our bug. */
export function ruleOf(id: string): Rule {
  const rule = RULES[id] ?? COMPILER_RULES[id];
  if (rule === undefined) throw new Error(`no rule ${id}`);
  return rule;
}
