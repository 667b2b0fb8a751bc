import type { Config } from "../core/config.ts";
import type { Reporter } from "../io/reporter.ts";

/** What cli.ts found on the command line, typed by each option's declaration. */
export type Values = Readonly<Record<string, string | boolean | undefined>>;

export interface Option {
  readonly type: "string" | "boolean";
  /** What stands for the value in `--help`: `DIR`. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Lines of the long help, after the summary. */
  readonly details: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** The one argument that is no option, found among the values by its name. */
  readonly positional?: { readonly name: string; readonly value: string };
  /** Several such arguments, in their order; each may be left out from the end. */
  readonly positionals?: readonly { readonly name: string; readonly value: string }[];
  readonly examples: readonly string[];
  /** @returns the exit code: 0 fine, 1 findings. */
  run(values: Values, reporter: Reporter): Promise<0 | 1>;
}

/** The arguments of a command that are no options. */
export function argumentsOf({ positional, positionals = [] }: Command): readonly { name: string; value: string }[] {
  return positional === undefined ? positionals : [positional];
}

/** A workspace with its configuration, as every command needs it. */
export interface Workspace {
  /** Absolute. */
  readonly root: string;
  /** Absolute. */
  readonly out: string;
  readonly config: Config;
}

export const WORKSPACE_OPTIONS: Readonly<Record<string, Option>> = {
  root: { type: "string", value: "DIR", help: "the buf workspace (default: the current folder)" },
  scope: { type: "string", value: "@SCOPE", help: "the npm scope (default: charter.yaml)" },
  out: { type: "string", value: "DIR", help: "the folder of the packages (default: charter.yaml, else packages)" },
};

export const FORMAT_OPTION: Option = { type: "string", value: "text|json", help: "how to print (default: text)" };
