import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { environmentError } from "../core/finding.ts";
import { lastLines } from "./pnpm.ts";

export interface ExampleServer extends AsyncDisposable {
  /** Example: "http://127.0.0.1:40123". */
  readonly address: string;
}

/** Starts a server in a process of its own, which sends `{ address }` when it listens and ends when its channel closes. */
export async function startExampleServer(script: string): Promise<ExampleServer> {
  const child = fork(script, [], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-4000);
  });
  const address = await firstAddress(child);
  if (address === undefined)
    throw environmentError("example-server-failed", { reason: lastLines(stderr) || "silence" });
  return { address, [Symbol.asyncDispose]: () => end(child) };
}

function firstAddress(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("message", (message: { readonly address?: string }) => resolve(message.address));
    // "close", not "exit": only then has everything that it wrote arrived.
    child.once("close", () => resolve(undefined));
    child.once("error", () => resolve(undefined));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  await exited;
}
