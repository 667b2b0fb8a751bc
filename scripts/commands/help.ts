import { argumentsOf, type Command } from "./command.ts";

/** What `charter --help` prints. */
export function renderHelp(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`);
  return [
    "charter: schemas in, typed npm clients out.",
    "",
    "Usage: charter COMMAND [OPTIONS]",
    "",
    ...rows,
    "",
    "`charter COMMAND --help` explains one. Exit codes: 0 fine, 1 findings, 2 usage or environment.",
  ].join("\n");
}

/** What `charter COMMAND --help` prints. */
export function renderCommandHelp(command: Command): string {
  const options = { ...command.options, help: { type: "boolean", help: "this text" } as const };
  const rows = Object.entries(options).map(([name, option]) => {
    const value = "value" in option ? ` ${option.value}` : "";
    return `  ${`--${name}${value}`.padEnd(22)} ${option.help}`;
  });
  const named = argumentsOf(command).map(({ value }) => value);
  return [
    `charter ${command.name}: ${command.summary}`,
    "",
    ...(named.length === 0 ? [] : [`Usage: charter ${command.name} ${named.join(" ")} [OPTIONS]`, ""]),
    ...command.details,
    "",
    "Options:",
    ...rows,
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
  ].join("\n");
}
