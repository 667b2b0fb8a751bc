import { join, resolve } from "node:path";
import type { Against } from "../core/against.ts";
import { checkApprovals, needsApproval } from "../core/approval.ts";
import type { Change } from "../core/change.ts";
import { CHANGESETS, checkChangesets, demandsOf } from "../core/changeset.ts";
import { type Finding, FindingsError } from "../core/finding.ts";
import { readApprovals } from "../io/approvals-folder.ts";
import { breaking } from "../io/buf.ts";
import { bufWorkspace } from "../io/buf-workspace.ts";
import { readChangesetFolder } from "../io/changeset-folder.ts";
import { checkOutSchemas, resolveCommit } from "../io/git-tree.ts";
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
    // Also those that are gone: buf names them as others imported them.
    const older = [...baseline.packages.values()].flatMap((each) => each.image.files);
    const silent = new Set(
      [...image.files, ...older]
        .filter((file) => approved.has(file.proto.package))
        .map((file) => paths.get(file.proto.name) ?? file.proto.name),
    );
    const second = await secondOpinion(workspace, against);
    const breaks = [...own, ...second.filter(({ position }) => !silent.has(position?.file ?? ""))];
    const inUse = (await readOptional(join(root, CHANGESETS, "config.json"))) !== undefined;
    const changesets = inUse ? await checkChangesetFolder(workspace, changes) : [];
    const histories = await checkHistories(workspace, { baseline, schema }, { absent: inUse });
    return [...findings, ...breaks, ...changesets, ...histories];
  } catch (error) {
    // Without a baseline there is no answer, and that is no finding about the schemas.
    if (error instanceof FindingsError && !error.findings.some(isOfBaseline)) return error.findings;
    throw error;
  }
}

function isOfBaseline({ code }: Finding): boolean {
  return /^(?:baseline|git)-/.test(code);
}

async function checkChangesetFolder(
  { root, out, config }: Workspace,
  changes: readonly Change[],
): Promise<readonly Finding[]> {
  const { existing } = await readPackagesFolder(out);
  const known = new Set([...existing.values()].map((json) => String(json["name"])));
  const { changesets, findings } = await readChangesetFolder(root);
  // What a file asks for that cannot be read nobody knows, so nothing is said to be missing.
  const demands = findings.length > 0 ? [] : demandsOf(changes, config, known);
  return [...findings, ...checkChangesets(demands, changesets, known)];
}

function approvedPackages(changes: readonly Change[], approved: ReadonlySet<string>): ReadonlySet<string> {
  const breaks = changes.filter(needsApproval);
  const open = new Set(breaks.filter(({ fingerprint }) => !approved.has(fingerprint)).map((change) => change.package));
  return new Set(breaks.map((change) => change.package).filter((name) => !open.has(name)));
}

/** What `buf breaking` says; nothing for a baseline that it cannot read. */
async function secondOpinion(workspace: Workspace, against: Against): Promise<readonly Finding[]> {
  const input = await bufWorkspace(workspace);
  if (against.kind === "path") return await breaking(input, resolve(against.path));
  const commit = against.kind === "git" ? await resolveCommit(workspace.root, against.ref) : undefined;
  await using folder = commit === undefined ? undefined : await checkOutSchemas(workspace.root, commit);
  return folder === undefined ? [] : await breaking(input, folder.path);
}

function located(finding: Finding, paths: ReadonlyMap<string, string>): Finding {
  const { position } = finding;
  const file = position === undefined ? undefined : paths.get(position.file);
  return position === undefined || file === undefined ? finding : { ...finding, position: { ...position, file } };
}
