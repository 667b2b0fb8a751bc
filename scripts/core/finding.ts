/** A place in a file of the user's. `line` and `column` count from 1. */
export interface Position {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Something a person must know, as data: what it is (`code`), about what (`args`), and where.
 * Its English is made in messages.ts and nowhere else.
 */
export interface Finding {
  readonly code: string;
  readonly args: Readonly<Record<string, string>>;
  readonly position?: Position;
}

export function finding(code: string, args: Readonly<Record<string, string>> = {}, position?: Position): Finding {
  return position === undefined ? { code, args } : { code, args, position };
}

/**
 * The user's input is wrong, or the machine lacks something: never our bug, so never a stack trace.
 * cli.ts prints each finding with its fix and exits with `exitCode`.
 */
export class FindingsError extends Error {
  override readonly name = "FindingsError";
  readonly findings: readonly Finding[];
  /** 1: the input has findings. 2: usage or environment, so that the question could not be answered. */
  readonly exitCode: 1 | 2;

  constructor(findings: readonly Finding[], exitCode: 1 | 2) {
    super(findings.map((each) => each.code).join(", "));
    this.findings = findings;
    this.exitCode = exitCode;
  }
}

/** The user asked for something that cannot be done as asked: wrong flag, wrong file, wrong configuration. */
export function usageError(
  code: string,
  args: Readonly<Record<string, string>> = {},
  position?: Position,
): FindingsError {
  return new FindingsError([finding(code, args, position)], 2);
}

/** The machine lacks something that the work needs. */
export function environmentError(code: string, args: Readonly<Record<string, string>> = {}): FindingsError {
  return new FindingsError([finding(code, args)], 2);
}

/** What is wrong, and what to do about it. `{name}` stands for an argument of the finding. */
export interface Message {
  readonly what: string;
  readonly fix: string;
}
