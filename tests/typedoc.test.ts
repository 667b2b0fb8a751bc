import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { consumerFolder } from "./support/consumer-folder.ts";
import { type BuiltPackage, builtPackages, PACKAGES } from "./support/packages.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

/** TypeDoc reads declarations by TypeScript's own API, which version 7 has not. So both come from npm, for this alone. */
const TOOLS = ["typedoc@0.28.20", "typescript@5.9.3"];

/** A missing page, and a link that leads nowhere, are mistakes; an element without a comment is not. */
const FLAGS = [
  ...["--emit", "none", "--disableSources", "--readme", "none", "--treatWarningsAsErrors"],
  ...["--validation.notExported", "--validation.invalidLink", "--validation.rewrittenLink"],
];

const skip = process.env["SOAK"] !== "1" && "installs TypeDoc from npm: SOAK=1";

describe("TypeDoc finds no fault", { skip }, () => {
  const tools = temporaryFolder();
  const folder = consumerFolder();

  before(async () => {
    writeFileSync(join(tools.path, "package.json"), '{ "private": true }\n');
    const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...TOOLS];
    await promisify(execFile)("npm", args, { cwd: tools.path });
  });
  after(() => {
    tools[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  /** @returns what it says of some declarations. */
  const check = (files: readonly string[]): string => {
    const compilerOptions = { strict: true, module: "nodenext", target: "es2023", types: ["node"], noEmit: true };
    writeFileSync(join(folder.path, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const args = [...FLAGS, ...files.flatMap((file) => ["--entryPoints", file])];
    const typedoc = join(tools.path, "node_modules", "typedoc", "bin", "typedoc");
    const { status, stdout, stderr } = spawnSync(process.execPath, [typedoc, ...args], {
      cwd: folder.path,
      encoding: "utf8",
    });
    const said = stdout + stderr;
    assert.equal(status === 0, said === "", said);
    return said;
  };

  const declarations = ({ folder: name, manifest, entries }: BuiltPackage): readonly string[] =>
    entries.map((entry) => {
      const target = manifest.exports[entry] as { readonly types: string };
      return join(PACKAGES, name, target.types);
    });

  for (const each of builtPackages()) test(each.name, () => assert.equal(check(declarations(each)), ""));

  test("in a type that nobody exports, or a link to nothing, it does", () => {
    // Only of what belongs to a named package it knows where it is declared.
    writeTree(folder.path, {
      "wrong/package.json": '{ "name": "wrong", "version": "1.0.0" }\n',
      "wrong/index.d.ts":
        "interface Hidden { a: string }\n/** See {@link Nothing}. */\nexport declare function make(): Hidden;\nexport {};\n",
    });
    const said = check([join(folder.path, "wrong", "index.d.ts")]);
    assert.match(said, /Hidden, defined in .*, is referenced by make/);
    assert.match(said, /Failed to resolve link to "Nothing"/);
  });
});
