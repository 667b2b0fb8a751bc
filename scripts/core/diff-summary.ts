import type { CompilerUse, DiffReport, PackageReport } from "./diff-report.ts";

/** How many names a person reads in one line. */
const NAMES = 10;

const RULES_ALONE: Readonly<Record<CompilerUse, readonly string[]>> = {
  asked: [],
  "left-out": ["By the rules alone."],
  refused: ["By the rules alone: `charter generate` refuses these schemas, so that the compiler could not be asked."],
};

/** One line for each place that packages were compared with, and one where the compiler has no part in the answer. */
export function comparedWith({ packages, compiler }: DiffReport): readonly string[] {
  const byPlace = new Map<string, string[]>();
  for (const each of packages) byPlace.set(placeOf(each), [...(byPlace.get(placeOf(each)) ?? []), nameOf(each)]);
  const lines = [...byPlace].map(([place, names]) => {
    const shown = names.sort().slice(0, NAMES).join(", ");
    const more = names.length > NAMES ? ` and ${names.length - NAMES} more` : "";
    return `${place}: ${shown}${more}.`;
  });
  return [...lines, ...RULES_ALONE[compiler]];
}

/** What is published is named with its version, so that it need not be said of each. */
function nameOf({ package: name, baseline }: PackageReport): string {
  if (baseline.kind === "npm") return baseline.from;
  return name === "" ? "(no package)" : name;
}

function placeOf({ baseline }: PackageReport): string {
  switch (baseline.kind) {
    case "npm":
      return "Compared with what npm has";
    case "none":
      return "New, with nothing to compare";
    default:
      return `Compared with ${baseline.from}`;
  }
}

/** The last line: `2 packages changed, 7 did not: major.` */
export function countsOf({ packages, bump }: DiffReport): string {
  const changed = packages.filter(({ changes }) => changes.length > 0).length;
  if (changed === 0) return `Nothing changed in ${count(packages.length)}.`;
  const rest = packages.length - changed;
  return `${count(changed)} changed, ${rest} did not: ${bump}.`;
}

function count(packages: number): string {
  return packages === 1 ? "1 package" : `${packages} packages`;
}
