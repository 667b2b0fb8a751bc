import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Finding, finding } from "../core/finding.ts";
import { runtimePackage } from "../core/names.ts";
import { checkPaths, type PackagesFolder } from "../io/packages-folder.ts";
import { listFiles, removeOthers, writeChanged } from "../io/write-file.ts";
import type { Workspace } from "./command.ts";

/** Charter's own copy of the runtime: the package by hand that all generated clients import. */
const RUNTIME = join(import.meta.dirname, "..", "..", "packages", "rpc");

/** The runtime's own licence, whatever that of the schemas is. */
const LICENCE = join(import.meta.dirname, "..", "..", "LICENSE");

/** The folder of the runtime beside the packages. */
const FOLDER = "rpc";

/** What keeps the runtime from being written, or from being the one that the clients import. */
export async function checkRuntime(
  { out, config }: Workspace,
  { existing, strangers }: PackagesFolder,
): Promise<readonly Finding[]> {
  const target = join(out, FOLDER);
  const json = existing.get(FOLDER);
  const name = runtimePackage(config);
  if (relative(RUNTIME, target) === "") {
    return json?.["name"] === name ? [] : [finding("runtime-name", { name: String(json?.["name"]), expected: name })];
  }
  const ours = json === undefined ? !strangers.has(FOLDER) : isMarked(json["charter"]);
  if (!ours) return [finding("folder-not-ours", { package: name }, { file: target })];
  return await checkPaths(out, {
    folder: FOLDER,
    files: ["package.json", "LICENSE", ...(await runtimeFiles())],
    folders: ["src"],
  });
}

function isMarked(marker: unknown): boolean {
  return typeof marker === "object" && marker !== null && "runtime" in marker && marker.runtime === true;
}

async function runtimeFiles(): Promise<readonly string[]> {
  return ["README.md", "CHANGELOG.md", ...(await listFiles(join(RUNTIME, "src"))).map((file) => `src/${file}`)];
}

/**
 * Clients of another tree need the runtime under that tree's scope, so it is written beside them. Where the runtime
 * itself lives it is left alone. `checkRuntime` comes first.
 * @returns whether something changed.
 */
export async function writeRuntime({ out, config }: Workspace): Promise<boolean> {
  const target = join(out, FOLDER);
  const name = runtimePackage(config);
  const json: Record<string, unknown> = JSON.parse(await readFile(join(RUNTIME, "package.json"), "utf8"));
  const writeLicence = async (): Promise<boolean> => writeChanged(join(target, "LICENSE"), await readFile(LICENCE));
  if (relative(RUNTIME, target) === "") return await writeLicence();
  const marker = { charter: { runtime: true } };
  const files = await runtimeFiles();
  const manifest = `${JSON.stringify({ ...json, name, ...marker }, null, 2)}\n`;
  // The marker first: a run that is killed after it leaves a folder that the next one knows.
  let changed = await writeChanged(join(target, "package.json"), manifest);
  if (await writeLicence()) changed = true;
  for (const file of files) {
    const content = (await readFile(join(RUNTIME, file), "utf8")).replaceAll(String(json["name"]), name);
    if (await writeChanged(join(target, file), content)) changed = true;
  }
  const kept = new Set(files.filter((file) => file.startsWith("src/")).map((file) => file.slice("src/".length)));
  return (await removeOthers(join(target, "src"), kept)) > 0 || changed;
}
