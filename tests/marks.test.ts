import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { DescMessage } from "@bufbuild/protobuf";
import { readImage } from "../scripts/core/image.ts";
import { type Marks, marksOf, marksOfPackage } from "../scripts/core/marks-source.ts";
import { type Generator, loadGenerator } from "../scripts/core/sources.ts";
import { buildImage } from "../scripts/io/buf.ts";
import { REPOSITORY } from "./support/cli.ts";
import { schema } from "./support/refusal.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

async function load(root: string, naming: { scope: string; root: string }, exclude: string[]): Promise<Generator> {
  return loadGenerator(readImage(await buildImage({ root, exclude })), naming);
}

/** The marks of the services of one package, from schemas below a root, and its modules' names. */
async function marksIn(files: Readonly<Record<string, string>>): Promise<readonly (readonly [string, Marks])[]> {
  using folder = temporaryFolder();
  writeTree(folder.path, { "buf.yaml": "version: v2\n", ...files });
  const generator = await load(folder.path, { scope: "@acme", root: "acme" }, []);
  const candidate = generator.packages.find(({ protoPackage }) => protoPackage === "acme.a.v1");
  assert.ok(candidate !== undefined);
  const marked = [...marksOfPackage(candidate)].map(([service, marks]) => [service.name, marks] as const);
  const modules = generator.sourcesOf(candidate).map(({ path }) => path);
  assert.equal(modules.includes("a-v1/src/gen/marks.ts"), marked.length > 0);
  return marked;
}

const SECRET = "[debug_redact = true]";
const OLD = "[deprecated = true]";

describe("the marks of a service", () => {
  test("none: no module", async () => {
    const text = "message M { string a = 1; } service AService { rpc Get(M) returns (M); }";
    assert.deepEqual(await marksIn({ "a.proto": schema("acme.a.v1", text) }), []);
  });

  test("each kind of field, by its property, and the way to it", async () => {
    const text = `
message Ask {
  string plain = 1;
  string old_one = 2 ${OLD};
  bytes secret_one = 3 ${SECRET};
  Leaf one = 4;
  repeated Leaf many = 5;
  map<string, Leaf> by_name = 6;
  map<string, string> texts = 7 [debug_redact = true, deprecated = true];
  oneof chosen_way { Leaf leaf = 8; string code = 9 ${SECRET}; Plain nothing = 10; }
  optional string to_string = 11 ${SECRET};
  Plain free = 12;
}
message Leaf { string token = 1 ${SECRET}; Plain plain = 2; }
message Plain { string text = 1; google.protobuf.Timestamp time = 2; Plain again = 3; }
message Unreached { string token = 1 ${SECRET}; }
service AService { rpc Get(Ask) returns (Plain); }
service PlainService { rpc Get(Plain) returns (stream Plain); }
`;
    const files = { "a.proto": schema("acme.a.v1", text, "google/protobuf/timestamp.proto") };
    const type = "acme.a.v1.Leaf";
    assert.deepEqual(await marksIn(files), [
      [
        "AService",
        {
          messages: {
            "acme.a.v1.Ask": {
              oldOne: { deprecated: true },
              secretOne: { redact: true },
              one: { type },
              many: { type },
              byName: { type, map: true },
              texts: { deprecated: true, redact: true },
              toString$: { redact: true },
              chosenWay: { cases: { leaf: { type }, code: { redact: true } } },
            },
            [type]: { token: { redact: true } },
          },
        },
      ],
    ]);
  });

  test("methods and services, and a package that is to go", async () => {
    const text = `
message M { string a = 1; }
service AService { option deprecated = true; rpc Get(M) returns (M); }
service BService { rpc Get(M) returns (M); rpc Close(M) returns (M) { option deprecated = true; } }
`;
    assert.deepEqual(await marksIn({ "a.proto": schema("acme.a.v1", text) }), [
      ["AService", { deprecated: true }],
      ["BService", { methods: { close$: { deprecated: true } } }],
    ]);
    const whole = `option deprecated = true; message M {} service CService { rpc Get(M) returns (M); }`;
    assert.deepEqual(await marksIn({ "a.proto": schema("acme.a.v1", whole) }), [["CService", { deprecated: true }]]);
  });

  test("messages in a circle, and of another package", async () => {
    const other = `message Tree { repeated Tree children = 1; Leaf leaf = 2; } message Leaf { string s = 1 ${SECRET}; }`;
    const text = "service AService { rpc Get(acme.b.v1.Tree) returns (acme.b.v1.Tree); }";
    const files = { "a.proto": schema("acme.a.v1", text, "b.proto"), "b.proto": schema("acme.b.v1", other) };
    const tree = { children: { type: "acme.b.v1.Tree" }, leaf: { type: "acme.b.v1.Leaf" } };
    const messages = { "acme.b.v1.Leaf": { s: { redact: true } }, "acme.b.v1.Tree": tree };
    assert.deepEqual(await marksIn(files), [["AService", { messages }]]);
  });
});

describe("the marks of the bookstore", () => {
  test("lead to every secret that a service can send", async () => {
    const generator = await load(REPOSITORY, { scope: "@bookstore", root: "bookstore" }, ["packages"]);
    let secrets = 0;
    for (const service of generator.packages.flatMap(({ services }) => services)) {
      const { messages = {} } = marksOf(service);
      // Goes by the schema alone, and asks of each step that the marks have it.
      const visit = (message: DescMessage, way: readonly DescMessage[]): boolean => {
        let marked = false;
        for (const field of message.fields) {
          const secret = field.proto.options?.debugRedact === true;
          if (secret) secrets++;
          const inner = field.message;
          const leads = inner !== undefined && !way.includes(inner) && visit(inner, [...way, inner]);
          if (!secret && !leads) continue;
          marked = true;
          const properties = Object.entries(messages[message.typeName] ?? {});
          const found = properties.flatMap(([, { cases, ...own }]) => [own, ...Object.values(cases ?? {})]);
          assert.ok(
            found.some(({ redact, type }) => (secret ? redact === true : type === inner?.typeName)),
            `${field}`,
          );
        }
        return marked;
      };
      for (const { input, output } of service.methods) {
        visit(input, [input]);
        visit(output, [output]);
      }
    }
    assert.ok(secrets > 30, `${secrets} secrets`);
  });

  test("are in the package, and not in its interface", async () => {
    const dist = join(REPOSITORY, "packages", "orders-v2", "dist");
    const { OrdersServiceMarks } = (await import(join(dist, "marks.js"))) as { OrdersServiceMarks: Marks };
    assert.deepEqual(OrdersServiceMarks.messages?.["bookstore.payments.v1.PaymentMethod.Card"]?.["token"], {
      redact: true,
    });
    const index = (await import(join(dist, "index.js"))) as object;
    assert.deepEqual(
      Object.keys(index).filter((name) => /marks|timestamp/i.test(name)),
      [],
    );
  });
});
