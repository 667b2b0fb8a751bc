import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { APPROVALS, type Approval, parseApproval } from "../core/approval.ts";
import type { Finding } from "../core/finding.ts";
import { isAbsent } from "./write-file.ts";

/** The approvals of a workspace, in the order of their names, and what is wrong with those that cannot be read. */
export async function readApprovals(
  root: string,
): Promise<{ readonly approvals: readonly Approval[]; readonly findings: readonly Finding[] }> {
  const names = await readdir(join(root, APPROVALS)).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  const approvals: Approval[] = [];
  const findings: Finding[] = [];
  for (const name of names.filter((each) => /\.ya?ml$/.test(each)).sort()) {
    const parsed = parseApproval(await readFile(join(root, APPROVALS, name), "utf8"), `${APPROVALS}/${name}`);
    if ("approval" in parsed) approvals.push(parsed.approval);
    else findings.push(...parsed.findings);
  }
  return { approvals, findings };
}
