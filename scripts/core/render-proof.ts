import type { GoldenFinding } from "./bridge-golden.ts";
import type {
  ChangedFinding,
  LossFinding,
  ProofCount,
  ProofFinding,
  ProofReport,
  ThrewFinding,
} from "./bridge-proof-report.ts";

/** The report for a terminal: the seed, a line for each type and direction, then each finding with what to do about it. */
export function renderProof(report: ProofReport): string {
  const { seed, count, counts, findings } = report;
  const total = findings.length === 0 ? "Nothing is lost that is not declared." : findingsOf(findings.length);
  return [
    [`Seed ${seed}, ${messages(count)} for each type and direction:`, ...counts.map(countLine)].join("\n"),
    ...findings.map(renderFinding),
    total,
  ].join("\n\n");
}

function messages(count: number): string {
  return count === 1 ? "1 message" : `${count} messages`;
}

function findingsOf(count: number): string {
  return count === 1 ? "1 finding." : `${count} findings.`;
}

function countLine({ type, between, messages: sent, lossy, changed, threw }: ProofCount): string {
  const kept = sent - lossy - changed - threw;
  const rest = [
    [lossy, "with declared losses"],
    [changed, "changed"],
    [threw, "refused by the converter"],
  ] as const;
  const told = rest.filter(([count]) => count > 0).map(([count, what]) => `, ${count} ${what}`);
  return `  ${type} → ${between} → ${type}: ${kept} kept${told.join("")}`;
}

function renderFinding(found: ProofFinding): string {
  if (found.kind === "changed") return renderChanged(found);
  return found.kind === "threw" ? renderThrew(found) : renderLoss(found);
}

function renderChanged(found: ChangedFinding): string {
  const paths = found.value === undefined ? [found.path] : [found.path, found.value];
  return [
    `${found.path} does not come back as it was.`,
    ...whereOf(found),
    `  between: ${found.between}`,
    `  before:  ${found.before}`,
    `  after:   ${found.after}`,
    "  Correct the converter, or declare the loss in the bridge's file:",
    ...paths.map((path, at) => `${at === 0 ? "" : "  or, for this value of the enum alone:\n"}${declaration(path)}`),
  ].join("\n");
}

function declaration(path: string): string {
  return `    - path: ${path}\n      reason: …`;
}

function renderThrew(found: ThrewFinding): string {
  return [
    `${found.path}: ${found.step} refuses a message that ${found.type} can be: ${found.error}`,
    ...whereOf(found),
    "  A converter must take every message of its type: correct it, and declare as a loss what it cannot keep.",
  ].join("\n");
}

function whereOf({
  type,
  alsoIn,
  index,
  seed,
  alone,
  message,
  shrunk,
}: ChangedFinding | ThrewFinding): readonly string[] {
  const also = alsoIn.length === 0 ? "" : `, also seen in ${alsoIn.join(", ")}`;
  const made = `  message ${index} of ${type}, seed ${seed}${also}`;
  if (alone) return [made, `  message: ${message}`, `  shrunk:  ${shrunk}`];
  return [`${made}; alone it does not fail: the converter keeps something between calls`, `  message: ${message}`];
}

function renderLoss({ kind, path, reason, nearest }: LossFinding): string {
  if (kind === "loss-unknown") {
    return [
      `${path}: no field and no value of an enum has this path, which is declared as a loss (${reason}).`,
      `  Take it out of the bridge's file, or name what is there: did you mean ${nearest}?`,
    ].join("\n");
  }
  return [
    `${path}: the declared loss never happens (${reason}).`,
    "  Every message came back with it: take the loss out of the bridge's file.",
  ].join("\n");
}

/**
 * What the check of the golden messages found.
 * @param file the path of their file.
 */
export function renderGolden(findings: readonly GoldenFinding[], file: string): string {
  return findings.map((each) => renderGoldenFinding(each, file)).join("\n\n");
}

function renderGoldenFinding(found: GoldenFinding, file: string): string {
  switch (found.kind) {
    case "golden-unreadable":
      return `${file} is no file of golden messages: ${found.reason}.\n  Take it back from git.`;
    case "golden-missing":
      return `${file} has no message of ${found.from} to ${found.to}.\n  Record some, and commit the file.`;
    case "golden-stray":
      return [
        `${file} has messages of ${found.from} to ${found.to}, which are no pair any more.`,
        "  Pair them again: a released bridge converted them. Otherwise take the messages out of the file.",
      ].join("\n");
    case "golden-threw":
      return [
        `${file}, message ${found.index}: the converter of ${found.from} refuses what it took before: ${found.error}`,
        `  message: ${found.message}`,
        "  Correct the converter.",
      ].join("\n");
    case "golden-changed":
      return [
        `${file}, message ${found.index}: ${found.path} is not what ${found.from} was converted to before.`,
        `  message: ${found.message}`,
        `  before:  ${found.before}`,
        `  after:   ${found.after}`,
        "  Correct the converter. If the change is meant, take the message out of the file and record another.",
      ].join("\n");
  }
}
