import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { FindingsError } from "../scripts/core/finding.ts";
import { createConsumer } from "../scripts/io/consumer.ts";
import { publishPackages } from "../scripts/io/publish.ts";
import { startRegistry } from "../scripts/io/registry.ts";
import {
  bareEnvironment,
  CLIENT,
  LIBRARY,
  MAIN,
  ours,
  runModule,
  SCOPE,
  SCRIPTS,
  startDecoy,
  temporaryFolder,
  writeTwoPackages,
} from "./support/publish.ts";

describe("the registry", () => {
  test("carries two packages to a consumer outside the repository", async () => {
    await using root = await temporaryFolder();
    await using registry = await startRegistry({ scope: SCOPE });
    const seen: string[] = [];
    await publishPackages({
      folders: await writeTwoPackages(root.folder),
      registry: registry.url,
      scope: SCOPE,
      onPublished: ({ name, version, status }) => seen.push(`${name}@${version} ${status}`),
    });
    assert.deepEqual(seen.sort(), [`${CLIENT}@1.0.0 published`, `${LIBRARY}@1.2.3 published`]);

    const files = { "main.js": MAIN, "src/env.js": "console.log(JSON.stringify(process.env));\n" };
    // uuid: something small that only the user's own registry has.
    const dependencies = { [CLIENT]: "^1.0.0", uuid: "^11.0.0" };
    const consumer = await createConsumer({ registry: registry.url, scope: SCOPE, dependencies, files });
    try {
      assert.ok(!relative(tmpdir(), consumer.folder).startsWith(".."));
      const ran = await consumer.run("node", ["main.js"]);
      assert.equal(ran.stdout.toString("utf8"), "84\n", ran.stderr);
      assert.equal((await consumer.run("uuid", ["--help"])).status, 0);

      const installed = join(consumer.folder, "node_modules", CLIENT);
      const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
      assert.deepEqual(manifest.dependencies, { [LIBRARY]: "^1.2.3" });
      assert.deepEqual((await readdir(installed)).sort(), ["dist", "package.json"]);

      const env = JSON.parse((await consumer.run("node", ["src/env.js"])).stdout.toString("utf8"));
      assert.deepEqual(
        Object.keys(env).filter((name) => /^(pnpm_|npm_(?!config_)|NODE_PATH|NODE_OPTIONS|INIT_CWD)/i.test(name)),
        [],
      );
    } finally {
      await consumer.remove();
      await consumer.remove();
    }
    assert.equal(existsSync(consumer.folder), false);
  });

  test("keeps its folder when it was given one: the next registry has the same packages, on any port", async () => {
    await using root = await temporaryFolder();
    const folders = await writeTwoPackages(join(root.folder, "packages"));
    const folder = join(root.folder, "registry");
    await mkdir(folder);
    const statuses: string[] = [];
    for (let round = 0; round < 2; round++) {
      await using registry = await startRegistry({ scope: SCOPE, folder });
      const releases = await publishPackages({ folders, registry: registry.url, scope: SCOPE });
      statuses.push(...releases.map(({ status }) => status));
    }
    assert.deepEqual(statuses, ["published", "published", "unchanged", "unchanged"]);
    assert.ok(existsSync(folder));
  });

  test("takes nothing from outside its scope, and never asks another registry for what is inside", async () => {
    await using decoy = await startDecoy();
    await using root = await temporaryFolder();
    const code = `
      import { startRegistry } from "${SCRIPTS}io/registry.ts";
      await using registry = await startRegistry({ scope: "${SCOPE}" });
      const url = (name) => new URL(name.replace("/", "%2f"), registry.url);
      const put = { method: "PUT", headers: { "content-type": "application/json" }, body: "{}" };
      console.log((await fetch(url("${SCOPE}/absent"))).status, (await fetch(url("@acme/a"), put)).status);`;
    const result = await runModule(code, {
      cwd: root.folder,
      env: bareEnvironment({ npm_config_registry: decoy.url, TMPDIR: root.folder }),
    });
    assert.equal(result.stdout.toString("utf8"), "404 401\n", result.stderr);
    assert.deepEqual(decoy.requests, []);
    assert.deepEqual(await ours(root.folder), []);
  });

  test("is gone, with its folder, when it was closed, also twice", async () => {
    const registry = await startRegistry({ scope: SCOPE });
    assert.equal(await answers(registry.url), true);
    await registry.close();
    await registry.close();
    assert.equal(await answers(registry.url), false);
  });

  test("does not outlive a parent that forgets it or is killed", { timeout: 120_000 }, async () => {
    for (const signal of [undefined, "SIGTERM", "SIGKILL"] as const) {
      await using root = await temporaryFolder();
      const code = `
        import { startRegistry } from "${SCRIPTS}io/registry.ts";
        const registry = await startRegistry({ scope: "${SCOPE}" });
        console.log(registry.url);
        ${signal === undefined ? "" : "setInterval(() => {}, 1000);"}`;
      const parent = spawn(process.execPath, ["--input-type=module", "--eval", code], {
        env: bareEnvironment({ TMPDIR: root.folder }),
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(parent, "exit");
      const url = await firstLine(parent);
      if (signal !== undefined) {
        assert.equal(await answers(url), true);
        assert.equal((await ours(root.folder)).length, 1);
        parent.kill(signal);
      }
      await exited;
      // The registry ends on its own time; the only clock here is the limit that keeps a failure from hanging.
      while ((await answers(url)) || (await ours(root.folder)).length > 0) await delay(20);
    }
  });

  test("says what is missing when it cannot start", async () => {
    await using root = await temporaryFolder();
    const file = join(root.folder, "file");
    await writeFile(file, "");
    await assert.rejects(startRegistry({ scope: SCOPE, folder: join(file, "registry") }), (error) => {
      assert.ok(error instanceof FindingsError);
      assert.deepEqual([error.exitCode, error.findings[0]?.code], [2, "registry-not-started"]);
      assert.notEqual(error.findings[0]?.args["reason"], "");
      return true;
    });
    const code = `
      import { startRegistry } from "${SCRIPTS}io/registry.ts";
      await startRegistry({ scope: "${SCOPE}" }).catch((error) => console.log(error.exitCode, error.findings[0].code));`;
    const result = await runModule(code, { env: bareEnvironment({ PATH: root.folder, TMPDIR: root.folder }) });
    assert.equal(result.stdout.toString("utf8"), "2 npm-missing\n", result.stderr);
    assert.deepEqual(await readdir(root.folder), ["file"]);
  });
});

/** Whether anything listens there. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.split("\n", 1)[0] ?? "";
}
