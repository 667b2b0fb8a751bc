import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { environmentError } from "../core/finding.ts";
import { isRecord } from "../core/release.ts";
import { findPnpm, lastLines } from "./pnpm.ts";
import { run } from "./process.ts";
import { readOptional } from "./write-file.ts";

/**
 * Installs the workspace when something that its packages depend on is not there: a package that was just generated, a
 * new import, or an install that pnpm began by itself and gave up with a warning. Otherwise it only looks.
 * @returns whether it installed.
 */
export async function ensureInstalled(root: string): Promise<boolean> {
  if ((await findMissing(root)).length === 0) return false;
  const pnpm = await findPnpm();
  const frozen = process.env["CI"] === undefined ? [] : ["--frozen-lockfile"];
  const result = await run(pnpm.command, [...pnpm.args, "install", ...frozen], { cwd: root });
  const missing = result.status === 0 ? await findMissing(root) : [];
  if (result.status !== 0 || missing.length > 0) {
    const said = lastLines(`${result.stdout.toString("utf8")}\n${result.stderr}`);
    throw environmentError("install-failed", { reason: missing.length > 0 ? `still missing: ${missing[0]}` : said });
  }
  return true;
}

/** Each dependency of each package of the workspace that its node_modules lack, as a path from `root`. */
async function findMissing(root: string): Promise<readonly string[]> {
  const folders = await workspaceFolders(root);
  const missing = await Promise.all(
    folders.map(async (folder) => {
      const paths = (await dependencyNames(join(root, folder))).map((name) => join(folder, "node_modules", name));
      return paths.filter((path) => !existsSync(join(root, path)));
    }),
  );
  return missing.flat();
}

/** The root and what pnpm-workspace.yaml names, of which a pattern ends with `/*` if at all. */
async function workspaceFolders(root: string): Promise<readonly string[]> {
  const text = await readOptional(join(root, "pnpm-workspace.yaml"));
  const settings: unknown = parse(text?.toString("utf8") ?? "");
  const patterns = isRecord(settings) && Array.isArray(settings["packages"]) ? settings["packages"].map(String) : [];
  const folders = await Promise.all(
    patterns.map(async (pattern) => {
      if (!pattern.endsWith("/*")) return [pattern];
      const parent = pattern.slice(0, -"/*".length);
      return (await readdir(join(root, parent)).catch(() => [])).map((name) => join(parent, name));
    }),
  );
  return [".", ...folders.flat()];
}

async function dependencyNames(folder: string): Promise<readonly string[]> {
  const text = await readOptional(join(folder, "package.json"));
  if (text === undefined) return [];
  const json: unknown = JSON.parse(text.toString("utf8"));
  if (!isRecord(json)) return [];
  return ["dependencies", "devDependencies"].flatMap((field) =>
    isRecord(json[field]) ? Object.keys(json[field]) : [],
  );
}
