import { describe } from "node:test";
import { body, type Expected, type Files, refuseAll, schema } from "./support/refusal.ts";

const MESSAGE = "message A {}\n";
const PROTO2 = 'syntax = "proto2";\n\npackage acme.a.v1;\n\n';

describe("packages that npm could not have", { concurrency: 2 }, () => {
  const two = (a: string, b: string): Files => ({ "a.proto": schema(a, MESSAGE), "b.proto": schema(b, MESSAGE) });
  const taken = (place: string, what: string): Expected => [place, "npm-name-taken", what, "Rename one of the two"];
  refuseAll([
    [
      "one npm name for foo.bar and fooBar",
      two("acme.foo.bar.v1", "acme.fooBar.v1"),
      taken("b.proto:3:1", "acme.fooBar.v1 and acme.foo.bar.v1 would both be the npm package @acme/foo-bar-v1"),
    ],
    [
      "one npm name with the root and without",
      two("acme.a.v1", "a.v1"),
      taken("a.proto:3:1", "acme.a.v1 and a.v1 would both be the npm package @acme/a-v1"),
    ],
    [
      "one npm name for three",
      { ...two("acme.a.v1", "a.v1"), "c.proto": schema("acme.A.v1", MESSAGE) },
      taken("a.proto:3:1", "acme.a.v1 and a.v1"),
      taken("c.proto:3:1", "acme.A.v1 and a.v1"),
    ],
    [
      "the runtime's name",
      two("acme.rpc", "acme.b"),
      taken("a.proto:3:1", "acme.rpc and Charter's runtime would both be the npm package @acme/rpc"),
    ],
    [
      "the well-known types' name",
      two("acme.google.protobuf", "acme.b"),
      taken("a.proto:3:1", "acme.google.protobuf and google.protobuf"),
    ],
    [
      "the name of what has no package",
      { "a.proto": schema("no.package", MESSAGE), "b.proto": 'syntax = "proto3";\n' },
      taken("a.proto:3:1", "the schemas without a package"),
    ],
    [
      "a name that is too long",
      two(`acme.${"x".repeat(220)}.v1`, "b"),
      ["a.proto:3:1", "npm-name-invalid", "no longer contain more than 214 characters", "choose another scope"],
    ],
    [
      "a folder that no tool would look into",
      two("node_modules", "b"),
      ["a.proto:3:1", "npm-name-invalid", "npm refuses @acme/node_modules", "Rename the proto package"],
    ],
  ]);
});

describe("packages that may not import each other", { concurrency: 2 }, () => {
  const uses = (from: string, to: string, file: string, name = "A"): string =>
    schema(`acme.${from}`, `message ${name} { acme.${to}.A a = 1; }\n`, file);
  const plain = (name: string): string => schema(`acme.${name}`, MESSAGE);
  const forwards = 'syntax = "proto3";\n\npackage acme.pub;\n\nimport public "b.proto";\n';
  const unstable: Expected = [
    "a.proto:5:1",
    "stable-imports-unstable",
    "acme.a.v1 is stable and imports acme.b.v1beta1",
    "Import a stable version",
  ];
  const cycle = (path: string): Expected => [
    "a.proto:5:1",
    "package-cycle",
    `in a circle: ${path}.`,
    "Move the types that both sides need",
  ];
  refuseAll([
    [
      "a stable one an unstable one",
      { "a.proto": uses("a.v1", "b.v1beta1", "b.proto"), "b.proto": plain("b.v1beta1") },
      unstable,
    ],
    [
      "a stable one an unstable one, through import public",
      { "a.proto": uses("a.v1", "b.v1beta1", "p.proto"), "p.proto": forwards, "b.proto": plain("b.v1beta1") },
      unstable,
    ],
    [
      "two in a circle",
      {
        "a.proto": uses("a.v1", "b.v1", "b.proto"),
        "b.proto": plain("b.v1"),
        "b2.proto": uses("b.v1", "a.v1", "a.proto", "B"),
      },
      cycle("acme.a.v1 → acme.b.v1 → acme.a.v1"),
    ],
    [
      "three in a circle",
      {
        "a.proto": uses("a.v1", "b.v1", "b.proto"),
        "b.proto": uses("b.v1", "c.v1", "c.proto"),
        "c.proto": plain("c.v1"),
        "c2.proto": uses("c.v1", "a.v1", "a.proto", "C"),
      },
      cycle("acme.a.v1 → acme.b.v1 → acme.c.v1 → acme.a.v1"),
    ],
    [
      "two in a circle, through import public",
      {
        "a.proto": uses("a.v1", "b.v1", "p.proto"),
        "p.proto": forwards,
        "b.proto": plain("b.v1"),
        "b2.proto": uses("b.v1", "a.v1", "a.proto", "B"),
      },
      cycle("acme.a.v1 → acme.b.v1 → acme.a.v1"),
    ],
  ]);
});

describe("names that are one in TypeScript", { concurrency: 2 }, () => {
  const clash = (place: string, name: string, other: string, typescript: string): Expected => [
    `a.proto:${place}`,
    "name-clash",
    `${name} and ${other} would both be called ${typescript} in`,
    "the older one keeps its name",
  ];
  const a = (kind: string, name: string): string => `${kind} acme.a.v1.${name}`;
  refuseAll([
    [
      "two messages",
      body("message foo_bar {}\nmessage fooBar {}\n"),
      clash("6:1", a("message", "fooBar"), a("message", "foo_bar"), "fooBar"),
    ],
    [
      "two nested messages",
      body("message A {\n  message foo_bar {}\n  message fooBar {}\n}\n"),
      clash("7:3", a("message", "A.fooBar"), a("message", "A.foo_bar"), "A_fooBar"),
    ],
    [
      "the functions of two enums",
      body("enum foo { X = 0; }\nenum Foo { Y = 0; }\n"),
      clash("6:1", a("enum", "Foo"), a("enum", "foo"), "fooFromJSON"),
    ],
    [
      "the functions of two enums that are renamed",
      body("enum string { X = 0; }\nenum String { Y = 0; }\n"),
      clash("6:1", a("enum", "String"), a("enum", "string"), "string$FromJSON"),
    ],
    [
      "a message and the function of an enum",
      body("enum Foo { X = 0; }\nmessage fooFromJSON {}\n"),
      clash("5:1", a("enum", "Foo"), a("message", "fooFromJSON"), "fooFromJSON"),
    ],
    [
      "a message and a definition",
      body("message FooServiceDefinition {}\nservice FooService {}\n"),
      clash("6:1", a("service", "FooService"), a("message", "FooServiceDefinition"), "FooServiceDefinition"),
    ],
    [
      "a message and a client",
      body("message FooClient {}\nservice FooService {}\n"),
      clash("6:1", a("service", "FooService"), a("message", "FooClient"), "FooClient"),
    ],
    [
      "two services",
      body("service Foo {}\nservice FooService {}\n"),
      clash("6:1", a("service", "FooService"), a("service", "Foo"), "FooClient"),
    ],
    [
      "two rpcs",
      body("message A {}\nservice S {\n  rpc Get(A) returns (A);\n  rpc get(A) returns (A);\n}\n"),
      clash("8:3", a("rpc", "S.get"), a("rpc", "S.Get"), "get"),
    ],
    [
      "a field and a oneof",
      body("message A {\n  string fooBar = 1;\n  oneof foo_bar {\n    string x = 2;\n  }\n}\n"),
      clash("7:3", a("oneof", "A.foo_bar"), a("field", "A.fooBar"), "fooBar"),
    ],
    [
      "two oneofs",
      body("message A {\n  oneof fooBar { string x = 1; }\n  oneof foo_bar { string y = 2; }\n}\n"),
      clash("7:3", a("oneof", "A.foo_bar"), a("oneof", "A.fooBar"), "fooBar"),
    ],
    [
      "two fields of proto2",
      { "a.proto": `${PROTO2}message A {\n  optional string foo_bar = 1;\n  optional string fooBar = 2;\n}\n` },
      clash("7:3", a("field", "A.fooBar"), a("field", "A.foo_bar"), "fooBar"),
    ],
    [
      "two cases of a oneof of proto2",
      { "a.proto": `${PROTO2}message A { oneof x {\n  string foo_bar = 1;\n  string fooBar = 2;\n} }\n` },
      clash("7:3", a("field", "A.fooBar"), a("field", "A.foo_bar"), "fooBar"),
    ],
    [
      "an enum's number that stands for what is unknown",
      body("enum E {\n  E_UNSPECIFIED = 0;\n  E_LOW = -2147483648;\n}\n"),
      ["a.proto:7:3", "enum-number-reserved", "E_LOW", "another number than -2147483648"],
    ],
  ]);
});
