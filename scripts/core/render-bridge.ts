import { beginning } from "./bridge-holes.ts";
import type { BridgePlan } from "./bridge-plan.ts";

/** What `charter bridge` says of one bridge. @param folder as a person finds it. */
export function renderBridge(plan: BridgePlan, folder: string): string {
  const { file, coverage, holes, undeclared } = plan;
  const share = coverage.fields === 0 ? 100 : (coverage.mapped / coverage.fields) * 100;
  const open = holes.filter(({ required, filled }) => required && !filled);
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
  if (undeclared.length > 0) {
    lines.push("", `Lost on the way, and not declared yet under \`losses\` in ${folder}/bridge.yaml:`);
    for (const { path, reason } of undeclared) lines.push(`  - path: ${path}`, `    reason: ${JSON.stringify(reason)}`);
  }
  return lines.join("\n");
}
