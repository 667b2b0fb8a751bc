import type { BridgePlan } from "./bridge-plan.ts";
import type { PlannedService } from "./bridge-service.ts";
import { lowerFirst, type Naming, runtimePackage, serviceNames, serviceStem } from "./names.ts";

/** The README of a bridge's package. @param npm its name. */
export function renderBridgeReadme(plan: BridgePlan, npm: string, naming: Naming): string {
  const { file, names } = plan;
  const [service] = plan.services;
  const sections = [
    `# ${npm}`,
    `Converts between \`${file.old}\` and \`${file.now}\`, message by message and in both directions, and serves each by the other.
Made by \`charter bridge\` from the schemas, from \`bridge.yaml\`, and from what a person wrote in \`src/holes.ts\`.`,
    `## Install

\`\`\`sh
npm install ${npm} ${names.old.npm} ${names.now.npm} ${runtimePackage(naming)}
\`\`\``,
    ...(service === undefined ? [] : services(plan, service, npm, naming)),
    ...losses(plan),
  ];
  return `${sections.join("\n\n")}\n`;
}

function services({ names }: BridgePlan, service: PlannedService, npm: string, naming: Naming): readonly string[] {
  const [old, now] = [serviceNames(service.old.name), serviceNames(service.now.name)];
  const bridge = `${lowerFirst(serviceStem(service.old.name))}Bridge`;
  const runtime = runtimePackage(naming);
  return [
    `## Serve the old version by the new one

\`\`\`ts
import { ${bridge} } from "${npm}";
import { ${now.implement} } from "${names.now.npm}/server";
import { bridgeServer } from "${runtime}/bridge";

const ${names.word("now")} = ${now.implement}({});
const ${names.word("old")} = bridgeServer(${names.word("now")}, ${bridge}, { onLoss: ({ path }) => console.warn(path) });
console.log(${names.word("old")}.definition.fullName);
\`\`\`

Both go to the server as any other service does.`,
    `## Call the old version as if it were the new one

\`\`\`ts
import { ${bridge} } from "${npm}";
import { ${old.createClient} as createOldClient } from "${names.old.npm}";
import { ${now.createClient} } from "${names.now.npm}";
import { bridgeClient, connectInProcess } from "${runtime}/bridge";

const old = createOldClient("http://127.0.0.1:50051");
const client = ${now.createClient}(connectInProcess(bridgeClient(old, ${bridge})));
client.close();
old.close();
\`\`\``,
  ];
}

function losses({ file }: BridgePlan): readonly string[] {
  if (file.losses.length === 0) return ["## Losses\n\nNone: what goes there comes back."];
  const rows = file.losses.map(
    ({ path, reason }) => `| \`${path}\` | ${reason.replaceAll("|", "\\|").replace(/\s+/g, " ")} |`,
  );
  return [`## Losses\n\nWhat one version has and the other cannot hold.\n\n| | |\n|---|---|\n${rows.join("\n")}`];
}
