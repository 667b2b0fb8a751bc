import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import ts from "typescript-5";
import { parseCompileErrors } from "../scripts/core/compile-error.ts";
import { REPOSITORY } from "./support/cli.ts";
import { consumerFolder, readmeSnippets, snippetsOf } from "./support/consumer-folder.ts";
import { builtPackages, PACKAGES } from "./support/packages.ts";
import { LONG } from "./support/soak.ts";
import { listSources } from "./support/sources.ts";

const require = createRequire(import.meta.url);

/** TypeScript's compilers, by version. */
const COMPILERS = ["typescript", "typescript-5"].map((name) => {
  const { version } = require(`${name}/package.json`) as { version: string };
  return { version, tsc: join(dirname(require.resolve(`${name}/package.json`)), "bin", "tsc") };
});

const MODULES = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
} as const;

const STRICTEST = {
  target: "es2023",
  lib: ["es2023"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
  noEmit: true,
};

describe("a consumer's compiler", () => {
  const folder = consumerFolder();
  const packages = builtPackages();

  before(() => {
    cpSync(join(REPOSITORY, "tests", "fixtures", "consumer"), folder.path, { recursive: true });
    // Every entry of every package, so that each shipped declaration is checked, as both kinds of module.
    const specifiers = packages.flatMap((each) => each.specifiers);
    const exported = specifiers.map((from, index) => `export * as e${index} from "${from}";\n`);
    const required = specifiers.map((from, index) => `import e${index} = require("${from}");\nvoid e${index};\n`);
    writeFileSync(join(folder.path, "every.ts"), exported.join(""));
    writeFileSync(join(folder.path, "every.cts"), required.join(""));
  });
  after(() => folder[Symbol.dispose]());

  /** @returns what the compiler says of some files of the folder. */
  const compile = (
    tsc: string,
    files: readonly string[],
    module: keyof typeof MODULES,
    types: readonly string[],
  ): string => {
    const config = { compilerOptions: { ...STRICTEST, ...MODULES[module], types }, files };
    const name = `tsconfig.${module}.${types.length}.json`;
    writeFileSync(join(folder.path, name), JSON.stringify(config));
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", name, "--pretty", "false"], {
      cwd: folder.path,
      encoding: "utf8",
    });
    // Silence means success only when the compiler ran.
    assert.deepEqual([status === 0, stderr], [stdout === "", ""]);
    return stdout;
  };

  test("the compilers are of both lines", () => {
    assert.deepEqual(
      COMPILERS.map(({ version }) => /^(7|5\.9)\./.exec(version)?.[1]),
      ["7", "5.9"],
    );
  });

  for (const { version, tsc } of COMPILERS) {
    test(`TypeScript ${version}: every entry of every package, imported and required`, () => {
      // Where @types/node is installed, as npm does for grpc-js, nobody needs to name it.
      assert.equal(compile(tsc, ["every.ts", "every.cts"], "nodenext", []), "");
      assert.equal(compile(tsc, ["every.ts"], "bundler", []), "");
    });

    for (const module of ["nodenext", "bundler"] as const) {
      // Each compiler and each resolution are there without the soak, though not each with each.
      const when = version.startsWith("5") && module === "bundler" ? LONG : {};
      test(`TypeScript ${version}, ${module}: a client needs no types of Node`, when, () => {
        assert.equal(compile(tsc, ["client.ts"], module, []), "");
      });

      test(`TypeScript ${version}, ${module}: a server`, when, () => {
        assert.equal(compile(tsc, ["server.ts"], module, ["node"]), "");
      });

      test(`TypeScript ${version}, ${module}: each mistake is refused where it is, and nothing else`, when, () => {
        const lines = readFileSync(join(folder.path, "mistakes.ts"), "utf8").split("\n");
        const expected = lines.flatMap((line, index) => (line.includes("// mistake") ? [index + 1] : []));
        const errors = parseCompileErrors(compile(tsc, ["mistakes.ts"], module, []));
        assert.deepEqual(
          errors.map(({ line }) => line),
          expected,
        );
      });
    }
  }

  test("each snippet in a package's README and in its guide compiles", () => {
    const files = packages.flatMap(({ folder: name, entries }) => {
      const guide = join(PACKAGES, name, "MIGRATION.md");
      const snippets = [...readmeSnippets(name), ...(existsSync(guide) ? snippetsOf(readFileSync(guide, "utf8")) : [])];
      assert.ok(snippets.length > 0 || !entries.includes("./server"), `${name} shows no call`);
      return snippets.map((code, index) => {
        const file = `${name}-${index}.ts`;
        writeFileSync(join(folder.path, file), code);
        return file;
      });
    });
    for (const { tsc } of COMPILERS) assert.equal(compile(tsc, files, "nodenext", ["node"]), "");
  });

  test("the runtime's README says which types a server needs", () => {
    const readme = readFileSync(join(PACKAGES, "rpc", "README.md"), "utf8");
    assert.match(readme, /`\.\/server`\s+needs\s+`@types\/node`/);
  });
});

describe("what is published has no any", () => {
  for (const { name, folder } of builtPackages()) {
    test(name, () => {
      const dist = join(PACKAGES, folder, "dist");
      for (const file of listSources(dist, ".d.ts")) {
        const text = readFileSync(join(dist, file), "utf8");
        const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
        const visit = (node: ts.Node): void => {
          if (node.kind === ts.SyntaxKind.AnyKeyword) assert.fail(`${file}: ${node.parent.parent.getText()}`);
          ts.forEachChild(node, visit);
        };
        visit(source);
      }
    });
  }
});
