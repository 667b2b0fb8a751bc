import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { yamlReason } from "./approval.ts";
import { BUMPS, type Bump } from "./change.ts";
import { type Finding, finding, type Position } from "./finding.ts";

/** The folder that changesets reads, from the root. */
export const CHANGESETS = ".changeset";

/** A file of that folder, as far as we read it. */
export interface Changeset {
  /** From the root. */
  readonly file: string;
  /** npm name → bump. */
  readonly releases: ReadonlyMap<string, Bump>;
  /** npm name → where the file names it. */
  readonly places: ReadonlyMap<string, Position>;
  /** The fingerprints of the changes that our part of the file tells; empty for a person's own changeset. */
  readonly covers: readonly string[];
  /** Our part, without its marks. */
  readonly told: string;
  /** What a person wrote around our part. */
  readonly before: string;
  readonly after: string;
  /** How its lines end: an editor on Windows, or git there, may have changed that. Our texts have `\n`. */
  readonly lineEnd: "\n" | "\r\n";
}

/** The marks around our part. HTML comments, so that a changelog does not show them. */
const BEGIN = /^<!-- charter:((?: [0-9a-f]{12})*) -->\n/m;
const END = "<!-- /charter -->\n";

/** Packages and bumps between two lines of dashes, with the spaces around them that changesets takes too; then words. */
const PARTS = /^(\s*---[ \t]*\n)([\s\S]*?)(?<=\n)[ \t]*---[ \t]*(?:\n([\s\S]*))?$/;

/** @returns the changeset, or why it cannot be read. */
export function parseChangeset(
  text: string,
  file: string,
): { readonly changeset: Changeset } | { readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const fail = (reason: string, position: Omit<Position, "file">): void => {
    findings.push(finding("changeset-malformed", { reason }, { file, ...position }));
  };
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const plain = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const conflict = /^(?:<{7}|>{7})(?: |$)/m.exec(plain);
  const [, opening, head, body = ""] = PARTS.exec(plain) ?? [];
  if (conflict !== null) fail("a merge left its marks in it", { line: lineOf(plain, conflict.index), column: 1 });
  else if (opening === undefined || head === undefined) fail(missingPart(plain), { line: 1, column: 1 });
  if (opening === undefined || head === undefined || findings.length > 0) return { findings };
  const shift = opening.split("\n").length - 1;
  const { releases, places } = readReleases(head, (reason, { line, column }) =>
    fail(reason, { line: line + shift, column }),
  );
  const parts = split(body);
  if (parts === undefined) {
    const at = plain.length - body.length + Math.max(0, body.search(/<!-- \/?charter/));
    fail("the marks around charter's part are damaged", { line: lineOf(plain, at), column: 1 });
  }
  if (parts === undefined || findings.length > 0) return { findings };
  const located = new Map([...places].map(([name, at]) => [name, { file, line: at.line + shift, column: at.column }]));
  return { changeset: { file, releases, places: located, lineEnd, ...parts } };
}

function missingPart(text: string): string {
  if (text.trim() === "") return "it is empty";
  if (!/^\s*---[ \t]*\n/.test(text)) return "it must begin with `---`, packages and bumps, and `---`";
  return "no second `---` ends its packages and bumps";
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** @param fail is told each mistake, with its place in the front matter. */
function readReleases(
  head: string,
  fail: (reason: string, place: Place) => void,
): { readonly releases: ReadonlyMap<string, Bump>; readonly places: ReadonlyMap<string, Place> } {
  const lines = new LineCounter();
  const document = parseDocument(head, { lineCounter: lines });
  const at = (node: unknown): Place => placeIn(lines, isNode(node) ? node.range?.[0] : undefined);
  const [releases, places] = [new Map<string, Bump>(), new Map<string, Place>()];
  for (const error of document.errors) fail(yamlReason(error), placeIn(lines, error.pos[0]));
  if (document.errors.length > 0 || document.contents === null) return { releases, places };
  if (!isMap(document.contents)) {
    fail("its front matter must hold packages and bumps", at(document.contents));
    return { releases, places };
  }
  for (const { key, value } of document.contents.items) {
    const name = String(isScalar(key) ? key.value : key);
    const bump = isScalar(value) ? value.value : value;
    const known = BUMPS.find((each) => each === bump);
    const what = bump === null ? `${name} has no bump` : `${String(bump)} is no bump of ${name}`;
    if (known === undefined) fail(`${what}; write patch, minor or major`, at(value ?? key));
    else releases.set(name, known);
    places.set(name, at(key));
  }
  return { releases, places };
}

function placeIn(lines: LineCounter, offset = 0): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** @returns undefined when the marks do not stand around one part. */
function split(body: string): Pick<Changeset, "covers" | "told" | "before" | "after"> | undefined {
  // The last line may lack its end.
  const text = body.endsWith(END.trimEnd()) ? `${body}\n` : body;
  const begin = BEGIN.exec(text);
  const end = text.indexOf(END);
  const marks = text.match(/^<!-- \/?charter\b/gm)?.length ?? 0;
  if (begin === null || end < begin.index || marks !== 2) {
    return marks === 0 ? { covers: [], told: "", before: body, after: "" } : undefined;
  }
  return {
    covers: (begin[1] ?? "").split(" ").filter((each) => each !== ""),
    told: text.slice(begin.index + begin[0].length, end),
    before: text.slice(0, begin.index),
    after: text.slice(end + END.length),
  };
}

type Content = Pick<Changeset, "releases" | "covers" | "told" | "before" | "after">;

/** The file's text, with `\n` at the ends of its lines. */
export function renderChangeset({ releases, covers, told, before, after }: Content): string {
  const head = [...releases]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, bump]) => `${JSON.stringify(name)}: ${bump}\n`);
  const own = covers.length === 0 ? "" : `<!-- charter: ${covers.join(" ")} -->\n${told}${END}`;
  return `---\n${head.join("")}---\n${before === "" ? "\n" : before}${own}${after}`;
}
