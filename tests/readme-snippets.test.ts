import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Server } from "@grpc/grpc-js";
import { type CodeName, RpcError, type ServiceDefinition } from "../packages/rpc/dist/index.js";
import { implement, toGrpcService } from "../packages/rpc/dist/server.js";
import { bind } from "./rpc-fixture.ts";
import { REPOSITORY } from "./support/cli.ts";
import { consumerFolder, readmeOf, readmeSnippets, snippetsOf } from "./support/consumer-folder.ts";
import { makePackages } from "./support/lens.ts";
import { linkPackages } from "./support/link.ts";
import { builtPackages, PACKAGES } from "./support/packages.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

/** Every service of every package. */
async function services(): Promise<readonly ServiceDefinition[]> {
  const packages = builtPackages().filter(({ generated, entries }) => generated && entries.includes("./server"));
  const modules = packages.map(({ folder }) => import(join(PACKAGES, folder, "dist", "server.js")));
  return (await Promise.all(modules)).flatMap((module: Record<string, unknown>) =>
    Object.entries(module).flatMap(([name, value]) =>
      name.endsWith("Definition") ? [value as ServiceDefinition] : [],
    ),
  );
}

/** Answers each method with an empty message after its last request, or fails it while there is something to fail. */
function answers(definition: ServiceDefinition, failure: () => CodeName | undefined): object {
  const receive = async (input: unknown, isStream: boolean): Promise<void> => {
    const code = failure();
    if (code !== undefined) throw new RpcError(code, "as the README says");
    if (isStream) for await (const _ of input as AsyncIterable<unknown>);
  };
  return Object.fromEntries(
    Object.entries(definition.methods).map(([key, { requestStream, responseStream }]) => [
      key,
      responseStream
        ? async function* (input: unknown) {
            await receive(input, requestStream);
            yield {};
          }
        : async (input: unknown) => {
            await receive(input, requestStream);
            return {};
          },
    ]),
  );
}

/** What a snippet says it handles: `error.code !== Code.NOT_FOUND`, `error.codeName !== "NOT_FOUND"`. */
function handledCode(code: string): CodeName | undefined {
  const [, name] = /catch \(error\)[^}]*?\.code(?:Name)? !== (?:Code\.|")([A-Z_]+)/.exec(code) ?? [];
  return name as CodeName | undefined;
}

describe("each snippet of a README runs against a server", () => {
  const folder = consumerFolder();
  const server = new Server();
  let port = 0;
  let failure: CodeName | undefined;

  before(async () => {
    for (const definition of await services()) {
      const service = toGrpcService(
        implement(
          definition,
          answers(definition, () => failure),
        ),
        {
          onError: (error) => assert.fail(String(error)),
        },
      );
      server.addService(service.definition, service.implementation);
    }
    port = await bind(server);
  });
  after(() => {
    server.forceShutdown();
    folder[Symbol.dispose]();
  });

  /**
   * Runs snippets one after the other, in a process that must end by itself.
   * @param end what is appended: the runtime's snippets show a server, which goes on for ever.
   * @returns what they printed.
   */
  const run = async (name: string, snippets: readonly string[], end: string): Promise<string> => {
    const imports = snippets.map((code, index) => {
      const here = code
        .replaceAll(/(https?:\/\/)(?:localhost|127\.0\.0\.1):50051/g, `$1127.0.0.1:${port}`)
        .replaceAll('"127.0.0.1:50051"', '"127.0.0.1:0"');
      writeFileSync(join(folder.path, `${name}-${index}.ts`), here);
      return `await import("./${name}-${index}.ts");\n`;
    });
    writeFileSync(join(folder.path, `${name}.ts`), imports.join("") + end);
    const args = ["--no-warnings", `${name}.ts`];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder.path, timeout: 60_000 });
    assert.equal(stderr, "");
    return stdout;
  };

  for (const { name, folder: packageFolder, generated } of builtPackages()) {
    const snippets = readmeSnippets(packageFolder);
    test(`${name}: ${snippets.length} snippets`, async () => {
      const end = generated ? "" : "process.exit();\n";
      assert.notEqual(await run(packageFolder, snippets, end), "");
      for (const code of snippets.filter((each) => each.includes("catch (error)"))) {
        failure = handledCode(code);
        assert.ok(failure !== undefined, `what is caught in\n${code}`);
        try {
          assert.match(
            await run(`${packageFolder}-failing`, [code], end),
            new RegExp(`${failure}: as the README says`),
          );
        } finally {
          failure = undefined;
        }
      }
    });
  }
});

describe("a README", () => {
  const sections = (packageFolder: string): readonly string[] =>
    [...readmeOf(packageFolder).matchAll(/^## (\w+)/gm)].map(([, title = ""]) => title);

  test("has the sections that apply to its package", () => {
    const common = ["Entries", "Upgrade"];
    const calls = ["Install", "First", "Methods", "Errors"];
    assert.deepEqual(sections("orders-v2"), [...calls, "Streaming", "Testing", "Options", ...common]);
    assert.deepEqual(sections("payments-v1"), [...calls, "Testing", "Options", ...common]);
    assert.deepEqual(sections("type-v1"), ["Install", "Use", ...common]);
    assert.deepEqual(sections("google-protobuf"), ["Install", "Use", "Entries"]);
  });

  test("of a second version shows the first beside it, and not the other way round", () => {
    assert.match(readmeOf("orders-v2"), /from "@bookstore\/orders-v1"/);
    assert.doesNotMatch(readmeOf("orders-v1"), /orders-v2/);
  });

  test("of a tree with every habit has snippets that compile", async () => {
    using other = temporaryFolder();
    const out = join(other.path, "out");
    await makePackages(join(REPOSITORY, "tests", "fixtures", "any-tree"), out);
    const folders = readdirSync(out).filter((name) => name !== "rpc");
    linkPackages(out);
    const files = folders.flatMap((name) =>
      snippetsOf(readFileSync(join(out, name, "README.md"), "utf8")).map((code, index) => {
        writeFileSync(join(out, `${name}-${index}.ts`), code);
        return `${name}-${index}.ts`;
      }),
    );
    assert.ok(files.length > 20, `${files.length} snippets`);
    const compilerOptions = { target: "es2023", module: "nodenext", strict: true, noEmit: true, types: ["node"] };
    writeTree(out, {
      "package.json": '{ "type": "module" }\n',
      "tsconfig.json": JSON.stringify({ compilerOptions, files }),
    });
    const tsc = join(REPOSITORY, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", out]);
    assert.equal(stdout, "");
  });

  test("names the defaults that the runtime's types do", () => {
    const declarations = (module: string): string =>
      readFileSync(join(PACKAGES, "rpc", "dist", `${module}.d.ts`), "utf8").replace(/\s+(\* )?/g, " ");
    const options = readmeOf("orders-v2");
    for (const [shown, module, declared] of [
      [
        /deadline: .*; default 15000, Infinity for none/,
        "call-options",
        /Default 15000; `Infinity` for none\. \*\/ readonly deadline/,
      ],
      [/waitForReady: .*; default false/, "call-options", /Default false\. \*\/ readonly waitForReady/],
      [/attempts: .*; default 4/, "retry", /Default 4; [^*]*\*\/ readonly attempts/],
      [/maxReceiveBytes: .*; default 4 MiB/, "channel", /Default 4 MiB [^*]*\*\/ readonly maxReceiveBytes/],
    ] as const) {
      assert.match(options, shown);
      assert.match(declarations(module), declared);
    }
  });
});
