import { readFile } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { transform } from "oxc-transform";
import { type Finding, finding } from "../core/finding.ts";
import { bundleEntries } from "./bundle.ts";
import { listFiles, removeOthers, writeChanged } from "./write-file.ts";

/**
 * Writes `dist/` of one package, from its sources alone: of what was generated a `.js` and a `.d.ts` for each. What is
 * written by hand is bundled, a `.js` for each entry, since fifty modules take longer to load than to run, with the
 * `.d.ts` that the entries lead to. Types are not checked here: typecheck.ts does that for all packages at once, and against the `.d.ts` that a consumer will see.
 * @param folder the package's, absolute. Its sources are in `src/gen` when it was generated, else in `src`.
 */
export async function emitPackage(folder: string): Promise<readonly Finding[]> {
  const files = await listFiles(join(folder, "src"));
  const generated = files.length > 0 && files.every((file) => file.startsWith("gen/"));
  const sourceFolder = generated ? join(folder, "src", "gen") : join(folder, "src");
  const sources = (await listFiles(sourceFolder)).filter((file) => file.endsWith(".ts"));
  const findings: Finding[] = [];
  const output = new Map<string, string>();
  for (const source of sources) {
    const path = join(sourceFolder, source);
    const text = await readFile(path, "utf8");
    const result = await transform(basename(path), text, {
      typescript: { onlyRemoveTypeImports: true, declaration: {} },
    });
    for (const { message } of result.errors) {
      findings.push(finding("emit-failed", { reason: message }, { file: path }));
    }
    const stem = source.slice(0, -".ts".length);
    if (generated) output.set(`${stem}.js`, result.code);
    output.set(`${stem}.d.ts`, withEmittedNames(result.declaration ?? ""));
  }
  if (!generated && findings.length === 0) {
    const entries = await bundleEntries(folder);
    for (const path of unseen(output, [...entries.keys()])) output.delete(path);
    for (const [path, content] of entries) output.set(path, content);
  }
  for (const [path, content] of output) await writeChanged(join(folder, "dist", path), content);
  if (findings.length === 0) await removeOthers(join(folder, "dist"), new Set(output.keys()));
  return findings;
}

/** The declarations that no entry leads to. */
function unseen(declarations: ReadonlyMap<string, string>, entries: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const text = declarations.get(path);
    if (text === undefined || seen.has(path)) return;
    seen.add(path);
    for (const [, target] of text.matchAll(/"(\.\.?\/[^"]+)\.js"/g))
      visit(posix.join(posix.dirname(path), `${target}.d.ts`));
  };
  for (const entry of entries) visit(entry.replace(/\.js$/, ".d.ts"));
  return [...declarations.keys()].filter((path) => !seen.has(path));
}

/** Sources import each other by the names that they have, so that Node runs them as they are. */
function withEmittedNames(declaration: string): string {
  return declaration.replace(/(\bfrom |\bimport\()"(\.\.?\/[^"]+)\.ts"/g, '$1"$2.js"');
}
