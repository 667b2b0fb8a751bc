import { join } from "node:path";
import { type Finding, finding } from "../core/finding.ts";
import { LIFECYCLE_FILE, type LifecycleFile, parseLifecycle } from "../core/lifecycle-file.ts";
import { git } from "./git.ts";
import { isUtf8 } from "./proto-tree.ts";
import { readOptional } from "./write-file.ts";

export interface ReadLifecycle {
  readonly file: LifecycleFile;
  readonly findings: readonly Finding[];
  /** Whether there is such a file. */
  readonly there: boolean;
}

/** lifecycle.yaml of a folder, with everything that is wrong in it. */
export async function readLifecycle(folder: string): Promise<ReadLifecycle> {
  const bytes = await readOptional(join(folder, LIFECYCLE_FILE));
  if (bytes !== undefined && !isUtf8(bytes)) {
    return { ...parseLifecycle(""), findings: [finding("not-utf8", {}, { file: LIFECYCLE_FILE })], there: true };
  }
  return { ...parseLifecycle(bytes?.toString("utf8") ?? ""), there: bytes !== undefined };
}

/** As it was in a commit. What was wrong there is no finding of today. */
export async function readLifecycleAt(root: string, commit: string): Promise<ReadLifecycle> {
  const text = await git(root, ["show", `${commit}:./${LIFECYCLE_FILE}`]);
  return { ...parseLifecycle(text ?? ""), findings: [], there: text !== undefined };
}
