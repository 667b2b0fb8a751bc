import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { bridge } from "../scripts/commands/bridge.ts";
import { BRIDGE_STEPS, SHOP_V1 } from "./support/bridge-steps.ts";
import { charter } from "./support/cli.ts";
import { linkPackages } from "./support/link.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const SOAK = process.env["SOAK"] === "1";

interface Report {
  readonly open: readonly { readonly path: string }[];
  readonly undeclared: readonly { readonly path: string; readonly reason: string }[];
  readonly findings: readonly unknown[];
}

test("twelve edits of v2: each opens the holes that it must and no others, and what a person wrote stays", async (t) => {
  using folder = temporaryFolder();
  const [root, out] = [join(folder.path, "root"), join(folder.path, "out")];
  const [v1, v2] = ["v1", "v2"].map((version) => join(root, "acme/shop", version, "shop_service.proto")) as [
    string,
    string,
  ];
  writeTree(root, {
    "buf.yaml": "version: v2\n",
    "charter.yaml": 'scope: "@acme"\n',
    "acme/shop/v1/shop_service.proto": SHOP_V1,
  });
  const made = await charter(["new-version", "acme.shop", "--root", root]);
  assert.equal(made.status, 0, made.stderr);
  const paths = { holes: join(out, "shop-bridge/src/holes.ts"), file: join(out, "shop-bridge/bridge.yaml") };
  assert.deepEqual(await bridgeIt(root, out), { open: [], undeclared: [] });
  const declared: Record<string, Record<string, string>> = {};
  const losses: { path: string; reason: string }[] = [];
  for (const step of BRIDGE_STEPS) {
    await t.test(step.name, async () => {
      let text = readFileSync(v2, "utf8");
      for (const [from, to] of step.edit) {
        assert.ok(text.includes(from), `the schema has no ${from}`);
        text = text.replace(from, to);
      }
      writeFileSync(v2, text);
      const before = readFileSync(paths.holes, "utf8");
      assert.deepEqual(await bridgeIt(root, out), { open: step.opens, undeclared: step.undeclared ?? [] });
      for (const [section, entries] of Object.entries(step.declare ?? {})) {
        declared[section] = { ...declared[section], ...entries };
      }
      losses.push(...(step.losses ?? []).map((path) => ({ path, reason: step.name })));
      writeFileSync(paths.file, stringify({ old: "acme.shop.v1", now: "acme.shop.v2", ...declared, losses }));
      const mapped = await bridgeIt(root, out);
      losses.push(...mapped.undeclared.map((path) => ({ path, reason: step.name })));
      writeFileSync(paths.file, stringify({ old: "acme.shop.v1", now: "acme.shop.v2", ...declared, losses }));
      assert.equal(readFileSync(paths.holes, "utf8"), before, "the person's file was written to");
      appendFileSync(paths.holes, step.code ?? "");
      assert.deepEqual(await bridgeIt(root, out), { open: [], undeclared: [] });
      if (SOAK) await check(root, out);
    });
  }
  assert.equal(readFileSync(v1, "utf8"), SHOP_V1);
  for (const command of ["generate", "build"]) {
    const result = await charter([command, "--root", root, "--out", out]);
    assert.equal(result.status, 0, result.stdout + result.stderr);
  }
  linkPackages(out);
  const proof = await charter(["bridge", "--verify", "--count", SOAK ? "10000" : "300", "--root", root, "--out", out]);
  assert.equal(proof.status, 0, proof.stdout + proof.stderr);
});

async function bridgeIt(
  root: string,
  out: string,
): Promise<{ open: readonly string[]; undeclared: readonly string[] }> {
  const found: Report[] = [];
  await bridge.run(
    { api: "acme.shop", old: "v1", now: "v2", root, out, format: "json" },
    {
      step() {},
      progress: (_, work) => work,
      result() {},
      findings() {},
      json: (value) => found.push(...(value as { bridges: Report[] }).bridges),
      bug(error) {
        throw error;
      },
    },
  );
  const [report] = found;
  assert.deepEqual(report?.findings, []);
  return {
    open: (report?.open ?? []).map(({ path }) => path),
    undeclared: (report?.undeclared ?? []).map(({ path }) => path),
  };
}

async function check(root: string, out: string): Promise<void> {
  const generated = await charter(["generate", "--root", root, "--out", out]);
  assert.equal(generated.status, 0, generated.stderr);
  const result = await charter(["check", "--root", root, "--out", out]);
  assert.equal(result.status, 0, result.stdout + result.stderr);
}
