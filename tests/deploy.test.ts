import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { REPOSITORY } from "./support/cli.ts";
import { temporaryFolder } from "./support/tree.ts";

const DEPLOY = join(REPOSITORY, "examples", "server", "deploy");

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

const manifests = parseAllDocuments(readFileSync(join(DEPLOY, "kubernetes.yaml"), "utf8")).map((document) => {
  assert.deepEqual([...document.errors, ...document.warnings], []);
  return document.toJS() as Manifest;
});

function find(kind: string): Manifest {
  const found = manifests.find((each) => each.kind === kind);
  assert.ok(found !== undefined, kind);
  return found;
}

/** Compiles objects against the types of the Kubernetes API, which refuse a field that the API does not have. */
async function complaints(objects: readonly Manifest[]): Promise<string> {
  using folder = temporaryFolder();
  const require = createRequire(import.meta.url);
  const types = dirname(require.resolve("kubernetes-types/package.json"));
  const lines = objects.map(({ apiVersion, kind, ...rest }) => {
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
    const json = JSON.stringify({ apiVersion, kind, ...rest }, null, 2);
    return `({ ${json.slice(1, -1)} }) satisfies import(${JSON.stringify(join(types, group ?? "", `${version}.d.ts`))}).${kind};`;
  });
  writeFileSync(join(folder.path, "manifests.ts"), lines.join("\n"));
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2023"];
  const run = promisify(execFile)(process.execPath, [tsc, ...flags, "manifests.ts"], { cwd: folder.path });
  return await run.then(
    () => "",
    (error: { readonly stdout: string }) => error.stdout || String(error),
  );
}

describe("the example's manifests", () => {
  test("are what the API of Kubernetes takes", async () => {
    assert.equal(await complaints(manifests), "");
  });

  test("a field that it does not have would be seen", async () => {
    const deployment = find("Deployment");
    const misspelt = { ...deployment, spec: { ...deployment.spec, replcas: 3 } };
    assert.match(await complaints([misspelt]), /'"replcas"' does not exist/);
  });

  test("give the server more time to stop than it needs", () => {
    const text = readFileSync(join(DEPLOY, "kubernetes.yaml"), "utf8");
    const [, total] = /terminationGracePeriodSeconds: (\d+)/.exec(text) ?? [];
    const [, preStop] = /sleep: \{ seconds: (\d+) \}/.exec(text) ?? [];
    const serverGrace = 25;
    assert.ok(Number(total) >= Number(preStop) + serverGrace + 5, `${total} s`);
  });

  test("select the pods that they make", () => {
    const { template, selector } = find("Deployment").spec as {
      readonly template: { readonly metadata: { readonly labels: object } };
      readonly selector: { readonly matchLabels: object };
    };
    assert.deepEqual(selector.matchLabels, template.metadata.labels);
    assert.deepEqual(find("Service").spec["selector"], template.metadata.labels);
  });
});
