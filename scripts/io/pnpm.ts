import { existsSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { environmentError } from "../core/finding.ts";
import { run } from "./process.ts";

/** How to start a program: the command, and the arguments that come before the caller's own. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

const PNPM = "pnpm@12";
let found: Promise<Program> | undefined;

/**
 * pnpm 12 without npx in front of it (10 ms instead of 600 ms a start): the one that runs this script,
 * else the one that `npx -y pnpm@12` would run.
 */
export function findPnpm(): Promise<Program> {
  found ??= locatePnpm(process.env["npm_execpath"]);
  return found;
}

async function locatePnpm(execpath: string | undefined): Promise<Program> {
  // Under `npm test` npm_execpath is npm's own.
  if (execpath !== undefined && /^pnpm(\.|$)/.test(basename(execpath)) && existsSync(execpath)) {
    const program = asProgram(execpath);
    const version = await run(program.command, [...program.args, "--version"]);
    if (version.stdout.toString("utf8").startsWith("12.")) return program;
  }
  const args = ["exec", "--yes", `--package=${PNPM}`, "--", "node", "-p", "process.env.PATH"];
  const result = await run("npm", args).catch((error: NodeJS.ErrnoException) => {
    throw environmentError("npm-missing", { reason: error.message });
  });
  const path = result.stdout.toString("utf8").trim();
  const file = path
    .split(delimiter)
    .map((folder) => join(folder, "pnpm"))
    .find((candidate) => candidate.includes("_npx") && existsSync(candidate));
  if (result.status !== 0 || file === undefined) {
    throw environmentError("pnpm-missing", { reason: lastLines(result.stderr) || "npx did not bring it" });
  }
  return asProgram(file);
}

function asProgram(file: string): Program {
  return /\.[cm]?js$/.test(file) ? { command: process.execPath, args: [file] } : { command: file, args: [] };
}

/** The end of what a program said: where the reason stands. */
export function lastLines(text: string, count = 8): string {
  return text.trim().split("\n").slice(-count).join("\n");
}
