import { join } from "node:path";
import { type Approval, approvalFile, isDate, needsApproval, renderApproval } from "../core/approval.ts";
import { describeChange } from "../core/describe-change.ts";
import { type Finding, FindingsError, finding } from "../core/finding.ts";
import { DATE_MOVED } from "../core/lifecycle-moves.ts";
import { nearest } from "../core/nearest.ts";
import { readApproval } from "../io/approvals-folder.ts";
import { checkPaths } from "../io/packages-folder.ts";
import { writeChanged } from "../io/write-file.ts";
import { type Command, type Values, WORKSPACE_OPTIONS } from "./command.ts";
import { loadChanges } from "./load-changes.ts";
import { movedDates } from "./moved-dates.ts";
import { againstOf, openTree, text } from "./workspace.ts";

export const approve: Command = {
  name: "approve",
  summary: "Permit one break of a stable package, by its fingerprint.",
  details: [
    "`charter check` refuses a break of a stable package and names its fingerprint. The better way is a compatible change,",
    "or a new version of the package. Where it must be, this writes approvals/FINGERPRINT.yaml, to be committed with the",
    "change. It holds for that change and no other, through rebases and moved lines, until its date. The release is a",
    "major all the same.",
  ],
  positional: { name: "fingerprint", value: "FINGERPRINT" },
  options: {
    ...WORKSPACE_OPTIONS,
    reason: { type: "string", value: "TEXT", help: "why it must be (required)" },
    owner: { type: "string", value: "NAME", help: "who answers for it (required)" },
    expires: { type: "string", value: "DATE", help: "the last day on which it holds, YYYY-MM-DD (required)" },
    against: { type: "string", value: "BASELINE", help: "what to compare with, as in charter diff" },
    registry: { type: "string", value: "URL", help: "where published packages are (default: as npm is configured)" },
  },
  examples: ['charter approve 3c9397f975fa --reason "Nobody reads it" --owner orders-team --expires 2027-01-31'],
  async run(values, reporter) {
    const given = readGiven(values);
    const against = againstOf(values);
    const { workspace, naming } = await openTree(values);
    const loading = loadChanges({ workspace, naming, against, registry: text(values, "registry") });
    const { changes } = await reporter.progress("Comparing the schemas with the baseline …", loading);
    const breaks = [...changes.filter(needsApproval), ...(await movedDates(workspace.root, against))];
    const change = breaks.find(({ fingerprint }) => fingerprint === given.fingerprint);
    if (change === undefined) {
      const known = breaks.map(({ fingerprint }) => fingerprint);
      const code = known.length === 0 ? "approve-nothing" : "fingerprint-unknown";
      throw new FindingsError([finding(code, { ...given, nearest: nearest(given.fingerprint, known) })], 2);
    }
    const approval: Approval = { ...given, rule: change.rule, path: change.path };
    const file = approvalFile(approval.fingerprint);
    const taken = await checkPaths(workspace.root, { folder: "", files: [file], folders: [] });
    if (taken.length > 0) throw new FindingsError(taken, 2);
    const before = await readApproval(workspace.root, file);
    const wrote = await writeChanged(join(workspace.root, file), renderApproval(approval));
    const what =
      change.rule === DATE_MOVED
        ? `${change.path}: ${change.before} is now ${change.after}.`
        : `${describeChange(change).what} The release is a major.`;
    if (!wrote) reporter.result(`${file} says so already. ${what}`);
    else if (before === undefined) reporter.result(`Wrote ${file}. ${what}`);
    // Who answers for it may be somebody else now: nobody's word is replaced without a trace.
    else reporter.result(`Wrote ${file} anew: ${before.owner} had approved it until ${before.expires}. ${what}`);
    return 0;
  },
};

type Given = Pick<Approval, "fingerprint" | "reason" | "owner" | "expires">;

/** @throws FindingsError with everything that is missing or wrong at once. */
function readGiven(values: Values): Given {
  const read = (name: keyof Given): string => (text(values, name) ?? "").trim();
  const given: Given = {
    fingerprint: read("fingerprint"),
    reason: read("reason"),
    owner: read("owner"),
    expires: read("expires"),
  };
  const findings: Finding[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === "")
      findings.push(finding("approve-missing", { name: name === "fingerprint" ? "FINGERPRINT" : `--${name}` }));
  }
  if (given.expires !== "" && !isDate(given.expires)) findings.push(finding("approve-date", { date: given.expires }));
  else if (given.expires !== "" && given.expires < today())
    findings.push(finding("approve-past", { date: given.expires }));
  if (findings.length > 0) throw new FindingsError(findings, 2);
  return given;
}

/** YYYY-MM-DD, in UTC. */
export function today(): string {
  return new Date().toISOString().slice(0, "YYYY-MM-DD".length);
}
