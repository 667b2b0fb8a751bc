import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { charter, REPOSITORY } from "./support/cli.ts";
import { type Expected, GOOD, parseFindings, treeOf, WORKSPACE } from "./support/refusal.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const GENERATE = ["generate", ...WORKSPACE];

describe("what the machine lacks", () => {
  const command = join(REPOSITORY, "scripts", "charter.mjs");
  const tooOld = (version: string): Expected => [
    "error",
    "node-too-old",
    `needs Node 24, and this is Node ${version}`,
    "npx -y pnpm@12 charter",
  ];
  const assertTooOld = (node: string, version: string, flags: readonly string[] = []): void => {
    using folder = temporaryFolder();
    writeTree(folder.path, GOOD);
    const before = treeOf(folder.path);
    const result = spawnSync(node, [...flags, command, ...GENERATE], { cwd: folder.path, encoding: "utf8" });
    assert.equal(result.status, 2, result.stderr);
    const [place, code, what, fix] = tooOld(version);
    const [printed, ...others] = parseFindings(result);
    assert.deepEqual([printed?.place, printed?.code, others], [place, code, []]);
    assert.ok(printed?.what.includes(what) && printed.fix.includes(fix), result.stderr);
    assert.deepEqual(treeOf(folder.path), before);
  };

  const versions: readonly (readonly [version: string, tooOld: boolean])[] = [
    ["14.21.3", true],
    ["20.19.0", true],
    ["22.18.0", true],
    ["23.11.1", true],
    ["24.0.0", false],
    ["100.0.0", false],
  ];
  for (const [version, old] of versions) {
    test(`Node ${version} is ${old ? "too old" : "new enough"}`, () => {
      const code = `Object.defineProperty(process.versions, "node", { value: "${version}" })`;
      const flags = ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
      if (old) assertTooOld(process.execPath, version, flags);
      else
        assert.match(execFileSync(process.execPath, [...flags, command, "--help"], { encoding: "utf8" }), /^charter:/);
    });
  }

  const older = oldNode();
  test("an old Node itself", { skip: older === undefined ? "there is none on the path" : false }, () => {
    if (older !== undefined) assertTooOld(older.path, older.version);
  });

  test("buf", async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, "charter");
    copyWithout("@bufbuild/buf", home);
    writeTree(folder.path, GOOD);
    const before = treeOf(join(folder.path, "root"));
    const script = join(home, "scripts", "cli.ts");
    const result = await charter(GENERATE, { cwd: folder.path, script });
    assert.equal(result.status, 2, result.stderr);
    const [printed, ...others] = parseFindings(result);
    assert.deepEqual([printed?.code, printed?.what, others], ["buf-missing", "buf is not installed.", []]);
    assert.match(printed?.fix ?? "", /npx -y pnpm@12 install/);
    assert.deepEqual([treeOf(join(folder.path, "root")), existsSync(join(folder.path, "out"))], [before, false]);
  });
});

/** The first Node on the path that is older than the one that runs this. */
function oldNode(): { readonly path: string; readonly version: string } | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, process.platform === "win32" ? "node.exe" : "node");
    if (!existsSync(path)) continue;
    const version = spawnSync(path, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout?.trim() ?? "";
    if (Number.parseInt(version, 10) < 24) return { path, version };
  }
  return undefined;
}

/** Charter's own folder with all that is installed there, but for one package. */
function copyWithout(left: string, target: string): void {
  for (const path of ["scripts", "package.json", join("packages", "rpc", "package.json")]) {
    cpSync(join(REPOSITORY, path), join(target, path), { recursive: true });
  }
  const installed = join(REPOSITORY, "node_modules");
  const names = readdirSync(installed).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(installed, name)).map((each) => `${name}/${each}`) : [name],
  );
  for (const name of names.filter((each) => !each.startsWith(".") && each !== left)) {
    mkdirSync(join(target, "node_modules", name, ".."), { recursive: true });
    symlinkSync(join(installed, name), join(target, "node_modules", name));
  }
}
