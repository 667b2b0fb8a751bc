import type { Break } from "../../scripts/core/change.ts";
import type { Rule } from "../../scripts/core/rule.ts";
import { RULES } from "../../scripts/core/rules.ts";
import { ALL } from "./all.ts";
import { type Fixture, HINTS, type Texts } from "./fixture.ts";
import type { PastFixture } from "./past-fixture.ts";

const WORDS: Readonly<Record<Break, string>> = { wire: "wire", json: "JSON", source: "source" };

/** Between these lines of docs/rules.md stands what follows from the table and the fixtures. */
export const BEGIN = "<!-- from scripts/core/rules.ts and tests/semver: node tests/semver/write-rules.ts -->\n";
export const END = "<!-- end -->\n";

export function renderRules(): string {
  const rules = Object.entries(RULES);
  const rows = rules.map(
    ([id, rule]) => `| [\`${id}\`](#${id}) | ${breaksOf(rule)} | ${rule.bump} | ${unstable(rule)} |`,
  );
  const table = ["| change | breaks | stable | unstable |", "|---|---|---|---|", ...rows].join("\n");
  return `\n${table}\n\n${rules.map(([id, rule]) => renderRule(id, rule)).join("\n")}`;
}

function renderRule(id: string, rule: Rule): string {
  const fixture = exampleOf(id);
  const breaks = rule.bump === "major" ? breaksOf(rule) : "nothing";
  const bump = `Breaks ${breaks}: a ${rule.bump}${rule.bump === "major" ? ", on an unstable package a minor" : ""}.`;
  const fix = rule.fix === "" ? "Nothing to do instead." : `Instead: ${rule.fix}`;
  const mirror = mirrorOf(id, rule);
  const unproven = Object.entries(fixture.unproven ?? {}).map(
    ([encoding, reason]) => `No message shows the break of ${WORDS[encoding as Break]}: ${reason}.`,
  );
  const others = fixture.expect.filter((each) => each !== id).map((each) => `[\`${each}\`](#${each})`);
  const also = others.length === 0 ? [] : [`The example has more changes: ${[...new Set(others)].join(", ")}.`];
  const example = `\`\`\`diff\n${renderExample(fixture)}\n\`\`\``;
  return `## ${id}\n\n${renderPast(fixture)}${example}\n\n${[bump, rule.why, fix, mirror, ...also, ...unproven].join("\n")}\n`;
}

function mirrorOf(id: string, { mirror }: Rule): string {
  if (mirror === undefined) return "There is no way back: it is about what was before both sides.";
  return mirror === id ? "The way back is the same change." : `The way back: [\`${mirror}\`](#${mirror}).`;
}

/** What an earlier release had, where the example is about that. */
function renderPast(fixture: Fixture | PastFixture): string {
  if (!("past" in fixture)) return "";
  const [texts] = [...filesOf(fixture.past[0]).values()];
  return `An earlier release had\n\n\`\`\`proto\n${layOut(texts ?? "").join("\n")}\n\`\`\`\n\nand after the last one comes\n\n`;
}

function breaksOf({ breaks, bump }: Rule): string {
  if (breaks.length > 0) return breaks.map((each) => WORDS[each]).join(", ");
  return bump === "major" ? "no encoding, but what callers rely on" : "–";
}

function unstable({ bump }: Rule): string {
  return bump === "major" ? "minor" : bump;
}

/** The fixture that shows a rule alone, or with the fewest others. */
function exampleOf(id: string): Fixture {
  const [fixture] = ALL.filter(({ expect }) => expect.includes(id)).sort(
    (a, b) => a.expect.length - b.expect.length || Number(a.unproven !== undefined) - Number(b.unproven !== undefined),
  );
  if (fixture === undefined) throw new Error(`no fixture for ${id}`);
  return fixture;
}

function renderExample({ before, after }: Fixture): string {
  const [old, now] = [filesOf(before), filesOf(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  // A file is only named where there are several, or where it comes or goes.
  const named = paths.length > 1 || old.size !== now.size;
  const blocks = paths.map((path) => {
    const header = (files: ReadonlyMap<string, string>): readonly string[] =>
      named && files.has(path) ? [`// ${path.replace("acme/x/", "").replace("v1/", "")}`] : [];
    const lines = (files: ReadonlyMap<string, string>): readonly string[] => [
      ...header(files),
      ...layOut(files.get(path) ?? ""),
    ];
    return diffLines(lines(old), lines(now)).join("\n");
  });
  return blocks.join("\n");
}

function filesOf(texts: Texts): ReadonlyMap<string, string> {
  const entries = Object.entries(typeof texts === "string" ? { "x.proto": texts } : texts);
  return new Map(entries.map(([path, text]) => [path, text.replace(HINTS, "")]));
}

/** A text as a person would lay it out: a line each for what ends in a semicolon or a brace. */
function layOut(text: string): readonly string[] {
  const lines: string[] = [];
  let depth = 0;
  for (const part of text.match(/\/\/[^\n]*|\/\*.*?\*\/|(?:"[^"]*"|\[[^\]]*\]|[^;{}"[\n])+[;{]?|[;{}]/g) ?? []) {
    const line = part.trim().replace(/\s+/g, " ");
    if (line === "") continue;
    if (line === "}") depth--;
    lines.push(`${"  ".repeat(depth)}${line}`);
    if (line.endsWith("{") && !line.startsWith("/")) depth++;
  }
  return lines;
}

/** The lines of both sides, by their longest common sequence. */
function diffLines(old: readonly string[], now: readonly string[]): readonly string[] {
  const [first, second] = [old[0], now[0]];
  if (first === undefined) return now.map((line) => `+${line}`);
  if (second === undefined) return old.map((line) => `-${line}`);
  if (first === second) return [` ${first}`, ...diffLines(old.slice(1), now.slice(1))];
  const without = [`-${first}`, ...diffLines(old.slice(1), now)];
  const withNew = [`+${second}`, ...diffLines(old, now.slice(1))];
  return withNew.length < without.length ? withNew : without;
}
