import type { Message } from "./finding.ts";

/** Bridges between two versions of an API. */
export const BRIDGE_MESSAGES: Readonly<Record<string, Message>> = {
  "bridge-syntax": {
    what: "This is no YAML: {reason}.",
    fix: "Correct the line; docs/bridges.md has an example.",
  },
  "bridge-form": {
    what: "`{key}` has another form than bridge.yaml takes.",
    fix: "`old` and `now` are proto packages, `losses` is a list of `path` and `reason`, the others are `name: name`: docs/bridges.md.",
  },
  "bridge-key-unknown": {
    what: "`{key}` is no key of bridge.yaml.",
    fix: "Did you mean `{nearest}`? docs/bridges.md lists them.",
  },
  "bridge-loss-twice": {
    what: "The loss of {path} is declared twice.",
    fix: "Keep one, with the better reason.",
  },
  "bridge-loss-undeclared": {
    what: "{path} is not carried over whole: {reason}.",
    fix: "Declare it under `losses` in bridge.yaml, with the reason, or fill its hole by hand.",
  },
  "bridge-loss-required": {
    what: "{path} is required, so that no message can be written without it: it cannot be lost.",
    fix: "Fill its hole by hand, or pair it with another field.",
  },
  "bridge-name-absent": {
    what: "{package} has no {name}.",
    fix: "Did you mean `{nearest}`? Names are those inside of the package: `Book.title`.",
  },
  "bridge-path-absent": {
    what: "Neither version has {path}.",
    fix: "Did you mean `{nearest}`? A path begins with its version: `v1.Book.title`.",
  },
  "bridge-format-unknown": {
    what: "There is no format {format}.",
    fix: "Formats are {formats}; for others fill the hole by hand.",
  },
  "bridge-file-missing": {
    what: "The bridge has lost its bridge.yaml.",
    fix: "Take it back from git, or remove the folder and run `charter bridge API OLD NEW`.",
  },
  "bridge-package-absent": {
    what: "There is no proto package {package} any more.",
    fix: "Remove the folder of the bridge when the version is gone, or correct `old` and `now`.",
  },
  "bridge-conflict": {
    what: "The file holds the marks of a merge that is not done.",
    fix: "Resolve the merge first.",
  },
  "bridge-hole-closed": {
    what: "Nothing asks for `{name}` any more.",
    fix: "Remove it, or its `export` when another hole uses it: all that this file exports fills a hole.",
  },
  "bridge-hole-open": {
    what: "The bridge needs `{hole}`, which its src/holes.ts does not export.",
    fix: "`charter bridge` says what it is and how its line begins; or declare the loss in bridge.yaml.",
  },
  "bridge-verify-missing": {
    what: "--{option} is about a proof, and none is asked for.",
    fix: "Add --verify.",
  },
  "option-number": {
    what: "--{option} {value} is no whole number.",
    fix: "Give one, such as `--{option} 1000`.",
  },
  "bridge-not-built": {
    what: "The bridge is not built, so nothing can be sent through it.",
    fix: "Run `charter build` first.",
  },
  "bridge-type-absent": {
    what: "No client that the bridge depends on has the type {type}.",
    fix: "Run `charter generate`, `pnpm install` and `charter build`, in this order.",
  },
  "bridge-none": {
    what: "There are no bridges here.",
    fix: "Make one: `charter bridge API OLD NEW`, such as `charter bridge catalog v1 v2`.",
  },
  "bridge-versions": {
    what: "A bridge joins two versions.",
    fix: "Name both: `charter bridge catalog v1 v2`.",
  },
};
