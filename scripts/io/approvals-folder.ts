import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { APPROVALS, type Approval, parseApproval } from "../core/approval.ts";
import { type Finding, finding } from "../core/finding.ts";
import { isUtf8 } from "./proto-tree.ts";
import { fileSystemError, isAbsent, readOptional } from "./write-file.ts";

/** The approvals of a workspace, in the order of their names, and what is wrong with those that cannot be read. */
export async function readApprovals(
  root: string,
): Promise<{ readonly approvals: readonly Approval[]; readonly findings: readonly Finding[] }> {
  const { texts, findings } = await readTexts(root, APPROVALS, (name) => /\.ya?ml$/.test(name));
  const approvals: Approval[] = [];
  const wrong: Finding[] = [...findings];
  for (const [file, text] of texts) {
    const parsed = parseApproval(text, file);
    if ("approval" in parsed) approvals.push(parsed.approval);
    else wrong.push(...parsed.findings);
  }
  return { approvals, findings: wrong };
}

/** @returns what stands in the approval's file now; undefined when it is absent, or holds no such approval. */
export async function readApproval(root: string, file: string): Promise<Approval | undefined> {
  const parsed = parseApproval((await readOptional(join(root, file)))?.toString("utf8") ?? "", file);
  return "approval" in parsed ? parsed.approval : undefined;
}

/**
 * The texts that people keep in a folder.
 * @param folder from the root; may be absent.
 * @returns path from the root → text, in the order of the names; and a finding for each that is no text, so that one
 * spoilt file does not hide what is wrong with the others.
 */
export async function readTexts(
  root: string,
  folder: string,
  isWanted: (name: string) => boolean,
): Promise<{ readonly texts: ReadonlyMap<string, string>; readonly findings: readonly Finding[] }> {
  const names = await readdir(join(root, folder)).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  const texts = new Map<string, string>();
  const findings: Finding[] = [];
  for (const file of names
    .filter(isWanted)
    .sort()
    .map((name) => `${folder}/${name}`)) {
    const read = await readText(join(root, file), file);
    if (typeof read === "string") texts.set(file, read);
    else findings.push(...read);
  }
  return { texts, findings };
}

async function readText(path: string, file: string): Promise<string | readonly Finding[]> {
  try {
    const bytes = await readOptional(path);
    // It was listed, so it is a link.
    if (bytes === undefined) return [finding("file-system", { reason: "it is a link to nothing" }, { file })];
    return isUtf8(bytes) ? bytes.toString("utf8") : [finding("not-utf8", {}, { file })];
  } catch (error) {
    const refused = fileSystemError(error);
    if (refused === undefined) throw error;
    return refused.findings;
  }
}
