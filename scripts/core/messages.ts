import type { Finding, Message } from "./finding.ts";
import { BRIDGE_MESSAGES } from "./messages-of-bridges.ts";
import { CHANGE_MESSAGES } from "./messages-of-changes.ts";
import { LIFECYCLE_MESSAGES } from "./messages-of-lifecycles.ts";
import { PUBLISH_MESSAGES } from "./messages-of-publishing.ts";
import { SCAFFOLD_MESSAGES } from "./messages-of-scaffolds.ts";

/** The English of every finding, by code. A code without a row is our bug, and a test says so. */
export const MESSAGES: Readonly<Record<string, Message>> = {
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

  "versions-together": {
    what: "Two versions are compared by --from and --to, and by nothing else.",
    fix: "Write `charter diff --from bookstore.catalog.v1 --to bookstore.catalog.v2`, without --against and --registry.",
  },
  "versions-same": { what: "{package} is compared with itself.", fix: "Name another version by --to." },
  "package-absent": { what: "The workspace has no proto package {package}.", fix: "Did you mean {nearest}?" },
  "api-missing": {
    what: "No API is named.",
    fix: "Name one without its version: `charter new-version bookstore.catalog`.",
  },
  "api-unknown": {
    what: "No package is a version of {api}.",
    fix: "Did you mean {nearest}? An API is named without its version.",
  },
  "version-unknown": { what: "{api} has no version {version}.", fix: "Its versions are {versions}." },
  "version-malformed": {
    what: "{version} is no version that has a next one.",
    fix: "Say by --to what is to be written, such as v2 or v2beta1.",
  },
  "version-exists": { what: "{api} has a version {version} already.", fix: "Say another one by --to." },
  "version-taken": { what: "The file is there already.", fix: "Move it, or say another version by --to." },

  ...CHANGE_MESSAGES,
  ...LIFECYCLE_MESSAGES,
  ...PUBLISH_MESSAGES,
  ...BRIDGE_MESSAGES,
  ...SCAFFOLD_MESSAGES,
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
