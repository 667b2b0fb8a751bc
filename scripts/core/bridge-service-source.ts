import type { DescMethod } from "@bufbuild/protobuf";
import type { BridgePlan } from "./bridge-plan.ts";
import type { PlannedService } from "./bridge-service.ts";
import { filledSource, importsOf, resolveHoles } from "./bridge-source.ts";
import { PATHS_SOURCE } from "./bridge-values-source.ts";
import { lowerFirst, methodKey, type Naming, serviceNames, serviceStem } from "./names.ts";

/** The entry: the converters, the services in both versions, and what a verifier needs. */
export function bridgeIndexSource(plan: BridgePlan, naming: Naming): string {
  const { filled, text } = resolveHoles(plan);
  const services = text(plan.services.map((service) => serviceSource(service, plan)).join("\n"));
  const used = filled.filter(({ name }) => services.includes(`filled.${name}`));
  const body = `${services}\n${messagesSource(plan)}`;
  const local = [
    'import * as convert from "./convert.ts";\n',
    ...(services.includes("holes.") || used.length > 0 ? ['import * as holes from "../holes.ts";\n'] : []),
    ...(used.length > 0 ? ['import type * as open from "./holes.ts";\n'] : []),
    ...(services.includes("pathTo(") ? ['import { pathTo } from "./paths.ts";\n'] : []),
    ...(/\bsame\b/.test(services) ? ['import { same } from "./values.ts";\n'] : []),
  ];
  return `${importsOf(body, plan, naming, false)}${local.join("")}
export * from "./convert.ts";
export { losses } from "./losses.ts";

${used.length > 0 ? filledSource(used) : ""}${body}`;
}

function serviceSource(service: PlannedService, plan: BridgePlan): string {
  const name = `${lowerFirst(serviceStem(service.old.name))}Bridge`;
  const [old, now] = [plan.names.word("old"), plan.names.word("now")];
  return `/** ${service.old.typeName} and ${service.now.typeName}, each served by the other. */
export const ${name}: Bridge = {
  old: ${sideSource(service, "old", `${old}Server`, `${now}Server`)},
  now: ${sideSource(service, "now", `${now}Server`, `${old}Server`)},
};
`;
}

function sideSource(service: PlannedService, side: "old" | "now", own: string, other: string): string {
  const [served, counterpart] = side === "old" ? [service.old, service.now] : [service.now, service.old];
  const converter = (name: string): string => (name === "same" ? name : `convert.${name}`);
  const routes = service.routes[side].map(
    ({ method, other: target, request, response, paths }) => `      ${keyOf(method)}: {
        to: "${keyOf(target)}",
        request: ${converter(request)},
        response: ${converter(response)},
        fieldOf: (path) => ${paths === undefined ? "path" : `pathTo(path, "${paths}")`},
      },
`,
  );
  const handwritten = service.handwritten[side]
    .filter(({ hole }) => hole.filled || hole.required)
    .map(({ method, hole }) => `${keyOf(method)}: ${hole.name}`);
  return `{
    definition: ${own}.${serviceNames(served.name).definition},
    other: ${other}.${serviceNames(counterpart.name).definition},
    implement: ${own}.${serviceNames(served.name).implement},
    routes: {
${routes.join("")}    },
    handwritten: { ${handwritten.join(", ")} },
  }`;
}

function keyOf({ name }: DescMethod): string {
  return methodKey(name);
}

function messagesSource({ converters, names }: BridgePlan): string {
  const pairs = converters.filter(({ way }) => way === "toNow");
  const lines = pairs.map(({ name, from, to }) => {
    const back = names.messageConverter(to, from);
    return `  { old: ${names.typeOf(from)}, now: ${names.typeOf(to)}, toNew: convert.${name}, toOld: convert.${back} },\n`;
  });
  return `/** What writes and reads the messages of one type. */
interface Codec {
  readonly $type: string;
  encode(message: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

/** Two types that belong together, and the way from one to the other: what a verifier needs. */
export interface MessageBridge {
  readonly old: Codec;
  readonly now: Codec;
  readonly toNew: (message: never, onLoss?: OnLoss) => unknown;
  readonly toOld: (message: never, onLoss?: OnLoss) => unknown;
}

export const messages: readonly MessageBridge[] = [
${lines.join("")}];
`;
}

/** The tables of the paths of all converters. */
export function pathsSource({ converters }: BridgePlan): string {
  const tables = converters.map(({ name, paths }) => {
    const entries = paths.map((each) => {
      const then = each.then === undefined ? "" : `, "${each.then}"`;
      return `    ${JSON.stringify(each.name)}: [${JSON.stringify(each.to)}${then}],\n`;
    });
    return `  ${name}: {\n${entries.join("")}  },\n`;
  });
  const names = converters.map(({ name }) => `  | "${name}"\n`).join("");
  return `/** The converter whose message has these fields. */
type Table =
${names === "" ? "  never" : names.trimEnd()};

/** Field → its path in the other version, and the table of the message in it. */
const tables: Readonly<Record<Table, Readonly<Record<string, readonly [to: string, then?: Table | "same"]>>>> = {
${tables.join("")}};
${PATHS_SOURCE}`;
}

export function lossesSource({ file }: BridgePlan, naming: Naming): string {
  const lines = file.losses.map(
    ({ path, reason }) => `  { path: ${JSON.stringify(path)}, reason: ${JSON.stringify(reason)} },\n`,
  );
  return `import type { Loss, OnLoss } from "${naming.scope}/rpc/bridge";

/** What one version has and the other cannot hold. */
export const losses: readonly Loss[] = [
${lines.join("")}];

const byPath = new Map(losses.map((loss) => [loss.path, loss]));

export function lose(onLoss: OnLoss, path: string): void {
  const loss = byPath.get(path);
  if (loss !== undefined) onLoss(loss);
}
`;
}
