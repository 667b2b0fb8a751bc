import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Finding, finding } from "../core/finding.ts";
import { RUNTIME, runtimePackage } from "../core/names.ts";
import { MARKER, type PackageJson, renderJson } from "../core/package-json.ts";
import { checkPaths, type PackagesFolder } from "../io/packages-folder.ts";
import { listFiles, removeOthers, writeChanged } from "../io/write-file.ts";
import type { Workspace } from "./command.ts";

/** Charter's own copy of the runtime: the package by hand that all generated clients import. */
const SOURCE = join(import.meta.dirname, "..", "..", "packages", "rpc");

/** The runtime's own licence, whatever that of the schemas is. */
const LICENCE = join(import.meta.dirname, "..", "..", "LICENSE");

/** What keeps the runtime from being written, or from being the one that the clients import. */
export async function checkRuntime(
  { out, config }: Workspace,
  { existing, strangers }: PackagesFolder,
): Promise<readonly Finding[]> {
  const json = existing.get(RUNTIME);
  const name = runtimePackage(config);
  const origin = json === undefined ? undefined : originOf(json);
  if (origin === "source") {
    return json?.["name"] === name ? [] : [finding("runtime-name", { name: String(json?.["name"]), expected: name })];
  }
  const ours = json === undefined ? !strangers.has(RUNTIME) : origin === "copy";
  if (!ours) return [finding("folder-not-ours", { package: name }, { file: join(out, RUNTIME) })];
  return await checkPaths(out, {
    folder: RUNTIME,
    files: ["package.json", "LICENSE", ...(await runtimeFiles())],
    folders: ["src"],
  });
}

/** A runtime is written by hand ("source", in a checkout of this repository) or was put beside clients ("copy"). */
function originOf(json: PackageJson): unknown {
  const marker = json[MARKER];
  return typeof marker === "object" && marker !== null && "runtime" in marker ? marker.runtime : undefined;
}

async function runtimeFiles(): Promise<readonly string[]> {
  return ["README.md", "CHANGELOG.md", ...(await listFiles(join(SOURCE, "src"))).map((file) => `src/${file}`)];
}

/**
 * Clients of another tree need the runtime under that tree's scope, so it is written beside them. Where one is written
 * by hand it is left alone. `checkRuntime` comes first.
 * @returns whether something changed.
 */
export async function writeRuntime({ out, config }: Workspace, { existing }: PackagesFolder): Promise<boolean> {
  const target = join(out, RUNTIME);
  const found = existing.get(RUNTIME);
  if (found !== undefined && originOf(found) === "source") {
    const byHand = [...existing].filter(([, json]) => originOf(json) === "source");
    const written = await Promise.all(byHand.map(([folder]) => writeLicence(join(out, folder))));
    return written.some(Boolean);
  }
  const name = runtimePackage(config);
  const json: PackageJson = JSON.parse(await readFile(join(SOURCE, "package.json"), "utf8"));
  const manifest = renderJson({ ...json, name, [MARKER]: { runtime: "copy" } });
  // The marker first: a run that is killed after it leaves a folder that the next one knows.
  let changed = await writeChanged(join(target, "package.json"), manifest);
  if (await writeLicence(target)) changed = true;
  const files = await runtimeFiles();
  for (const file of files) {
    const content = (await readFile(join(SOURCE, file), "utf8")).replaceAll(String(json["name"]), name);
    if (await writeChanged(join(target, file), content)) changed = true;
  }
  const kept = new Set(files.filter((file) => file.startsWith("src/")).map((file) => file.slice("src/".length)));
  return (await removeOthers(join(target, "src"), kept)) > 0 || changed;
}

async function writeLicence(target: string): Promise<boolean> {
  return await writeChanged(join(target, "LICENSE"), await readFile(LICENCE));
}
