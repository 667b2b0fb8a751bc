import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { loadSchemas } from "../scripts/commands/load-schemas.ts";
import { proveFolder } from "../scripts/commands/prove-bridge.ts";
import { openWorkspace } from "../scripts/commands/workspace.ts";
import { type BridgedPair, bridgeFiles, bridgeFolder } from "../scripts/core/bridge-output.ts";
import { renderGuide } from "../scripts/core/guide.ts";
import { stabilityOf } from "../scripts/core/names.ts";
import { renderProof } from "../scripts/core/render-proof.ts";
import { GOOGLE_PAIRS, packageIn, planWithoutPerson } from "./support/bridge-google.ts";
import { charter } from "./support/cli.ts";
import { writeGoogleTree } from "./support/google-tree.ts";
import { linkPackages } from "./support/link.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const SOAK = process.env["SOAK"] === "1";

/** Without the soak: planned are these, and what is small is built, too. */
const PLANNED = SOAK ? GOOGLE_PAIRS : GOOGLE_PAIRS.filter(([api]) => !/dialogflow|documentai|securitycenter/.test(api));
const BUILT = SOAK ? GOOGLE_PAIRS : GOOGLE_PAIRS.filter(([api]) => /memcache|texttospeech/.test(api));

test("neighbouring versions of Google's APIs: what needs no person is bridged, compiles, and is proven", async (t) => {
  using folder = temporaryFolder();
  const [root, out] = [join(folder.path, "root"), join(folder.path, "out")];
  const tree = async (pairs: typeof GOOGLE_PAIRS, path: string) => {
    writeGoogleTree(path, [...new Set(pairs.flatMap(([api, old, now]) => [`${api}/${old}`, `${api}/${now}`]))]);
    const workspace = await openWorkspace({ root: path, scope: "@acme", out });
    const { generator } = await loadSchemas(workspace);
    const planned = pairs.map(([api, old, now]) => {
      const both = [
        packageIn(generator.packages, `${api}/${old}`),
        packageIn(generator.packages, `${api}/${now}`),
      ] as const;
      return { both, ...planWithoutPerson(both, generator.nameOf) };
    });
    return { workspace, generator, planned };
  };

  const { planned, generator } = await tree(PLANNED, join(folder.path, "all"));
  let [fields, mapped] = [0, 0];
  for (const { both, alone, declared } of planned) {
    const [old, now] = both;
    const { coverage } = alone;
    const share = `${((coverage.mapped / coverage.fields) * 100).toFixed(1)} %`;
    t.diagnostic(
      `${old.protoPackage} → ${now.protoPackage}: ${coverage.mapped} of ${coverage.fields} fields, ${share}`,
    );
    if (stabilityOf(old.protoPackage) === "unstable") {
      fields += coverage.fields;
      mapped += coverage.mapped;
    }
    assert.deepEqual(declared.findings, []);
    const guide = renderGuide(both, declared.file, { scope: "@acme", root: "acme" }, generator.nameOf);
    assert.ok(guide.startsWith(`# From ${old.npm} to ${now.npm}\n`));
    for (const service of now.services)
      for (const { name } of service.methods) assert.match(guide, new RegExp(name, "i"));
  }
  t.diagnostic(`beta → stable, all together: ${((mapped / fields) * 100).toFixed(1)} %`);
  assert.ok(mapped / fields > 0.9, `${mapped} of ${fields}`);

  const built = await tree(BUILT, root);
  const flags = ["--root", root, "--scope", "@acme", "--out", out];
  const generated = await charter(["generate", ...flags]);
  assert.equal(generated.status, 0, generated.stderr);
  const folders = new Map<string, BridgedPair>();
  for (const { both, declared } of built.planned) {
    const pair = { old: both[0].protoPackage, now: both[1].protoPackage };
    const name = bridgeFolder(pair, built.workspace.config, folders);
    folders.set(name, pair);
    const files = bridgeFiles(declared, name, built.workspace.config, {});
    writeTree(join(out, name), Object.fromEntries(files.map(({ path, content }) => [path, content])));
    writeTree(join(out, name), { "src/holes.ts": "export {};\n" });
  }
  const compiled = await charter(["build", ...flags]);
  assert.equal(compiled.status, 0, compiled.stderr);
  linkPackages(out);
  for (const name of folders.keys()) {
    const { report } = await proveFolder(join(out, name), {
      seed: 20_261_124,
      count: SOAK ? 1000 : 200,
      record: false,
    });
    // Whoever declares a hole's path as lost may be wrong: another field can bring the value back.
    const findings = report.findings.filter(({ kind }) => kind !== "loss-never-happens");
    assert.deepEqual(findings, [], renderProof({ ...report, findings }));
  }
});
