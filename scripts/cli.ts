#!/usr/bin/env node
import { parseArgs } from "node:util";
import { approve } from "./commands/approve.ts";
import { bridge } from "./commands/bridge.ts";
import { build } from "./commands/build.ts";
import { changeset } from "./commands/changeset.ts";
import { check } from "./commands/check.ts";
import { argumentsOf, type Command } from "./commands/command.ts";
import { demo } from "./commands/demo.ts";
import { diff } from "./commands/diff.ts";
import { generate } from "./commands/generate.ts";
import { guide } from "./commands/guide.ts";
import { renderCommandHelp, renderHelp } from "./commands/help.ts";
import { lifecycle } from "./commands/lifecycle.ts";
import { newService } from "./commands/new-service.ts";
import { newVersion } from "./commands/new-version.ts";
import { rootOf } from "./commands/workspace.ts";
import { FindingsError, usageError } from "./core/finding.ts";
import { nearest } from "./core/nearest.ts";
import { type Reporter, terminalReporter } from "./io/reporter.ts";
import { fileSystemError } from "./io/write-file.ts";

const COMMANDS: readonly Command[] = [
  generate,
  build,
  check,
  diff,
  approve,
  changeset,
  newService,
  newVersion,
  bridge,
  guide,
  lifecycle,
  demo,
];

/** @returns the exit code: 0 fine, 1 findings, 2 usage or environment, 70 our bug. */
export async function main(argv: readonly string[], reporter: Reporter): Promise<number> {
  let root = process.cwd();
  try {
    const [name, ...rest] = argv;
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      const wanted = rest[0] === undefined ? undefined : commandOf(rest[0]);
      reporter.result(wanted === undefined ? renderHelp(COMMANDS) : renderCommandHelp(wanted));
      return name === undefined ? 2 : 0;
    }
    const command = commandOf(name);
    const { values } = parse(command, rest);
    root = rootOf(values);
    if (values["help"] === true) {
      reporter.result(renderCommandHelp(command));
      return 0;
    }
    return await command.run(values, reporter);
  } catch (error) {
    const expected = error instanceof FindingsError ? error : fileSystemError(error);
    if (expected !== undefined) {
      reporter.findings(expected.findings, root);
      return expected.exitCode;
    }
    reporter.bug(error);
    return 70;
  }
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((each) => each.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((each) => each.name);
  throw usageError("command-unknown", { command: name, nearest: nearest(name, names) });
}

function parse(
  command: Command,
  args: readonly string[],
): { values: Readonly<Record<string, string | boolean | undefined>> } {
  const options = { ...command.options, help: { type: "boolean", help: "this text" } } as const;
  const declared = Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));
  try {
    const named = argumentsOf(command);
    const allowPositionals = named.length > 0;
    const { values, positionals } = parseArgs({ args: [...args], options: declared, strict: true, allowPositionals });
    const other = positionals[named.length];
    if (other !== undefined) throw new Error(`Unexpected argument '${other}'`);
    return { values: { ...values, ...Object.fromEntries(named.map(({ name }, at) => [name, positionals[at]])) } };
  } catch (error) {
    const unknown = /Unknown option '--?([^']+)'/.exec(String(error))?.[1];
    if (unknown !== undefined) {
      const args = { option: unknown, command: command.name, nearest: nearest(unknown, Object.keys(options)) };
      throw usageError("option-unknown", args);
    }
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "").split(".\n");
    throw usageError("option-usage", { command: command.name, reason });
  }
}

/** Does what the command line asks for. */
export async function start(): Promise<void> {
  process.exitCode = await main(process.argv.slice(2), terminalReporter(process.stdout, process.stderr));
}

if (import.meta.main) await start();
