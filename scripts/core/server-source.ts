import { definitionImports } from "./client-source.ts";
import { isDeprecated } from "./deprecation.ts";
import { docComment } from "./doc-comment.ts";
import { marksArgument, marksImport, marksOfPackage } from "./marks-source.ts";
import { type Naming, runtimePackage, serviceNames } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";

/** The `./server` entry: for each service its definition, the type of an implementation, and a function that joins them. */
export function serverSource(candidate: ProtoPackage, naming: Naming): string {
  const marked = marksOfPackage(candidate);
  const services = candidate.services.map((service) => {
    const names = serviceNames(service.name);
    const marks = marked.has(service) ? marksArgument(service) : "undefined";
    const comment = (text: string): string => docComment(text, isDeprecated(service));
    return `export { ${names.definition} };

${comment(`What a server of ${service.typeName} implements. A method that is left out answers UNIMPLEMENTED.`)}\
export type ${names.implementation} = rpc.Implementation<typeof ${names.definition}>;

${comment("Joins an implementation with its service, ready to be served.")}\
export function ${names.implement}(implementation: ${names.implementation}): rpc.ServiceImplementation {
  return rpc.implement(${names.definition}, implementation, ${marks}, schema.fileDescriptorSet);
}
`;
  });
  const imports = `${definitionImports(candidate)}${marksImport(candidate)}import * as schema from "./schema.js";\n`;
  return `import * as rpc from "${runtimePackage(naming)}/server";\n${imports}\n${services.join("\n")}`;
}
