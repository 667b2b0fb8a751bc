import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DEPRECATED, type Deprecation } from "../core/deprecate-text.ts";
import { FindingsError, finding, usageError } from "../core/finding.ts";
import { planDeprecation, planVersion, type VersionPlan } from "../core/new-version.ts";
import { chooseVersions } from "../core/version-names.ts";
import { formatTexts, listProtoFiles } from "../io/buf.ts";
import { checkPaths } from "../io/packages-folder.ts";
import { readOptional, writeTogether } from "../io/write-file.ts";
import { type Command, WORKSPACE_OPTIONS } from "./command.ts";
import { type LoadedImage, loadImage, unfinishedFolders } from "./load-schemas.ts";
import { flag, openWorkspace, text } from "./workspace.ts";

export const newVersion: Command = {
  name: "new-version",
  summary: "Write the next version of an API beside the newest one.",
  details: [
    "Copies the schemas of the newest version with their package, imports, references, options and comments rewritten, and",
    "leaves behind what is deprecated or reserved: it says which. The old version stays as it is, unless --deprecate marks",
    "its files: all of its clients then tell their users that it is on its way out, and its README names the new package.",
    "Edit the new version, then run charter generate.",
  ],
  options: {
    root: WORKSPACE_OPTIONS["root"] as Command["options"][string],
    from: { type: "string", value: "VERSION", help: "the version to copy (default: the newest)" },
    to: { type: "string", value: "VERSION", help: "the version to write (default: the next one)" },
    beta: { type: "boolean", help: "write a beta: v2beta1 after v1" },
    deprecate: { type: "boolean", help: "mark the files of the copied version as deprecated" },
    "dry-run": { type: "boolean", help: "say what would be done, and write nothing" },
  },
  positional: { name: "api", value: "API" },
  examples: [
    "charter new-version bookstore.catalog",
    "charter new-version bookstore.catalog --beta --dry-run",
    "charter new-version bookstore.catalog --from v1 --to v4",
    "charter new-version bookstore.catalog --deprecate",
  ],
  async run(values, reporter) {
    const api = text(values, "api");
    if (api === undefined) throw usageError("api-missing");
    const workspace = await openWorkspace({ ...values, scope: "@unscoped" });
    const { root } = workspace;
    const dry = flag(values, "dry-run");
    for (const folder of await clearUnfinished(root, dry))
      reporter.step(`Removed ${folder}, left by a killed command.`);
    const loaded = await reporter.progress("Reading the schemas …", loadImage(workspace));
    const wanted = { from: text(values, "from"), to: text(values, "to"), beta: flag(values, "beta") };
    const names = chooseVersions(loaded.image.ownPackages, api, wanted);
    const files = loaded.image.files.filter((file) => file.proto.package === names.from);
    const texts = new Map([...loaded.sources].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)] as const));
    const plan = planVersion(files, texts, names);
    const paths = pathsOf(plan, names.from, loaded);
    const old = flag(values, "deprecate") ? planDeprecation(files, texts).map((each) => located(each, loaded)) : [];
    const changed = old.filter((each) => each.changed);
    await checkPlaces(root, [...paths.values()], [...paths.values(), ...changed.map(({ path }) => path)]);
    // Also when nothing is written: what does not parse is our bug, and should be seen now.
    const formatted = await formatTexts(
      new Map([...plan.files, ...changed].map(({ importPath, content }) => [importPath, content])),
    );
    const contents = plan.files.map(
      ({ importPath }) => [paths.get(importPath) ?? importPath, formatted.get(importPath) ?? ""] as const,
    );
    if (!dry) await write(root, changed, new Map(contents), loaded.sources);
    reporter.result(render(plan, paths, names, { dry, old }));
    return 0;
  },
};

interface OldFile extends Deprecation {
  readonly importPath: string;
  /** From the root. */
  readonly path: string;
}

function located(each: Omit<OldFile, "path">, { files }: LoadedImage): OldFile {
  const path = files.find(({ importPath }) => importPath === each.importPath)?.path ?? each.importPath;
  return { ...each, path };
}

/**
 * The new version comes with one rename and last: whoever is killed before it can call again, as a mark that is there
 * is left alone. What fails takes the marks back.
 */
async function write(
  root: string,
  old: readonly OldFile[],
  created: ReadonlyMap<string, string>,
  sources: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const before = new Map(old.map(({ path, importPath }) => [path, decoder.decode(sources.get(importPath))]));
  // The byte order mark is none of the text that was edited.
  const marked = old.map(
    ({ path, content }) => [path, (/^\ufeff/.exec(before.get(path) ?? "")?.[0] ?? "") + content] as const,
  );
  try {
    if (old.length > 0) await writeTogether(root, new Map(marked));
    await writeTogether(root, created);
  } catch (error) {
    if (old.length > 0) await writeTogether(root, before);
    throw error;
  }
}

/** Folders that a killed command was about to rename: buf would read the schemas in them. @returns those it removed. */
export async function clearUnfinished(root: string, dry: boolean): Promise<readonly string[]> {
  const files = await listProtoFiles({ root, exclude: [] });
  const folders = unfinishedFolders(files);
  if (dry && folders.length > 0) {
    throw new FindingsError(
      folders.map((file) => finding("scaffold-unfinished", {}, { file })),
      2,
    );
  }
  await Promise.all(folders.map((folder) => rm(join(root, folder), { recursive: true })));
  return folders;
}

async function checkPlaces(root: string, created: readonly string[], written: readonly string[]): Promise<void> {
  const strange = await checkPaths(root, { folder: "", files: written, folders: [] });
  const existing = await Promise.all(
    created.map(async (file) =>
      strange.length === 0 && (await readOptional(join(root, file))) !== undefined
        ? [finding("version-taken", {}, { file })]
        : [],
    ),
  );
  const findings = [...strange, ...existing.flat()];
  if (findings.length > 0) throw new FindingsError(findings, 2);
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
  { dry, old }: { readonly dry: boolean; readonly old: readonly OldFile[] },
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
    ...list(
      `Deprecated, so that each client of ${from} says so:`,
      old.map(({ path, line, changed }) => `${path}:${line}: ${changed ? DEPRECATED : "it says so already"}`),
    ),
    "",
    "No test is written, as no package has its own.",
    ...(dry ? [] : ["Edit it, then run `charter generate` and `charter check`."]),
  ].join("\n");
}
