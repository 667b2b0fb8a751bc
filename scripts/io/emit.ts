import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { transform } from "oxc-transform";
import { type Finding, finding } from "../core/finding.ts";
import { listFiles, removeOthers, writeChanged } from "./write-file.ts";

/**
 * Writes `dist/` of one package: a `.js` and a `.d.ts` for each source, from that source alone. Types are not checked
 * here: typecheck.ts does that for all packages at once, and against the `.d.ts` that a consumer will see.
 * @param folder the package's, absolute. Its sources are in `src/gen` when it was generated, else in `src`.
 */
export async function emitPackage(folder: string): Promise<readonly Finding[]> {
  const generated = (await listFiles(join(folder, "src", "gen"))).length > 0;
  const sourceFolder = generated ? join(folder, "src", "gen") : join(folder, "src");
  const sources = (await listFiles(sourceFolder)).filter((file) => file.endsWith(".ts"));
  const findings: Finding[] = [];
  const written = new Set<string>();
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
    for (const [ending, content] of [
      [".js", result.code],
      [".d.ts", result.declaration ?? ""],
    ] as const) {
      await writeChanged(join(folder, "dist", stem + ending), content);
      written.add(stem + ending);
    }
  }
  if (findings.length === 0) await removeOthers(join(folder, "dist"), written);
  return findings;
}
