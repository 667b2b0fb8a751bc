import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Job } from "./cli-worker.ts";

/** The repository's own folder. */
export const REPOSITORY = join(import.meta.dirname, "..", "..");

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface CliOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** In place of `cli.ts`. */
  readonly script?: string;
}

// Those that have nothing to do.
const idle: ChildProcess[] = [];

/** Runs the real command, as `pnpm charter` does, in a process that has run others before. */
export async function charter(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { cwd = REPOSITORY, env = {}, script } = options;
  // What is about a process (how Node starts, that it is killed) needs one of its own.
  const isOwn = script !== undefined || process.env["CLI"] !== undefined || Object.keys(env).length > 0;
  if (isOwn) return await startProcess(args, options);
  const worker = idle.pop() ?? startWorker();
  worker.ref();
  worker.channel?.ref();
  const ended = new AbortController();
  const { signal } = ended;
  const job: Job = { args, cwd, env: { ...process.env, NO_COLOR: "1" } };
  worker.send(job);
  const [result] = await Promise.race([
    once(worker, "message", { signal }),
    once(worker, "exit", { signal }).then(([code]) => {
      throw new Error(`charter ${args.join(" ")} ended its process with ${code}`);
    }),
  ]).finally(() => ended.abort());
  // A worker that waits must not hold up the end of the tests.
  worker.unref();
  worker.channel?.unref();
  idle.push(worker);
  return result as CliResult;
}

function startWorker(): ChildProcess {
  return fork(join(import.meta.dirname, "cli-worker.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

/** Runs the real command in a process of its own. */
function startProcess(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const script = options.script ?? join(REPOSITORY, "scripts", process.env["CLI"] ?? "cli.ts");
    const child = spawn(process.execPath, [script, ...args], {
      cwd: options.cwd ?? REPOSITORY,
      env: { ...process.env, NO_COLOR: "1", ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? -1, stdout, stderr }));
  });
}
