import type { Finding } from "./finding.ts";

/** What is wrong, and what to do about it. `{name}` stands for an argument of the finding. */
interface Message {
  readonly what: string;
  readonly fix: string;
}

/** The English of every finding, by code. A code without a row is our bug, and a test says so. */
export const MESSAGES: Readonly<Record<string, Message>> = {
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
  "option-value": { what: "--{option} cannot be {value}.", fix: "Give one of: {words}." },
  "emit-failed": {
    what: "The file could not be turned into JavaScript: {reason}.",
    fix: "If it is generated, report it: this is a bug in charter.",
  },
  "type-error": {
    what: "{message} (TS{number})",
    fix: "If the file is generated, report it: this is a bug in charter.",
  },
  "not-generated": {
    what: "There are no packages here.",
    fix: "Run `charter generate` first.",
  },
  "image-unreadable": {
    what: "The compiled schemas are no FileDescriptorSet: {reason}.",
    fix: "Give an image that `buf build -o` wrote.",
  },
  "buf-missing": {
    what: "buf is not installed.",
    fix: "Run `npx -y pnpm@12 install` in the folder of charter; the package @bufbuild/buf brings it.",
  },
  "buf-failed": {
    what: "buf could not read the workspace: {reason}.",
    fix: "Correct buf.yaml, or what it names; `buf build` shows the same.",
  },
  "no-proto-files": {
    what: "There are no .proto files here.",
    fix: "Put the schemas here, name their folder as a module in buf.yaml, or name another workspace by --root.",
  },
  "proto-syntax": { what: "{message}.", fix: "Correct the file; nothing was written." },
  "proto-format": { what: "The file is not formatted.", fix: "Run `pnpm exec buf format -w`." },
  "import-unowned": {
    what: "No module of the workspace owns the imported file.",
    fix: "Correct the path: it starts at a module's folder. Or add the module, or the dependency, to buf.yaml.",
  },
  lint: { what: "{message}", fix: "The rule is {rule}; buf.yaml chooses the rules." },
  breaking: {
    what: "{message}",
    fix: "The rule is {rule}. Make the change compatible, or add it in a new version of the package.",
  },
  "link-leaves-root": {
    what: "The file is a link to {target}, outside of the workspace.",
    fix: "Copy the file, or make its folder a module of the workspace.",
  },
  "not-utf8": { what: "The file is not UTF-8 text.", fix: "Save it as UTF-8 without a byte order mark." },
  "well-known-redefined": {
    what: "The workspace defines {file} itself.",
    fix: "Remove the file: buf brings google/protobuf, and its types come from one shared package.",
  },
  "well-known-package": {
    what: "The file would add to the package {package}, which is protobuf's own like all of google.protobuf.",
    fix: "Give the file a package of your own.",
  },
  "npm-name-invalid": {
    what: "npm refuses {npm}, the name for the proto package {package}: {reason}.",
    fix: "Rename the proto package, or choose another scope.",
  },
  "npm-name-taken": {
    what: "{package} and {other} would both be the npm package {npm}.",
    fix: "Rename one of the two.",
  },
  "stable-imports-unstable": {
    what: "{package} is stable and imports {imported}, which may break at any time.",
    fix: "Import a stable version, or move what you need into a package of its own.",
  },
  "package-cycle": {
    what: "The packages need each other in a circle: {path}. Their modules could not be loaded.",
    fix: "Move the types that both sides need into a package that imports neither.",
  },
  "folder-mismatch": {
    what: "The package {package} must stand in the folder {expected}, and the file is in {folder}.",
    fix: "Move the file or correct the package. In charter.yaml, `matchFolders: false` allows any folder.",
  },
  "name-clash": {
    what: "{name} and {other} would both be called {typescript} in TypeScript.",
    fix: "Rename one of the two; the older one keeps its name.",
  },
  "enum-number-reserved": {
    what: "The number of {value} stands for values that the client does not know.",
    fix: "Give the value another number than -2147483648.",
  },
  "plugin-parameter": {
    what: "The plugin has no parameter {key}.",
    fix: "Did you mean {nearest}? It takes scope=@SCOPE and root=ROOT, under `opt:` in buf.gen.yaml.",
  },
  "scope-missing": {
    what: "No npm scope is set for the packages.",
    fix: 'Call with --scope @acme, or write `scope: "@acme"` into charter.yaml at the root.',
  },
  "scope-invalid": {
    what: "{scope} is no npm scope.",
    fix: "A scope is @ and lower-case letters, digits, dots, dashes or underscores: @acme.",
  },
  "config-syntax": {
    what: "The file is no YAML: {reason}.",
    fix: 'Correct the line. A value that begins with @ needs quotes: `scope: "@acme"`.',
  },
  "config-no-map": { what: "The file must hold keys and values.", fix: 'Begin with `scope: "@acme"`.' },
  "config-key-unknown": {
    what: "There is no key {key}.",
    fix: "Did you mean {nearest}? docs/configuration.md lists them all.",
  },
  "config-value": {
    what: "The value of {key} must be a {expected}.",
    fix: "See docs/configuration.md for an example.",
  },
  "root-missing": { what: "There is no folder {root}.", fix: "Give the folder of a buf workspace by --root." },
  "command-unknown": {
    what: "There is no command {command}.",
    fix: "Did you mean {nearest}? `charter --help` lists them.",
  },
  "option-unknown": {
    what: "{command} has no option --{option}.",
    fix: "Did you mean --{nearest}? `charter {command} --help` lists them.",
  },
  "option-empty": { what: "--{option} is empty.", fix: "Give a folder, or leave the option out." },
  "option-usage": { what: "{reason}.", fix: "`charter {command} --help` shows how." },
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
    what: "The file is no image of compiled schemas, or not a whole one.",
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
    what: "The schema.binpb in the published {package} is damaged, or of another package.",
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
  "package-unknown": { what: "No schema has the package {package}.", fix: "Did you mean {nearest}?" },
  "package-json-invalid": {
    what: "The file is no JSON object.",
    fix: "Correct it, or delete it to have it written anew.",
  },
  "folder-not-ours": {
    what: "It was not made by charter, and {package} would be written there. Nothing was changed.",
    fix: "Move it away, or choose another folder by --out.",
  },
  "path-taken": {
    what: "It is a link, or not of the kind that charter writes there. Nothing was changed.",
    fix: "Move it away: charter writes real files into real folders, and follows no link.",
  },
  "out-no-folder": {
    what: "The packages go there, and it is no folder. Nothing was changed.",
    fix: "Move it away, or choose another folder by --out.",
  },
  "file-system": {
    what: "The system refuses it: {reason}.",
    fix: "See what stands there, and that charter may read and write it.",
  },
  "package-orphaned": {
    what: "The folder was generated from a proto package that is no more.",
    fix: "Run `charter generate --prune` to remove it. Published versions stay in the registry.",
  },
  "stale-file": { what: "The file is not what the schemas say.", fix: "Run `pnpm generate` and commit the result." },
  "runtime-name": {
    what: "The runtime in packages/rpc is called {name}, and the clients would import {expected}.",
    fix: "Rename it in packages/rpc/package.json.",
  },
  "publish-not-loopback": {
    what: "{setting} points at {url}, which is not on this machine; nothing was sent.",
    fix: "Publish to the registry that `charter demo` starts, on http://127.0.0.1. A real release goes through changesets.",
  },
  "publish-unnamed": {
    what: "There is no package.json here with a name and a version.",
    fix: "Run `charter generate`, or correct the list of packages to publish.",
  },
  "publish-outside-scope": {
    what: "{name} is outside the scope {scope}.",
    fix: "Rename the package, or give the scope that it belongs to.",
  },
  "publish-private": {
    what: '{name} is marked `"private": true`, so it must not be published.',
    fix: "Take the mark out of its package.json, or leave the package out.",
  },
  "publish-twice": {
    what: "Two packages are called {name}: the other is {other}.",
    fix: "Rename one of them, or leave it out.",
  },
  "publish-dependency-absent": {
    what: "{name} depends on {dependency} of this workspace, which is not among the packages to publish.",
    fix: "Publish {dependency} too: a consumer could not install {name} without it.",
  },
  "publish-other-bytes": {
    what: "{name}@{version} is in the registry already, with other content; nothing was sent.",
    fix: "Give the package a new version (`charter` writes the changeset), or start with an empty registry.",
  },
  "publish-refused": {
    what: "The registry did not take {name}@{version}: {reason}.",
    fix: "Read the reason; run the same command again once it is dealt with: what is there already is skipped.",
  },
  "publish-pack-failed": {
    what: "pnpm could not pack the packages: {reason}.",
    fix: "Build the packages first (`pnpm charter build`), and see that each package.json is as `charter generate` writes it.",
  },
  "registry-unreachable": {
    what: "The registry at {registry} does not answer as one: {reason}.",
    fix: "Start it again; `charter demo` starts one of its own.",
  },
  "registry-not-started": {
    what: "The local npm registry (Verdaccio) did not start: {reason}.",
    fix: "Run `npx -y pnpm@12 install`, and see that programs may listen on 127.0.0.1 and write to the temporary folder.",
  },
  "npm-missing": {
    what: "npm does not work here: {reason}.",
    fix: "Install Node.js with its npm (https://nodejs.org), and see that `npm config get registry` prints an address.",
  },
  "pnpm-missing": {
    what: "pnpm 12 could not be had: {reason}.",
    fix: "Run the command through `npx -y pnpm@12`, with access to the npm registry the first time.",
  },
  "node-too-old": {
    what: "This is Node {found}, and the demo needs {needed} or later.",
    fix: "Run `npx -y pnpm@12 demo`: pnpm brings the right Node.",
  },
  "install-failed": {
    what: "`pnpm install` did not bring everything: {reason}.",
    fix: "Run `npx -y pnpm@12 install`. In CI it only takes what pnpm-lock.yaml says: commit that file.",
  },
  "demo-absent": {
    what: "{file} is not there, and the demo needs it.",
    fix: "Bring back examples/consumer, or write one for your own schemas: a program, and a file with one unknown field after `/* misspelt: */`.",
  },
  "demo-misspelt": {
    what: "Of this file, TypeScript should refuse the name after the mark and nothing else; it said: {said}.",
    fix: "Put `/* misspelt: */` before the one field that does not exist. If it is there, the generated types are to blame.",
  },
  "demo-call-failed": {
    what: "The consumer's calls failed: {reason}.",
    fix: "Compare examples/consumer/main.ts with what examples/server implements.",
  },
  "example-server-failed": {
    what: "The example server did not start: {reason}.",
    fix: "Run `node examples/server/src/main.ts` to see more.",
  },
  "consumer-install-failed": {
    what: "`npm install` failed in the consumer's folder: {reason}.",
    fix: "See that the npm registry can be reached (`npm ping`) and that the wanted versions exist.",
  },
};

export function renderFinding(finding: Finding): { readonly what: string; readonly fix: string } {
  const message = MESSAGES[finding.code];
  if (message === undefined) throw new Error(`no message for the finding "${finding.code}"`);
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = finding.args[name];
      if (value === undefined) throw new Error(`the finding "${finding.code}" lacks its argument "${name}"`);
      return value;
    });
  return { what: fill(message.what), fix: fill(message.fix) };
}
