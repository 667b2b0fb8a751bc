import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { consumerEnvironment, createConsumer } from "../scripts/io/consumer.ts";
import { publishPackages } from "../scripts/io/publish.ts";
import { startRegistry } from "../scripts/io/registry.ts";
import { builtPackages, PACKAGES } from "./support/packages.ts";
import {
  bareEnvironment,
  CLIENT,
  MAIN,
  ours,
  runModule,
  SCOPE,
  SCRIPTS,
  startDecoy,
  temporaryFolder,
  writeTwoPackages,
} from "./support/publish.ts";

describe("the consumer", () => {
  test("takes the scope from the given registry, whatever the user's own settings say", async () => {
    await using decoy = await startDecoy();
    await using root = await temporaryFolder();
    await using registry = await startRegistry({ scope: SCOPE });
    const folders = await writeTwoPackages(join(root.folder, "packages"));
    await publishPackages({ folders, registry: registry.url, scope: SCOPE });
    const npmrc = join(root.folder, "npmrc");
    await writeFile(npmrc, `${SCOPE}:registry=${decoy.url}\nmin-release-age=7\nomit[]=dev\n`);
    await mkdir(join(root.folder, "tmp"));
    const options = JSON.stringify({
      registry: registry.url,
      scope: SCOPE,
      dependencies: { [CLIENT]: "^1.0.0" },
      files: { "main.js": MAIN },
    });
    const code = `
      import { createConsumer } from "${SCRIPTS}io/consumer.ts";
      try {
        await using consumer = await createConsumer(${options});
        console.log(String((await consumer.run("node", ["main.js"])).stdout));
      } catch (error) { console.log(JSON.stringify(error.findings)); }`;
    const env = bareEnvironment({
      NPM_CONFIG_USERCONFIG: npmrc,
      npm_config_cache: join(root.folder, "cache"),
      [`npm_config_${SCOPE}:registry`]: decoy.url,
      npm_config_dry_run: "true",
      NODE_ENV: "production",
      TMPDIR: join(root.folder, "tmp"),
    });
    const result = await runModule(code, { cwd: root.folder, env });
    assert.equal(result.stdout.toString("utf8").trim(), "84", result.stderr);
    assert.deepEqual(decoy.requests, []);
    assert.deepEqual(await ours(join(root.folder, "tmp")), []);
  });

  test("says what npm said when it cannot install, and leaves nothing behind", async () => {
    await using root = await temporaryFolder();
    await using registry = await startRegistry({ scope: SCOPE });
    const options = {
      registry: registry.url,
      scope: SCOPE,
      dependencies: { [`${SCOPE}/absent`]: "^1.0.0" },
      files: {},
    };
    const code = `
      import { createConsumer } from "${SCRIPTS}io/consumer.ts";
      await createConsumer(${JSON.stringify(options)}).catch((error) => console.log(JSON.stringify(error.findings)));`;
    const result = await runModule(code, { env: bareEnvironment({ TMPDIR: root.folder }) });
    const [found] = JSON.parse(result.stdout.toString("utf8"));
    assert.equal(found.code, "consumer-install-failed");
    assert.match(found.args.reason, /absent/);
    assert.deepEqual(await ours(root.folder), []);
  });

  test("inherits what a machine needs, and nothing of this repository", () => {
    const env = consumerEnvironment({
      PATH: ["/repo/node_modules/.bin", "/usr/bin"].join(":"),
      HOME: "/home/me",
      HTTPS_PROXY: "http://proxy.example.invalid/",
      NO_PROXY: "intranet",
      npm_config_cache: "/cache",
      npm_config_registry: "http://registry.example.invalid/",
      npm_config_user_agent: "pnpm/12",
      npm_execpath: "/pnpm",
      pnpm_config_registry: "http://registry.example.invalid/",
      NODE_PATH: "/repo/node_modules",
      NODE_OPTIONS: "--import=/repo/hook.js",
      NODE_ENV: "production",
      NODE_EXTRA_CA_CERTS: "/ca.pem",
      INIT_CWD: "/repo",
    });
    assert.deepEqual(env, {
      PATH: `${dirname(process.execPath)}:/usr/bin`,
      HOME: "/home/me",
      HTTPS_PROXY: "http://proxy.example.invalid/",
      NO_PROXY: "intranet,127.0.0.1,localhost",
      no_proxy: "intranet,127.0.0.1,localhost",
      npm_config_cache: "/cache",
      NODE_EXTRA_CA_CERTS: "/ca.pem",
    });
  });
});

/** What may be installed for one client: itself, the runtime, protobuf's wire format, and grpc-js with what it needs. */
const MOST_PACKAGES = 36;

/** The names of all packages of a consumer, at every depth. */
async function installedPackages(folder: string): Promise<readonly string[]> {
  const files = await readdir(join(folder, "node_modules"), { recursive: true });
  return files.flatMap((file) => {
    const [, name] = /(?:^|\/node_modules\/)((?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(file) ?? [];
    return name === undefined ? [] : [name];
  });
}

test("npm installs few packages for one client, and each schema that it imports is one more", async (context) => {
  await using registry = await startRegistry({ scope: SCOPE });
  const folders = builtPackages().map(({ folder }) => join(PACKAGES, folder));
  await publishPackages({ folders, registry: registry.url, scope: SCOPE });
  for (const [client, imported] of [
    ["orders-v1", []],
    ["recommendations-v2", ["google-protobuf", "type-v1"]],
  ] as const) {
    const dependencies = { [`${SCOPE}/${client}`]: "^1.0.0" };
    await using consumer = await createConsumer({ registry: registry.url, scope: SCOPE, dependencies, files: {} });
    const names = await installedPackages(consumer.folder);
    const inScope = [client, "rpc", ...imported].map((name) => `${SCOPE}/${name}`);
    assert.deepEqual(names.filter((name) => name.startsWith(SCOPE)).sort(), inScope.sort());
    context.diagnostic(`${client}: ${names.length} packages`);
    assert.ok(names.length <= MOST_PACKAGES + imported.length, `${client}: ${names.length}: ${names.join(", ")}`);
  }
});
