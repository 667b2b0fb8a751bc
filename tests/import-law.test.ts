import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, test } from "node:test";
import ts from "typescript-5";
import { REPOSITORY } from "./support/cli.ts";
import { listSources } from "./support/sources.ts";

/** What a file in each folder of scripts/ may import. Pure libraries are named, so that a new one is a decision. */
const LAW: Readonly<Record<string, { readonly folders: readonly string[]; readonly outside: RegExp }>> = {
  core: {
    folders: ["core"],
    outside:
      /^(@bufbuild\/protobuf(\/(codegenv2|reflect|wire|wkt))?|ts-proto\/build\/src\/\w+\.js|ts-proto-descriptors|yaml|validate-npm-package-name)$/,
  },
  io: { folders: ["core", "io"], outside: /./ },
  commands: { folders: ["core", "io", "commands"], outside: /^node:(path|os|fs\/promises|fs|url|timers\/promises)$/ },
  ".": { folders: ["core", "io", "commands"], outside: /^node:(util|fs|path|child_process)$/ },
};

interface Source {
  readonly path: string;
  readonly folder: string;
  readonly imports: readonly string[];
  readonly effects: readonly string[];
}

const SOURCES: readonly Source[] = listSources(join(REPOSITORY, "scripts"), ".ts").map((path) => {
  const text = readFileSync(join(REPOSITORY, "scripts", path), "utf8");
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const imports = file.statements
    .filter((each) => ts.isImportDeclaration(each) || ts.isExportDeclaration(each))
    .flatMap((each) =>
      each.moduleSpecifier && ts.isStringLiteral(each.moduleSpecifier) ? [each.moduleSpecifier.text] : [],
    );
  return { path, folder: posix.dirname(path), imports, effects: effects(file) };
});

/** What core may not do: wait, read the clock, draw lots, or know the process. */
function effects(file: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword) found.push("await");
    if (ts.isNewExpression(node) && node.expression.getText(file) === "Date" && !node.arguments?.length) {
      found.push("new Date()");
    }
    if (ts.isPropertyAccessExpression(node)) {
      const text = node.getText(file);
      if (/^(Date\.now|Math\.random|process\.\w+|performance\.\w+)$/.test(text)) found.push(text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe("the import law of scripts/", () => {
  for (const source of SOURCES) {
    test(source.path, () => {
      const law = LAW[source.folder];
      assert.ok(law !== undefined, `${source.folder} is no folder of the law`);
      for (const imported of source.imports) {
        if (!imported.startsWith(".")) {
          assert.match(imported, law.outside);
          continue;
        }
        const folder = posix.dirname(posix.join(source.folder, imported));
        assert.ok(law.folders.includes(folder), `${source.path} imports ${imported}`);
      }
      if (source.folder === "core") assert.deepEqual(source.effects, []);
    });
  }

  test("no file needs itself in a circle", () => {
    const edges = new Map(
      SOURCES.map(({ path, folder, imports }) => [
        path,
        imports.filter((each) => each.startsWith(".")).map((each) => posix.join(folder, each)),
      ]),
    );
    const done = new Set<string>();
    const visit = (path: string, way: readonly string[]): void => {
      assert.ok(!way.includes(path), [...way, path].join(" → "));
      if (done.has(path)) return;
      for (const next of edges.get(path) ?? []) visit(next, [...way, path]);
      done.add(path);
    };
    for (const path of edges.keys()) visit(path, []);
  });

  test("only a main module ends the process", () => {
    // Each is the main module of a process of its own.
    const allowed = ["cli.ts", "test.ts", "io/registry-child.ts"];
    for (const each of SOURCES) {
      if (!allowed.includes(each.path))
        assert.ok(!each.effects.some((effect) => /^process\.exit/.test(effect)), each.path);
    }
  });
});
