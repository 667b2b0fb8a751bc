import { spawn } from "node:child_process";

export interface RunResult {
  /** Exit status; 128 + signal number when a signal ended it. */
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment of the child. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: Uint8Array;
}

/**
 * Runs a program to its end, without a shell.
 * @throws NodeJS.ErrnoException when the program cannot be started (ENOENT: it is not there).
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: "pipe" });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({
        status: code ?? (signal === null ? 1 : 128),
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString("utf8"),
      });
    });
    // A child that ends without reading its input makes EPIPE, which says nothing that its status does not.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input);
  });
}
