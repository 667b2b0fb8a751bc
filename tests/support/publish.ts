import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FindingsError } from "../../scripts/core/finding.ts";
import { renderFinding } from "../../scripts/core/messages.ts";
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

export const LIBRARY = `${SCOPE}/library`;
export const CLIENT = `${SCOPE}/client`;
/** What a consumer of both runs: it prints 84. */
export const MAIN = `import { doubled } from "${CLIENT}";\nconsole.log(doubled);\n`;

/** Two packages, of which one needs the other by `workspace:^`. */
export async function writeTwoPackages(root: string): Promise<readonly string[]> {
  const folders = [join(root, "client"), join(root, "library")];
  const code = `import { answer } from "${LIBRARY}";\nexport const doubled = 2 * answer;\n`;
  await writeTree(join(root, "library"), packageFiles(LIBRARY, { version: "1.2.3" }));
  await writeTree(join(root, "client"), packageFiles(CLIENT, { dependencies: { [LIBRARY]: "workspace:^" } }, code));
  return folders;
}

/** What we left in a temporary folder: npm itself leaves a `node-compile-cache` there. */
export async function ours(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith("charter-"));
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

/** The findings that a promise ends with, and their English. */
export async function findingsOf(
  promise: Promise<unknown>,
): Promise<{ readonly codes: string[]; readonly text: string }> {
  const error: unknown = await promise.then(
    () => assert.fail("nothing was found"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof FindingsError)) throw error;
  const text = error.findings.map((each) => Object.values(renderFinding(each)).join("\n")).join("\n");
  return { codes: error.findings.map(({ code }) => code), text };
}
