import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { methodName } from "./client-source.ts";
import type { Config } from "./config.ts";
import { type Example, exampleOf } from "./example.ts";
import { runtimePackage, serviceNames, stabilityOf } from "./names.ts";
import { isBrought, type ProtoPackage } from "./packages.ts";
import { commentOf } from "./source-info.ts";
import type { TypeName } from "./ts-names.ts";

/** The README of a generated package. Each of its `ts` snippets compiles; a test compiles them. */
export function renderReadme(candidate: ProtoPackage, config: Config, nameOf: TypeName): string {
  const [first] = candidate.services;
  const sections = [
    `# ${candidate.npm}`,
    introduction(candidate),
    `## Install\n\n\`\`\`sh\nnpm install ${candidate.npm}\n\`\`\``,
    ...(first === undefined ? [] : [PNPM_NOTE]),
    ...(first === undefined ? [] : [firstCall(candidate, first, nameOf)]),
    ...candidate.services.map((service) => methodsTable(service)),
    entries(candidate, config),
  ];
  return `${sections.join("\n\n")}\n`;
}

const PNPM_NOTE = `pnpm asks about the install script of \`protobufjs\`, which this package does not need. Say so once, in
\`pnpm-workspace.yaml\`:

\`\`\`yaml
allowBuilds:
  protobufjs: false
\`\`\``;

function introduction(candidate: ProtoPackage): string {
  const name = candidate.protoPackage === "" ? "schemas that name no package" : `\`${candidate.protoPackage}\``;
  const kind = candidate.services.length > 0 ? "The typed gRPC client" : "The TypeScript types";
  const unstable =
    stabilityOf(candidate.protoPackage) === "unstable"
      ? "\n\nThis version of the API is unstable: a minor release may break your build."
      : "";
  const source = isBrought(candidate)
    ? "All of the well-known types, whichever of them the schemas use."
    : "Generated from the `.proto` files that are in this package.";
  return `${kind} of ${name}. ${source}${unstable}`;
}

function firstCall(candidate: ProtoPackage, service: DescService, nameOf: TypeName): string {
  const names = serviceNames(service.name);
  const method = service.methods.find((each) => each.methodKind === "unary" && !each.deprecated) ?? service.methods[0];
  if (method === undefined) return `## First call\n\n\`${service.name}\` has no methods yet.`;
  const example = exampleOf(method.input, candidate.protoPackage, nameOf);
  const imports = [...new Set([names.createClient, ...example.imports])].sort();
  const code = `import { ${imports.join(", ")} } from "${candidate.npm}";

const client = ${names.createClient}("http://127.0.0.1:50051");
${call(method, example)}
client.close();`;
  return `## First call\n\n\`\`\`ts\n${code}\n\`\`\``;
}

function call(method: DescMethod, { code }: Example): string {
  const name = methodName(method);
  switch (method.methodKind) {
    case "unary":
      return `const response = await client.${name}(${code});\nconsole.log(response);`;
    case "client_streaming":
      return `const response = await client.${name}([${code}]);\nconsole.log(response);`;
    case "server_streaming":
      return `for await (const response of client.${name}(${code})) console.log(response);`;
    case "bidi_streaming":
      return `for await (const response of client.${name}([${code}])) console.log(response);`;
  }
}

const KINDS: Readonly<Record<DescMethod["methodKind"], string>> = {
  unary: "one request, a promise of one response",
  client_streaming: "an (async) iterable of requests, a promise of one response",
  server_streaming: "one request, an async iterable of responses",
  bidi_streaming: "an (async) iterable of requests, an async iterable of responses",
};

function methodsTable(service: DescService): string {
  const rows = service.methods.map((method) => {
    const summary = firstSentence(commentOf(method)).replaceAll("|", "\\|");
    const note = method.deprecated ? "**Deprecated.** " : "";
    return `| \`${methodName(method)}\` | ${KINDS[method.methodKind]} | ${note}${summary} |`;
  });
  const head = `## Methods of \`${serviceNames(service.name).client}\``;
  return `${head}\n\n| method | takes and gives | |\n|---|---|---|\n${rows.join("\n")}`;
}

function firstSentence(comment: string): string {
  const [paragraph = ""] = comment.split(/\n\s*\n/);
  return paragraph.replace(/\s+/g, " ");
}

function entries(candidate: ProtoPackage, config: Config): string {
  const rows = [
    `| \`${candidate.npm}\` | messages, enums${candidate.services.length > 0 ? ", clients" : ""} |`,
    ...(candidate.services.length > 0
      ? [
          `| \`${candidate.npm}/server\` | the service's definition and the type of its implementation |`,
          `| \`${candidate.npm}/testing\` | a client that your functions answer in memory, with real serialisation |`,
        ]
      : []),
    `| \`${candidate.npm}/schema\` | the descriptors, as bytes of a \`FileDescriptorSet\` |`,
    `| \`${candidate.npm}/schema.binpb\` | the same bytes as a file |`,
    ...(isBrought(candidate)
      ? []
      : [`| \`${candidate.npm}/proto/*\` | the \`.proto\` files, for every other language |`]),
  ];
  const runtime =
    candidate.services.length > 0
      ? `\n\nOptions of a client and of a call, errors and streams: see \`${runtimePackage(config)}\`.`
      : "";
  return `## Entries\n\n| import | gives |\n|---|---|\n${rows.join("\n")}${runtime}

The package is ESM. Node 20.19, 22.12 and later can also \`require\` it.`;
}
