import type { DescFile } from "@bufbuild/protobuf";
import { commentsOf, ProtoText, type Span, withComments } from "./proto-text.ts";

/** The option that speaks for all that is in a file: see deprecation.ts. */
export const DEPRECATED = "option deprecated = true;";
const OPTIONS = "8";
const PATH = `${OPTIONS}.23`;
/** Of the syntax, the edition, the package and the imports: what stands before the options. */
const HEAD = /^(?:2|12|14|3\.\d+)$/;

export interface Deprecation {
  readonly content: string;
  /** The line of the statement, from 1. */
  readonly line: number;
  /** False where it stood there already. */
  readonly changed: boolean;
}

/** A file of a version that is on its way out. All else in it stays as it is, to the byte. @param file with source info. */
export function deprecateText(file: DescFile, content: string): Deprecation {
  const text = new ProtoText(content);
  const spans = spansOf(file, text);
  const stated = spans.find(({ path }) => path === PATH);
  const edit =
    stated === undefined
      ? insertion(spans, content)
      : { ...stated, text: text.slice(stated).replace(/\bfalse\b/, "true") };
  const edited = text.edited([edit]);
  const line = new ProtoText(edited).lineOf(edit.start + edit.text.search(/\S/));
  return { content: edited, line, changed: edited !== content };
}

/** The statement of a file's own deprecation; undefined where there is none. */
export function deprecationOf(file: DescFile, text: ProtoText): Span | undefined {
  return spansOf(file, text).find(({ path }) => path === PATH);
}

interface Place extends Span {
  readonly path: string;
}

function spansOf(file: DescFile, text: ProtoText): readonly Place[] {
  const locations = file.proto.sourceCodeInfo?.location ?? [];
  return locations
    .map((location) => ({ ...text.spanOf(location), path: location.path.join(".") }))
    .filter(({ path }) => HEAD.test(path) || path.startsWith(`${OPTIONS}.`))
    .sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Where `buf format` would have the statement: among the options by its name, else behind what stands before them. */
function insertion(spans: readonly Place[], content: string): Span & { readonly text: string } {
  const comments = commentsOf(content);
  const eol = content.includes("\r\n") ? "\r\n" : "\n";
  const options = spans.filter(({ start, end }) => /^option\b/.test(content.slice(start, end)));
  const next = options.find((each) => nameOf(content, each) > "deprecated");
  if (next !== undefined) {
    const { start } = withComments(content, next, comments);
    return { start, end: start, text: `${DEPRECATED}${eol}` };
  }
  const before = options.at(-1) ?? spans.findLast(({ path }) => HEAD.test(path));
  const { end } = before === undefined ? { end: 0 } : withComments(content, before, comments);
  const broken = end === 0 || content[end - 1] === "\n" ? "" : eol;
  const first = options.length === 0;
  const above = first && before !== undefined ? eol : "";
  const below = first && !/^\s*(?:\n|$)/.test(content.slice(end)) ? eol : "";
  return { start: end, end, text: `${broken}${above}${DEPRECATED}${eol}${below}` };
}

/** buf puts custom options, whose names begin with a bracket, last. */
function nameOf(content: string, { start, end }: Span): string {
  const [, name = ""] = /^option\s+([\w.]+|\()/.exec(content.slice(start, end)) ?? [];
  return name === "(" ? "~" : name;
}
