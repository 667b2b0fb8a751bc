import type { DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { type Example, exampleOf, layOut } from "./example.ts";
import { type Naming, runtimePackage, serviceNames } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";
import { commentOf } from "./source-info.ts";
import { methodName, type TypeName } from "./ts-names.ts";

/** What a README's snippets are written about: a service that has methods. */
export interface SnippetSubject {
  readonly candidate: ProtoPackage;
  readonly service: DescService;
  readonly naming: Naming;
  readonly nameOf: TypeName;
}

/** Where each snippet calls. A test that runs it puts the address of its own server in the place. */
const ADDRESS = '"http://127.0.0.1:50051"';

/** The codes that a schema's comments may speak of. */
const CODE =
  /\b(?:CANCELLED|UNKNOWN|INVALID_ARGUMENT|DEADLINE_EXCEEDED|NOT_FOUND|ALREADY_EXISTS|PERMISSION_DENIED|RESOURCE_EXHAUSTED|FAILED_PRECONDITION|ABORTED|OUT_OF_RANGE|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS|UNAUTHENTICATED)\b/;

export function firstCallSnippet(subject: SnippetSubject): string {
  return methodSnippet(subject, simplest(subject.service.methods));
}

/** One call of a method. */
export function methodSnippet(subject: SnippetSubject, method: DescMethod): string {
  const made = call(subject, method);
  return snippet([imported(subject, made.imports)], [...client(subject), made.code, "client.close();"]);
}

export function errorsSnippet(subject: SnippetSubject): string {
  const { service, naming } = subject;
  const documented = service.methods.filter((method) => CODE.test(commentOf(method)));
  const method = simplest(documented.length > 0 ? documented : service.methods);
  const [code] = CODE.exec(commentOf(method)) ?? ["UNAVAILABLE"];
  const made = call(subject, method);
  return snippet(
    [imported(subject, made.imports), `import { RpcError } from "${runtimePackage(naming)}";`],
    [
      ...client(subject),
      "try {",
      indented(made.code),
      "} catch (error) {",
      `  if (!RpcError.is(error) || error.codeName !== "${code}") throw error;`,
      "  console.log(error.message);",
      "}",
      "client.close();",
    ],
  );
}

/** One call of each kind of stream that the service has; undefined when it has none. */
export function streamingSnippet(subject: SnippetSubject): string | undefined {
  const calls = (["server_streaming", "client_streaming", "bidi_streaming"] as const).flatMap((kind) => {
    const methods = subject.service.methods.filter(({ methodKind }) => methodKind === kind);
    return methods.length === 0 ? [] : [call(subject, simplest(methods), { result: RESULTS[kind] })];
  });
  if (calls.length === 0) return undefined;
  const imports = calls.flatMap((each) => each.imports);
  return snippet(
    [imported(subject, imports)],
    [...client(subject), ...calls.map(({ code }) => code), "client.close();"],
  );
}

/** What comes back is called so, that no two calls of one snippet share a name. */
const RESULTS = { server_streaming: "responses", client_streaming: "summary", bidi_streaming: "answers" };

export function testingSnippet(subject: SnippetSubject): string {
  const { candidate, service, nameOf } = subject;
  const method = simplest(service.methods);
  const { createFake } = serviceNames(service.name);
  const response = exampleOf(method.output, candidate.protoPackage, nameOf);
  const answer = streamsOut(method) ? `[${response.code}]` : `(${response.code})`;
  const request = exampleOf(method.input, candidate.protoPackage, nameOf);
  const imports = [...new Set([...response.imports, ...request.imports])].sort();
  return snippet(
    [
      ...(imports.length > 0 ? [`import { ${imports.join(", ")} } from "${candidate.npm}";`] : []),
      `import { ${createFake} } from "${candidate.npm}/testing";`,
    ],
    [
      `const client = ${createFake}({`,
      layOut(`  ${methodName(method)}: () => ${answer},`),
      "});",
      call(subject, method).code,
      "console.log(client.calls[0]?.method, client.calls[0]?.requests);",
    ],
  );
}

export function optionsSnippet(subject: SnippetSubject): string {
  const made = call(subject, simplest(subject.service.methods), {
    options: "{ deadline: 10_000, signal: AbortSignal.timeout(8_000) }",
  });
  return snippet(
    [imported(subject, made.imports)],
    [
      ...client(subject, [
        "  deadline: 5_000, // milliseconds of a unary or client-streaming call; default 15000, Infinity for none",
        '  metadata: { "x-request-source": "docs" }, // sent with each call; default none',
        "  retry: { attempts: 3 }, // tries of a method that may be repeated; default 4, false for one",
        "  waitForReady: true, // wait for a connection, up to the deadline; default false: fail at once",
        "  maxReceiveBytes: 16 * 1024 * 1024, // bytes of one response; default 4 MiB",
      ]),
      made.code,
      "client.close();",
    ],
  );
}

/** A client of this version and one of another on one channel; undefined when the other has no such service. */
export function versionsSnippet(subject: SnippetSubject, other: ProtoPackage): string | undefined {
  const service = other.services.find(({ name, methods }) => name === subject.service.name && methods.length > 0);
  if (service === undefined) return undefined;
  const parts = [{ ...subject, candidate: other, service }, subject].map((each, index) => {
    const namespace = versionOf(each.candidate);
    const nameOf: TypeName = (desc) => `${namespace}.${subject.nameOf(desc)}`;
    const name = index === 0 ? "before" : "after";
    const made = call({ ...each, nameOf }, simplest(each.service.methods), { client: name, result: `${name}Response` });
    return {
      npm: `import * as ${namespace} from "${each.candidate.npm}";`,
      made: `const ${name} = ${namespace}.${serviceNames(service.name).createClient}(channel);`,
      called: made.code,
    };
  });
  return snippet(
    [...parts.map(({ npm }) => npm), `import { createChannel } from "${runtimePackage(subject.naming)}";`],
    [
      `const channel = createChannel(${ADDRESS});`,
      ...parts.map(({ made }) => made),
      ...parts.map(({ called }) => called),
      "channel.close();",
    ],
  );
}

/** What a package without a service is for. */
export function messageSnippet(candidate: ProtoPackage, message: DescMessage, nameOf: TypeName): string {
  const name = nameOf(message);
  const { code, imports } = exampleOf(message, candidate.protoPackage, nameOf);
  const names = [...new Set([name, ...imports])].sort().join(", ");
  return snippet(
    [`import { ${names} } from "${candidate.npm}";`],
    [
      layOut(`const message = ${name}.fromPartial(${code});`),
      `const bytes = ${name}.encode(message).finish();`,
      `console.log(${name}.decode(bytes), ${name}.toJSON(message));`,
    ],
  );
}

/** A method that is safe to try: the first that has no side effects, else the first that is not deprecated. */
function simplest(methods: readonly DescMethod[]): DescMethod {
  const current = methods.filter(({ deprecated }) => !deprecated);
  const unary = current.filter(({ methodKind }) => methodKind === "unary");
  const reading = unary.find(({ idempotency }) => idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS);
  const method = reading ?? unary[0] ?? current[0] ?? methods[0];
  if (method === undefined) throw new Error("a README shows calls only of a service that has methods");
  return method;
}

function streamsOut({ methodKind }: DescMethod): boolean {
  return methodKind === "server_streaming" || methodKind === "bidi_streaming";
}

interface CallNames {
  /** Default: `client`. */
  readonly client?: string;
  /** What the answer is called. Default: `response`, or `responses`. */
  readonly result?: string;
  /** The options of the call. Default: none. */
  readonly options?: string;
}

/** A call that prints what comes back. */
function call(subject: SnippetSubject, method: DescMethod, names: CallNames = {}): Example {
  const { code, imports } = exampleOf(method.input, subject.candidate.protoPackage, subject.nameOf);
  const streamsIn = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  const input = streamsIn ? `[${code}]` : code;
  const inputs = names.options === undefined ? input : `\n${layOut(`  ${input},`)}\n${layOut(`  ${names.options},`)}\n`;
  const made = `${names.client ?? "client"}.${methodName(method)}(${inputs})`;
  if (!streamsOut(method)) {
    const result = names.result ?? "response";
    return { code: `${layOut(`const ${result} = await ${made};`)}\nconsole.log(${result});`, imports };
  }
  const result = names.result ?? "responses";
  return {
    code: `${layOut(`const ${result} = ${made};`)}\nfor await (const each of ${result}) console.log(each);`,
    imports,
  };
}

function imported({ candidate, service }: SnippetSubject, names: readonly string[]): string {
  const all = [...new Set([serviceNames(service.name).createClient, ...names])].sort();
  return `import { ${all.join(", ")} } from "${candidate.npm}";`;
}

function client({ service }: SnippetSubject, options: readonly string[] = []): readonly string[] {
  const { createClient } = serviceNames(service.name);
  if (options.length === 0) return [`const client = ${createClient}(${ADDRESS});`];
  return [`const client = ${createClient}(${ADDRESS}, {`, ...options, "});"];
}

/** `v2` of `bookstore.orders.v2`. */
function versionOf({ protoPackage }: ProtoPackage): string {
  return protoPackage.slice(protoPackage.lastIndexOf(".") + 1);
}

function indented(code: string): string {
  return code.replace(/^/gm, "  ");
}

function snippet(imports: readonly string[], lines: readonly string[]): string {
  return `\`\`\`ts\n${imports.join("\n")}\n\n${lines.join("\n")}\n\`\`\``;
}
