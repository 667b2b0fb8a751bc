import { definitionImports } from "./client-source.ts";
import { type Naming, runtimePackage, serviceNames } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";

/** The `./server` entry: for each service its definition, the type of an implementation, and a function that joins them. */
export function serverSource(candidate: ProtoPackage, naming: Naming): string {
  const services = candidate.services.map(({ name, typeName }) => {
    const names = serviceNames(name);
    return `export { ${names.definition} };

/** What a server of ${typeName} implements. A method that is left out answers UNIMPLEMENTED. */
export type ${names.implementation} = rpc.Implementation<typeof ${names.definition}>;

/** Joins an implementation with its service, ready to be served. */
export function ${names.implement}(implementation: ${names.implementation}): rpc.ServiceImplementation {
  return rpc.implement(${names.definition}, implementation);
}
`;
  });
  return `import * as rpc from "${runtimePackage(naming)}/server";\n${definitionImports(candidate)}\n${services.join("\n")}`;
}
