import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { serviceNames } from "./names.ts";
import { methodName } from "./ts-names.ts";
import type { WitnessPen } from "./witness-messages.ts";
import type { WitnessTypes } from "./witness-types.ts";

/** A client, a server and a fake of one service. */
export function witnessService(service: DescService, { text, types }: Pick<WitnessPen, "text" | "types">): void {
  const names = serviceNames(service.name);
  const path = service.typeName;
  const methods = service.methods.map((method) => {
    return { name: methodName(method), path: `${path}.${method.name}`, ...signatures(method, types) };
  });
  text.block(() => {
    text.line(`type Client = own.${names.client};`, path, "name");
    text.line(
      `const create: (target: rpc.Target, options?: rpc.ClientOptions) => Client = own.${names.createClient};`,
      path,
      "call",
    );
    text.line('const client = create("https://api.example.com", {});', path, "call");
    text.line("client.close();", path, "call");
    text.line(`take<rpc.ServiceDefinition>(own.${names.definition});`, path, "name");
    for (const method of methods) text.line(`take<${method.call}>(client.${method.name});`, method.path, "call");
  });
  text.block(() => {
    text.line(`take<rpc.ServiceDefinition>(server.${names.definition});`, path, "name");
    text.line(`const implement = server.${names.implement};`, path, "serve");
    text.line("take<(implementation: {}) => serving.ServiceImplementation>(implement);", path, "serve");
    for (const method of methods) {
      // Given as a literal, so that a handler of an rpc that is gone is refused.
      text.line(`implement({ ${method.name}: value<${method.handler}>() });`, method.path, "serve");
    }
    const head = `class Whole implements server.${names.implementation} {`;
    text.block(
      () => {
        for (const method of methods) {
          text.line(`readonly ${method.name} = value<${method.handler}>();`, method.path, "serve");
        }
      },
      head,
      { path, use: "serve" },
    );
    text.line("take<object>(new Whole());", path, "serve");
  });
  text.block(() => {
    text.line(`const create = fakes.${names.createFake};`, path, "fake");
    text.line(`const fake: fakes.${names.fake} = create();`, path, "fake");
    text.line("create({}, {});", path, "fake");
    text.line(`take<own.${names.client}>(fake);`, path, "fake");
    if (methods.length > 0) text.line("const call = value<(typeof fake.calls)[number]>();", path, "fake");
    for (const method of methods) {
      text.line(`create({ ${method.name}: value<${method.handler}>() });`, method.path, "fake");
      text.line(`take<${method.call}>(fake.${method.name});`, method.path, "fake");
      const test = `if (call.method === "${method.name}")`;
      text.line(`${test} take<readonly ${method.request}[]>(call.requests);`, method.path, "fake");
    }
  });
}

interface Signatures {
  readonly request: string;
  /** The method of a client. */
  readonly call: string;
  /** What answers it. */
  readonly handler: string;
}

/** As types of functions, whose parameters are compared: those of methods are let pass both ways. */
function signatures(method: DescMethod, types: WitnessTypes): Signatures {
  const { clientStreaming: streamsIn, serverStreaming: streamsOut } = method.proto;
  const request = types.of(method.input);
  const response = types.of(method.output);
  const partial = `rpc.PartialMessage<${request}>`;
  const sent = streamsIn ? `requests: Iterable<${partial}> | AsyncIterable<${partial}>` : `request: ${partial}`;
  const received = streamsOut ? `AsyncIterable<${response}>` : `Promise<${response}>`;
  const taken = streamsIn ? `requests: AsyncIterable<${request}>` : `request: ${request}`;
  const answer = streamsOut ? `serving.Answers<${response}>` : `serving.Answer<${response}>`;
  return {
    request,
    call: `(${sent}, options?: rpc.CallOptions) => ${received}`,
    handler: `(${taken}, context: serving.HandlerContext) => ${answer}`,
  };
}
