import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { CONFIG_KEYS } from "../scripts/core/config.ts";
import { PARAMETER } from "../scripts/core/ts-proto.ts";
import { charter, REPOSITORY } from "./support/cli.ts";

const read = (path: string): string => readFileSync(join(REPOSITORY, path), "utf8");
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/configuration.md",
  "docs/decisions.md",
  "docs/any-tree.md",
  "docs/lifecycle.md",
];

/** The first cells of the rows of a document's tables, without their backticks. */
function firstCells(document: string): readonly string[] {
  return [...read(document).matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? ""),
  );
}

describe("the documents are true", () => {
  test("the README shows the two commands, and each script that a document names is there", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    assert.match(read("README.md"), /```sh\nnpx -y pnpm@12 demo\nnpx -y pnpm@12 test\n```/);
    for (const document of DOCUMENTS) {
      for (const [, script] of read(document).matchAll(/npx -y pnpm@12 (\w+)/g)) {
        assert.ok(script !== undefined && (script in scripts || script === "install"), `${document}: ${script}`);
      }
    }
  });

  test("each link leads somewhere", () => {
    for (const document of DOCUMENTS) {
      for (const [, target = ""] of read(document).matchAll(/\]\(([^)#:]+)\)/g)) {
        assert.doesNotThrow(() => execFileSync("test", ["-e", join(REPOSITORY, dirname(document), target)]), target);
      }
    }
  });

  test("docs/configuration.md has each key of charter.yaml, and no other", () => {
    assert.deepEqual([...firstCells("docs/configuration.md")].sort(), Object.keys(CONFIG_KEYS).sort());
  });

  test("buf.gen.yaml gives the plugin what charter.yaml says", () => {
    const { scope, root } = parse(read("charter.yaml")) as { scope: string; root: string };
    const { plugins } = parse(read("buf.gen.yaml")) as { plugins: { opt: string[] }[] };
    assert.deepEqual(plugins[0]?.opt, [`scope=${scope}`, `root=${root}`]);
  });

  test("each dependency and each option of ts-proto has its reason", () => {
    const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> };
    const reasons = firstCells("docs/decisions.md").map((cell) => cell.split("=")[0]);
    for (const name of Object.keys(devDependencies)) {
      assert.ok(name.startsWith("@types/") || reasons.includes(name), name);
    }
    // Two only set what the library cannot know: that imports belong to others, and that no version is to be written.
    const plain = ["emitImportedFiles", "annotateFilesWithVersion"];
    for (const option of PARAMETER.split(",").map((each) => each.split("=")[0] ?? "")) {
      assert.ok(plain.includes(option) || reasons.includes(option), option);
    }
  });

  test("each command explains itself with an example", async () => {
    const help = await charter(["--help"]);
    assert.equal(help.status, 0);
    for (const [, name = ""] of help.stdout.matchAll(/^ {2}(\w+) {2,}/gm)) {
      const own = await charter([name, "--help"]);
      assert.equal(own.status, 0);
      assert.match(own.stdout, new RegExp(`Examples:\\n {2}charter ${name}`));
      assert.match(own.stdout, /--root DIR/);
    }
  });
});
