/** What a consumer's TypeScript is asked for in the demo. All of it is read from the sources themselves. */
import type { CompileError } from "./compile-error.ts";

/** Comes before the field that must not compile, so that a file says itself where its error belongs. */
export const MISSPELT_MARK = "/* misspelt: */ ";

/** The place after the mark, counted from 1 as tsc does; undefined unless there is exactly one. */
export function findMisspelt(source: string): { readonly line: number; readonly column: number } | undefined {
  const [before, after, more] = source.split(MISSPELT_MARK);
  if (before === undefined || after === undefined || more !== undefined) return undefined;
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + MISSPELT_MARK.length + 1 };
}

/** What TypeScript says of a property that a type does not have: alone, as a guess, and when it is read. */
const UNKNOWN_PROPERTY = ["2353", "2561", "2551"];

/** True when the marked field, and nothing else, was refused for its name. */
export function isRefusedAtMark(errors: readonly CompileError[], file: string, source: string): boolean {
  const [error, ...others] = errors;
  const place = findMisspelt(source);
  if (error === undefined || place === undefined || others.length > 0) return false;
  const there = error.file === file && error.line === place.line && error.column === place.column;
  return there && UNKNOWN_PROPERTY.includes(error.number);
}

/** The packages of a scope that sources import, sorted, whichever entry they name. */
export function importedPackages(sources: readonly string[], scope: string): readonly string[] {
  const names = sources.flatMap((source) =>
    [...source.matchAll(/\bfrom "(@[^/"]+\/[^/"]+)(?:\/[^"]*)?"/g)].map(([, name]) => name ?? ""),
  );
  return [...new Set(names)].filter((name) => name.startsWith(`${scope}/`)).sort();
}
