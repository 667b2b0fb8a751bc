import { relative, resolve } from "node:path";
import { styleText } from "node:util";
import type { Finding } from "../core/finding.ts";
import { renderFinding } from "../core/messages.ts";

/** Where a command says what it does (standard error) and what it found (standard output). */
export interface Reporter {
  /** Progress, for a person. */
  step(text: string): void;
  /** The same, but only on a terminal and when the work takes longer than a second. @returns what the work gives. */
  progress<T>(text: string, work: Promise<T>): Promise<T>;
  /** The answer. */
  result(text: string): void;
  findings(findings: readonly Finding[], root: string): void;
  /** The findings as data, when `--format json` asks for them. */
  json(value: unknown): void;
  /** An error that is not the user's: with its stack, and what to do with it. */
  bug(error: unknown): void;
}

/** How long a person waits without wondering, in ms. */
const PATIENCE = 1000;

type Style = Parameters<typeof styleText>[0];

/** Colour only where a terminal shows it; `styleText` also honours NO_COLOR and FORCE_COLOR. */
export function terminalReporter(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Reporter {
  const paint = (style: Style, text: string, stream: NodeJS.WriteStream): string => styleText(style, text, { stream });
  const step = (text: string): void => {
    stderr.write(`${paint("dim", text, stderr)}\n`);
  };
  return {
    step,
    async progress(text, work) {
      const timer = setTimeout(() => stderr.isTTY && step(text), PATIENCE);
      try {
        return await work;
      } finally {
        clearTimeout(timer);
      }
    },
    result(text) {
      stdout.write(`${text}\n`);
    },
    findings(findings, root) {
      for (const each of findings) {
        const { what, fix } = renderFinding(each);
        const place = placeOf(each, root);
        const head = place === "" ? paint("red", "error", stderr) : paint("bold", place, stderr);
        stderr.write(`${head}: ${what} ${paint("dim", `[${each.code}]`, stderr)}\n  ${fix}\n`);
      }
    },
    json(value) {
      stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    bug(error) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      stderr.write(`This is a bug in charter. Please report it with what follows.\n${stack}\n`);
    },
  };
}

/** `proto/bookstore/orders/v1/order.proto:12:3`, from the folder in which the command was called. */
export function placeOf({ position }: Pick<Finding, "position">, root: string): string {
  if (position === undefined) return "";
  const file = relative(process.cwd(), resolve(root, position.file)) || position.file;
  return [file, position.line, position.column].filter((part) => part !== undefined).join(":");
}
