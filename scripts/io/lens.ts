import { join, sep } from "node:path";
import type { CompileError } from "../core/compile-error.ts";
import type { LensFinding } from "../core/lens.ts";
import type { Witness } from "../core/witness-text.ts";
import { type CheckedPackage, compileAtStrictest } from "./typecheck.ts";

/**
 * Compiles old consumers against new packages, all in one run.
 * @param packages the new ones with all that they import and the runtime, built and checked by typecheck.ts: what
 *   their declarations cannot resolve would count as anything at all.
 * @returns one finding for each use of an element that no longer compiles, in the order of the witnesses.
 * @throws Error for an error that no line of a witness stands for: our bug.
 */
export async function compileWitnesses(
  witnesses: readonly Witness[],
  packages: readonly CheckedPackage[],
): Promise<readonly LensFinding[]> {
  if (witnesses.length === 0) return [];
  const files = new Map(witnesses.map((witness, index): [string, Witness] => [`witness-${index}.mts`, witness]));
  const programs = new Map([...files].map(([name, { source }]) => [name, source] as const));
  // The declarations were checked when they were built; again, it would double the time.
  const errors = await compileAtStrictest(packages, { programs, options: { skipLibCheck: true } });
  const modules = packages.flatMap(({ npm, folder, entries }) => [
    ...entries.map(({ entry, types }) => [`"${join(folder, declared(types))}"`, `"${npm + entry.slice(1)}"`] as const),
    [`"${folder}${sep}`, `"${npm}/`] as const,
  ]);
  const order = [...files.keys()];
  const found = errors
    // TypeScript sorts by name, and 10 before 9.
    .toSorted((a, b) => order.indexOf(a.file) - order.indexOf(b.file))
    .map((error) => findingOf(error, files.get(error.file), modules));
  const first = new Map<string, LensFinding>();
  for (const each of found) {
    const key = `${each.package} ${each.path} ${each.use}`;
    if (!first.has(key)) first.set(key, each);
  }
  return [...first.values()];
}

/** As TypeScript names the module of a declaration. */
function declared(types: string): string {
  return types.replace(/\.d\.ts$/, "");
}

/** @param modules what begins the quoted name of a module, and what is to stand there: no folder of this machine. */
function findingOf(
  error: CompileError,
  witness: Witness | undefined,
  modules: readonly (readonly [quoted: string, specifier: string])[],
): LensFinding {
  const { line, number } = error;
  const message = modules.reduce(
    (text, [quoted, specifier]) => text.replaceAll(quoted, () => specifier),
    error.message,
  );
  const place = witness?.places.get(line);
  if (witness === undefined || place === undefined) {
    const file = error.file.split(sep).slice(-4).join("/");
    throw new Error(`${file}(${line},${error.column}): TS${number}: ${message}`);
  }
  return { package: witness.protoPackage, ...place, line, number, message };
}
