import type { Message } from "./finding.ts";

/** lifecycle.yaml: what is to go, and when. */
export const LIFECYCLE_MESSAGES: Readonly<Record<string, Message>> = {
  "on-date": { what: "{date} is no day of the calendar.", fix: "Give one as --on YYYY-MM-DD; days are in UTC." },
  "deprecate-refused": {
    what: "The registry does not take the notice for {name}: {reason}.",
    fix: "See that you may change the package there, and publish again: what is there already is not sent twice.",
  },
  "deprecate-outside-scope": {
    what: "{name} is outside the scope {scope}, and would be called deprecated; nothing was sent.",
    fix: "Leave it out, or give the scope that it belongs to.",
  },
  "lifecycle-malformed": {
    what: "The file cannot be read: {reason}.",
    fix: "Correct it; docs/lifecycle.md shows an entry.",
  },
  "lifecycle-key-unknown": {
    what: "There is no key {key} in {where}.",
    fix: "Did you mean {nearest}? There are {keys}.",
  },
  "lifecycle-notice-malformed": {
    what: "{notice} is no time that a notice can take.",
    fix: "Write a number and a unit, such as `6 months` or `90 days`.",
  },
  "lifecycle-twice": { what: "{name} stands there twice: line {line} has it too.", fix: "Make one entry of the two." },
  "lifecycle-missing": {
    what: "{name} has no {key}.",
    fix: "Write `deprecated:` with a date, and `successor:` with a name, or `none` and a `reason:`.",
  },
  "lifecycle-reason-missing": {
    what: "{name} has no successor and no reason.",
    fix: "Name a successor, or say by `reason:` what its users are to do.",
  },
  "lifecycle-date-malformed": { what: "{date} is no day of the calendar.", fix: "Write YYYY-MM-DD." },
  "lifecycle-date-time": {
    what: "{date} has a time, and dates here are whole days in UTC.",
    fix: "Write YYYY-MM-DD alone, without a time or a zone.",
  },
  "lifecycle-sunset-first": {
    what: "The sunset of {name}, {sunset}, is before its deprecation, {deprecated}.",
    fix: "Exchange the two, or correct the one that is wrong.",
  },
  "lifecycle-notice-short": {
    what: "{name} is deprecated from {deprecated} and may be gone on {sunset}: less than the notice of {notice}.",
    fix: "Set the sunset to {earliest} or later.",
  },
  "lifecycle-notice-late": {
    what: "The sunset of {name}, {sunset}, is told for the first time, less than the notice of {notice} before.",
    fix: "Set it to {earliest} or later.",
  },
  "lifecycle-date-past": {
    what: "{name} gets the date {key}: {date}, which is past, and nobody was told of it.",
    fix: "Write today or a later day.",
  },
  "lifecycle-name-unknown": {
    what: "No schema has {name}.",
    fix: "Did you mean {nearest}? A name is full: `acme.shop.v1.ShopService.GetItem`.",
  },
  "lifecycle-removed-early": {
    what: "The {kind} {name} is gone, and its users may rely on it until {sunset}.",
    fix: "Put it back and wait for its sunset, or move the date, which needs an approval.",
  },
  "lifecycle-unmarked": {
    what: "The {kind} {name} is deprecated since {deprecated}, and the schema does not say so.",
    fix: "Write {where}, and `charter generate`.",
  },
  "lifecycle-successor-unknown": {
    what: "The successor of {name} is to be {successor}, and no schema has it.",
    fix: "Did you mean {nearest}? Where nothing follows, write `none` and a `reason:`.",
  },
  "lifecycle-successor-unfit": {
    what: "The successor of {name} is to be {successor}, which {reason}.",
    fix: "Name one that is stable and stays, or write `none` and a `reason:`.",
  },
  "lifecycle-dependent": {
    what: "{name} is stable and uses {used}; the sunset of {entry} was {sunset}.",
    fix: "Move it to the successor, or give {package} or the element a sunset too.",
  },
  "lifecycle-date-moved": {
    what: "{name} was told with {before}, and now it is {after} ({fingerprint}).",
    fix: "Put it back. If it must be: `charter approve {fingerprint} --reason … --owner … --expires DATE`.",
  },
  "lifecycle-sunset-near": {
    what: "The {kind} {name} may be gone in {days}, from {sunset} on.",
    fix: "See that nobody calls it any more; its successor is {successor}.",
  },
  "lifecycle-sunset-passed": {
    what: "The sunset of the {kind} {name} was {sunset}, and it is still there.",
    fix: "Remove it when nobody uses it any more; the entry stays as a record. Its successor is {successor}.",
  },
  "lifecycle-deprecation-near": {
    what: "The {kind} {name} is deprecated in {days}, from {deprecated} on, and the schema does not say so yet.",
    fix: "Write {where} until then.",
  },
};
