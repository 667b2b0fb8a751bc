import type { Finding } from "./finding.ts";

/** What is wrong, and what to do about it. `{name}` stands for an argument of the finding. */
interface Message {
  readonly what: string;
  readonly fix: string;
}

/** The English of every finding, by code. A code without a row is our bug, and a test says so. */
const MESSAGES: Readonly<Record<string, Message>> = {
};

export function renderFinding(finding: Finding): { readonly what: string; readonly fix: string } {
  const message = MESSAGES[finding.code];
  if (message === undefined) throw new Error(`no message for the finding "${finding.code}"`);
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = finding.args[name];
      if (value === undefined) throw new Error(`the finding "${finding.code}" lacks its argument "${name}"`);
      return value;
    });
  return { what: fill(message.what), fix: fill(message.fix) };
}
