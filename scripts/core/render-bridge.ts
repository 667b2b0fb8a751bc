import { beginning, type Hole } from "./bridge-holes.ts";
import type { BridgePlan } from "./bridge-plan.ts";

/** The holes that are still to be filled, each once. */
export function openHoles({ holes }: BridgePlan): readonly Hole[] {
  const open = holes.filter(({ required, filled }) => required && !filled);
  return [...new Map(open.map((hole) => [hole.name, hole])).values()];
}

/** Whether something is left for a person. */
export function isOpen(plan: BridgePlan): boolean {
  return plan.findings.length > 0 || plan.undeclared.length > 0 || openHoles(plan).length > 0;
}

/** The same as data. */
export function bridgeReport(plan: BridgePlan, folder: string): object {
  const { file, coverage, undeclared, suggestions, findings } = plan;
  const open = openHoles(plan).map(({ name, path, type }) => ({ name, path, type }));
  return { folder, old: file.old, now: file.now, coverage, open, suggestions, undeclared, findings };
}

/** What `charter bridge` says of one bridge. @param folder as a person finds it. */
export function renderBridge(plan: BridgePlan, folder: string): string {
  const { file, coverage, holes, undeclared } = plan;
  const share = coverage.fields === 0 ? 100 : (coverage.mapped / coverage.fields) * 100;
  const open = openHoles(plan);
  const filled = holes.filter((hole) => hole.filled).length;
  const lines = [
    `${folder}: ${file.old} and ${file.now}`,
    `  ${coverage.mapped} of ${coverage.fields} fields in both directions need no person (${share.toFixed(1)} %)`,
    `  ${filled} ${filled === 1 ? "hole is" : "holes are"} filled, ${open.length} open; ${file.losses.length} losses declared`,
  ];
  if (open.length > 0) {
    lines.push("", `To be filled in ${folder}/src/holes.ts, or declared as a loss in ${folder}/bridge.yaml:`);
    for (const hole of open) lines.push(`  ${hole.path}`, `    ${beginning(hole)}`, `    ${hole.type}`);
  }
  if (plan.suggestions.length > 0) {
    lines.push("", `Of one number and type; if they are one, say so under \`fields\` in ${folder}/bridge.yaml:`);
    for (const line of plan.suggestions) lines.push(`  ${line}`);
  }
  if (undeclared.length > 0) {
    lines.push("", `Lost on the way, and not declared yet under \`losses\` in ${folder}/bridge.yaml:`);
    for (const { path, reason } of undeclared) lines.push(`  - path: ${path}`, `    reason: ${JSON.stringify(reason)}`);
  }
  return lines.join("\n");
}
