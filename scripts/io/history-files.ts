import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Finding, FindingsError, finding } from "../core/finding.ts";
import { HISTORY, type History, parseHistory } from "../core/history.ts";
import { markedPackage } from "../core/package-json.ts";
import { readPackagesFolder } from "./packages-folder.ts";
import { readOptional, writeChanged } from "./write-file.ts";

/** The place for the history of a package that is there. */
export interface HistoryFile {
  readonly protoPackage: string;
  /** The name of the package's folder. */
  readonly folder: string;
  /** undefined: there is nothing to remember. */
  readonly text: string | undefined;
}

/** @param out the folder of the packages. */
export async function readHistoryFiles(out: string): Promise<readonly HistoryFile[]> {
  const { existing } = await readPackagesFolder(out);
  const files = [...existing].map(async ([folder, json]): Promise<HistoryFile[]> => {
    const protoPackage = markedPackage(json);
    if (protoPackage === undefined) return [];
    const bytes = await readOptional(join(out, folder, HISTORY));
    return [{ protoPackage, folder, text: bytes?.toString("utf8") }];
  });
  return (await Promise.all(files)).flat();
}

/**
 * What the packages of a baseline remember, by proto package; those that remember nothing are left out.
 * @param label what the findings call the baseline.
 * @throws FindingsError for each file that cannot be read: what a package has forgotten nobody can check.
 */
export async function readHistories(out: string, label: string): Promise<ReadonlyMap<string, History>> {
  const found = new Map<string, History>();
  const findings: Finding[] = [];
  for (const { protoPackage, text } of await readHistoryFiles(out)) {
    if (text === undefined) continue;
    const parsed = parseHistory(text);
    if ("history" in parsed) found.set(protoPackage, parsed.history);
    else findings.push(finding("baseline-history", { package: protoPackage, baseline: label, reason: parsed.reason }));
  }
  if (findings.length > 0) throw new FindingsError(findings, 2);
  return found;
}

/** @param text undefined: the file goes. */
export async function writeHistory(out: string, folder: string, text: string | undefined): Promise<void> {
  const file = join(out, folder, HISTORY);
  if (text === undefined) await rm(file, { force: true });
  else await writeChanged(file, text);
}
