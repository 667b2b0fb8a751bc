import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Finding, FindingsError, finding, usageError } from "../core/finding.ts";
import { type Neighbourhood, planService, type ServicePlan } from "../core/new-service.ts";
import { formatTexts, runBuf } from "../io/buf.ts";
import { findMergeBase } from "../io/git.ts";
import { checkPaths } from "../io/packages-folder.ts";
import type { Reporter } from "../io/reporter.ts";
import { writeTogether } from "../io/write-file.ts";
import { type Command, type Values, WORKSPACE_OPTIONS, type Workspace } from "./command.ts";
import { loadImage } from "./load-schemas.ts";
import { clearUnfinished } from "./new-version.ts";
import { flag, openTree, text } from "./workspace.ts";

export const newService: Command = {
  name: "new-service",
  summary: "Begin the schemas of a new API, in the style of the others.",
  details: [
    "Writes two files beside the other schemas: a service that gets one thing and lists all of them page by page, and that",
    "thing. The name is put below the root of the tree's packages; or it is given in full, as bookstore.shipping. What most",
    "neighbours set as options of their files, such as go_package, is set here, too. Edit what it wrote: its comments",
    "promise what the server must do.",
  ],
  positional: { name: "name", value: "NAME" },
  options: {
    ...WORKSPACE_OPTIONS,
    version: { type: "string", value: "VERSION", help: "the version to begin with: v1, v1beta1 (default: v1)" },
    "dry-run": { type: "boolean", help: "say what would be done, and write nothing" },
  },
  examples: [
    "charter new-service shipping",
    "charter new-service bookstore.gift_cards --version v1beta1",
    "charter new-service shipping --dry-run",
  ],
  async run(values, reporter) {
    const name = text(values, "name");
    if (name === undefined || name === "") throw usageError("service-missing");
    const dry = flag(values, "dry-run");
    const { workspace, naming } = await openTree(values);
    const loading = loadNeighbours(workspace, dry, reporter);
    const tree = await reporter.progress("Reading the schemas …", loading);
    const plan = planService({ name, version: text(values, "version") ?? "v1" }, tree, naming);
    if (!("files" in plan)) throw new FindingsError(plan, 2);
    const taken = await checkPlaces(workspace, plan);
    if (taken.length > 0) throw new FindingsError(taken, 2);
    // Also when nothing is written: what does not parse is our bug, and should be seen now.
    const formatted = await formatTexts(plan.files);
    if (!dry) await writeTogether(workspace.root, formatted);
    reporter.result(render(plan, dry));
    if (!dry) reporter.result(next(values, plan, (await findMergeBase(workspace.root)) !== undefined));
    return 0;
  },
};

/** A tree that has no schemas yet may have its first service, too. */
async function loadNeighbours(workspace: Workspace, dry: boolean, reporter: Reporter): Promise<Neighbourhood> {
  try {
    const removed = await clearUnfinished(workspace.root, dry);
    for (const folder of removed) reporter.step(`Removed ${folder}, left by a killed command.`);
    const { image, files } = await loadImage(workspace);
    const paths = new Map(files.map(({ path, importPath }) => [importPath, path]));
    const own = image.files.filter((file) => paths.has(file.proto.name));
    return { files: own, paths, packages: image.packages, modules: [] };
  } catch (error) {
    const empty = error instanceof FindingsError && error.findings.every(({ code }) => code === "no-proto-files");
    if (!empty) throw error;
    const modules = await listModules(workspace.root);
    // Then only one of them is empty, and buf reads none of the others.
    if (modules.length !== 1) throw error;
    return { files: [], paths: new Map(), packages: [], modules };
  }
}

async function listModules(root: string): Promise<readonly string[]> {
  const { status, stdout, stderr } = await runBuf(root, ["config", "ls-modules", "--format", "path"]);
  if (status !== 0) throw usageError("buf-failed", { reason: stderr.trim().replace(/\.$/, "") });
  return stdout
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}

/** What stands where the schemas or the package would: also under a name that other file systems take for the same. */
async function checkPlaces({ root, out }: Workspace, plan: ServicePlan): Promise<readonly Finding[]> {
  const files = [...plan.files.keys()];
  const links = await checkPaths(root, { folder: "", files, folders: [] });
  if (links.length > 0) return links;
  const way = dirname(files[0] ?? "").split("/");
  const schemas = way.map((_, index) => join(root, ...way.slice(0, index + 1)));
  const wanted = [...schemas, join(out, plan.folder)];
  const found = await Promise.all(wanted.map(alike));
  return found.flatMap((existing, index) => {
    // Folders on the way are there for others, too.
    if (existing === undefined || (existing === wanted[index] && index < schemas.length - 1)) return [];
    return [finding("service-taken", { package: plan.protoPackage }, { file: existing })];
  });
}

/** What has this path, or one that differs from it in the case of its last part. */
async function alike(path: string): Promise<string | undefined> {
  const names = await readdir(dirname(path)).catch(() => []);
  const same = names.filter((name) => join(dirname(path), name).toLowerCase() === path.toLowerCase());
  const name = same.find((each) => join(dirname(path), each) === path) ?? same[0];
  return name === undefined ? undefined : join(dirname(path), name);
}

function render({ protoPackage, files, npm, unclear }: ServicePlan, dry: boolean): string {
  const options = ["", "Options for you to set, as each neighbour has its own:", ...unclear.map((each) => `  ${each}`)];
  return [
    `${protoPackage} ${dry ? "would begin" : "begins"} with:`,
    ...[...files.keys()].map((path) => `  ${path}`),
    ...(unclear.length === 0 ? [] : options),
    "",
    `Its package will be ${npm ?? "named after the scope that you choose"}. No test is written, as no package has its own:`,
    "it comes with a fake, under …/testing, for the tests of those who call it.",
  ].join("\n");
}

/** @param compared whether `charter check` has something to compare with, and then wants a changeset, too. */
function next(values: Values, { npm }: ServicePlan, compared: boolean): string {
  const given = ["root", "scope", "out"].flatMap((name) => {
    const value = name === "scope" && npm === undefined ? "@acme" : text(values, name);
    return value === undefined ? [] : [` --${name} ${value}`];
  });
  const commands = ["generate", ...(compared ? ["changeset"] : []), "check"];
  return ["", "Edit the files, then run:", ...commands.map((each) => `  charter ${each}${given.join("")}`)].join("\n");
}
