import type { Against } from "../core/against.ts";
import { isDate } from "../core/approval.ts";
import type { Baseline } from "../core/baseline.ts";
import { baselineSchema } from "../core/baseline.ts";
import type { Day } from "../core/calendar-day.ts";
import { type Finding, FindingsError, finding, usageError } from "../core/finding.ts";
import type { Image } from "../core/image.ts";
import { judgeLifecycle, type LifecycleVerdict } from "../core/lifecycle.ts";
import { type Names, namesOf } from "../core/lifecycle-names.ts";
import { noticesOf } from "../core/lifecycle-notices.ts";
import { readSchema } from "../core/read-schema.ts";
import { readApprovals } from "../io/approvals-folder.ts";
import { readLifecycle } from "../io/lifecycle-yaml.ts";
import { today } from "./approve.ts";
import type { Option, Values, Workspace } from "./command.ts";
import { loadChanges } from "./load-changes.ts";
import { loadImage } from "./load-schemas.ts";
import { lifecycleBefore } from "./moved-dates.ts";
import { text } from "./workspace.ts";

export const ON_OPTION: Option = {
  type: "string",
  value: "DATE",
  help: "the day, YYYY-MM-DD (default: today, in UTC)",
};

/** The day that `--on` names, else today in UTC. */
export function dayOf(values: Values): Day {
  const day = text(values, "on");
  if (day !== undefined && !isDate(day)) throw usageError("on-date", { date: day });
  return day ?? today();
}

/** What lifecycle.yaml says and the schemas do not keep; nothing where there is no such file, and was none. */
export async function checkLifecycle(
  workspace: Workspace,
  against: Against | undefined,
  day: Day,
): Promise<LifecycleVerdict> {
  const [now, before] = await Promise.all([readLifecycle(workspace.root), lifecycleBefore(workspace.root, against)]);
  if (!now.there && before?.there !== true) return { errors: [], warnings: [] };
  try {
    const { names, was, paths } = await loadNames(workspace, against);
    const { approvals } = await readApprovals(workspace.root);
    const input = { file: now.file, before: before?.file, now: names, was, approvals, today: day };
    const { errors, warnings } = judgeLifecycle(input);
    const located = (each: Finding): Finding => locate(each, paths);
    return { errors: [...now.findings, ...errors.map(located)], warnings: warnings.map(located) };
  } catch (error) {
    // Schemas that do not compile are told of by the rest of the check.
    if (error instanceof FindingsError) return { errors: now.findings, warnings: [] };
    throw error;
  }
}

interface LoadedNames {
  readonly names: Names;
  readonly was: Names | undefined;
  /** Import path → path from the root. */
  readonly paths: ReadonlyMap<string, string>;
}

async function loadNames(workspace: Workspace, against: Against | undefined): Promise<LoadedNames> {
  if (against === undefined) return { ...(await namesNow(workspace)), was: undefined };
  const asked = { workspace, naming: workspace.config, against, registry: undefined, rulesOnly: true };
  const { image, schema, baseline, paths } = await loadChanges(asked);
  return { names: namesOf(schema, deprecatedFiles([image])), was: namesBefore(baseline), paths };
}

function namesBefore(baseline: Baseline): Names {
  const images = [...baseline.packages.values()].map(({ image }) => image);
  return namesOf(baselineSchema(baseline), deprecatedFiles(images));
}

/** The names of the workspace alone. @throws FindingsError when it does not compile. */
export async function namesNow(
  workspace: Pick<Workspace, "root" | "out">,
): Promise<{ readonly names: Names; readonly paths: ReadonlyMap<string, string> }> {
  const { image, files } = await loadImage(workspace);
  const names = namesOf(readSchema(image), deprecatedFiles([image]));
  return { names, paths: new Map(files.map((file) => [file.importPath, file.path])) };
}

/** What npm is to say of the packages from a day on: nothing is asked of the schemas where lifecycle.yaml is absent. */
export async function loadNotices(workspace: Workspace, day: Day): Promise<ReadonlyMap<string, string>> {
  const { file, findings, there } = await readLifecycle(workspace.root);
  if (findings.length > 0) throw new FindingsError(findings, 1);
  return there ? noticesOf(file, (await namesNow(workspace)).names, workspace.config, day) : new Map();
}

function deprecatedFiles(images: readonly Image[]): ReadonlySet<string> {
  const files = images.flatMap((image) => image.files);
  return new Set(files.filter((file) => file.deprecated).map((file) => file.proto.name));
}

function locate(each: Finding, paths: ReadonlyMap<string, string>): Finding {
  const { position } = each;
  const file = position === undefined ? undefined : paths.get(position.file);
  return position === undefined || file === undefined ? each : finding(each.code, each.args, { ...position, file });
}
