/** One error of tsc. */
export interface CompileError {
  /** As tsc names it: from the folder in which it ran. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Without the letters: "2561". */
  readonly number: string;
  readonly message: string;
}

const ERROR = /^(.+)\((\d+),(\d+)\): error TS(\d+): (.*)$/;

/** The errors that `tsc --pretty false` printed. Lines that continue a message are left out. */
export function parseCompileErrors(output: string): readonly CompileError[] {
  return output.split("\n").flatMap((text) => {
    const match = ERROR.exec(text.trimEnd());
    if (match === null) return [];
    const [, file = "", line, column, number = "", message = ""] = match;
    return [{ file, line: Number(line), column: Number(column), number, message }];
  });
}
