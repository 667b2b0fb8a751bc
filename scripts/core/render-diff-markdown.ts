import type { ChangeReport, DiffReport, PackageReport } from "./diff-report.ts";
import { comparedWith, countsOf } from "./diff-summary.ts";

/** GitHub takes 65,536 characters in a comment; some are left for whoever adds a line. */
const LENGTH = 60_000;

/** The report as a comment on a pull request: what breaks is open, what does not is folded. */
export function renderDiffMarkdown(report: DiffReport): string {
  const changed = report.packages.filter(({ changes }) => changes.length > 0);
  const foot = comparedWith(report).map((line) => `<sub>${escapeMarkdown(line)}</sub>`);
  const head = ["## Schema changes", "", `**${countsOf(report)}**`];
  let room = LENGTH - [...head, ...foot].join("\n").length;
  const blocks: string[] = [];
  for (const each of changed) {
    const block = section(each, room);
    room -= block.length;
    blocks.push(block);
    if (room < 0) break;
  }
  const left = changed.length - blocks.length;
  if (left > 0) blocks.push(`… and ${left === 1 ? "1 package" : `${left} packages`} more than a comment holds.`);
  return [head.join("\n"), ...blocks, foot.join("<br>\n")].join("\n\n");
}

function section({ package: name, npm, bump, changes }: PackageReport, room: number): string {
  const title = npm ?? (name === "" ? "(no package)" : name);
  const shown = within(changes.map(item), room);
  const breaking = shown.filter((_, index) => changes[index]?.breaking === true);
  const rest = shown.filter((_, index) => changes[index]?.breaking === false);
  const folded = ["<details>", `<summary>${rest.length} that break nothing</summary>`, "", ...rest, "", "</details>"];
  const left = changes.length - shown.length;
  return [
    `### \`${title}\`: ${bump}`,
    ...(breaking.length > 0 ? [breaking.join("\n")] : []),
    ...(rest.length > 0 ? [folded.join("\n")] : []),
    ...(left > 0 ? [`… and ${left === 1 ? "1 change" : `${left} changes`} more than a comment holds.`] : []),
  ].join("\n\n");
}

/** As many as there is room for; they stand with the worst first. */
function within(items: readonly string[], room: number): readonly string[] {
  let left = room;
  const end = items.findIndex((each) => {
    left -= each.length + 1;
    return left < 0;
  });
  return end < 0 ? items : items.slice(0, end);
}

function item(change: ChangeReport): string {
  const { position } = change;
  const place =
    position === undefined
      ? ""
      : ` <sub>${escapeMarkdown([position.file, position.line ?? []].flat().join(":"))}</sub>`;
  const marks = change.breaks.length === 0 ? "" : `, breaks ${change.breaks.join(", ")}`;
  const head = `- **${change.bump}** ${change.what} \`${change.rule}\`${marks}${place}`;
  if (!change.breaking) return head;
  return [head, `  ${change.why} ${change.instead === "" ? "" : `*Instead:* ${change.instead}`}`.trimEnd()].join("\n");
}

/** A path or a name outside of a code span. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, "\\$&");
}
