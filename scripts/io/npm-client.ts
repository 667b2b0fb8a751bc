import { readFile, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isNowhere } from "../core/against.ts";
import { environmentError, FindingsError, usageError } from "../core/finding.ts";
import { withoutCredentials } from "../core/loopback.ts";
import { isRecord } from "../core/release.ts";
import { lastLines } from "./pnpm.ts";
import { type RunResult, run } from "./process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/**
 * Reading from a registry goes through npm itself: it knows the login, the proxy and the certificates of a company, and
 * it checks each tarball against the digest that the registry gives.
 */
export interface NpmRegistry {
  readonly url: string;
  readonly scope: string;
  /** The folder whose .npmrc counts. */
  readonly root: string;
}

/** What npm is configured for in a folder. */
export interface NpmSettings {
  /** Of the scope; undefined when there is none, or one that leads nowhere on purpose. */
  readonly scoped: string | undefined;
  /** Of everything else; undefined when it leads nowhere. */
  readonly general: string | undefined;
}

export async function readNpmSettings(root: string, scope: string): Promise<NpmSettings> {
  const keys = [`${scope}:registry`, "registry"];
  const result = await npm(["config", "get", ...keys], root);
  const lines = result.stdout.toString("utf8").split("\n");
  const [scoped, general] = keys.map((key) => {
    const value = lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
    return URL.canParse(value) ? value : undefined;
  });
  const leads = (url: string | undefined): boolean => url !== undefined && !isNowhere(url);
  // A scope that leads nowhere must not be looked for elsewhere.
  if (scoped !== undefined && !leads(scoped)) return { scoped: undefined, general: undefined };
  return { scoped, general: leads(general) ? general : undefined };
}

/**
 * The last published version of each package that the registry knows; it says nothing of the others. One run of
 * `npm outdated` in a project that wants them all asks for all at once.
 */
export async function findLatest(
  names: readonly string[],
  registry: NpmRegistry,
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  await using folder = await temporaryFolder("charter-latest-");
  const dependencies = Object.fromEntries(names.map((name) => [name, "*"]));
  await folder.write("package.json", JSON.stringify({ name: "charter-latest", private: true, dependencies }));
  // A link and no copy: the file may hold a login.
  await symlink(join(await npmProject(registry.root), ".npmrc"), join(folder.path, ".npmrc"));
  const result = await npm(["outdated", "--json", ...registryFlags(registry)], folder.path);
  const answer = parseAnswer(result, registry, names.join(", "));
  return new Map(
    Object.entries(answer).flatMap(([name, found]) =>
      isRecord(found) && typeof found["latest"] === "string" ? [[name, found["latest"]] as const] : [],
    ),
  );
}

/**
 * @param specs `@bookstore/orders-v2@1.2.0`.
 * @returns name → tarball, with the digest that the registry gives.
 * @throws FindingsError `baseline-package-unknown`, `baseline-tarball` for a damaged one, `baseline-registry`.
 */
export async function downloadTarballs(
  specs: readonly string[],
  registry: NpmRegistry,
): Promise<ReadonlyMap<string, Buffer>> {
  if (specs.length === 0) return new Map();
  try {
    return await pack(specs, registry);
  } catch (error) {
    const known = error instanceof FindingsError && error.findings.every(({ code }) => code !== "baseline-registry");
    if (!known || specs.length === 1) throw error;
    // npm does not say which of many: alone, each says it of itself.
    const alone: (readonly [string, Buffer])[] = [];
    for (const spec of specs) alone.push(...(await pack([spec], registry)));
    return new Map(alone);
  }
}

async function pack(specs: readonly string[], registry: NpmRegistry): Promise<ReadonlyMap<string, Buffer>> {
  await using folder = await temporaryFolder("charter-tarballs-");
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder.path, ...registryFlags(registry)];
  const answer = parseAnswer(await npm([...args, ...specs], registry.root), registry, specs.join(", "));
  const packed = Object.values(answer).filter(isRecord);
  const read = async (file: unknown): Promise<Buffer> => await readFile(join(folder.path, String(file)));
  return new Map(
    await Promise.all(packed.map(async ({ name, filename }) => [String(name), await read(filename)] as const)),
  );
}

/** The folder whose .npmrc npm would read: the nearest one above that looks like a project. */
async function npmProject(folder: string): Promise<string> {
  for (let each = folder; ; each = dirname(each)) {
    for (const name of ["package.json", "node_modules"]) {
      if ((await stat(join(each, name)).catch(() => undefined)) !== undefined) return each;
    }
    if (dirname(each) === each) return folder;
  }
}

function registryFlags({ url, scope }: NpmRegistry): readonly string[] {
  return [
    `--registry=${url}`,
    `--${scope}:registry=${url}`,
    // What was published a second ago is the last release, also where young versions are held back.
    `--min-release-age-exclude=${scope}/*`,
    "--prefer-online",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=200",
    "--fetch-retry-maxtimeout=200",
    "--loglevel=error",
  ];
}

/** What npm says of a package or a version that the registry does not have. */
const UNKNOWN = /^(E404|ETARGET)$/;
/** What npm says of a tarball that is not what the registry says it is, or no tarball. */
const DAMAGED = /^(EINTEGRITY|TAR_|Z_|ZLIB)/;

/** @param wanted what was asked for, for a person. @returns npm's answer as JSON. */
function parseAnswer({ stdout, stderr, status }: RunResult, { url }: NpmRegistry, wanted: string): object {
  const text = stdout.toString("utf8");
  // Nothing to say is said by nothing at all.
  const answer = text.trim() === "" && status === 0 ? {} : parseJson(text);
  const error = isRecord(answer) ? answer["error"] : undefined;
  const registry = withoutCredentials(url);
  if (isRecord(error) && typeof error["summary"] === "string") {
    const code = String(error["code"]);
    const said = withoutStop(`${code}: ${error["summary"].split("\n", 1)[0]}`);
    if (UNKNOWN.test(code)) throw usageError("baseline-package-unknown", { package: wanted, registry });
    if (DAMAGED.test(code)) throw environmentError("baseline-tarball", { reason: `${wanted}: ${said}` });
    throw environmentError("baseline-registry", { registry, reason: said });
  }
  if (typeof answer === "object" && answer !== null) return answer;
  throw environmentError("baseline-registry", { registry, reason: withoutStop(lastLines(stderr, 2)) });
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, "") || "npm gave no reason";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function npm(args: readonly string[], cwd: string): Promise<RunResult> {
  return await run("npm", args, { cwd }).catch((error: NodeJS.ErrnoException) => {
    throw environmentError("npm-missing", { reason: error.message });
  });
}
