import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CHANGESETS, type Changeset, type ChangesetEdit, parseChangeset } from "../core/changeset.ts";
import { type Finding, FindingsError } from "../core/finding.ts";
import { readTexts } from "./approvals-folder.ts";
import { checkPaths } from "./packages-folder.ts";
import { writeChanged } from "./write-file.ts";

/** What changesets does not take for one either: notes for people, and for their machines. */
const NOTES = [/^\./, /^readme\.md$/i, /^(?:AGENTS|CLAUDE|GEMINI)\.md$/];

/** The changesets of a workspace, in the order of their names. @throws FindingsError with each that cannot be read. */
export async function readChangesets(root: string): Promise<readonly Changeset[]> {
  const { changesets, findings } = await readChangesetFolder(root);
  if (findings.length > 0) throw new FindingsError(findings, 2);
  return changesets;
}

/** The changesets of a workspace, in the order of their names, and what is wrong with those that cannot be read. */
export async function readChangesetFolder(
  root: string,
): Promise<{ readonly changesets: readonly Changeset[]; readonly findings: readonly Finding[] }> {
  const changesets: Changeset[] = [];
  const wrong: Finding[] = [];
  // In changesets' prerelease mode, those that prereleases have told stand in `pre` until the release itself tells them.
  for (const folder of [CHANGESETS, `${CHANGESETS}/pre`]) {
    const { texts, findings } = await readTexts(root, folder, isChangeset);
    wrong.push(...findings);
    for (const [file, text] of texts) {
      const parsed = parseChangeset(text, file);
      if ("changeset" in parsed) changesets.push(parsed.changeset);
      else wrong.push(...parsed.findings);
    }
  }
  return { changesets, findings: wrong };
}

function isChangeset(name: string): boolean {
  return name.endsWith(".md") && !NOTES.some((each) => each.test(name));
}

/** @throws FindingsError, before the first file is written, for each that is a link or a folder. */
export async function applyChangesetEdits(root: string, edits: readonly ChangesetEdit[]): Promise<void> {
  const files = edits.map(({ file }) => file);
  const taken = await checkPaths(root, { folder: "", files, folders: [] });
  if (taken.length > 0) throw new FindingsError(taken, 2);
  for (const { file, text } of edits) {
    if (text === undefined) await rm(join(root, file));
    else await writeChanged(join(root, file), text);
  }
}
