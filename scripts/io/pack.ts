import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { environmentError, usageError } from "../core/finding.ts";
import type { RegistryTarget } from "../core/loopback.ts";
import {
  assembleReleaseManifest,
  isRecord,
  type Manifest,
  manifestTargets,
  type ReleaseId,
  readReleaseId,
  type TarballDigests,
} from "../core/release.ts";
import { digestTarball } from "./npm-registry.ts";
import { findPnpm, lastLines, type Program } from "./pnpm.ts";
import { run } from "./process.ts";
import { readTarball } from "./tar.ts";

/** A package as packed: what will be sent, byte for byte. */
export interface PackedRelease extends ReleaseId {
  readonly manifest: Manifest;
  readonly tarball: Buffer;
  readonly digests: TarballDigests;
}

/** A package folder as its owner left it. */
export interface Source {
  readonly folder: string;
  readonly file: string;
  readonly manifest: Manifest;
}

export async function readSource(folder: string): Promise<Source> {
  const file = join(folder, "package.json");
  const text = await readFile(file, "utf8").catch(() => "");
  const manifest = parseJson(text);
  if (!isRecord(manifest)) throw usageError("publish-unnamed", {}, { file });
  return { folder, file, manifest };
}

/** What packing gives: the tarballs, and every address that a client in their place would have used. */
export interface Packing {
  readonly releases: readonly PackedRelease[];
  readonly targets: readonly RegistryTarget[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Packs the packages in a temporary workspace of their own, with pnpm, so that `workspace:^` becomes a range,
 * `files` is honoured and the same content gives the same bytes. Writes nothing beside the sources.
 */
export async function packAll(sources: readonly Source[], registry: string, scope: string): Promise<Packing> {
  if (sources.length === 0) return { releases: [], targets: [] };
  const pnpm = await findPnpm();
  const workspace = await mkdtemp(join(tmpdir(), "charter-publish-"));
  try {
    await writeWorkspace(workspace, registry, scope);
    await Promise.all(sources.map((source, index) => copySource(source, join(workspace, "packages", String(index)))));
    const env = isolatedEnvironment(workspace, registry);
    const [targets, tarballs] = await Promise.all([
      readEffectiveTargets(pnpm, workspace, env, scope),
      runPack(pnpm, workspace, env),
    ]);
    const releases = await Promise.all(tarballs.map(readPacked));
    return { releases, targets: [...targets, ...releases.flatMap(({ manifest }) => manifestTargets(manifest))] };
  } finally {
    await rm(workspace, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A workspace that answers every question about registries itself, in each of the files where pnpm and npm look. */
async function writeWorkspace(workspace: string, registry: string, scope: string): Promise<void> {
  const settings = {
    packages: ["packages/*"],
    ignoreScripts: true,
    registries: { default: registry, [scope]: registry },
  };
  await Promise.all([
    mkdir(join(workspace, "home")),
    mkdir(join(workspace, "tarballs")),
    // JSON is YAML.
    writeFile(join(workspace, "pnpm-workspace.yaml"), JSON.stringify(settings)),
    writeFile(join(workspace, "package.json"), JSON.stringify({ name: "charter-publish", private: true })),
    writeFile(join(workspace, ".npmrc"), `registry=${registry}\n${scope}:registry=${registry}\n`),
  ]);
}

async function copySource({ folder, manifest }: Source, target: string): Promise<void> {
  await cp(folder, target, { recursive: true, filter: (file) => basename(file) !== "node_modules" });
  await rm(join(target, ".npmrc"), { force: true });
  await writeFile(join(target, "package.json"), `${JSON.stringify(assembleReleaseManifest(manifest), null, 2)}\n`);
}

/** Nothing of the caller's environment but what a program needs to run: every npm, pnpm, proxy and XDG setting stays out. */
function isolatedEnvironment(workspace: string, registry: string): Environment {
  const home = join(workspace, "home");
  return {
    PATH: process.env["PATH"],
    SystemRoot: process.env["SystemRoot"],
    TMPDIR: tmpdir(),
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: home,
    npm_config_userconfig: join(workspace, ".npmrc"),
    npm_config_registry: registry,
    pnpm_config_registry: registry,
  };
}

async function readEffectiveTargets(
  pnpm: Program,
  cwd: string,
  env: Environment,
  scope: string,
): Promise<readonly RegistryTarget[]> {
  const keys = ["registry", `${scope}:registry`];
  return Promise.all(
    keys.map(async (key) => {
      const result = await run(pnpm.command, [...pnpm.args, "config", "get", key], { cwd, env });
      return { setting: `pnpm config get ${key}`, url: result.stdout.toString("utf8").trim() };
    }),
  );
}

async function runPack(pnpm: Program, cwd: string, env: Environment): Promise<readonly string[]> {
  const args = [...pnpm.args, "--recursive", "pack", "--json", "--pack-destination", join(cwd, "tarballs")];
  const result = await run(pnpm.command, args, { cwd, env });
  const stdout = result.stdout.toString("utf8");
  const answer = parseJson(stdout);
  // One package: pnpm answers with an object, more: with an array.
  const entries: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  const files = entries.map((entry) => (isRecord(entry) ? entry["filename"] : undefined));
  if (result.status !== 0 || !files.every((file) => typeof file === "string")) {
    throw environmentError("publish-pack-failed", { reason: lastLines(`${stdout}\n${result.stderr}`) });
  }
  return files;
}

async function readPacked(file: string): Promise<PackedRelease> {
  const tarball = await readFile(file);
  const manifest = parseJson(readTarball(tarball, "package.json")?.toString("utf8") ?? "");
  if (!isRecord(manifest)) throw new Error(`${basename(file)} holds no package.json`);
  return { ...readReleaseId(manifest), manifest, tarball, digests: digestTarball(tarball) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
