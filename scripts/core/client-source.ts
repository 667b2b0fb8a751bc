import type { DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { isDeprecated } from "./deprecation.ts";
import { docComment } from "./doc-comment.ts";
import { marksArgument, marksImport, marksOfPackage } from "./marks-source.ts";
import { moduleOf, type Naming, npmName, runtimePackage, serviceNames } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";
import { commentOf } from "./source-info.ts";
import { methodName, type TypeName } from "./ts-names.ts";

/** The client's module: one interface and one factory for each service, all behaviour in the runtime. */
export function clientSource(candidate: ProtoPackage, naming: Naming, nameOf: TypeName): string {
  const types = new TypeReferences(candidate, naming, nameOf);
  const marked = marksOfPackage(candidate);
  const services = candidate.services.map((service) => serviceSource(service, types, marked.has(service))).join("\n");
  const imports = types.imports() + definitionImports(candidate) + marksImport(candidate);
  return `import * as rpc from "${runtimePackage(naming)}";\n${imports}\n${services}`;
}

/** One import for each file that declares a service. */
export function definitionImports(candidate: ProtoPackage): string {
  return candidate.files
    .filter((file) => file.services.length > 0)
    .map((file) => {
      const names = file.services.map((service) => serviceNames(service.name).definition).sort();
      return `import { ${names.join(", ")} } from "./${moduleOf(file.proto.name)}.js";\n`;
    })
    .join("");
}

function serviceSource(service: DescService, types: TypeReferences, isMarked: boolean): string {
  const names = serviceNames(service.name);
  const methods = service.methods.map((method) => methodSource(method, types)).join("\n");
  const comment = commentOf(service) || `A client of ${service.typeName}.`;
  const deprecated = isDeprecated(service);
  const marks = isMarked ? `, ${marksArgument(service)}` : "";
  return `${docComment(comment, deprecated)}export interface ${names.client} extends rpc.Client {
${methods}
}

${docComment(makes(service), deprecated)}export function ${names.createClient}(target: rpc.Target, options?: rpc.ClientOptions): ${names.client} {
  return rpc.createClient(${names.definition}, target, options${marks});
}
`;
}

function makes(service: DescService): string {
  return `Makes a client of ${service.typeName}. It connects on the first call.

@param target an address, such as \`https://api.example.com\`, or a channel that several clients share.`;
}

function methodSource(method: DescMethod, types: TypeReferences): string {
  const request = `rpc.PartialMessage<${types.of(method.input)}>`;
  const response = types.of(method.output);
  const streamsIn = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  const streamsOut = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  const parameter = streamsIn ? `requests: Iterable<${request}> | AsyncIterable<${request}>` : `request: ${request}`;
  const result = streamsOut ? `AsyncIterable<${response}>` : `Promise<${response}>`;
  const comment = docComment(commentOf(method), method.deprecated, "  ");
  return `${comment}  ${methodName(method)}(${parameter}, options?: rpc.CallOptions): ${result};`;
}

/** The namespace by which another package is known. No two share one, and no type has an underscore in its name. */
export function packageAlias(protoPackage: string): string {
  // `pb` and `class` have no dot that could become one.
  return protoPackage.replaceAll("_", "__").replaceAll(".", "_") + (protoPackage.includes(".") ? "" : "_");
}

/** Types of the package by their names; types of another package through a namespace, so that names never meet. */
class TypeReferences {
  readonly #own = new Map<string, Set<string>>();
  readonly #foreign = new Map<string, string>();
  readonly #candidate: ProtoPackage;
  readonly #naming: Naming;
  readonly #nameOf: TypeName;

  constructor(candidate: ProtoPackage, naming: Naming, nameOf: TypeName) {
    this.#candidate = candidate;
    this.#naming = naming;
    this.#nameOf = nameOf;
  }

  of(message: DescMessage): string {
    const name = this.#nameOf(message);
    const { package: protoPackage, name: file } = message.file.proto;
    if (protoPackage === this.#candidate.protoPackage) {
      const module = moduleOf(file);
      this.#own.set(module, (this.#own.get(module) ?? new Set()).add(name));
      return name;
    }
    const alias = packageAlias(protoPackage);
    this.#foreign.set(npmName(protoPackage, this.#naming), alias);
    return `${alias}.${name}`;
  }

  imports(): string {
    const foreign = [...this.#foreign].sort().map(([npm, alias]) => `import type * as ${alias} from "${npm}";\n`);
    const own = [...this.#own]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([module, names]) => `import type { ${[...names].sort().join(", ")} } from "./${module}.js";\n`);
    return [...foreign, ...own].join("");
  }
}
