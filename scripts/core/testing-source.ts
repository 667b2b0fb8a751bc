import { definitionImports } from "./client-source.ts";
import { type Naming, runtimePackage, serviceNames } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";

/** The `./testing` entry: for each service a client without a server, for tests. */
export function testingSource(candidate: ProtoPackage, naming: Naming): string {
  const services = candidate.services.map(({ name, typeName }) => {
    const names = serviceNames(name);
    return `/** A client of ${typeName} that is answered in memory. */
export type ${names.fake} = testing.FakeOf<typeof ${names.definition}>;

/**
 * Makes a client that the given functions answer, through real serialisation and without a port.
 * A method that is left out answers UNIMPLEMENTED.
 */
export function ${names.createFake}(
  implementation?: testing.Implementation<typeof ${names.definition}>,
  options?: testing.FakeOptions,
): ${names.fake} {
  return testing.createFake(${names.definition}, implementation, options);
}
`;
  });
  const imports = definitionImports(candidate);
  return `import * as testing from "${runtimePackage(naming)}/testing";\n${imports}\n${services.join("\n")}`;
}
