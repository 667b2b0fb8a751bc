import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type RunResult, run } from "../../scripts/io/process.ts";

export const SCOPE = "@bookstore";

/** A folder that is gone when its block ends. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly folder: string;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const folder = await mkdtemp(join(tmpdir(), "charter-test-"));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

export async function writeTree(root: string, files: Readonly<Record<string, string | object>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
}

/** The files of a built package that exports `answer`. */
export function packageFiles(
  name: string,
  fields: Readonly<Record<string, unknown>> = {},
  code = "export const answer = 42;\n",
): Readonly<Record<string, string | object>> {
  const manifest = { name, version: "1.0.0", type: "module", exports: "./dist/index.js", files: ["dist"], ...fields };
  return { "package.json": manifest, "dist/index.js": code, "src/private.ts": "export {};\n" };
}

/** A server on loopback that must not be spoken to: it counts who does. */
export interface Decoy extends AsyncDisposable {
  readonly url: string;
  readonly requests: string[];
}

export async function startDecoy(redirectTo?: string): Promise<Decoy> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (redirectTo !== undefined) response.setHeader("location", redirectTo);
    response.writeHead(redirectTo === undefined ? 200 : 307).end("{}");
  });
  // What a client asks of a proxy for https.
  server.on("connect", (request, socket) => {
    requests.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, requests, [Symbol.asyncDispose]: () => stop(server) };
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** This process's environment without any npm or pnpm setting, plus `extra`. */
export function bareEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(p?npm_|node_test_context$)/i.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** Runs an ES module in a process of its own, which may import scripts/ by `SCRIPTS`. */
export function runModule(code: string, options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<RunResult> {
  return run(process.execPath, ["--input-type=module", "--eval", code], options);
}

/** Where a module of `runModule` imports from. Ends with a slash. */
export const SCRIPTS = new URL("../../scripts/", import.meta.url).href;
