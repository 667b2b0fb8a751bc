import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { FindingsError, finding } from "../core/finding.ts";
import { runtimePackage } from "../core/names.ts";
import { listFiles, readOptional, removeOthers, writeChanged } from "../io/write-file.ts";
import type { Workspace } from "./command.ts";

/** Charter's own copy of the runtime: the package by hand that all generated clients import. */
const RUNTIME = join(import.meta.dirname, "..", "..", "packages", "rpc");

/**
 * Clients of another tree need the runtime under that tree's scope, so it is written beside them. Where the runtime
 * itself lives it is left alone; its name must then be in the configured scope.
 * @returns whether something changed.
 */
export async function writeRuntime({ out, config }: Workspace): Promise<boolean> {
  const target = join(out, "rpc");
  const name = runtimePackage(config);
  const json: Record<string, unknown> = JSON.parse(await readFile(join(RUNTIME, "package.json"), "utf8"));
  if (relative(RUNTIME, target) === "") {
    if (json["name"] === name) return false;
    throw new FindingsError([finding("runtime-name", { name: String(json["name"]), expected: name })], 2);
  }
  const existing = await readOptional(join(target, "package.json"));
  const marker = { charter: { runtime: true } };
  if (existing !== undefined && !("charter" in JSON.parse(existing.toString("utf8")))) {
    throw new FindingsError([finding("folder-not-ours", { folder: target, package: "the runtime" })], 2);
  }
  const sources = (await listFiles(join(RUNTIME, "src"))).map((file) => `src/${file}`);
  const files = ["README.md", ...sources];
  let changed = await writeChanged(
    join(target, "package.json"),
    `${JSON.stringify({ ...json, name, ...marker }, null, 2)}\n`,
  );
  for (const file of files) {
    const content = (await readFile(join(RUNTIME, file), "utf8")).replaceAll(String(json["name"]), name);
    if (await writeChanged(join(target, file), content)) changed = true;
  }
  const kept = new Set(sources.map((file) => file.slice("src/".length)));
  return (await removeOthers(join(target, "src"), kept)) > 0 || changed;
}
