import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { environmentError } from "../core/finding.ts";
import { run } from "./process.ts";
import type { RegistryAnswer, RegistrySettings } from "./registry-child.ts";

export interface RegistryOptions {
  /** The scope that anyone on this machine may publish, with its @. Example: "@bookstore". */
  readonly scope: string;
  /** Where packages are kept beyond the life of the registry. Default: a fresh temporary folder, removed at the end. */
  readonly folder?: string;
}

export interface Registry extends AsyncDisposable {
  /** Example: "http://127.0.0.1:40123/". */
  readonly url: string;
  /** Ends the server and, when the folder was temporary, removes it. May be called twice. */
  close(): Promise<void>;
}

const CHILD = fileURLToPath(new URL("./registry-child.ts", import.meta.url));

/**
 * Starts an npm registry (Verdaccio) on a free port of 127.0.0.1, in a process of its own that never outlives this one.
 * Everything outside `scope` is proxied from the registry that npm is configured for; `scope` itself never is,
 * so a package of that name on a public registry cannot answer in place of ours.
 */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  // Started before the uplink is known: loading Verdaccio and asking npm take about as long, and so run side by side.
  const child = fork(CHILD, [], {
    execArgv: [],
    env: childEnvironment(process.env),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-4000);
  });
  const answer = waitForAnswer(child);
  let temporaryFolder: string | undefined;
  try {
    const uplink = await readUserRegistry();
    if (options.folder === undefined) temporaryFolder = await mkdtemp(join(tmpdir(), "charter-registry-"));
    const config = verdaccioConfig(options.scope, options.folder ?? temporaryFolder ?? "", uplink);
    child.send({ config, temporaryFolder } satisfies RegistrySettings, () => {});
    const message = await answer;
    if ("reason" in message) {
      throw environmentError("registry-not-started", { reason: message.reason || stderr.trim() || "no reason given" });
    }
    // A forgotten close() must not keep this process alive: the child ends with it.
    child.unref();
    child.channel?.unref();
    (child.stderr as Socket | null)?.unref();
    const close = (): Promise<void> => end(child, temporaryFolder);
    return { url: `http://127.0.0.1:${message.port}/`, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await end(child, temporaryFolder);
    throw error;
  }
}

/** The registry that the user's npm is configured for: read at run time, never from a committed file. */
export async function readUserRegistry(): Promise<string> {
  const result = await run("npm", ["config", "get", "registry"]).catch((error: NodeJS.ErrnoException) => {
    throw environmentError("npm-missing", { reason: error.message });
  });
  const url = result.stdout.toString("utf8").trim();
  if (result.status !== 0 || !URL.canParse(url)) {
    throw environmentError("npm-missing", { reason: result.stderr.trim() || `npm config get registry says "${url}"` });
  }
  return url;
}

function verdaccioConfig(scope: string, folder: string, uplink: string): Readonly<Record<string, unknown>> {
  return {
    configPath: join(folder, "config.yaml"),
    storage: join(folder, "storage"),
    web: { enable: false },
    auth: { htpasswd: { file: join(folder, "htpasswd"), max_users: -1 } },
    // A day: a registry lives for minutes, so each foreign package is asked for once, and a slow uplink is no failure.
    uplinks: { user: { url: uplink, maxage: "1d", timeout: "60s", max_fails: 10 } },
    packages: {
      [`${scope}/*`]: { access: "$anonymous", publish: "$anonymous" },
      "**": { access: "$anonymous", publish: "nobody", proxy: "user" },
    },
    publish: { allow_offline: true },
    // A package travels as base64 in JSON; the default of 10 MB is too small for the largest of Google's.
    max_body_size: "500mb",
    // json: "pretty", the default, writes from a worker thread that holds the process up for 10 s when it ends.
    log: { type: "file", path: join(folder, "verdaccio.log"), format: "json", level: "error" },
  };
}

/** VERDACCIO_PUBLIC_URL would send clients elsewhere for the tarballs; NODE_OPTIONS belongs to the caller (inspectors, loaders). */
function childEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(parent).filter(([name]) => !name.startsWith("VERDACCIO_") && name !== "NODE_OPTIONS"),
  );
}

function waitForAnswer(child: ChildProcess): Promise<RegistryAnswer> {
  return new Promise((resolve) => {
    child.once("message", (message) => resolve(message as RegistryAnswer));
    // "close", not "exit": only then has everything that it wrote arrived.
    child.once("close", () => resolve({ reason: "" }));
    child.once("error", (error) => resolve({ reason: error.message }));
  });
}

async function end(child: ChildProcess, temporaryFolder: string | undefined): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    child.ref();
    const exited = once(child, "exit");
    if (child.connected) child.disconnect();
    await exited;
  }
  if (temporaryFolder !== undefined) await rm(temporaryFolder, { recursive: true, force: true, maxRetries: 5 });
}
