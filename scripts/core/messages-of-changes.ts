import type { Message } from "./finding.ts";

/** Baselines, approvals, changesets and histories. */
export const CHANGE_MESSAGES: Readonly<Record<string, Message>> = {
  "approve-missing": { what: "{name} is missing.", fix: "`charter approve --help` shows what an approval needs." },
  "approve-date": { what: "{date} is no date.", fix: "Write a day of the calendar as YYYY-MM-DD." },
  "approve-past": { what: "{date} is past.", fix: "Give the last day on which the approval is to hold." },
  "approve-nothing": {
    what: "Nothing breaks a stable package, so there is nothing to approve.",
    fix: "Compare with the right baseline by --against; `charter diff` shows what changed.",
  },
  "fingerprint-unknown": {
    what: "No break has the fingerprint {fingerprint}.",
    fix: "Did you mean {nearest}? `charter check` names the fingerprint of each break.",
  },
  "changeset-malformed": {
    what: "The changeset cannot be read: {reason}.",
    fix: "Correct the file; `charter changeset` writes what the changes demand.",
  },
  "changeset-missing": {
    what: "The changes of {npm} ask for a {demanded}, and no changeset says so.",
    fix: "Run `charter changeset`, and commit what it writes.",
  },
  "changeset-too-low": {
    what: "The changes of {npm} ask for a {demanded}, and the changesets only for a {given}.",
    fix: "Run `charter changeset`, and commit what it writes.",
  },
  "changeset-unknown-package": {
    what: "The changeset names {npm}, and there is no such package.",
    fix: "Correct the name, or take the line out.",
  },
  "break-unapproved": {
    what: "{path}: {change}. It breaks {what} for the users of {package}, which is stable ({rule}, {fingerprint}).",
    fix: "Keep it compatible, or make the change in a new version of the package. If it must be: `charter approve {fingerprint} --reason … --owner … --expires DATE`; the release is then a major.",
  },
  "approval-malformed": {
    what: "The approval cannot be read: {reason}.",
    fix: "Correct the file, or delete it and call `charter approve` again.",
  },
  "approval-misnamed": {
    what: "The file does not bear the fingerprint that it holds.",
    fix: "Rename it to {expected}.",
  },
  "approval-unused": {
    what: "Nothing that breaks has this fingerprint any more; it was about {path}.",
    fix: "Delete the file: the break was taken back, changed into another one, or released.",
  },
  "approval-misdescribed": {
    what: "The fingerprint is that of {rule} at {path}, and the file says otherwise.",
    fix: "Delete the file and call `charter approve` again.",
  },
  "approval-expired": {
    what: "The approval for {path} ended on {expires}.",
    fix: "Take the break back, or have it approved again with a later date.",
  },
  "against-npm-name": {
    what: "{against} names no npm package.",
    fix: "Write `--against npm` for all packages, or npm:@acme/orders-v1, or npm:@acme/orders-v1@1.2.0. A folder of that name is ./{against}.",
  },
  "registry-url": {
    what: "{registry} is no address of a registry.",
    fix: "An address begins with https:// or http://.",
  },
  "registry-unused": {
    what: "The option --registry says where published packages are, and --against {against} asks for none.",
    fix: "Leave one of the two out.",
  },
  "baseline-none": {
    what: "There is nothing to compare with: npm has no registry for {scope}, and git has no merge base with main or master.",
    fix: "Name one: --against npm, git:REF, a folder with schemas, or an image that `buf build -o old.binpb` wrote.",
  },
  "baseline-shallow": {
    what: "The clone is shallow: the merge base with main or master is not in it.",
    fix: "Run `git fetch --unshallow origin`, or let the CI clone with the whole history (actions/checkout: `fetch-depth: 0`).",
  },
  "baseline-absent": {
    what: "There is no folder or file {against} to compare with.",
    fix: "A branch, tag or commit is git:{against}; published packages are npm.",
  },
  "baseline-empty": {
    what: "There are no schemas in {baseline}, which is to be compared with.",
    fix: "Name a folder or a commit that has .proto files, at the place where the workspace has them.",
  },
  "baseline-broken": {
    what: "What is to be compared with, {baseline}, cannot be read: {reason}.",
    fix: "Compare with a state that compiles: --against npm, git:REF, a folder, or an image.",
  },
  "baseline-no-image": {
    what: "The file is no image of compiled schemas, or not a whole one: {reason}.",
    fix: "Give a file that `buf build -o old.binpb` wrote, or the schema.binpb of a package.",
  },
  "baseline-registry": {
    what: "The registry at {registry} does not give the published packages: {reason}.",
    fix: "See what `npm view PACKAGE --registry {registry}` says, or compare with something else: --against git:REF.",
  },
  "baseline-registry-unset": {
    what: "npm has no registry for {scope}.",
    fix: "Give it by --registry URL, or in .npmrc: `{scope}:registry=URL`.",
  },
  "baseline-package-unknown": {
    what: "The registry at {registry} does not know {package}.",
    fix: "Correct the name or the version. For a package that was never published: --against git:REF.",
  },
  "baseline-foreign": {
    what: "{package} in the registry was made from {found}, not from {expected}.",
    fix: "See that the registry is yours (--registry URL); or compare with something else: --against git:REF.",
  },
  "baseline-unmarked": {
    what: "{package} in the registry was not made by charter: its package.json names no proto package.",
    fix: "See that the registry is yours (--registry URL); or compare with something else: --against git:REF.",
  },
  "baseline-tarball": {
    what: "The registry sent a damaged tarball: {reason}.",
    fix: "Try again, and see what `npm pack` gives; or compare with something else: --against git:REF.",
  },
  "baseline-no-schema": {
    what: "The published {package} has no schema.binpb, so nobody can tell what it was made from.",
    fix: "Compare with the commit that it was made from: --against git:REF. The next release has it.",
  },
  "baseline-schema-damaged": {
    what: "The schema.binpb in the published {package} is damaged, or of another package: {reason}.",
    fix: "Compare with the commit that it was made from: --against git:REF. The next release has a good one.",
  },
  "baseline-history": {
    what: "What {package} remembers of its past cannot be read in {baseline}: its history.json does not hold it, because {reason}.",
    fix: "Compare with another state: --against git:REF, or npm:NAME@VERSION. If the file is yours, take it back from git, or delete it and run `charter changeset`.",
  },
  "history-malformed": {
    what: "The history of the package cannot be read: {reason}.",
    fix: "Run `charter changeset`, which writes it anew, and commit it.",
  },
  "history-stale": {
    what: "The history of {package} is not what follows from its last release and its schemas: {what}.",
    fix: "Run `charter changeset`, and commit what it writes.",
  },
  "git-missing": {
    what: "There is no git repository here, or no git, so there is no {ref}.",
    fix: "Name another baseline: --against npm, a folder with schemas, or an image.",
  },
  "git-ref-unknown": {
    what: 'The repository has no commit "{ref}".',
    fix: "Give a branch, a tag or a commit that `git rev-parse` knows. In a shallow clone, fetch it first: `git fetch origin {ref}`.",
  },
};
