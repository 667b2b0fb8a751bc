import { spawn } from "node:child_process";
import { join } from "node:path";

/** The repository's own folder. */
export const REPOSITORY = join(import.meta.dirname, "..", "..");

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real command, as `pnpm charter` does. */
export function charter(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly script?: string } = {},
): Promise<CliResult> {
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
