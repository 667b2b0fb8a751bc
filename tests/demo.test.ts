import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { findMisspelt } from "../scripts/core/consumer-source.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { temporaryFolder } from "./support/tree.ts";

/** The temporary folder of the demos here, so that what they leave can be told from what others have there. */
const TEMPORARY = mkdtempSync(join(tmpdir(), "charter-test-"));
after(() => rmSync(TEMPORARY, { recursive: true, force: true }));

const MISSPELT = join("examples", "consumer", "misspelt.ts");

interface Answer {
  readonly version: string;
  readonly call: string;
  readonly answer: { readonly title?: string; readonly items?: readonly { readonly title: string }[] };
}

describe("charter demo", () => {
  test("goes from the schemas to the answers of both versions, and leaves nothing behind", async () => {
    const before = treeState();
    const { status, stdout, stderr } = await charter(["demo"], { env: { TMPDIR: TEMPORARY } });
    assert.equal(status, 0, stderr);

    const answers = stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line): Answer => JSON.parse(line));
    const first = (version: string): Answer | undefined => answers.find((each) => each.version === version);
    assert.equal(first("v1")?.answer.items?.[0]?.title, "The Tombs of Atuan");
    assert.equal(first("v2")?.answer.title, "The Tombs of Atuan");
    const calls = answers.map(({ version, call }) => `${version} ${call}`);
    assert.deepEqual([...new Set(calls)].sort(), [
      "v1 recommend",
      "v2 recommend",
      "v2 recordEvents",
      "v2 streamRecommendations",
    ]);

    const place = findMisspelt(readFileSync(join(REPOSITORY, MISSPELT), "utf8"));
    const refused = new RegExp(`${MISSPELT}:${place?.line}:${place?.column} TS(2353|2561|2551) .*'langauge'`);
    assert.match(stdout, refused);
    assert.match(stdout.trimEnd().split("\n").at(-1) ?? "", /^Try next: /);
    for (const step of ["lint", "generate", "emit", "types", "publish", "install", "compile", "call"]) {
      assert.match(stderr, new RegExp(`^ +\\d+\\.\\d s {2}${step} `, "m"));
    }

    assert.equal(treeState(), before);
    assert.deepEqual(leftBehind(), []);
    await assertNothingListens(stderr);
  });

  test("stops everything and cleans up when it is interrupted, wherever it is", async () => {
    const before = treeState();
    for (const moment of ["lint", "serve", "publish"]) {
      const child = spawn(process.execPath, [join("scripts", "cli.ts"), "demo"], {
        cwd: REPOSITORY,
        env: { ...process.env, TMPDIR: TEMPORARY, NO_COLOR: "1" },
        stdio: ["ignore", "ignore", "pipe"],
      });
      const stderr = await interruptAfter(child, moment);
      assert.match(stderr, /^Interrupted: /m);
      assert.equal(child.signalCode, "SIGINT");
      assert.deepEqual(leftBehind(), []);
      await assertNothingListens(stderr);
    }
    assert.equal(treeState(), before);
  });

  test("says so when the root is no checkout of this repository", async () => {
    using folder = temporaryFolder();
    const { status, stderr } = await charter(["demo", "--root", folder.path]);
    assert.equal(status, 2);
    assert.match(stderr, /\[demo-absent\]/);
    assert.deepEqual(readdirSync(folder.path), []);
  });
});

function treeState(): string {
  return execFileSync("git", ["status", "--porcelain"], { cwd: REPOSITORY, encoding: "utf8" });
}

/** npm itself leaves a `node-compile-cache`. */
function leftBehind(): readonly string[] {
  return readdirSync(TEMPORARY).filter((name) => name !== "node-compile-cache");
}

async function interruptAfter(child: ChildProcess, step: string): Promise<string> {
  let stderr = "";
  const exited = once(child, "close");
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
    if (stderr.includes(` s  ${step} `)) child.kill("SIGINT");
  });
  await exited;
  return stderr;
}

/** Tries every address that the steps named. */
async function assertNothingListens(stderr: string): Promise<void> {
  for (const [, port] of stderr.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)) {
    const answers = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1");
      socket.once("error", () => resolve(false));
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
    });
    assert.equal(answers, false, `something still listens on ${port}`);
  }
}
