import { definitionImports } from "./client-source.ts";
import { isDeprecated } from "./deprecation.ts";
import { docComment } from "./doc-comment.ts";
import { marksArgument, marksImport, marksOfPackage } from "./marks-source.ts";
import { type Naming, runtimePackage, serviceNames } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";

const MAKES = `Makes a client that the given functions answer, through real serialisation and without a port.
A method that is left out answers UNIMPLEMENTED.`;

/**
 * The `./testing` entry: for each service a client without a server, for tests. Its type is that of the client, whose
 * methods have comments, which those that are worked out from the definition have not.
 */
export function testingSource(candidate: ProtoPackage, naming: Naming): string {
  const marked = marksOfPackage(candidate);
  const services = candidate.services.map((service) => {
    const names = serviceNames(service.name);
    const comment = (text: string): string => docComment(text, isDeprecated(service));
    const marks = marked.has(service) ? `, ${marksArgument(service)}` : "";
    return `${comment(`A client of ${service.typeName} that is answered in memory.`)}\
export type ${names.fake} = ${names.client} & Pick<testing.FakeOf<typeof ${names.definition}>, "calls">;

${comment(MAKES)}\
export function ${names.createFake}(
  implementation?: testing.Implementation<typeof ${names.definition}>,
  options?: testing.FakeOptions,
): ${names.fake} {
  return testing.createFake(${names.definition}, implementation, options${marks});
}
`;
  });
  const clients = candidate.services.map(({ name }) => serviceNames(name).client).sort();
  const types = `import type { ${clients.join(", ")} } from "./client.js";\n`;
  const imports = types + definitionImports(candidate) + marksImport(candidate);
  return `import * as testing from "${runtimePackage(naming)}/testing";\n${imports}\n${services.join("\n")}`;
}
