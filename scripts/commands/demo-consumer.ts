import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CompileError, parseCompileErrors } from "../core/compile-error.ts";
import { importedPackages, isRefusedAtMark } from "../core/consumer-source.ts";
import { environmentError, type Finding, FindingsError, finding } from "../core/finding.ts";
import { type Consumer, createConsumer } from "../io/consumer.ts";
import { lastLines } from "../io/pnpm.ts";
import type { PublishedRelease } from "../io/publish.ts";

/** The consumer of the demo, from the root of a checkout: files only, so that pnpm links nothing into it. */
export const CONSUMER = join("examples", "consumer");

const MISSPELT = "misspelt.ts";
const PROGRAM = join("dist", "main.js");
const REQUIRED = ["main.ts", MISSPELT, "tsconfig.json", "tsconfig.misspelt.json"];

/** Its files, by name. @throws FindingsError when one is missing. */
export async function readConsumer(root: string): Promise<Readonly<Record<string, string>>> {
  const folder = join(root, CONSUMER);
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(ts|json)$/.test(name));
  const absent = REQUIRED.filter((name) => !names.includes(name));
  if (absent.length > 0) {
    throw new FindingsError(
      absent.map((name) => finding("demo-absent", { file: join(CONSUMER, name) })),
      2,
    );
  }
  const texts = await Promise.all(
    names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
  );
  return Object.fromEntries(texts);
}

export interface Shop {
  readonly registry: string;
  readonly scope: string;
  readonly releases: readonly PublishedRelease[];
}

/** Installs the consumer from the registry: the clients that its sources import, and what it compiles with. */
export async function installConsumer(files: Readonly<Record<string, string>>, shop: Shop): Promise<Consumer> {
  const { registry, scope, releases } = shop;
  const clients = importedPackages(Object.values(files), scope);
  const versions = new Map(releases.map(({ name, version }) => [name, version]));
  const ranges = clients.map((name) => [name, `^${versions.get(name) ?? "0.0.0"}`] as const);
  const dependencies = { ...Object.fromEntries(ranges), ...(await compilerVersions()) };
  return await createConsumer({ registry, scope, dependencies, files });
}

/** Those that Charter is tested with. The clients' types need neither DOM nor Node: it is the program that says `process`. */
async function compilerVersions(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(import.meta.dirname, "..", "..", "package.json"), "utf8");
  const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(text);
  const wanted = ["typescript", "@types/node"];
  return Object.fromEntries(Object.entries(devDependencies).filter(([name]) => wanted.includes(name)));
}

/** Compiles the program at the strictest. @throws FindingsError with its errors, placed in the repository's own file. */
export async function compileProgram(consumer: Consumer, root: string): Promise<void> {
  const errors = await compile(consumer, "tsconfig.json");
  const findings: readonly Finding[] = errors.map(({ file, line, column, number, message }) =>
    finding("type-error", { number, message }, { file: join(root, CONSUMER, file), line, column }),
  );
  if (findings.length > 0) throw new FindingsError(findings, 1);
}

/** Compiles the file with the misspelt field. @returns the one error. @throws FindingsError when it is any other. */
export async function compileMisspelt(
  consumer: Consumer,
  files: Readonly<Record<string, string>>,
  root: string,
): Promise<CompileError> {
  const errors = await compile(consumer, "tsconfig.misspelt.json");
  const [error] = errors;
  if (error !== undefined && isRefusedAtMark(errors, MISSPELT, files[MISSPELT] ?? "")) return error;
  const said = errors.map(
    (each) => `${each.file}:${each.line}:${each.column} TS${each.number} ${each.message.replace(/\.$/, "")}`,
  );
  const file = join(root, CONSUMER, MISSPELT);
  throw new FindingsError([finding("demo-misspelt", { said: said.join("; ") || "nothing" }, { file })], 1);
}

async function compile(consumer: Consumer, project: string): Promise<readonly CompileError[]> {
  const result = await consumer.run("tsc", ["-p", project, "--pretty", "false"]);
  const output = result.stdout.toString("utf8");
  const errors = parseCompileErrors(output);
  if (result.status !== 0 && errors.length === 0) throw new Error(`tsc failed:\n${output}\n${result.stderr}`);
  return errors;
}

/** Runs the program against a server. @returns the lines that it printed: an answer in JSON each. */
export async function runProgram(consumer: Consumer, address: string): Promise<readonly string[]> {
  const result = await consumer.run("node", [PROGRAM, address]);
  const lines = result.stdout.toString("utf8").split("\n").filter(Boolean);
  if (result.status !== 0 || lines.length === 0) {
    throw environmentError("demo-call-failed", { reason: lastLines(result.stderr, 20) || "it printed nothing" });
  }
  return lines;
}
