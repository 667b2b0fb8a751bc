import { ALL, breaks, KEEP, minor, patch, type Rule } from "./rule.ts";
import { ENUM_RULES } from "./rules-of-enums.ts";
import { FIELD_RULES } from "./rules-of-fields.ts";
import { RPC_RULES } from "./rules-of-rpcs.ts";

/**
 * The policy: one row for each kind of difference, here and in the rules of fields, enums and rpcs. To settle a dispute
 * about a number, change its row, its section in docs/rules.md, and its fixtures.
 */
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

  ...FIELD_RULES,
  ...ENUM_RULES,
  ...RPC_RULES,

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
