#!/usr/bin/env node
// `pnpm test`: from a fresh clone to a verdict on this repository. `pnpm soak` is the same with the long runs.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildPackages } from "./commands/build.ts";
import { applyGeneration, planGeneration, staleFindings } from "./commands/generate.ts";
import { openWorkspace } from "./commands/workspace.ts";
import { FindingsError } from "./core/finding.ts";
import { ensureInstalled } from "./io/install.ts";
import { terminalReporter } from "./io/reporter.ts";

const ROOT = join(import.meta.dirname, "..");
const reporter = terminalReporter(process.stdout, process.stderr);

/** Leaves the tree as it is, but for what git ignores: a committed file that is stale is a finding, not rewritten. */
async function preparePackages(): Promise<void> {
  const workspace = await openWorkspace({ root: ROOT });
  const plan = await planGeneration(workspace);
  const stale = await staleFindings(workspace, plan);
  if (stale.length > 0) throw new FindingsError(stale, 1);
  await applyGeneration(workspace, plan);
  await ensureInstalled(ROOT);
  const wrong = await buildPackages(workspace);
  if (wrong.length > 0) throw new FindingsError(wrong, 1);
}

/** @returns the exit status. */
function node(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...env } });
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
}

async function main(args: readonly string[]): Promise<number> {
  const soak = args.includes("--soak");
  const files = args.filter((each) => each !== "--soak");
  reporter.step("generate and build the packages");
  await ensureInstalled(ROOT);
  await preparePackages();
  reporter.step("format and lint");
  const formatted = await node([
    join("node_modules", "@biomejs", "biome", "bin", "biome"),
    "ci",
    "--error-on-warnings",
  ]);
  reporter.step("types");
  const typed = await node([join("node_modules", "typescript", "bin", "tsc"), "-p", "."]);
  reporter.step(soak ? "tests, with the long runs" : "tests");
  const chosen = files.length > 0 ? files : ["tests/*.test.ts"];
  const flags = ["--test", "--test-concurrency=2", "--test-timeout=1800000"];
  // The command is started a thousand times: each loads its modules in half the time.
  const env = { NODE_COMPILE_CACHE: join(ROOT, "node_modules", ".cache", "charter") };
  const tested = await node([...flags, ...chosen], soak ? { ...env, SOAK: "1" } : env);
  return formatted === 0 && typed === 0 && tested === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof FindingsError)) throw error;
  reporter.findings(error.findings, ROOT);
  process.exitCode = error.exitCode;
}
