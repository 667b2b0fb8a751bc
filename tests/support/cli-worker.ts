// Runs commands one after another, for cli.ts: what a thousand processes of their own would do, without starting them.
import { PassThrough } from "node:stream";
import { main } from "../../scripts/cli.ts";
import { terminalReporter } from "../../scripts/io/reporter.ts";
import type { CliResult } from "./cli.ts";

/** One command, and where it runs. */
export interface Job {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

process.on("message", async ({ args, cwd, env }: Job) => {
  const [stdout, stderr] = [collect(), collect()];
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name];
  Object.assign(process.env, env);
  const [out, error] = [stdout.stream, stderr.stream] as unknown as [NodeJS.WriteStream, NodeJS.WriteStream];
  const status = await main(args, terminalReporter(out, error));
  const result: CliResult = { status, stdout: stdout.text(), stderr: stderr.text() };
  process.send?.(result);
});
process.on("disconnect", () => process.exit());

function collect(): { readonly stream: PassThrough; readonly text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return {
    stream,
    text: () => {
      for (let rest = stream.read(); rest !== null; rest = stream.read()) chunks.push(rest);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}
