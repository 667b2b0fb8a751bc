import { join, resolve } from "node:path";
import { environmentError } from "../core/finding.ts";
import { watchInterrupt } from "../io/interrupt.ts";
import type { Reporter } from "../io/reporter.ts";
import { type Command, FORMAT_OPTION } from "./command.ts";
import { readConsumer } from "./demo-consumer.ts";
import { type Outcome, travel } from "./demo-journey.ts";
import { Steps, seconds } from "./steps.ts";
import { flag, oneOf, openWorkspace, text } from "./workspace.ts";

/** Charter's own checkout. */
const REPOSITORY = join(import.meta.dirname, "..", "..");
const NEEDED_NODE = 24;

export const demo: Command = {
  name: "demo",
  summary: "Carry the bookstore's schemas all the way to a call through an installed npm package.",
  details: [
    "Lints, generates and compiles the packages, publishes them to an npm registry on this machine, and installs two of",
    "them with npm in a temporary folder that knows nothing of this repository. There it compiles a program, sees that a",
    "misspelt field is refused, and calls version 1 and version 2 of a server. Nothing is left behind.",
  ],
  options: {
    root: { type: "string", value: "DIR", help: "the checkout of this command, which is the default" },
    keep: { type: "boolean", help: "keep the consumer's folder, and say where it is" },
    format: FORMAT_OPTION,
  },
  examples: ["charter demo", "charter demo --keep", "charter demo --format json"],
  async run(values, reporter) {
    const format = oneOf(values, "format", ["text", "json"]);
    checkNode();
    const root = resolve(text(values, "root") ?? REPOSITORY);
    const files = await readConsumer(root);
    const workspace = await openWorkspace({ root });
    const interrupt = watchInterrupt();
    try {
      const steps = new Steps(reporter, interrupt);
      const outcome = await travel({ workspace, files, steps, keep: flag(values, "keep") });
      if (format === "json") reporter.json({ version: 1, steps: steps.times, ...outcome });
      else print(outcome, steps, reporter);
      return 0;
    } catch (error) {
      if (!interrupt.happened) throw error;
      reporter.step("Interrupted: everything that was started is stopped, and its folders are gone.");
      return 1;
    } finally {
      interrupt.release();
    }
  },
};

/** pnpm brings Node 24, but when its install failed it only warns, and the script runs on whatever there is. */
function checkNode(): void {
  const found = process.versions.node;
  if (Number.parseInt(found, 10) < NEEDED_NODE) {
    throw environmentError("node-too-old", { found, needed: String(NEEDED_NODE) });
  }
}

function print({ misspelt, answers, kept }: Outcome, steps: Steps, reporter: Reporter): void {
  reporter.step(`${seconds(steps.total)}  in all`);
  reporter.result(`Refused, as it should be: ${withoutType(misspelt)}`);
  for (const answer of answers) reporter.result(answer);
  if (kept !== undefined) reporter.result(`Kept: ${kept}`);
  reporter.result(
    "Try next: rename a field under proto/, then run `npx -y pnpm@12 check` and see whom it would break.",
  );
}

/** The fields of a whole request, which TypeScript spells out between the name and its guess, fill the screen. */
function withoutType(message: string): string {
  return message.replace(/ in type '.*'(?=\.( |$))/, "");
}
