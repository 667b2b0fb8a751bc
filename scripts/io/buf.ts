import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { environmentError, type Finding, FindingsError, finding } from "../core/finding.ts";
import { upperFirst } from "../core/names.ts";
import { type RunResult, run } from "./process.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { listFiles, writeChanged } from "./write-file.ts";

/** A `.proto` file of the workspace: where it stands, and how others import it. */
export interface ProtoFile {
  /** From the root. */
  readonly path: string;
  readonly importPath: string;
}

/** A workspace as buf is to read it. */
export interface BufWorkspace {
  readonly root: string;
  /** Folders whose `.proto` files do not count, from the root. */
  readonly exclude: readonly string[];
}

/** What buf says of one place, as one line of its JSON. */
interface BufProblem {
  readonly path?: string;
  readonly start_line?: number;
  readonly start_column?: number;
  readonly type?: string;
  readonly message?: string;
}

/** Runs buf in the workspace at `root`. @throws FindingsError `buf-missing` when the package was not installed. */
export function runBuf(root: string, args: readonly string[]): Promise<RunResult> {
  return run(process.execPath, [bufScript(), ...args], { cwd: root });
}

function bufScript(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("@bufbuild/buf/package.json")), "bin", "buf");
  } catch {
    throw environmentError("buf-missing");
  }
}

/** The files of the workspace's modules, sorted by their import paths. */
export async function listProtoFiles({ root, exclude }: BufWorkspace): Promise<readonly ProtoFile[]> {
  // Of all of buf's commands, only this one cannot exclude.
  const result = await runBuf(root, ["ls-files", "--format", "json"]);
  if (result.status !== 0) throw failure(result);
  return jsonLines<{ path: string; import_path: string }>(result.stdout.toString("utf8"))
    .filter(({ path }) => !isWithin(path, exclude))
    .map(({ path, import_path }) => ({ path, importPath: import_path }))
    .sort((a, b) => (a.importPath < b.importPath ? -1 : 1));
}

function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}

/**
 * Compiles the workspace.
 * @param meanwhile called when buf is at work, which takes it seconds where a tree is big.
 * @returns the image, with source info.
 * @throws FindingsError with every error of buf's.
 */
export async function buildImage(workspace: BufWorkspace, meanwhile = (): void => {}): Promise<Uint8Array> {
  const args = ["build", "-o", "-", "--error-format", "json", ...excludeFlags(workspace)];
  const running = runBuf(workspace.root, args);
  meanwhile();
  const result = await running;
  if (result.status !== 0) throw failure(result);
  return result.stdout;
}

/** The texts of all files that the workspace needs, also of those that come from dependencies, by import path. */
export async function exportSources(workspace: BufWorkspace): Promise<ReadonlyMap<string, Buffer>> {
  await using folder = await temporaryFolder("charter-export-");
  const result = await runBuf(workspace.root, ["export", ".", "-o", folder.path, ...excludeFlags(workspace)]);
  if (result.status !== 0) throw failure(result);
  const files = await listFiles(folder.path);
  const read = files.map(async (file) => [file, await readFile(join(folder.path, file))] as const);
  return new Map(await Promise.all(read));
}

/** @returns what buf's lint rules say; nothing when all is well. @throws FindingsError when it could not answer. */
export async function lint(workspace: BufWorkspace): Promise<readonly Finding[]> {
  const args = ["lint", "--error-format", "json", ...excludeFlags(workspace)];
  return toFindings(await runBuf(workspace.root, args), "lint");
}

/**
 * @param against a folder with schemas, or an image.
 * @returns what `buf breaking` says. A file that is gone has the path by which others imported it for its place.
 */
export async function breaking(workspace: BufWorkspace, against: string): Promise<readonly Finding[]> {
  if (!(await stat(against)).isDirectory()) return await breakingImages(workspace, (to) => copyFile(against, to));
  const older = { ...workspace, root: against };
  const [copies, olderCopies] = await Promise.all([findExcluded(workspace), findExcluded(older)]);
  // buf wants what is excluded in both folders; and what follows a `#` it reads as options.
  if (copies.length === 0 && olderCopies.length === 0 && !against.includes("#")) {
    const args = ["breaking", "--against", `${against}#format=dir`, "--error-format", "json"];
    const result = await runBuf(workspace.root, args);
    if (!UNPAIRED.test(result.stderr)) return toFindings(result, "breaking");
  }
  const image = await buildImage({ ...older, exclude: olderCopies });
  return await breakingImages(workspace, (to) => writeFile(to, image));
}

/** buf compares module by module: it gives up when one was taken away, or added beside one with rules of its own. */
const UNPAIRED = /^Failure: input contained \d+ images, whereas against contained \d+ images/;

/** The folders to exclude that have files in a module. */
async function findExcluded({ root, exclude }: BufWorkspace): Promise<readonly string[]> {
  const files = await listProtoFiles({ root, exclude: [] });
  return exclude.filter((folder) => files.some(({ path }) => isWithin(path, [folder])));
}

/** As one image against another, so that modules do not matter. The rules are then those of the whole workspace. */
async function breakingImages(
  workspace: BufWorkspace,
  writeOlder: (to: string) => Promise<void>,
): Promise<readonly Finding[]> {
  await using folder = await temporaryFolder("charter-breaking-");
  const [before, after] = [join(folder.path, "before.binpb"), join(folder.path, "after.binpb")];
  await writeOlder(before);
  await writeFile(after, await buildImage(workspace));
  const args = ["breaking", after, "--against", before, "--exclude-imports", "--error-format", "json"];
  const findings = toFindings(await runBuf(workspace.root, args), "breaking");
  const paths = new Map((await listProtoFiles(workspace)).map(({ path, importPath }) => [importPath, path]));
  return findings
    .filter(({ args: { message = "" } }) => !OF_PROTOBUF.test(message))
    .map((each) => {
      const path = paths.get(each.position?.file ?? "");
      return path === undefined ? each : { ...each, position: { ...each.position, file: path } };
    });
}

/** An image that is not buf's own does not say which files are only there because others import them. */
const OF_PROTOBUF = /^Previously present (?:file|package) "google[/.]protobuf[/."]/;

/** @returns a finding for each file that `buf format` would change. */
export async function checkFormat(workspace: BufWorkspace): Promise<readonly Finding[]> {
  const result = await runBuf(workspace.root, ["format", "--diff", "--exit-code", ...excludeFlags(workspace)]);
  if (result.status === 0) return [];
  const files = [...result.stdout.toString("utf8").matchAll(/^\+\+\+ (\S+)/gm)].map(([, file]) => file ?? "");
  if (files.length === 0) throw failure(result);
  return files.map((file) => finding("proto-format", {}, { file }));
}

/** The texts as `buf format` writes them. @param texts by path. @throws FindingsError for a text that does not parse. */
export async function formatTexts(texts: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
  await using folder = await temporaryFolder("charter-format-");
  await folder.write("buf.yaml", "version: v2\n");
  for (const [path, text] of texts) await writeChanged(join(folder.path, path), text);
  const result = await runBuf(folder.path, ["format", "-w"]);
  if (result.status !== 0) throw failure(result);
  const formatted = [...texts.keys()].map(
    async (path) => [path, await readFile(join(folder.path, path), "utf8")] as const,
  );
  return new Map(await Promise.all(formatted));
}

/** buf's exit status when it has findings. */
const FINDINGS = 100;

function excludeFlags({ exclude }: BufWorkspace): readonly string[] {
  return exclude.flatMap((folder) => ["--exclude-path", folder]);
}

/** What buf found, as findings of the code. @throws FindingsError when it could not answer. */
function toFindings(result: RunResult, code: string): readonly Finding[] {
  if (result.status === 0) return [];
  if (result.status !== FINDINGS) throw failure(result);
  return problemsOf(result).map((problem) => {
    if (problem.type === "COMPILE") return compileFinding(problem);
    const { type: rule = "", message = "" } = problem;
    const gone = /^Previously present file "(.*)" was deleted\.$/.exec(message)?.[1];
    const position = problem.path === undefined ? gone && { file: gone } : positionOf(problem);
    return finding(code, { rule, message }, position || undefined);
  });
}

function failure(result: RunResult): FindingsError {
  const found = problemsOf(result).map(compileFinding);
  if (found.length > 0) return new FindingsError(found, 2);
  const reason = result.stderr
    .replace(/^Failure: /, "")
    .trim()
    .replace(/\.$/, "");
  const empty = /^Module "path: "(.*)"" had no \.proto files/.exec(reason)?.[1];
  if (empty !== undefined) return new FindingsError([finding("no-proto-files", {}, { file: empty })], 2);
  const lines = configurationFindings(reason);
  return new FindingsError(lines.length > 0 ? lines : [finding("buf-failed", { reason })], 2);
}

/** What buf says of lines of its own configuration: `decode buf.yaml: yaml: line 2: …`, or a list of such lines. */
function configurationFindings(reason: string): readonly Finding[] {
  const [, file, rest] = /^decode (\S+\.yaml): (.*)$/s.exec(reason) ?? [];
  if (file === undefined || rest === undefined) return [];
  return [...rest.matchAll(/line (\d+): (.*)$/gm)].map(([, line, message = ""]) =>
    finding("buf-failed", { reason: message }, { file, line: Number(line) }),
  );
}

function compileFinding(problem: BufProblem): Finding {
  const message = upperFirst(problem.message ?? "");
  const missing = problem.message === "imported file does not exist";
  return finding(missing ? "import-unowned" : "proto-syntax", { message }, positionOf(problem));
}

function positionOf(problem: BufProblem): NonNullable<Finding["position"]> {
  return {
    file: problem.path ?? "",
    ...(problem.start_line === undefined ? {} : { line: problem.start_line }),
    ...(problem.start_column === undefined ? {} : { column: problem.start_column }),
  };
}

/** buf prints compile errors to standard error and lint findings to standard output. */
function problemsOf(result: RunResult): readonly BufProblem[] {
  const lines = `${result.stdout.toString("utf8")}\n${result.stderr}`
    .split("\n")
    .filter((line) => line.startsWith("{"));
  return jsonLines<BufProblem>(lines.join("\n"));
}

function jsonLines<T>(text: string): readonly T[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}
