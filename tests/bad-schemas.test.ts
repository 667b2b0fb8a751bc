import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  assertRefused,
  BUF_YAML,
  body,
  type Expected,
  type Files,
  GOOD,
  inProto,
  type Row,
  refuseAll,
  schema,
  WORKSPACE,
} from "./support/refusal.ts";

const MESSAGE = "message A {}\n";

describe("schemas that buf refuses", { concurrency: 2 }, () => {
  refuseAll([
    [
      "a syntax error",
      body("message A {\n  string x = ;\n}\n"),
      ["a.proto:6:3", "proto-syntax", "Missing message field tag", "nothing was written"],
      ["a.proto:6:14", "proto-syntax", "Unexpected `;`", "Correct the file"],
    ],
    [
      "an unknown type",
      body("message A { Missing m = 1; }\n"),
      ["a.proto:5:13", "proto-syntax", "Cannot find `Missing`", "Correct the file"],
    ],
    [
      "one JSON name twice",
      body("message A { string fooBar = 1; string foo_bar = 2; }\n"),
      ["a.proto:5:39", "proto-syntax", "same JSON name", "Correct the file"],
    ],
    [
      "errors in two files",
      { "a.proto": schema("a.v1", "message A { B b = 1; }\n"), "b.proto": schema("b.v1", "message B { C c = 1; }\n") },
      ["a.proto:5:13", "proto-syntax", "`B`", "Correct"],
      ["b.proto:5:13", "proto-syntax", "`C`", "Correct"],
    ],
    [
      "an import that no package owns",
      { "a.proto": schema("acme.a.v1", MESSAGE, "b.proto", "c/none.proto"), "b.proto": schema("acme.b.v1", MESSAGE) },
      [
        "a.proto:6:1",
        "import-unowned",
        "No module of the workspace owns",
        "add the module, or the dependency, to buf.yaml",
      ],
    ],
    [
      "two imports that no package owns",
      { "a.proto": schema("acme.a.v1", MESSAGE, "b.proto", "c.proto") },
      ["a.proto:5:1", "import-unowned", "owns", "buf.yaml"],
      ["a.proto:6:1", "import-unowned", "owns", "buf.yaml"],
    ],
  ]);
});

describe("files that are no schemas", { concurrency: 2 }, () => {
  const text = schema("acme.a.v1", MESSAGE);
  const utf16 = Buffer.from(`\uFEFF${text}`, "utf16le");
  const row = (name: string, bytes: string | Uint8Array): Row => [
    name,
    { "b/b.proto": bytes },
    ["b/b.proto", "not-utf8", "not UTF-8 text", "Save it as UTF-8"],
  ];
  refuseAll([
    row("UTF-16, little end first", utf16),
    row("UTF-16, big end first", Buffer.from(utf16).swap16()),
    row("UTF-16 without a mark", Buffer.from(text, "utf16le")),
    row("Latin-1", Buffer.from(`// caf\u00E9\n${text}`, "latin1")),
    row("a NUL", `${text}\0`),
    [
      "several at once",
      { "a.proto": utf16, "b.proto": utf16 },
      ["a.proto", "not-utf8", "UTF-8", "Save"],
      ["b.proto", "not-utf8", "UTF-8", "Save"],
    ],
  ]);
});

describe("the well-known types are not redefined", { concurrency: 2 }, () => {
  const any = schema("google.protobuf", "message Any { string x = 1; }\n");
  refuseAll([
    [
      "by a file in their place",
      { "google/protobuf/any.proto": any, "a.proto": text("") },
      [
        "google/protobuf/any.proto:1:1",
        "well-known-redefined",
        "defines google/protobuf/any.proto itself",
        "Remove the file",
      ],
    ],
    [
      "by one that others import",
      {
        "google/protobuf/any.proto": any,
        "a.proto": schema("acme.a.v1", "message A { google.protobuf.Any a = 1; }\n", "google/protobuf/any.proto"),
      },
      ["google/protobuf/any.proto:1:1", "well-known-redefined", "itself", "Remove the file"],
    ],
    [
      "by one that does not compile",
      { "google/protobuf/any.proto": "mesage" },
      ["google/protobuf/any.proto:1:1", "well-known-redefined", "itself", "Remove the file"],
    ],
    [
      "by the same type elsewhere",
      { "b/any.proto": any },
      ["b/any.proto:3:1", "well-known-package", "add to the package google.protobuf,", "a package of your own"],
    ],
    [
      "by another type in their package",
      { "b.proto": schema("google.protobuf", "message Mine {}\n") },
      ["b.proto:3:1", "well-known-package", "google.protobuf,", "a package of your own"],
    ],
    [
      "by a package below theirs",
      { "b.proto": schema("google.protobuf.mine", MESSAGE) },
      ["b.proto:3:1", "well-known-package", "google.protobuf.mine,", "a package of your own"],
    ],
  ]);

  function text(more: string): string {
    return schema("acme.a.v1", MESSAGE + more);
  }
});

describe("folders", { concurrency: 2 }, () => {
  const files: Files = { "acme/x/v1/a.proto": schema("acme.a.v1", MESSAGE) };
  const mismatch: Expected = [
    "acme/x/v1/a.proto:3:1",
    "folder-mismatch",
    "acme.a.v1 must stand in the folder acme/a/v1, and the file is in acme/x/v1",
    "Move the file",
  ];
  refuseAll([["a package that does not match its folder", files, mismatch]], {
    "root/charter.yaml": "matchFolders: true\n",
  });

  const out = { "else/b.proto": schema("acme.b.v1", MESSAGE) };
  const leaves = (file: string): Expected => [
    `root/proto/${file}`,
    "link-leaves-root",
    "a link to else/b.proto, outside of the workspace",
    "Copy the file",
  ];
  test("a link to a file that leaves the root", () =>
    assertRefused({
      files: { ...GOOD, ...out },
      prepare: link("../../else/b.proto", "root/proto/b.proto"),
      finds: [leaves("b.proto")],
    }));
  test("a link to a folder that leaves the root", () =>
    assertRefused({
      files: { ...GOOD, ...out },
      prepare: link("../../else", "root/proto/more"),
      finds: [leaves("more/b.proto")],
    }));
  test("a module that is such a link", () =>
    assertRefused({
      files: { ...BUF_YAML, ...out },
      prepare: link("../else", "root/proto"),
      finds: [leaves("b.proto")],
    }));
  test("a link that stays inside is fine", () =>
    assertRefused({
      files: { ...GOOD, "root/shared/b.proto": schema("acme.b.v1", "message B { X x = 1; }\n") },
      prepare: link("../shared/b.proto", "root/proto/b.proto"),
      // It was read: its own mistake is found.
      finds: [["root/proto/b.proto:5:13", "proto-syntax", "`X`", "Correct"]],
    }));

  function link(target: string, path: string): (folder: string) => void {
    return (folder) => {
      mkdirSync(join(folder, "root/proto"), { recursive: true });
      rmSync(join(folder, path), { recursive: true, force: true });
      symlinkSync(target, join(folder, path));
    };
  }
});

describe("all findings come at once", { concurrency: 2 }, () => {
  const many: Files = {
    "a.proto": schema(
      "acme.a.v1",
      "message A {\n  acme.b.v1beta1.X x = 1;\n}\nenum E {\n  E_UNSPECIFIED = 0;\n  E_LOW = -2147483648;\n}\n",
      "b.proto",
    ),
    "b.proto": schema("acme.b.v1beta1", "message X {\n  string y = 1;\n}\n"),
    "c.proto": schema("a.v1", "message X {}\n"),
  };
  const found: readonly Expected[] = [
    ["a.proto:3:1", "npm-name-taken", "@acme/a-v1", "Rename"],
    ["a.proto:5:1", "stable-imports-unstable", "acme.b.v1beta1", "Import a stable version"],
    ["a.proto:11:3", "enum-number-reserved", "E_LOW", "another number"],
  ];
  refuseAll([["by generate", many, ...found]]);

  const below = (finds: readonly Expected[]): readonly Expected[] =>
    finds.map(([place, ...rest]) => [`root/proto/${place}`, ...rest] as const);
  test("by check, with what buf's rules say", () =>
    assertRefused({
      files: {
        ...BUF_YAML,
        ...inProto({ ...many, "d.proto": schema("acme.d.v1", "message X { }\n") }),
        "root/buf.yaml": "version: v2\nmodules:\n  - path: proto\nlint:\n  use: [PACKAGE_DIRECTORY_MATCH]\n",
      },
      args: ["check", ...WORKSPACE],
      exit: 1,
      finds: [
        ["root/proto/d.proto", "proto-format", "not formatted", "buf format"],
        ...below(
          ["a", "b", "c", "d"].map(
            (file): Expected => [`${file}.proto:3:1`, "lint", "must be within a directory", "PACKAGE_DIRECTORY_MATCH"],
          ),
        ),
        ...below(found),
      ],
    }));
  test("by check, when a file does not compile: and it is not to be formatted", () =>
    assertRefused({
      files: {
        ...BUF_YAML,
        ...inProto({
          "a.proto": schema("acme.a.v1", "message A { int32 x = ; }\n"),
          "b.proto": schema("acme.b.v1", "message B { }\n"),
        }),
      },
      args: ["check", ...WORKSPACE],
      exit: 1,
      finds: below([
        ["b.proto", "proto-format", "not formatted", "buf format"],
        ["a.proto:5:13", "proto-syntax", "Missing message field tag", "Correct"],
        ["a.proto:5:23", "proto-syntax", "Unexpected `;`", "Correct"],
      ]),
    }));
});
