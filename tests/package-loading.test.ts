import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { builtPackages, PACKAGES } from "./support/packages.ts";

/** The Node that runs the tests, and any other that is on the path and new enough to require an ES module. */
function nodes(): readonly { readonly path: string; readonly version: string }[] {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "node"));
  const found = [process.execPath, ...onPath.filter(existsSync), "/usr/local/bin/node", "/usr/bin/node"].filter(
    existsSync,
  );
  const byVersion = new Map<string, string>();
  for (const path of new Set(found.map((each) => realpathSync(each)))) {
    const version = execFileSync(path, ["-p", "process.versions.node"], { encoding: "utf8" }).trim();
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major > 20 || (major === 20 && minor >= 19)) byVersion.set(version, path);
  }
  return [...byVersion].map(([version, path]) => ({ path, version }));
}

const ENTRIES = builtPackages().flatMap(({ name, folder, entries }) =>
  entries.map((entry) => ({ specifier: name + entry.slice(1), folder: join(PACKAGES, folder) })),
);

/** Ends by itself unless an import left something open; says what became of the globals. */
const IMPORT = `
const before = Object.getOwnPropertyNames(globalThis).length;
for (const specifier of process.argv.slice(1)) {
  if (Object.keys(await import(specifier)).length === 0) throw new Error(specifier + " exports nothing");
}
console.log(Object.getOwnPropertyNames(globalThis).length - before);
`;

const REQUIRE = `
for (const specifier of process.argv.slice(1)) {
  if (Object.keys(require(specifier)).length === 0) throw new Error(specifier + " exports nothing");
}
console.log(0);
`;

describe("every entry loads", () => {
  for (const { path, version } of nodes()) {
    for (const [way, type, code] of [
      ["import", "module", IMPORT],
      ["require", "commonjs", REQUIRE],
    ] as const) {
      test(`by ${way} in Node ${version}, without a side effect`, () => {
        for (const folder of new Set(ENTRIES.map((each) => each.folder))) {
          // A package may import itself by its name.
          const specifiers = ENTRIES.filter((each) => each.folder === folder).map(({ specifier }) => specifier);
          const args = ["--no-warnings", `--input-type=${type}`, "--eval", code, "--", ...specifiers];
          const result = spawnSync(path, args, { cwd: folder, encoding: "utf8" });
          assert.deepEqual([result.status, result.stdout.trim(), result.stderr], [0, "0", ""], specifiers.join(", "));
        }
      });
    }
  }
});
