import type { Converter } from "./bridge-converter.ts";
import type { EnumConverter } from "./bridge-enum.ts";
import { type Hole, typeName } from "./bridge-holes.ts";
import type { BridgePlan } from "./bridge-plan.ts";
import { VALUES } from "./bridge-values-source.ts";
import { type Naming, npmName, runtimePackage } from "./names.ts";
import { enumMembers } from "./ts-names.ts";

/** The types of what a person must export, for those who fill it in. */
export function holesSource(plan: BridgePlan, naming: Naming): string {
  const body = plan.holes
    .map(
      (hole) => `/** For ${hole.path}${hole.required ? "" : ", whose loss is declared: may be left out"}. */
export type ${typeName(hole.name)} = ${hole.type};
`,
    )
    .join("\n");
  return `${importsOf(body, plan, naming, true)}${body === "" ? "\nexport {};\n" : `\n${body}`}`;
}

/** The converters of all messages and enums. */
export function convertSource(plan: BridgePlan, naming: Naming): string {
  const { filled, text } = resolveHoles(plan);
  const body = text(
    [
      ...plan.converters.map((each) => converterSource(each, plan)),
      ...plan.enums.map((each) => enumSource(each, plan)),
    ].join("\n"),
  );
  const own = filled.length === 0 ? "" : filledSource(filled);
  const helpers = Object.keys(VALUES).filter((name) => new RegExp(`(?<![.\\w])${name}\\(`).test(body));
  const imports = [
    ...(own === "" && !body.includes("holes.") ? [] : ['import * as holes from "../holes.ts";\n']),
    ...(own === "" ? [] : ['import type * as open from "./holes.ts";\n']),
    ...(body.includes("lose(") ? ['import { lose } from "./losses.ts";\n'] : []),
    ...(body.includes("maskTo(") ? ['import { maskTo } from "./paths.ts";\n'] : []),
    ...(helpers.length === 0 ? [] : [`import { ${helpers.join(", ")} } from "./values.ts";\n`]),
  ];
  return `${importsOf(body, plan, naming, false)}${imports.join("")}\n${own}${body}`;
}

/** What is exported is called through its type; what is missing is named where it is needed, and does not compile. */
export function resolveHoles({ holes }: BridgePlan): {
  readonly filled: readonly Hole[];
  readonly text: (source: string) => string;
} {
  const filled = holes.filter((hole) => hole.filled);
  const module = new Map(holes.map((hole) => [hole.name, hole.filled ? "filled" : "holes"]));
  return {
    filled: [...new Map(filled.map((hole) => [hole.name, hole])).values()],
    text: (source) =>
      source.replace(/(?<![.\w$"])[\w$]+/g, (word) => (module.has(word) ? `${module.get(word)}.${word}` : word)),
  };
}

export function filledSource(filled: readonly Hole[]): string {
  const types = filled.map(({ name }) => `  readonly ${name}: open.${typeName(name)};\n`).join("");
  return `const filled: {\n${types}} = holes;\n\n`;
}

function converterSource({ name, from, to, members, lost }: Converter, plan: BridgePlan): string {
  const { names } = plan;
  const told = lost.map(({ path, when }) => `    if (${when}) lose(onLoss, "${path}");\n`).join("");
  const body = `${told === "" ? "" : `  if (onLoss !== undefined) {\n${told}  }\n`}  return {
${members.map(({ property, text }) => `    ${property}: ${text},\n`).join("")}  };
`;
  // Not followed by a colon: a property may have the name.
  const has = (word: string): string => (new RegExp(`\\b${word}[.,) ]`).test(body) ? word : `_${word}`);
  return `/** From ${from.typeName}. */
export function ${name}(${has("from")}: ${names.typeOf(from)}, ${has("onLoss")}?: OnLoss): ${names.typeOf(to)} {
${body}}
`;
}

function enumSource({ name, from, to, cases }: EnumConverter, plan: BridgePlan): string {
  const { names } = plan;
  const lines = cases.map(({ from: value, to: counterpart, lost }) =>
    lost === undefined
      ? `    case ${value}:\n      return ${counterpart};\n`
      : `    case ${value}:\n      if (onLoss !== undefined) lose(onLoss, "${lost}");\n      return ${counterpart};\n`,
  );
  const [source, target] = [names.typeOf(from), names.typeOf(to)];
  const zero = `${target}.${enumMembers(to).get(to.values[0]?.name ?? "") ?? ""}`;
  const body = lines.join("");
  return `/** From ${from.typeName}. A number that only the other version knows becomes its first value. */
export function ${name}(value: ${source}, ${body.includes("onLoss") ? "onLoss" : "_onLoss"}?: OnLoss): ${target} {
  switch (value) {
${body}    default:
      return [${to.values.map(({ number }) => number).join(", ")}].includes(value) ? ${zero} : (value as number as ${target});
  }
}
`;
}

/** The imports of a body: the two versions by their words, other packages by their aliases. */
export function importsOf(body: string, plan: BridgePlan, naming: Naming, typesOnly: boolean): string {
  const { names } = plan;
  const uses = (word: string): boolean => new RegExp(`\\b${word}\\.`).test(body);
  const type = typesOnly ? "type " : "";
  const versions = ([names.old, names.now] as const).flatMap(({ npm, protoPackage }) => {
    const word = protoPackage.slice(protoPackage.lastIndexOf(".") + 1);
    return [
      ...(uses(word) ? [`import ${type}* as ${word} from "${npm}";\n`] : []),
      ...(uses(`${word}Server`) ? [`import ${type}* as ${word}Server from "${npm}/server";\n`] : []),
    ];
  });
  const foreign = [...names.foreign].sort().flatMap((protoPackage) => {
    const alias = names.aliasOf(protoPackage);
    return uses(alias) ? [`import ${type}* as ${alias} from "${npmName(protoPackage, naming)}";\n`] : [];
  });
  const runtime = runtimePackage(naming);
  const found = (list: readonly string[]): readonly string[] =>
    list.filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const [bridge, server] = [
    found(["Bridge", "Caller", "Loss", "OnLoss"]),
    found(["Answer", "Answers", "HandlerContext"]),
  ];
  return [
    ...versions,
    ...foreign,
    ...(bridge.length === 0 ? [] : [`import type { ${bridge.join(", ")} } from "${runtime}/bridge";\n`]),
    ...(server.length === 0 ? [] : [`import type { ${server.join(", ")} } from "${runtime}/server";\n`]),
  ].join("");
}
