import type { Baseline, BaselineSource } from "./baseline.ts";
import { NO_SOURCE } from "./baseline.ts";
import { type Break, BUMPS, type Bump, type Change, worst } from "./change.ts";
import { type Description, describeChange } from "./describe-change.ts";
import type { Position } from "./finding.ts";
import { isBreak } from "./judge.ts";
import { type Naming, npmName, RUNTIME } from "./names.ts";
import { compare } from "./packages.ts";

/** What `charter diff` answers: docs/diff.schema.json. */
export interface DiffReport {
  readonly version: 1;
  /** What was asked for: the value of `--against`, or `default`. */
  readonly baseline: string;
  readonly compiler: CompilerUse;
  /** The worst of all packages. */
  readonly bump: Bump;
  /** All that were compared: the worst first, then by name. */
  readonly packages: readonly PackageReport[];
}

/**
 * Whether the compiler was asked too: `left-out` as the caller wished, `refused` where `generate` refuses the schemas,
 * and no packages come out that could be compiled against.
 */
export type CompilerUse = "asked" | "left-out" | "refused";

export interface PackageReport {
  readonly package: string;
  /** Absent where no scope is configured. */
  readonly npm?: string;
  readonly bump: Bump;
  readonly baseline: BaselineSource;
  /** The worst first, then as they stand in the files. */
  readonly changes: readonly ChangeReport[];
}

export interface ChangeReport extends Description {
  readonly rule: string;
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly breaks: readonly Break[];
  readonly bump: Bump;
  readonly breaking: boolean;
  readonly fingerprint: string;
  /** In the new schema; of what is gone, in the old one. */
  readonly position?: Position;
}

/** What the report is made of. */
export interface DiffInput {
  readonly against: string;
  readonly baseline: Baseline;
  readonly compiler: CompilerUse;
  readonly changes: readonly Change[];
  /** The proto packages that are there now. */
  readonly protoPackages: readonly string[];
  readonly naming: Naming | undefined;
  /** Import path → path from the root, where the file is still there. */
  readonly paths: ReadonlyMap<string, string>;
}

export function assembleReport(input: DiffInput): DiffReport {
  const { baseline, changes, naming, protoPackages } = input;
  const names = baseline.only === undefined ? [...baseline.packages.keys(), ...protoPackages] : [baseline.only];
  const byPackage = new Map<string, Change[]>();
  for (const change of changes) {
    const own = byPackage.get(change.package);
    if (own === undefined) byPackage.set(change.package, [change]);
    else own.push(change);
  }
  const packages = [...new Set([...names, ...byPackage.keys()])].map((name): PackageReport => {
    const own = byPackage.get(name) ?? [];
    const source = (name === RUNTIME ? baseline.runtime : baseline.packages.get(name))?.source ?? NO_SOURCE;
    // Another version is free to be otherwise: there is nothing to be done instead.
    const free = source.kind === "version";
    return {
      package: name,
      ...(naming === undefined ? {} : { npm: npmName(name, naming) }),
      bump: worst(own.map(({ bump }) => bump)),
      baseline: source,
      changes: own
        .map((change) => ({ ...reportChange(change, input.paths), ...(free ? { instead: "" } : {}) }))
        .sort(byWeight),
    };
  });
  const bump = worst(packages.map((each) => each.bump));
  packages.sort((a, b) => rank(b.bump) - rank(a.bump) || compare(a.package, b.package));
  return { version: 1, baseline: input.against, compiler: input.compiler, bump, packages };
}

function reportChange(change: Change, paths: ReadonlyMap<string, string>): ChangeReport {
  const { rule, path, before, after, breaks, bump, fingerprint, position } = change;
  const file = position === undefined ? undefined : (paths.get(position.file) ?? position.file);
  return {
    rule,
    path,
    before,
    after,
    breaks,
    bump,
    breaking: isBreak(change),
    fingerprint,
    ...(position === undefined || file === undefined ? {} : { position: { ...position, file } }),
    ...describeChange(change),
  };
}

/** A break before what has its bump for another reason, as on an unstable package. */
function byWeight(a: ChangeReport, b: ChangeReport): number {
  return (
    rank(b.bump) - rank(a.bump) ||
    Number(b.breaking) - Number(a.breaking) ||
    compare(a.position?.file ?? "", b.position?.file ?? "") ||
    (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
    (a.position?.column ?? 0) - (b.position?.column ?? 0) ||
    compare(`${a.path} ${a.rule}`, `${b.path} ${b.rule}`)
  );
}

function rank(bump: Bump): number {
  return BUMPS.indexOf(bump);
}

/** From which answer on a run fails. break: also one on an unstable package, where it is a minor. */
export const FAIL_ON = ["none", "patch", "minor", "major", "break"] as const;

export function fails(report: DiffReport, limit: (typeof FAIL_ON)[number]): boolean {
  if (limit === "none") return false;
  if (limit === "break") return report.packages.some(({ changes }) => changes.some(({ breaking }) => breaking));
  return rank(report.bump) >= rank(limit);
}
