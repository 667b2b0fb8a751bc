import { isMap, isNode, isScalar, LineCounter, parseDocument, stringify } from "yaml";
import type { Change } from "./change.ts";
import { type Finding, finding } from "./finding.ts";
import { stabilityOf } from "./names.ts";
import { nearest } from "./nearest.ts";

/** The folder of the approvals, from the root: one file for each, named by its fingerprint. */
export const APPROVALS = "approvals";

/** A committed permission for one break. It sticks to what changed: see `Change.fingerprint`. */
export interface Approval {
  readonly fingerprint: string;
  /** Of the change, so that a reader of the file knows what was approved. */
  readonly rule: string;
  readonly path: string;
  readonly reason: string;
  readonly owner: string;
  /** The last day on which it holds: YYYY-MM-DD. */
  readonly expires: string;
}

const KEYS: readonly (keyof Approval)[] = ["fingerprint", "rule", "path", "reason", "owner", "expires"];

export function approvalFile(fingerprint: string): string {
  return `${APPROVALS}/${fingerprint}.yaml`;
}

export function renderApproval(approval: Approval): string {
  return stringify(Object.fromEntries(KEYS.map((key) => [key, approval[key]])), { lineWidth: 0 });
}

/** @param file from the root. @returns the approval, or every mistake in the file. */
export function parseApproval(
  text: string,
  file: string,
): { readonly approval: Approval } | { readonly findings: readonly Finding[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const findings: Finding[] = [];
  const fail = (reason: string, offset: number | undefined): void => {
    const { line, col } = lines.linePos(offset ?? 0);
    findings.push(finding("approval-malformed", { reason }, { file, line, column: col }));
  };
  for (const error of document.errors) fail(yamlReason(error), error.pos[0]);
  if (findings.length > 0) return { findings };
  if (!isMap(document.contents)) {
    fail(document.contents === null ? "it is empty, and must hold keys and values" : "it must hold keys and values", 0);
    return { findings };
  }
  const values = new Map<string, string>();
  /** Keys about which enough was said. */
  const told = new Set<string>();
  for (const pair of document.contents.items) {
    const place = isNode(pair.key) ? pair.key.range?.[0] : undefined;
    const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    if (!KEYS.some((each) => each === name)) {
      const meant = nearest(name, KEYS);
      fail(`there is no key ${name} (did you mean ${meant}?)`, place);
      told.add(meant);
      continue;
    }
    // As it is written: YAML would make a number of some fingerprints.
    const value = isScalar(pair.value) ? String(pair.value.source ?? pair.value.value ?? "").trim() : undefined;
    const at = isNode(pair.value) ? pair.value.range?.[0] : place;
    if (value === undefined) fail(`${name} must be a text`, at);
    else if (value === "") fail(`${name} is empty`, at);
    else if (name === "expires" && !isDate(value)) fail(`${value} is no date; write YYYY-MM-DD`, at);
    else values.set(name, value);
    told.add(name);
  }
  for (const key of KEYS) if (!told.has(key)) fail(`${key} is missing`, 0);
  const approval = Object.fromEntries(KEYS.map((key) => [key, values.get(key) ?? ""])) as unknown as Approval;
  if (approval.fingerprint !== "" && file !== approvalFile(approval.fingerprint)) {
    findings.push(finding("approval-misnamed", { expected: approvalFile(approval.fingerprint) }, { file }));
  }
  return findings.length > 0 ? { findings } : { approval };
}

/** What a YAML parser says of one mistake, without the place, and without its advice to a programmer. */
export function yamlReason({ message }: { readonly message: string }): string {
  const [first = ""] = message.split("\n");
  const reason = first.replace(/ at line \d+, column \d+:?$/, "").replace(/; please use .*$/, "");
  return reason.includes("reserved character @") ? `${reason} (put it in quotes)` : reason;
}

/** A day that the calendar has: not 2026-02-30. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Whether a release with this change needs an approval: it is major, and its package made a promise. What a dependency
 * broke is approved there.
 */
export function needsApproval(change: Change): boolean {
  return change.rule !== "dependency-broken" && change.bump === "major" && stabilityOf(change.package) !== "unstable";
}

/**
 * Breaks without an approval, and approvals without a break.
 * @param today YYYY-MM-DD.
 */
export function checkApprovals(
  changes: readonly Change[],
  approvals: readonly Approval[],
  today: string,
): readonly Finding[] {
  const byFingerprint = new Map(approvals.map((each) => [each.fingerprint, each]));
  const breaks = changes.filter(needsApproval);
  const missing = breaks
    .filter(({ fingerprint }) => !byFingerprint.has(fingerprint))
    .map((change) => finding("break-unapproved", describe(change), change.position));
  const used = new Map(breaks.map((change) => [change.fingerprint, change]));
  const faulty = approvals.flatMap((approval): readonly Finding[] => {
    const position = { file: approvalFile(approval.fingerprint) };
    const change = used.get(approval.fingerprint);
    if (change === undefined) return [finding("approval-unused", { path: approval.path }, position)];
    if (change.rule !== approval.rule || change.path !== approval.path) {
      return [finding("approval-misdescribed", { rule: change.rule, path: change.path }, position)];
    }
    if (approval.expires >= today) return [];
    return [finding("approval-expired", { path: approval.path, expires: approval.expires }, position)];
  });
  return [...missing, ...faulty];
}

function describe({ package: protoPackage, rule, path, before, after, breaks, fingerprint }: Change): Finding["args"] {
  const change = [before, after].map((text) => text || "nothing").join(" → ");
  const what = breaks.length > 0 ? breaks.join(" and ") : "behaviour";
  return { package: protoPackage, rule, path, change, what, fingerprint };
}
