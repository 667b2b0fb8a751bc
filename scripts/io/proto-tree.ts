import { readFileSync, realpathSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { type Finding, finding } from "../core/finding.ts";
import type { ProtoFile } from "./buf.ts";

/**
 * Reads the sources of the workspace, and refuses what buf takes without a word: a link that leads out of the root,
 * and a file that is no UTF-8 (of which buf makes an empty schema).
 * @returns the text of each file by its import path, and all findings.
 */
export async function readProtoTree(
  root: string,
  files: readonly ProtoFile[],
): Promise<{ readonly sources: ReadonlyMap<string, Buffer>; readonly findings: readonly Finding[] }> {
  const base = (await realpath(root)) + sep;
  const sources = new Map<string, Buffer>();
  const findings: Finding[] = [];
  // One after the other and at once: a promise for each of 10^4 files takes ten times as long as reading it.
  for (const file of files) {
    const path = join(root, file.path);
    const real = realpathSync.native(path);
    if (!real.startsWith(base)) {
      findings.push(finding("link-leaves-root", { target: real }, { file: file.path }));
      continue;
    }
    const bytes = readFileSync(path);
    if (!isUtf8(bytes)) findings.push(finding("not-utf8", {}, { file: file.path }));
    else sources.set(file.importPath, bytes);
  }
  return { sources, findings };
}

/** Whether the bytes are text in UTF-8; a byte order mark may stand before it. */
export function isUtf8(bytes: Buffer): boolean {
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(bytes).includes("\0");
  } catch {
    return false;
  }
}
