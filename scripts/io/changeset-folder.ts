import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CHANGESETS, type Changeset, type ChangesetEdit, parseChangeset } from "../core/changeset.ts";
import { type Finding, FindingsError } from "../core/finding.ts";
import { isAbsent, writeChanged } from "./write-file.ts";

/** The changesets of a workspace, in the order of their names. @throws FindingsError with each that cannot be read. */
export async function readChangesets(root: string): Promise<readonly Changeset[]> {
  const folder = join(root, CHANGESETS);
  const names = await readdir(folder).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  const changesets: Changeset[] = [];
  const findings: Finding[] = [];
  for (const name of names.filter((each) => each.endsWith(".md") && each !== "README.md").sort()) {
    const parsed = parseChangeset(await readFile(join(folder, name), "utf8"), `${CHANGESETS}/${name}`);
    if ("changeset" in parsed) changesets.push(parsed.changeset);
    else findings.push(...parsed.findings);
  }
  if (findings.length > 0) throw new FindingsError(findings, 2);
  return changesets;
}

export async function applyChangesetEdits(root: string, edits: readonly ChangesetEdit[]): Promise<void> {
  for (const { file, text } of edits) {
    if (text === undefined) await rm(join(root, file));
    else await writeChanged(join(root, file), text);
  }
}
