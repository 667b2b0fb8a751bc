import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Finding, FindingsError, finding, usageError } from "../core/finding.ts";
import { nearest } from "../core/nearest.ts";
import { assembleOutput, OWN_FOLDERS, type PackageOutput } from "../core/output.ts";
import {
  checkOwnership,
  checkPaths,
  orphans,
  readPackagesFolder,
  staleFiles,
  writePackage,
} from "../io/packages-folder.ts";
import { readOptional } from "../io/write-file.ts";
import { type Command, WORKSPACE_OPTIONS, type Workspace } from "./command.ts";
import { externalRanges, loadSchemas } from "./load-schemas.ts";
import { checkRuntime, writeRuntime } from "./runtime.ts";
import { flag, openWorkspace, text } from "./workspace.ts";
import { applyBridge, bridgesIn, guidesOf, type PlannedBridge, planBridges, staleBridge } from "./write-bridges.ts";

export const generate: Command = {
  name: "generate",
  summary: "Write one npm package for each proto package.",
  details: [
    "Compiles the schemas, checks everything first, and then writes package.json, README.md, the sources, the .proto",
    "files and the descriptors of each package. What a person wrote into a package.json stays.",
  ],
  options: {
    ...WORKSPACE_OPTIONS,
    package: { type: "string", value: "PACKAGE", help: "only this proto package, such as bookstore.orders.v1" },
    check: { type: "boolean", help: "write nothing; exit with 1 when a committed file is stale" },
    prune: { type: "boolean", help: "remove the folders of proto packages that are no more" },
  },
  examples: [
    "charter generate",
    "charter generate --package bookstore.orders.v1",
    "charter generate --root ../schemas --scope @acme --out ../clients",
  ],
  async run(values, reporter) {
    const workspace = await openWorkspace(values);
    const planning = planGeneration(workspace, text(values, "package"));
    const plan = await reporter.progress("Reading the schemas …", planning);
    if (flag(values, "check")) {
      const stale = await staleFindings(workspace, plan);
      reporter.findings(stale, workspace.root);
      if (stale.length === 0) reporter.result(`${plan.outputs.length} packages are as the schemas say.`);
      return stale.length > 0 ? 1 : 0;
    }
    const writing = applyGeneration(workspace, plan);
    const written = await reporter.progress(`Writing ${plan.outputs.length} packages …`, writing);
    const out = relative(process.cwd(), workspace.out) || ".";
    reporter.result(
      `${plan.outputs.length} packages in ${out}: ${written.length === 0 ? "all unchanged" : `wrote ${written.join(", ")}`}.`,
    );
    if (flag(values, "prune")) {
      for (const folder of plan.orphans) {
        await rm(join(workspace.out, folder), { recursive: true });
        reporter.result(`Removed ${join(out, folder)}.`);
      }
    } else reporter.findings(orphanFindings(workspace, plan), workspace.root);
    return 0;
  },
};

/** What `generate` would do: every file of every package, before anything is written. */
export interface GenerationPlan {
  readonly outputs: readonly PackageOutput[];
  /** The bridges between versions. None when only one package was asked for. */
  readonly bridges: readonly PlannedBridge[];
  /** Folders whose proto package is no more. Empty when only one package was asked for. */
  readonly orphans: readonly string[];
}

/** @throws FindingsError with everything that keeps the packages from being written. */
export async function planGeneration(workspace: Workspace, only?: string): Promise<GenerationPlan> {
  const { generator, sources } = await loadSchemas(workspace);
  const names = generator.packages.map((each) => each.protoPackage);
  if (only !== undefined && !names.includes(only)) {
    throw usageError("package-unknown", { package: only, nearest: nearest(only, names) });
  }
  const folder = await readPackagesFolder(workspace.out);
  const bridges = await planBridges(workspace, generator, bridgesIn(folder));
  const input = {
    generator,
    sources,
    config: workspace.config,
    external: await externalRanges(),
    existing: folder.existing,
    licence: await readOptional(join(workspace.root, "LICENSE")),
    guides: guidesOf(bridges, workspace.config, generator.nameOf),
  };
  const chosen = generator.packages.filter((each) => only === undefined || each.protoPackage === only);
  const outputs = chosen.map((each) => assembleOutput(each, input));
  const foreign = checkOwnership(outputs, folder, workspace.out);
  const owned = outputs.filter(({ protoPackage }) => !foreign.some(({ args }) => args["package"] === protoPackage));
  const taken = await Promise.all(owned.map((each) => checkPaths(workspace.out, pathsOf(each))));
  const findings = [...foreign, ...taken.flat(), ...(await checkRuntime(workspace, folder))];
  if (findings.length > 0) throw new FindingsError(findings, 2);
  if (only !== undefined) return { outputs, bridges: [], orphans: [] };
  return { outputs, bridges, orphans: orphans(generator.packages, folder) };
}

function pathsOf({ folder, committed, generated }: PackageOutput): Parameters<typeof checkPaths>[1] {
  return { folder, files: [...committed, ...generated].map((file) => file.path), folders: OWN_FOLDERS };
}

/** @returns the folders in which something changed. */
export async function applyGeneration(workspace: Workspace, plan: GenerationPlan): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const output of plan.outputs) {
    if (await writePackage(workspace.out, output)) changed.push(output.folder);
  }
  if (await writeRuntime(workspace, await readPackagesFolder(workspace.out))) changed.push("rpc");
  for (const bridge of plan.bridges) {
    if (await applyBridge(workspace, bridge)) changed.push(bridge.folder);
  }
  return changed;
}

/** A finding for each committed file that is not what the schemas say. */
export async function staleFindings(workspace: Workspace, plan: GenerationPlan): Promise<readonly Finding[]> {
  const stale = await Promise.all([
    ...plan.outputs.map((output) => staleFiles(workspace.out, output)),
    ...plan.bridges.map((bridge) => staleBridge(workspace, bridge)),
  ]);
  const out = relative(workspace.root, workspace.out);
  const files = stale.flat().map((file) => finding("stale-file", {}, { file: join(out, file) }));
  return [...files, ...orphanFindings(workspace, plan)];
}

function orphanFindings(workspace: Workspace, plan: GenerationPlan): readonly Finding[] {
  const out = relative(workspace.root, workspace.out);
  return plan.orphans.map((folder) => finding("package-orphaned", {}, { file: join(out, folder) }));
}
