import type { DescFile } from "@bufbuild/protobuf";
import validateNpmName from "validate-npm-package-name";
import { checkNames } from "./check-names.ts";
import { type Finding, finding } from "./finding.ts";
import { type Naming, runtimePackage, stabilityOf } from "./names.ts";
import { compare, type ProtoPackage } from "./packages.ts";
import { importPosition, positionOf } from "./source-info.ts";
import type { TypeName } from "./ts-names.ts";
import { isWellKnownPath, WELL_KNOWN_PACKAGE } from "./well-known-types.ts";

/** Everything about the packages that keeps them from being generated, all at once, in a stable order. */
export function checkPackages(packages: readonly ProtoPackage[], naming: Naming, nameOf: TypeName): readonly Finding[] {
  return [
    ...packages.flatMap(checkWellKnownPackage),
    ...packages.flatMap(checkNpmName),
    ...checkSameNpmName(packages, runtimePackage(naming)),
    ...packages.flatMap((each) => checkStability(each, packages)),
    ...checkCycles(packages),
    ...packages.filter((each) => !isWellKnownPackage(each.protoPackage)).flatMap((each) => checkNames(each, nameOf)),
  ];
}

/** What protoc brings has names and types that every tree relies on; a file elsewhere must not add to them. */
function checkWellKnownPackage({ protoPackage, files }: ProtoPackage): readonly Finding[] {
  if (!isWellKnownPackage(protoPackage)) return [];
  return files
    .filter((file) => !isWellKnownPath(file.proto.name))
    .map((file) => finding("well-known-package", { package: protoPackage }, positionOf(file)));
}

function checkNpmName(candidate: ProtoPackage): readonly Finding[] {
  const { errors = [], warnings = [] } = validateNpmName(candidate.npm);
  // In a scope npm takes the name, but no tool would look for sources in such a folder.
  const unusable = candidate.folder === "node_modules" ? ["no package can stand in a folder node_modules"] : [];
  const reasons = [...errors, ...warnings, ...unusable];
  if (reasons.length === 0) return [];
  const args = { package: labelOf(candidate), npm: candidate.npm, reason: reasons.join("; ") };
  return [finding("npm-name-invalid", args, firstPosition(candidate))];
}

function checkSameNpmName(packages: readonly ProtoPackage[], runtime: string): readonly Finding[] {
  const owners = new Map([[runtime, "Charter's runtime"]]);
  // The well-known types first: nobody can rename them.
  const claimants = [...packages].sort((a, b) => Number(isWellKnown(b)) - Number(isWellKnown(a)));
  return claimants.flatMap((each) => {
    const other = owners.get(each.npm);
    owners.set(each.npm, other ?? labelOf(each));
    if (other === undefined) return [];
    return [finding("npm-name-taken", { package: labelOf(each), other, npm: each.npm }, firstPosition(each))];
  });
}

function checkStability(candidate: ProtoPackage, packages: readonly ProtoPackage[]): readonly Finding[] {
  if (stabilityOf(candidate.protoPackage) !== "stable") return [];
  const unstable = new Set(
    packages.filter((each) => stabilityOf(each.protoPackage) === "unstable").map((each) => each.protoPackage),
  );
  const used = new Set(candidate.dependencies);
  return candidate.files.flatMap((file) =>
    file.dependencies.flatMap((dependency) => {
      const { package: direct, name } = dependency.proto;
      const forwarded = [...forwardedPackages(dependency)].filter((each) => each !== direct && used.has(each));
      return [direct, ...forwarded]
        .filter((each) => unstable.has(each))
        .map((imported) => {
          const args = { package: candidate.protoPackage, imported };
          return finding("stable-imports-unstable", args, importPosition(file, name));
        });
    }),
  );
}

/** The packages whose types a file gives to those that import it: its own, and those of its `import public`. */
function forwardedPackages(file: DescFile): ReadonlySet<string> {
  const names = new Set(file.proto.publicDependency.map((index) => file.proto.dependency[index]));
  const forwarded = file.dependencies.filter((each) => names.has(each.proto.name));
  return new Set([file.proto.package, ...forwarded.flatMap((each) => [...forwardedPackages(each)])]);
}

/** One finding per cycle of packages, each cycle named once, from its first package in byte order. */
function checkCycles(packages: readonly ProtoPackage[]): readonly Finding[] {
  const byName = new Map(packages.map((each) => [each.protoPackage, each]));
  const findings: Finding[] = [];
  for (const cycle of cyclesOf(packages)) {
    const [from, to] = [byName.get(cycle[0] ?? ""), byName.get(cycle[1] ?? cycle[0] ?? "")];
    if (from === undefined || to === undefined) continue;
    const path = [...cycle, from.protoPackage].join(" → ");
    const edge = crossingImport(from, to);
    findings.push(finding("package-cycle", { path }, edge === undefined ? firstPosition(from) : edge));
  }
  return findings;
}

function crossingImport(from: ProtoPackage, to: ProtoPackage): ReturnType<typeof importPosition> | undefined {
  for (const file of from.files) {
    const imported = file.dependencies.find((each) => forwardedPackages(each).has(to.protoPackage));
    if (imported !== undefined) return importPosition(file, imported.proto.name);
  }
  return undefined;
}

/** A shortest cycle through each strongly connected group of packages. */
function cyclesOf(packages: readonly ProtoPackage[]): readonly (readonly string[])[] {
  const edges = new Map(packages.map((each) => [each.protoPackage, each.dependencies]));
  const cycles: string[][] = [];
  const inCycle = new Set<string>();
  for (const start of [...edges.keys()].sort(compare)) {
    if (inCycle.has(start)) continue;
    const cycle = shortestWayBack(start, edges);
    if (cycle === undefined) continue;
    for (const each of cycle) inCycle.add(each);
    cycles.push(cycle);
  }
  return cycles;
}

function shortestWayBack(start: string, edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let current = queue.shift(); current !== undefined; current = queue.shift()) {
    for (const next of edges.get(current) ?? []) {
      if (next === start) {
        const way = [current];
        for (let step = current; step !== start; ) {
          step = cameFrom.get(step) ?? start;
          way.unshift(step);
        }
        return current === start ? [start] : way;
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, current);
        queue.push(next);
      }
    }
  }
  return undefined;
}

/** @param sent the files as the compiler sent them, before our own well-known types took the place of its. */
export function checkRedefinitions(
  sent: readonly { readonly name: string }[],
  imported: ReadonlySet<string>,
): readonly Finding[] {
  return sent
    .filter((file) => isWellKnownPath(file.name) && !imported.has(file.name))
    .map((file) => finding("well-known-redefined", { file: file.name }, { file: file.name, line: 1, column: 1 }));
}

/** The folder of a package, as buf's PACKAGE_DIRECTORY_MATCH wants it. Only asked of trees that promise it. */
export function checkFolders(files: readonly DescFile[]): readonly Finding[] {
  return files.flatMap((file) => {
    const { name, package: protoPackage } = file.proto;
    const folder = name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : "";
    const expected = protoPackage.replaceAll(".", "/");
    if (folder === expected) return [];
    return [finding("folder-mismatch", { package: protoPackage, folder: folder || ".", expected }, positionOf(file))];
  });
}

function isWellKnownPackage(protoPackage: string): boolean {
  return protoPackage === WELL_KNOWN_PACKAGE || protoPackage.startsWith(`${WELL_KNOWN_PACKAGE}.`);
}

function isWellKnown(candidate: ProtoPackage): boolean {
  return candidate.files.every((file) => isWellKnownPath(file.proto.name));
}

function labelOf({ protoPackage }: ProtoPackage): string {
  return protoPackage === "" ? "the schemas without a package" : protoPackage;
}

/** The user's own file, if there is one. */
function firstPosition(candidate: ProtoPackage): ReturnType<typeof positionOf> | undefined {
  const file = candidate.files.find((each) => !isWellKnownPath(each.proto.name));
  return file === undefined ? undefined : positionOf(file);
}
