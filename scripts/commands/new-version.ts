import { join } from "node:path";
import { FindingsError, finding, usageError } from "../core/finding.ts";
import { nearest } from "../core/nearest.ts";
import { planVersion, type VersionPlan } from "../core/new-version.ts";
import { nextVersion, sortKey, splitVersion } from "../core/version-names.ts";
import { formatTexts } from "../io/buf.ts";
import { readOptional, writeTogether } from "../io/write-file.ts";
import { type Command, type Values, WORKSPACE_OPTIONS } from "./command.ts";
import { type LoadedImage, loadImage } from "./load-schemas.ts";
import { flag, openWorkspace, text } from "./workspace.ts";

export const newVersion: Command = {
  name: "new-version",
  summary: "Write the next version of an API beside the newest one.",
  details: [
    "Copies the schemas of the newest version with their package, imports, references, options and comments rewritten, and",
    "leaves behind what is deprecated or reserved: it says which. The old version stays as it is. Edit the new one, then run",
    "charter generate.",
  ],
  options: {
    root: WORKSPACE_OPTIONS["root"] as Command["options"][string],
    from: { type: "string", value: "VERSION", help: "the version to copy (default: the newest)" },
    to: { type: "string", value: "VERSION", help: "the version to write (default: the next one)" },
    beta: { type: "boolean", help: "write a beta: v2beta1 after v1" },
    "dry-run": { type: "boolean", help: "say what would be done, and write nothing" },
  },
  positional: { name: "api", value: "API" },
  examples: [
    "charter new-version bookstore.catalog",
    "charter new-version bookstore.catalog --beta --dry-run",
    "charter new-version bookstore.catalog --from v1 --to v4",
  ],
  async run(values, reporter) {
    const workspace = await openWorkspace({ ...values, scope: "@unscoped" });
    const loaded = await reporter.progress("Reading the schemas …", loadImage(workspace));
    const names = choose(loaded.image.ownPackages, values);
    const files = loaded.image.files.filter((file) => file.proto.package === names.from);
    const texts = new Map([...loaded.sources].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)] as const));
    const plan = planVersion(files, texts, names);
    const paths = pathsOf(plan, names.from, loaded);
    const existing = await Promise.all([...paths.values()].map((path) => readOptional(join(workspace.root, path))));
    const taken = [...paths.values()].filter((_, index) => existing[index] !== undefined);
    if (taken.length > 0)
      throw new FindingsError(
        taken.map((file) => finding("version-taken", {}, { file })),
        2,
      );
    // Also when nothing is written: what does not parse is our bug, and should be seen now.
    const formatted = await formatTexts(new Map(plan.files.map(({ importPath, content }) => [importPath, content])));
    const dry = flag(values, "dry-run");
    const contents = plan.files.map(
      ({ importPath }) => [paths.get(importPath) ?? importPath, formatted.get(importPath) ?? ""] as const,
    );
    if (!dry) await writeTogether(workspace.root, new Map(contents));
    reporter.result(render(plan, paths, names, dry));
    return 0;
  },
};

function choose(packages: readonly string[], values: Values): { readonly from: string; readonly to: string } {
  const api = text(values, "api");
  if (api === undefined) throw usageError("api-missing");
  const versions = packages
    .flatMap((name) => splitVersion(name) ?? [])
    .filter((each) => each.api === api)
    .map(({ version }) => version)
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  if (versions.length === 0) {
    const apis = [...new Set(packages.flatMap((name) => splitVersion(name)?.api ?? []))];
    throw usageError("api-unknown", { api, nearest: nearest(api, apis) ?? apis[0] ?? "" });
  }
  const from = text(values, "from") ?? versions.at(-1) ?? "";
  if (!versions.includes(from))
    throw usageError("version-unknown", { api, version: from, versions: versions.join(", ") });
  const to = text(values, "to") ?? nextVersion(from, flag(values, "beta"));
  if (to === undefined || splitVersion(`${api}.${to}`) === undefined) {
    throw usageError("version-malformed", { version: to ?? from });
  }
  if (versions.includes(to)) throw usageError("version-exists", { api, version: to });
  return { from: `${api}.${from}`, to: `${api}.${to}` };
}

/** Import path → path from the root: in the module of the old version. */
function pathsOf(plan: VersionPlan, from: string, { files, image }: LoadedImage): ReadonlyMap<string, string> {
  const old = image.files.find((file) => file.proto.package === from)?.proto.name;
  const file = files.find(({ importPath }) => importPath === old);
  const module = file === undefined ? "" : file.path.slice(0, file.path.length - file.importPath.length);
  return new Map(plan.files.map(({ importPath }) => [importPath, module + importPath]));
}

function render(
  { left, kept, toRead }: VersionPlan,
  paths: ReadonlyMap<string, string>,
  { from, to }: { readonly from: string; readonly to: string },
  dry: boolean,
): string {
  const list = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
  return [
    `${to} ${dry ? "would be" : "is"} made from ${from}:`,
    ...[...paths.values()].map((path) => `  ${path}`),
    ...list("Left behind, as it is deprecated or reserved:", left),
    ...list(
      "Deprecated, and still there:",
      kept.map(({ path, reason }) => `${path}: ${reason}`),
    ),
    ...list(
      "To be read by you, as it speaks of a version:",
      toRead.map(({ importPath, line, text: said }) => `${paths.get(importPath)}:${line}: ${said.split("\n")[0]}`),
    ),
    ...(dry ? [] : ["", "Edit it, then run `charter generate` and `charter check`."]),
  ].join("\n");
}
