import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { otherVersions } from "./api-versions.ts";
import type { Config } from "./config.ts";
import { isDeprecated, isDeprecatedPackage } from "./deprecation.ts";
import { runtimePackage, serviceNames, stabilityOf } from "./names.ts";
import { isBrought, type ProtoPackage } from "./packages.ts";
import {
  errorsSnippet,
  firstCallSnippet,
  messageSnippet,
  optionsSnippet,
  type SnippetSubject,
  streamingSnippet,
  testingSnippet,
  versionsSnippet,
} from "./readme-snippets.ts";
import { commentOf } from "./source-info.ts";
import { methodName, type TypeName } from "./ts-names.ts";
import { WITNESS } from "./witness-text.ts";

/**
 * The README of a generated package. Tests compile and run each of its `ts` snippets.
 * @param packages all of the tree: those of the same API in other versions are named.
 */
export function renderReadme(
  candidate: ProtoPackage,
  packages: readonly ProtoPackage[],
  config: Config,
  nameOf: TypeName,
): string {
  const service = candidate.services.find(({ methods }) => methods.length > 0);
  const versions = otherVersions(candidate, packages);
  const subject = service && { candidate, service, naming: config, nameOf };
  const sections = [
    `# ${candidate.npm}`,
    ...deprecation(candidate, versions.newer),
    introduction(candidate),
    install(candidate, config),
    ...(subject === undefined ? types(candidate, nameOf) : calls(subject)),
    ...candidate.services.map(methodsTable),
    ...(subject === undefined ? [] : more(subject)),
    entries(candidate),
    ...(isBrought(candidate) ? [] : upgrade(candidate, versions.older, subject)),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** Newer versions came after the package was written, and are only told of where its owner wants everybody to leave. */
function deprecation(candidate: ProtoPackage, newer: readonly ProtoPackage[]): readonly string[] {
  if (!isDeprecatedPackage(candidate)) return [];
  const next = newer.findLast(({ protoPackage }) => stabilityOf(protoPackage) === "stable") ?? newer.at(-1);
  const instead = next === undefined ? "" : ` Use \`${next.npm}\`.`;
  return [`> **Deprecated:** \`${candidate.protoPackage}\` is on its way out.${instead}`];
}

function introduction(candidate: ProtoPackage): string {
  const name = candidate.protoPackage === "" ? "schemas that name no package" : `\`${candidate.protoPackage}\``;
  const kind = candidate.services.length > 0 ? "The typed gRPC client" : "The TypeScript types";
  const source = isBrought(candidate)
    ? "All of the well-known types, whichever of them the schemas use."
    : "Generated from the `.proto` files that are in this package.";
  return `${kind} of ${name}. ${source}`;
}

function install(candidate: ProtoPackage, config: Config): string {
  if (candidate.services.length === 0) return `## Install\n\n\`\`\`sh\nnpm install ${candidate.npm}\n\`\`\``;
  return `## Install

\`\`\`sh
npm install ${candidate.npm} ${runtimePackage(config)}
\`\`\`

Where the registry of \`${config.scope}\` is, stands in \`.npmrc\`: \`${config.scope}:registry=URL\`.

pnpm asks about the install script of \`protobufjs\`, which this package does not need. Say so once, in
\`pnpm-workspace.yaml\`:

\`\`\`yaml
allowBuilds:
  protobufjs: false
\`\`\``;
}

function types({ files, protoPackage, npm, ...rest }: ProtoPackage, nameOf: TypeName): readonly string[] {
  const message = files.flatMap(({ messages }) => messages).find(({ fields }) => fields.length > 0);
  if (message === undefined) return [];
  return [`## Use\n\n${messageSnippet({ files, protoPackage, npm, ...rest }, message, nameOf)}`];
}

function calls(subject: SnippetSubject): readonly string[] {
  return [
    `## First call

${firstCallSnippet(subject)}

Save it as \`main.mjs\` and run \`node main.mjs\`. It connects on the first call. An \`https://\` address is TLS, an \`http://\` one is not. A request may leave any field
out, a response has them all; a misspelt field does not compile.`,
  ];
}

function more(subject: SnippetSubject): readonly string[] {
  const runtime = runtimePackage(subject.naming);
  const streaming = subject.candidate.services
    .map((service) => streamingSnippet({ ...subject, service }))
    .find((snippet) => snippet !== undefined);
  return [
    `## Errors

${errorsSnippet(subject)}

A call that fails throws an \`RpcError\` with its gRPC status code, its method and the server's address.`,
    ...(streaming === undefined
      ? []
      : [
          `## Streaming

${streaming}

A stream of responses is read once; leaving the loop ends the call on the server, too. A stream of requests is an array,
a generator or any (async) iterable. A slow reader slows the other side down.`,
        ]),
    `## Testing

${testingSnippet(subject)}

Every message is encoded and decoded as on the wire; only the socket is missing. A method that is left out answers
UNIMPLEMENTED. \`node:test\` and vitest run it as it is; jest must be started by
\`node --experimental-vm-modules node_modules/jest/bin/jest.js\`, as for every ES module.`,
    `## Options

${optionsSnippet(subject)}

A call also takes \`metadata\`, \`retry\`, \`waitForReady\` and \`credentials\`. The schema says which methods may be
repeated: those that are NO_SIDE_EFFECTS or IDEMPOTENT. Several servers, an array of addresses or a name that stands for
them, are called in turn. The other options are in the README of \`${runtime}\`.`,
  ];
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
  const note = isDeprecated(service) ? "\n\n**Deprecated.**" : "";
  if (rows.length === 0) return `${head}${note}\n\n\`${service.name}\` has no methods yet.`;
  return `${head}${note}\n\n| method | takes and gives | |\n|---|---|---|\n${rows.join("\n")}`;
}

function firstSentence(comment: string): string {
  const [paragraph = ""] = comment.split(/\n\s*\n/);
  const text = paragraph.replace(/\s+/g, " ");
  // A full stop before a small letter is that of an abbreviation.
  return /^.*?[.!?](?= [^a-z]|$)/.exec(text)?.[0] ?? text;
}

function entries(candidate: ProtoPackage): string {
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
  return `## Entries\n\n| import | gives |\n|---|---|\n${rows.join("\n")}

The package is ESM. Node 20.19, 22.12 and later can also \`require\` it.`;
}

function upgrade(
  candidate: ProtoPackage,
  older: readonly ProtoPackage[],
  subject: SnippetSubject | undefined,
): readonly string[] {
  const stability = stabilityOf(candidate.protoPackage);
  const version = candidate.protoPackage.slice(candidate.protoPackage.lastIndexOf(".") + 1);
  const name =
    stability === "unversioned"
      ? ""
      : `The \`${version}\` in the name is the version of the API. Another version is another package, and both can be used
at once. The version on npm says what an upgrade does to a build.

`;
  const promise =
    stability === "unstable"
      ? `\`${version}\` is unstable: a minor release may break a build.`
      : `A minor release keeps compiling and working what sends partial requests, reads responses, serves or fakes some of the
methods, and gives its \`switch\` a \`default\`. \`${WITNESS}\` in this package is such code, and is compiled against each
later release. A major release may break a build.`;
  const [previous, snippet] = previousVersion(older, subject);
  const beside = snippet === undefined ? "" : `\n\n\`${previous?.npm}\` on the same channel:\n\n${snippet}`;
  return [`## Upgrade\n\n${name}${promise}${beside}`];
}

/** The nearest older version that has the same service. One that comes later changes nothing in this README. */
function previousVersion(
  older: readonly ProtoPackage[],
  subject: SnippetSubject | undefined,
): readonly [ProtoPackage | undefined, string | undefined] {
  for (const each of subject === undefined ? [] : older) {
    const snippet = subject && versionsSnippet(subject, each);
    if (snippet !== undefined) return [each, snippet];
  }
  return [undefined, undefined];
}
