import { join, relative } from "node:path";
import type { Baseline } from "../core/baseline.ts";
import { type Finding, FindingsError, finding } from "../core/finding.ts";
import { entriesOf, HISTORY, type History, isEmpty, NO_HISTORY, parseHistory, renderHistory } from "../core/history.ts";
import { nextHistories } from "../core/next-history.ts";
import type { Schema } from "../core/schema.ts";
import { readBaseline } from "../io/baseline.ts";
import { type HistoryFile, readHistoryFiles, writeHistory } from "../io/history-files.ts";
import { checkPaths } from "../io/packages-folder.ts";
import type { Workspace } from "./command.ts";

/** The history of one package beside what it should be. */
export interface HistoryPlan {
  readonly folder: string;
  /** From the root. */
  readonly file: string;
  /** undefined: nothing to remember, so no file. */
  readonly text: string | undefined;
  /** Whether the file differs, if only in its order. */
  readonly changed: boolean;
  /** What is wrong with it: undefined for what merely stands in another order, as two branches leave it. */
  readonly finding: Finding | undefined;
}

interface Sides {
  readonly baseline: Baseline;
  /** As the workspace has it. */
  readonly schema: Schema;
}

/**
 * What each package that the baseline knows has to remember. It follows from the baseline and the schemas, never from the
 * file that is there: so a file that a merge has spoilt is mended by writing it again.
 * @throws FindingsError where something else stands in the place of a file.
 */
export async function planHistories({ root, out }: Workspace, sides: Sides): Promise<readonly HistoryPlan[]> {
  const files = await readHistoryFiles(out);
  const taken = await Promise.all(
    files.map(({ folder }) => checkPaths(out, { folder, files: [HISTORY], folders: [] })),
  );
  if (taken.flat().length > 0) throw new FindingsError(taken.flat(), 2);
  const next = nextHistories(remembered(sides.baseline, files), sides.schema);
  return files.flatMap((each): readonly HistoryPlan[] => {
    const wanted = next.get(each.protoPackage);
    if (wanted === undefined) return [];
    const { folder } = each;
    const file = join(relative(root, out), folder, HISTORY);
    const text = isEmpty(wanted) ? undefined : renderHistory(wanted);
    return [{ folder, file, text, changed: text !== each.text, finding: judge(each, wanted, file) }];
  });
}

/** An image says nothing of the past: there, what the package remembers now is not forgotten. */
function remembered({ packages }: Baseline, files: readonly HistoryFile[]): Parameters<typeof nextHistories>[0] {
  const own = new Map(files.map(({ protoPackage, text }) => [protoPackage, text]));
  const historyOf = (name: string): History => {
    const parsed = parseHistory(own.get(name) ?? "");
    return "history" in parsed ? parsed.history : NO_HISTORY;
  };
  return new Map(
    [...packages].map(([name, { schema, history }]) => [name, { schema, history: history ?? historyOf(name) }]),
  );
}

function judge({ protoPackage, text }: HistoryFile, wanted: History, file: string): Finding | undefined {
  const parsed = text === undefined ? { history: NO_HISTORY } : parseHistory(text);
  if ("reason" in parsed) return finding("history-malformed", { reason: parsed.reason }, { file });
  const [has, needs] = [new Set(entriesOf(parsed.history)), new Set(entriesOf(wanted))];
  const lacking = [...needs].filter((entry) => !has.has(entry));
  const idle = [...has].filter((entry) => !needs.has(entry));
  const what = [told("it lacks", lacking), told("it should no longer have", idle)].filter((part) => part !== "");
  if (what.length === 0) return undefined;
  return finding("history-stale", { package: protoPackage, what: what.join("; ") }, { file });
}

/** As many as a person reads in one line. */
const ENTRIES = 3;

function told(verb: string, entries: readonly string[]): string {
  if (entries.length === 0) return "";
  const more = entries.length > ENTRIES ? ` and ${entries.length - ENTRIES} more` : "";
  return `${verb} ${entries.slice(0, ENTRIES).join(", ")}${more}`;
}

/** @returns what was written or removed, in words. */
export async function applyHistories(
  { out }: Pick<Workspace, "out">,
  plans: readonly HistoryPlan[],
): Promise<readonly string[]> {
  const changed = plans.filter((plan) => plan.changed);
  for (const { folder, text } of changed) await writeHistory(out, folder, text);
  return changed.map(({ file, text }) => `${text === undefined ? "Removed" : "Wrote"} ${file}.`);
}

/**
 * A finding for each history that is not what the baseline gives, nor what `charter changeset` would write: what was
 * merged and never released need not be remembered, and only the registry that it asks knows which that is.
 * @param absent whether a package that has no history yet must have one.
 */
export async function checkHistories(
  workspace: Workspace,
  sides: Sides,
  { absent }: { readonly absent: boolean },
): Promise<readonly Finding[]> {
  const wrong = await findWrong(workspace, sides, absent);
  if (wrong.length === 0) return [];
  const { root, out, config } = workspace;
  const protoPackages = [...sides.schema.packages.keys()];
  const options = { root, out, naming: config, registry: undefined, protoPackages };
  const baseline = await readBaseline({ kind: "default" }, options).catch((error: unknown) => {
    if (error instanceof FindingsError) return undefined;
    throw error;
  });
  if (baseline === undefined) return wrong;
  const still = await findWrong(workspace, { ...sides, baseline }, absent);
  return wrong.filter(({ position }) => still.some((each) => each.position?.file === position?.file));
}

async function findWrong(workspace: Workspace, sides: Sides, absent: boolean): Promise<readonly Finding[]> {
  const [plans, files] = [await planHistories(workspace, sides), await readHistoryFiles(workspace.out)];
  const there = new Set(files.filter(({ text }) => text !== undefined).map(({ folder }) => folder));
  return plans.flatMap(({ folder, finding: found }) =>
    found === undefined || (!absent && !there.has(folder)) ? [] : [found],
  );
}
