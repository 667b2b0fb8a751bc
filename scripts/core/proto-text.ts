import type { SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";

/** A part of a text, as offsets in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Edit extends Span {
  readonly text: string;
}

/** How far a tab moves the column in buf's positions. */
const TAB = 4;

/** The text of a `.proto` file, by the lines and columns of its source info: those count from 0, and code points. */
export class ProtoText {
  readonly text: string;
  readonly #lines: readonly number[];

  constructor(text: string) {
    this.text = text;
    this.#lines = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  /** @param span SourceCodeInfo.Location.span: three numbers where it ends on the line that it begins on. */
  spanOf({ span }: Pick<SourceCodeInfo_Location, "span">): Span {
    const [line = 0, column = 0, third = 0, fourth] = span;
    const [endLine, endColumn] = fourth === undefined ? [line, third] : [third, fourth];
    return { start: this.#offset(line, column), end: this.#offset(endLine, endColumn) };
  }

  slice({ start, end }: Span): string {
    return this.text.slice(start, end);
  }

  /** The line of an offset, from 1. */
  lineOf(offset: number): number {
    const after = this.#lines.findIndex((start) => start > offset);
    return after < 0 ? this.#lines.length : after;
  }

  #offset(line: number, column: number): number {
    let offset = this.#lines[line] ?? this.text.length;
    for (let at = 0; at < column && offset < this.text.length; ) {
      const character = this.text.codePointAt(offset) ?? 0;
      at = character === 9 ? (Math.floor(at / TAB) + 1) * TAB : at + 1;
      offset += character > 0xffff ? 2 : 1;
    }
    return offset;
  }

  /** @param edits in any order. One inside another is left out: what is removed need not be changed. */
  edited(edits: readonly Edit[]): string {
    const ordered = edits.toSorted((a, b) => a.start - b.start || b.end - a.end);
    let [result, at] = ["", 0];
    for (const { start, end, text } of ordered) {
      if (start < at) continue;
      result += this.text.slice(at, start) + text;
      at = end;
    }
    return result + this.text.slice(at);
  }
}

/** A comment, with its signs. */
export interface Comment extends Span {
  /** Nothing but spaces stands before it on its line. */
  readonly ownLine: boolean;
}

/** The comments of a `.proto` file: those of its tokens, so that `"//"` in a string is none. */
export function commentsOf(text: string): readonly Comment[] {
  const tokens = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g;
  return [...text.matchAll(tokens)]
    .filter(([token]) => token.startsWith("/"))
    .map(({ 0: token, index }) => ({
      start: index,
      end: index + token.length,
      ownLine: text.slice(text.lastIndexOf("\n", index - 1) + 1, index).trim() === "",
    }));
}

/**
 * An element with what belongs to it: the comments right above it, one behind it on its line, and its line's break.
 * @param comments of the whole text.
 */
export function withComments(text: string, element: Span, comments: readonly Comment[]): Span {
  let { start, end } = element;
  for (const comment of comments.toReversed()) {
    if (!comment.ownLine || comment.end > start) continue;
    // An empty line in between: it is about something else.
    if (!/^[^\S\n]*\n?[^\S\n]*$/.test(text.slice(comment.end, start))) break;
    start = comment.start;
  }
  const behind = comments.find(({ start: begin }) => begin >= end && /^[^\S\n]*$/.test(text.slice(end, begin)));
  if (behind !== undefined) end = behind.end;
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  if (text.slice(lineStart, start).trim() === "") start = lineStart;
  const [rest = ""] = /^[^\S\n]*\n/.exec(text.slice(end)) ?? [];
  return { start, end: end + rest.length };
}
