import type { ChangeReport, DiffReport, PackageReport } from "./diff-report.ts";
import { comparedWith, countsOf } from "./diff-summary.ts";
import type { Position } from "./finding.ts";

/**
 * The report for a terminal: a block for each package that changed, then what it was compared with.
 * @param place how a position is written: from the folder in which the command was called.
 */
export function renderDiffText(report: DiffReport, place: (position: Position) => string): string {
  const changed = report.packages.filter(({ changes }) => changes.length > 0);
  const blocks = changed.map((each) => [heading(each), ...each.changes.map((change) => row(change, place))].join("\n"));
  return [...blocks, [...comparedWith(report), countsOf(report)].join("\n")].join("\n\n");
}

function heading({ package: name, npm, bump, baseline }: PackageReport): string {
  const title = name === "" ? "(no package)" : name;
  const against = baseline.kind === "none" ? "" : `, against ${baseline.from}`;
  return `${title}${npm === undefined ? "" : ` (${npm})`}: ${bump}${against}`;
}

function row(change: ChangeReport, place: (position: Position) => string): string {
  const at = change.position === undefined ? "" : `${place(change.position)}: `;
  const marks = change.breaks.length === 0 ? "" : ` breaks ${change.breaks.join(", ")}:`;
  const head = `  ${at}${change.what} [${change.rule}]${marks} ${change.bump}`;
  if (!change.breaking) return head;
  const reason = `${change.why} Noticed by ${change.who}.`;
  return [head, `    ${reason}`, ...(change.instead === "" ? [] : [`    Instead: ${change.instead}`])].join("\n");
}
