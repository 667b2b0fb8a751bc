import { join, resolve } from "node:path";
import { type Finding, FindingsError } from "../core/finding.ts";
import { checkFormat, lint } from "../io/buf.ts";
import { bufWorkspace } from "../io/buf-workspace.ts";
import type { Consumer } from "../io/consumer.ts";
import { type ExampleServer, startExampleServer } from "../io/example-server.ts";
import { ensureInstalled } from "../io/install.ts";
import { readPackagesFolder } from "../io/packages-folder.ts";
import { type PublishedRelease, publishPackages } from "../io/publish.ts";
import { type Registry, startRegistry } from "../io/registry.ts";
import { today } from "./approve.ts";
import { checkTypes, emitPackages } from "./build.ts";
import { loadNotices } from "./check-lifecycle.ts";
import type { Workspace } from "./command.ts";
import { CONSUMER, compileMisspelt, compileProgram, installConsumer, runProgram } from "./demo-consumer.ts";
import { applyGeneration, planGeneration } from "./generate.ts";
import { type Steps, together } from "./steps.ts";

const SERVER = join("examples", "server", "src", "main.ts");

export interface Journey {
  readonly workspace: Workspace;
  /** The consumer's, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly steps: Steps;
  /** Leave the consumer's folder where it is. */
  readonly keep: boolean;
}

export interface Outcome {
  /** What TypeScript said of the misspelt field: `examples/consumer/misspelt.ts:9:56 TS2561 …`. */
  readonly misspelt: string;
  /** The lines of the consumer's output: an answer in JSON each. */
  readonly answers: readonly string[];
  /** The consumer's folder, when it was to be kept. */
  readonly kept: string | undefined;
}

/** From the schemas to the answers. Whatever it started has ended when it settles, also when a step fails. */
export async function travel(journey: Journey): Promise<Outcome> {
  const started = new AsyncDisposableStack();
  try {
    await link(journey);
    const [registry] = await together([openRegistry(journey, started), checkSchemas(journey), writePackages(journey)]);
    // A schema that is new, or imports something new, has changed what must be linked.
    await link(journey);
    await emit(journey);
    const [consumer, server] = await together([
      deliver(journey, registry, started),
      serve(journey, started),
      checkPackages(journey),
    ]);
    const [answers, misspelt] = await together([call(journey, consumer, server), misspell(journey, consumer)]);
    return { answers, misspelt, kept: journey.keep ? consumer.folder : undefined };
  } finally {
    await started.disposeAsync();
  }
}

function link({ steps, workspace }: Journey): Promise<boolean> {
  return steps.run(
    "link",
    () => ensureInstalled(workspace.root),
    (installed) => (installed ? "pnpm installed what was missing" : "every package finds what it depends on"),
  );
}

function openRegistry({ steps, workspace }: Journey, started: AsyncDisposableStack): Promise<Registry> {
  const open = async (): Promise<Registry> => started.use(await startRegistry({ scope: workspace.config.scope }));
  return steps.run("registry", open, ({ url }) => `an empty npm registry at ${url}`);
}

function checkSchemas({ steps, workspace }: Journey): Promise<void> {
  const work = async (): Promise<void> => {
    const input = await bufWorkspace(workspace);
    stopIf(workspace.root, (await together([checkFormat(input), lint(input)])).flat());
  };
  return steps.run("lint", work, () => "the schemas are formatted and pass the rules");
}

function writePackages({ steps, workspace }: Journey): Promise<number> {
  const work = async (): Promise<number> => {
    const plan = await planGeneration(workspace);
    await applyGeneration(workspace, plan);
    return plan.outputs.length;
  };
  return steps.run("generate", work, (count) => `${count} packages, one for each proto package`);
}

function emit({ steps, workspace }: Journey): Promise<void> {
  const work = async (): Promise<void> => stopIf(workspace.root, await emitPackages(workspace));
  return steps.run("emit", work, () => "a .js and a .d.ts for each source");
}

function checkPackages({ steps, workspace }: Journey): Promise<void> {
  const work = async (): Promise<void> => stopIf(workspace.root, await checkTypes(workspace));
  return steps.run("types", work, () => "TypeScript finds nothing in the packages");
}

function serve({ steps, workspace }: Journey, started: AsyncDisposableStack): Promise<ExampleServer> {
  const start = async (): Promise<ExampleServer> => started.use(await startExampleServer(join(workspace.root, SERVER)));
  return steps.run("serve", start, ({ address }) => `a server with version 1 and version 2 at ${address}`);
}

/** Publishes all packages, and installs those that the consumer asks for. */
async function deliver(journey: Journey, registry: Registry, started: AsyncDisposableStack): Promise<Consumer> {
  const { steps, workspace, files, keep } = journey;
  const { scope } = workspace.config;
  const publish = async (): Promise<readonly PublishedRelease[]> => {
    const [folders, notices] = await Promise.all([publicFolders(workspace), loadNotices(workspace, today())]);
    return await publishPackages({ folders, registry: registry.url, scope, notices });
  };
  const releases = await steps.run("publish", publish, ({ length }) => `${length} packages, to this machine alone`);
  const install = async (): Promise<Consumer> => {
    const consumer = await installConsumer(files, { registry: registry.url, scope, releases });
    return keep ? consumer : started.use(consumer);
  };
  return await steps.run("install", install, ({ folder }) => `npm install in ${folder}`);
}

async function publicFolders({ out }: Workspace): Promise<readonly string[]> {
  const { existing } = await readPackagesFolder(out);
  return [...existing].filter(([, json]) => json["private"] !== true).map(([folder]) => join(out, folder));
}

async function call(
  { steps, workspace }: Journey,
  consumer: Consumer,
  server: ExampleServer,
): Promise<readonly string[]> {
  const compile = (): Promise<void> => compileProgram(consumer, workspace.root);
  await steps.run("compile", compile, () => "the consumer's program passes tsc at its strictest");
  const run = (): Promise<readonly string[]> => runProgram(consumer, server.address);
  return await steps.run("call", run, ({ length }) => `${length} answers`);
}

function misspell({ steps, workspace, files }: Journey, consumer: Consumer): Promise<string> {
  const work = async (): Promise<string> => {
    const { file, line, column, number, message } = await compileMisspelt(consumer, files, workspace.root);
    return `${join(CONSUMER, file)}:${line}:${column} TS${number} ${message}`;
  };
  return steps.run("misspell", work, () => "the misspelt field is refused, and nothing else");
}

/** Findings of buf count their files from the root, and cli.ts prints them from the caller's folder. */
function stopIf(root: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const placed = findings.map((each) =>
    each.position === undefined
      ? each
      : { ...each, position: { ...each.position, file: resolve(root, each.position.file) } },
  );
  throw new FindingsError(placed, 1);
}
