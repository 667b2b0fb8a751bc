import assert from "node:assert/strict";
import type { DiffReport, PackageReport } from "../../scripts/core/diff-report.ts";
import { charter } from "./cli.ts";

/** What `charter diff --format json` answers. */
export async function diffReport(args: readonly string[], cwd: string): Promise<DiffReport> {
  const result = await charter(["diff", "--format", "json", ...args], { cwd });
  assert.equal(result.status, 0, result.stderr);
  assert.equal(result.stderr, "");
  return JSON.parse(result.stdout) as DiffReport;
}

export function reportOf(report: DiffReport, name: string): PackageReport {
  const found = report.packages.find((each) => each.package === name);
  assert.ok(found !== undefined, `${name} among ${report.packages.map((each) => each.package).join(", ")}`);
  return found;
}

/** Package → what it was compared with, and the rules of its changes. */
export function summaryOf(report: DiffReport): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    report.packages.map(({ package: name, baseline, changes }) => [
      name,
      [baseline.kind === "none" ? "none" : baseline.from, ...changes.map(({ rule }) => rule)],
    ]),
  );
}
