import { join, resolve } from "node:path";
import type { Against } from "../core/against.ts";
import { checkApprovals, needsApproval } from "../core/approval.ts";
import type { Change } from "../core/change.ts";
import { CHANGESETS, checkChangesets, demandsOf } from "../core/changeset.ts";
import { type Finding, FindingsError } from "../core/finding.ts";
import { readApprovals } from "../io/approvals-folder.ts";
import { breaking } from "../io/buf.ts";
import { bufWorkspace } from "../io/buf-workspace.ts";
import { readChangesets } from "../io/changeset-folder.ts";
import { bufInputOf } from "../io/git.ts";
import { readPackagesFolder } from "../io/packages-folder.ts";
import { readOptional } from "../io/write-file.ts";
import { today } from "./approve.ts";
import type { Workspace } from "./command.ts";
import { checkHistories } from "./histories.ts";
import { loadChanges } from "./load-changes.ts";

/**
 * Breaks of stable packages that nobody approved, by our rules and by buf's; where changesets are in use, those that ask
 * for too little; and histories that have forgotten something. buf knows no approvals: it is not asked about a package
 * whose breaks are all approved.
 */
export async function checkChanges(workspace: Workspace, against: Against): Promise<readonly Finding[]> {
  try {
    const { root, config } = workspace;
    const { image, changes, paths, baseline, schema } = await loadChanges({
      workspace,
      naming: config,
      against,
      registry: undefined,
    });
    const { approvals, findings } = await readApprovals(root);
    const own = checkApprovals(changes, approvals, today()).map((each) => located(each, paths));
    const approved = approvedPackages(changes, new Set(approvals.map(({ fingerprint }) => fingerprint)));
    const silent = new Set(
      image.files
        .filter((file) => approved.has(file.proto.package))
        .map((file) => paths.get(file.proto.name) ?? file.proto.name),
    );
    const input = await bufInput(root, against);
    const second = input === undefined ? [] : await breaking(await bufWorkspace(workspace), input);
    const breaks = [...own, ...second.filter(({ position }) => !silent.has(position?.file ?? ""))];
    const inUse = (await readOptional(join(root, CHANGESETS, "config.json"))) !== undefined;
    const changesets = inUse ? await checkChangesetFolder(workspace, changes) : [];
    const histories = await checkHistories(workspace, { baseline, schema }, { absent: inUse });
    return [...findings, ...breaks, ...changesets, ...histories];
  } catch (error) {
    if (error instanceof FindingsError) return error.findings;
    throw error;
  }
}

async function checkChangesetFolder(
  { root, out, config }: Workspace,
  changes: readonly Change[],
): Promise<readonly Finding[]> {
  const { existing } = await readPackagesFolder(out);
  const known = new Set([...existing.values()].map((json) => String(json["name"])));
  return checkChangesets(demandsOf(changes, config, known), await readChangesets(root), known);
}

function approvedPackages(changes: readonly Change[], approved: ReadonlySet<string>): ReadonlySet<string> {
  const breaks = changes.filter(needsApproval);
  const open = new Set(breaks.filter(({ fingerprint }) => !approved.has(fingerprint)).map((change) => change.package));
  return new Set(breaks.map((change) => change.package).filter((name) => !open.has(name)));
}

/** The baseline as buf takes it; undefined for a form that it does not have. */
async function bufInput(root: string, against: Against): Promise<string | undefined> {
  if (against.kind === "path") return resolve(against.path);
  if (against.kind !== "git") return undefined;
  return await bufInputOf(root, against.ref);
}

function located(finding: Finding, paths: ReadonlyMap<string, string>): Finding {
  const { position } = finding;
  const file = position === undefined ? undefined : paths.get(position.file);
  return position === undefined || file === undefined ? finding : { ...finding, position: { ...position, file } };
}
