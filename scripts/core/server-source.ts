import { definitionImports } from "./client-source.ts";
import { isDeprecated } from "./deprecation.ts";
import { docComment } from "./doc-comment.ts";
import { type Naming, runtimePackage, serviceNames } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";

/** The `./server` entry: for each service its definition, the type of an implementation, and a function that joins them. */
export function serverSource(candidate: ProtoPackage, naming: Naming): string {
  const services = candidate.services.map((service) => {
    const names = serviceNames(service.name);
    const comment = (text: string): string => docComment(text, isDeprecated(service));
    return `export { ${names.definition} };

${comment(`What a server of ${service.typeName} implements. A method that is left out answers UNIMPLEMENTED.`)}\
export type ${names.implementation} = rpc.Implementation<typeof ${names.definition}>;

${comment("Joins an implementation with its service, ready to be served.")}\
export function ${names.implement}(implementation: ${names.implementation}): rpc.ServiceImplementation {
  return rpc.implement(${names.definition}, implementation);
}
`;
  });
  return `import * as rpc from "${runtimePackage(naming)}/server";\n${definitionImports(candidate)}\n${services.join("\n")}`;
}
