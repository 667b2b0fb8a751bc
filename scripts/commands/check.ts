import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Against } from "../core/against.ts";
import type { Day } from "../core/calendar-day.ts";
import { type Finding, FindingsError } from "../core/finding.ts";
import { checkFormat, lint } from "../io/buf.ts";
import { bufWorkspace } from "../io/buf-workspace.ts";
import { findMergeBase } from "../io/git.ts";
import { buildPackages } from "./build.ts";
import { checkChanges } from "./check-changes.ts";
import { checkLifecycle, dayOf, ON_OPTION } from "./check-lifecycle.ts";
import { type Command, FORMAT_OPTION, type Values, WORKSPACE_OPTIONS, type Workspace } from "./command.ts";
import { applyGeneration, type GenerationPlan, planGeneration, staleFindings } from "./generate.ts";
import { movedDates, withoutDateApprovals } from "./moved-dates.ts";
import { againstOf, oneOf, openWorkspace, text } from "./workspace.ts";
import { bridgeFindings, copyHandwritten } from "./write-bridges.ts";

export const check: Command = {
  name: "check",
  summary: "Everything that a pull request must pass, with all findings at once.",
  details: [
    "Formatting and lint rules of the schemas, breaks of stable packages that nobody approved (by charter's own rules, and",
    "by `buf breaking` as a second opinion), changesets that ask for too little, committed files that are stale, and the",
    "types of the packages that would come out. It writes nothing.",
  ],
  options: {
    ...WORKSPACE_OPTIONS,
    against: {
      type: "string",
      value: "BASELINE",
      help: "what to compare with, as in charter diff (default: the merge base)",
    },
    on: ON_OPTION,
    format: FORMAT_OPTION,
  },
  examples: [
    "charter check",
    "charter check --against git:v1.0.0",
    "charter check --on 2027-06-01",
    "charter check --format json",
  ],
  async run(values, reporter) {
    const format = oneOf(values, "format", ["text", "json"]);
    const day = dayOf(values);
    const workspace = await openWorkspace(values);
    const against = await baselineOf(workspace, values);
    if (against === undefined) {
      reporter.step("Nothing to compare with: no git repository, or no schemas at the merge base.");
    }
    const collecting = collect(workspace, against, day);
    const { findings, warnings } = await reporter.progress(
      "Checking the schemas and the packages that come out …",
      collecting,
    );
    if (format === "json") reporter.json({ version: 1, findings, warnings });
    else {
      reporter.findings(findings, workspace.root);
      if (warnings.length > 0) reporter.step("Warnings, which keep nothing from passing:");
      reporter.findings(warnings, workspace.root);
      reporter.result(summary(findings.length, warnings.length));
    }
    return findings.length === 0 ? 0 : 1;
  },
};

function summary(count: number, warnings: number): string {
  const warned = warnings === 1 ? "1 warning" : `${warnings} warnings`;
  if (count === 0) return warnings === 0 ? "Nothing to report." : `Nothing to refuse, ${warned}.`;
  const found = count === 1 ? "1 finding" : `${count} findings`;
  return warnings === 0 ? `${found}.` : `${found}, ${warned}.`;
}

/** @returns undefined when there is nothing to compare with, and nobody asked for it. */
async function baselineOf({ root }: Workspace, values: Values): Promise<Against | undefined> {
  if (text(values, "against") !== undefined) return againstOf(values);
  const commit = await findMergeBase(root);
  return commit === undefined ? undefined : { kind: "git", ref: commit };
}

interface Collected {
  readonly findings: readonly Finding[];
  readonly warnings: readonly Finding[];
}

async function collect(workspace: Workspace, against: Against | undefined, day: Day): Promise<Collected> {
  const input = await bufWorkspace(workspace);
  const [formatting, linting, breaks, rest, { errors, warnings }, moves] = await Promise.all([
    checkFormat(input),
    lint(input),
    against === undefined ? [] : checkChanges(workspace, against),
    checkPackages(workspace),
    checkLifecycle(workspace, against, day),
    movedDates(workspace.root, against),
  ]);
  const all = [...formatting, ...linting, ...withoutDateApprovals(breaks, moves), ...errors, ...rest];
  return { findings: unique(withoutFormat(all)), warnings };
}

/** A file that cannot be read as a schema must not be formatted: what buf made of it would be written back. */
function withoutFormat(findings: readonly Finding[]): readonly Finding[] {
  const unread = findings.filter(({ code }) => code === "not-utf8" || code === "proto-syntax");
  const files = new Set(unread.map(({ position }) => position?.file));
  return findings.filter(({ code, position }) => code !== "proto-format" || !files.has(position?.file));
}

/** What can only be asked of schemas that compile; when they do not, that is the answer. */
async function checkPackages(workspace: Workspace): Promise<readonly Finding[]> {
  try {
    const plan = await planGeneration(workspace);
    const bridges = plan.bridges.flatMap((bridge) => bridgeFindings(workspace, bridge));
    return [...(await staleFindings(workspace, plan)), ...bridges, ...(await checkTypes(workspace, plan))];
  } catch (error) {
    if (error instanceof FindingsError) return error.findings;
    throw error;
  }
}

/** Builds the packages in a folder of their own, so that the tree stays as it is. */
async function checkTypes(workspace: Workspace, plan: GenerationPlan): Promise<readonly Finding[]> {
  const out = await mkdtemp(join(tmpdir(), "charter-check-"));
  try {
    await applyGeneration({ ...workspace, out }, plan);
    for (const bridge of plan.bridges) await copyHandwritten(workspace, bridge, out);
    const findings = await buildPackages({ ...workspace, out });
    return findings.map((each) => replaceFolder(each, out, workspace.out));
  } finally {
    await rm(out, { recursive: true });
  }
}

function replaceFolder(finding: Finding, from: string, to: string): Finding {
  const { position } = finding;
  if (position === undefined || !position.file.startsWith(from)) return finding;
  return { ...finding, position: { ...position, file: join(to, relative(from, position.file)) } };
}

/** buf says a compile error to each of its commands. */
function unique(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((each) => [JSON.stringify(each), each])).values()];
}
