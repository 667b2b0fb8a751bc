import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findPnpm, type Program } from "../scripts/io/pnpm.ts";
import { run } from "../scripts/io/process.ts";
import { publishPackages } from "../scripts/io/publish.ts";
import { type Registry, startRegistry } from "../scripts/io/registry.ts";
import {
  bareEnvironment,
  findingsOf,
  packageFiles,
  runModule,
  SCOPE,
  SCRIPTS,
  startDecoy,
  temporaryFolder,
  writeTree,
} from "./support/publish.ts";

/** One way of pointing a publish elsewhere. */
interface Way {
  readonly name: string;
  readonly env?: (decoy: string, folder: string) => NodeJS.ProcessEnv;
  /** Files of the hostile workspace; its one package is in packages/p. */
  readonly files?: (decoy: string) => Readonly<Record<string, string | object>>;
  readonly publishConfig?: (decoy: string) => object;
  /** The client that falls for it, and the key with which it says so: without this a way could be harmless by mistake. */
  readonly falls?: readonly (readonly [client: "npm" | "pnpm", key: string])[];
}

const npmrc = (decoy: string): string => `registry=${decoy}\n${SCOPE}:registry=${decoy}\n`;
const registries = (decoy: string): object => ({ registries: { default: decoy, [SCOPE]: decoy } });
const both = (client: "npm" | "pnpm") => [[client, "registry"] as const, [client, `${SCOPE}:registry`] as const];

const ways: readonly Way[] = [
  {
    name: "npm_config_registry in the environment",
    env: (decoy) => ({ npm_config_registry: decoy }),
    falls: [["npm", "registry"]],
  },
  {
    name: "npm_config_@scope:registry in the environment",
    env: (decoy) => ({ [`npm_config_${SCOPE}:registry`]: decoy }),
    falls: [["npm", `${SCOPE}:registry`]],
  },
  {
    name: "pnpm_config_registry in the environment",
    env: (decoy) => ({ pnpm_config_registry: decoy }),
    falls: [["pnpm", "registry"]],
  },
  {
    name: "NPM_CONFIG_USERCONFIG",
    env: (_, folder) => ({ NPM_CONFIG_USERCONFIG: join(folder, "elsewhere/npmrc") }),
    files: (decoy) => ({ "elsewhere/npmrc": npmrc(decoy) }),
    falls: [...both("npm"), ...both("pnpm")],
  },
  {
    name: "~/.npmrc",
    env: (_, folder) => ({ HOME: join(folder, "home") }),
    files: (decoy) => ({ "home/.npmrc": npmrc(decoy) }),
    falls: [...both("npm"), ...both("pnpm")],
  },
  {
    name: ".npmrc in the workspace's root",
    files: (decoy) => ({ ".npmrc": npmrc(decoy) }),
    falls: [...both("npm"), ...both("pnpm")],
  },
  { name: ".npmrc in the package", files: (decoy) => ({ "packages/p/.npmrc": npmrc(decoy) }) },
  {
    name: "publishConfig in package.json",
    publishConfig: (decoy) => ({ registry: decoy, [`${SCOPE}:registry`]: decoy }),
  },
  {
    name: "registries in pnpm-workspace.yaml",
    files: (decoy) => ({ "pnpm-workspace.yaml": { packages: ["packages/*"], ...registries(decoy) } }),
    falls: both("pnpm"),
  },
  {
    name: "config.yaml under XDG_CONFIG_HOME",
    env: (_, folder) => ({ XDG_CONFIG_HOME: join(folder, "xdg") }),
    files: (decoy) => ({ "xdg/pnpm/config.yaml": registries(decoy) }),
    falls: both("pnpm"),
  },
  {
    name: "auth.ini under XDG_CONFIG_HOME",
    env: (_, folder) => ({ XDG_CONFIG_HOME: join(folder, "xdg") }),
    files: (decoy) => ({ "xdg/pnpm/auth.ini": npmrc(decoy) }),
    falls: both("pnpm"),
  },
  {
    name: "a proxy in the environment",
    env: (decoy) => ({
      HTTP_PROXY: decoy,
      http_proxy: decoy,
      NO_PROXY: "",
      no_proxy: "",
      NODE_USE_ENV_PROXY: "1",
      npm_config_proxy: decoy,
    }),
  },
];
const everything: Way = {
  name: "all of them at once",
  env: (decoy, folder) => Object.assign({}, ...ways.map((way) => way.env?.(decoy, folder) ?? {})),
  files: (decoy) => Object.assign({}, ...ways.map((way) => way.files?.(decoy) ?? {})),
  publishConfig: (decoy) => ({ registry: decoy, [`${SCOPE}:registry`]: decoy }),
};

const PUBLISH = `
import { publishPackages } from "${SCRIPTS}io/publish.ts";
const [registry, scope, folder] = process.env.PUBLISH_ARGS.split(" ");
try { console.log(JSON.stringify(await publishPackages({ folders: [folder], registry, scope }))); }
catch (error) { console.log(JSON.stringify(error.findings ?? String(error.stack))); process.exitCode = 1; }
`;

describe("publishing", () => {
  let registry: Registry;
  let pnpm: Program;
  before(async () => {
    [registry, pnpm] = await Promise.all([startRegistry({ scope: SCOPE }), findPnpm()]);
  });
  after(() => registry?.close());

  /** Publishes `name` from a workspace that points elsewhere, in a process with an environment that does. */
  async function publishFrom(folder: string, way: Way, decoy: string, name: string, extra: NodeJS.ProcessEnv = {}) {
    const publishConfig = way.publishConfig?.(decoy);
    await writeTree(folder, { "package.json": { name: "hostile", private: true } });
    await writeTree(folder, { "pnpm-workspace.yaml": { packages: ["packages/*"] }, ...way.files?.(decoy) });
    await writeTree(join(folder, "packages/p"), packageFiles(name, publishConfig ? { publishConfig } : {}));
    const env = bareEnvironment({
      ...way.env?.(decoy, folder),
      npm_execpath: pnpm.command,
      PUBLISH_ARGS: [registry.url, SCOPE, join(folder, "packages/p")].join(" "),
      ...extra,
    });
    const result = await runModule(PUBLISH, { cwd: folder, env });
    return { env, status: result.status, output: result.stdout.toString("utf8"), stderr: result.stderr };
  }

  async function isThere(name: string): Promise<boolean> {
    return (await fetch(new URL(name.replace("/", "%2f"), registry.url))).status === 200;
  }

  for (const [index, way] of [...ways, everything].entries()) {
    test(`goes to the given registry only, against ${way.name}`, async () => {
      await using decoy = await startDecoy();
      await using workspace = await temporaryFolder();
      const name = `${SCOPE}/way-${index}`;
      const { env, status, output, stderr } = await publishFrom(workspace.folder, way, decoy.url, name);
      assert.equal(status, 0, output + stderr);
      assert.match(output, /"status":"published"/);
      assert.deepEqual(decoy.requests, []);
      assert.equal(await isThere(name), true);

      for (const [client, key] of way.falls ?? []) {
        const command = client === "npm" ? "npm" : pnpm.command;
        const said = await run(command, ["config", "get", key], { cwd: workspace.folder, env });
        assert.equal(said.stdout.toString("utf8").trim(), decoy.url, `${client} config get ${key}: ${said.stderr}`);
      }
    });
  }

  test("the copy that is packed inherits none of them: with every way leading off this machine it does not even stop", async () => {
    await using workspace = await temporaryFolder();
    const name = `${SCOPE}/isolated`;
    const { output } = await publishFrom(workspace.folder, everything, "http://registry.example.invalid/", name);
    assert.match(output, /"status":"published"/);
    assert.equal(await isThere(name), true);
  });

  test("the decoys would be spoken to: pnpm publish follows publishConfig, and fetch the proxy", async () => {
    await using decoy = await startDecoy();
    await using closed = await temporaryFolder();
    // Everything but publishConfig leads to a closed port of this machine, so this cannot leave it either.
    const nowhere = "http://127.0.0.1:9/";
    await writeTree(closed.folder, packageFiles(`${SCOPE}/control`, { publishConfig: { registry: decoy.url } }));
    await writeTree(closed.folder, { "pnpm-workspace.yaml": registries(nowhere), ".npmrc": npmrc(nowhere) });
    const home = { HOME: closed.folder, XDG_CONFIG_HOME: closed.folder };
    const env = bareEnvironment({ ...home, pnpm_config_registry: nowhere, npm_config_registry: nowhere });
    await run(pnpm.command, ["publish", "--no-git-checks"], { cwd: closed.folder, env });
    assert.ok(decoy.requests.some((request) => request.startsWith("PUT ")));

    const before = decoy.requests.length;
    const proxied = bareEnvironment({ HTTP_PROXY: decoy.url, NO_PROXY: "", no_proxy: "", NODE_USE_ENV_PROXY: "1" });
    await runModule(`await fetch("${registry.url}")`, { env: proxied });
    assert.equal(decoy.requests.length, before + 1);
  });

  for (const elsewhere of ["http://registry.example.invalid/", "http://127.0.0.1@registry.example.invalid/"]) {
    test(`stops before anything when the registry is ${elsewhere}`, async () => {
      await using folder = await temporaryFolder();
      await writeTree(folder.folder, packageFiles(`${SCOPE}/stopped`));
      const found = await findingsOf(publishPackages({ folders: [folder.folder], registry: elsewhere, scope: SCOPE }));
      assert.deepEqual(found.codes, ["publish-not-loopback"]);
      assert.match(found.text, /the registry to publish to points at http:.*registry\.example\.invalid/);
    });
  }

  for (const key of ["registry", `${SCOPE}:registry`]) {
    test(`stops before it sends when pnpm's effective ${key} is elsewhere all the same`, async () => {
      await using workspace = await temporaryFolder();
      // A pnpm that reads a setting from a place that we have not thought of.
      const fake = `
        const { spawnSync } = require("node:child_process");
        const args = process.argv.slice(2);
        if (args.includes("get") && args.at(-1) === ${JSON.stringify(key)}) console.log("http://registry.example.invalid/");
        else process.exitCode = spawnSync(${JSON.stringify(pnpm.command)}, args, { stdio: "inherit" }).status;`;
      await writeTree(workspace.folder, { "bin/pnpm.cjs": fake });
      const name = `${SCOPE}/effective-${key.length}`;
      const extra = { npm_execpath: join(workspace.folder, "bin/pnpm.cjs") };
      const { status, output } = await publishFrom(workspace.folder, { name: "" }, "", name, extra);
      assert.equal(status, 1);
      const [found] = JSON.parse(output);
      assert.equal(found.code, "publish-not-loopback");
      assert.deepEqual(found.args, { setting: `pnpm config get ${key}`, url: "http://registry.example.invalid/" });
      assert.equal(await isThere(name), false);
    });
  }

  test("a redirect is not followed", async () => {
    await using decoy = await startDecoy();
    await using redirecting = await startDecoy(decoy.url);
    await using folder = await temporaryFolder();
    await writeTree(folder.folder, packageFiles(`${SCOPE}/redirected`));
    const options = { folders: [folder.folder], registry: redirecting.url, scope: SCOPE };
    assert.deepEqual((await findingsOf(publishPackages(options))).codes, ["registry-unreachable"]);
    assert.equal(redirecting.requests.length, 1);
    assert.deepEqual(decoy.requests, []);
  });
});
