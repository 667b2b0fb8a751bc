import { ALL, behaviour, breaks, KEEP, minor, patch, type Rule } from "./rule.ts";

/** What happens to enums and their values, and to what is reserved. */
export const ENUM_RULES: Readonly<Record<string, Rule>> = {
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
};
