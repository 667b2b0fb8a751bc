import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assertRefused, BUF_YAML, type Expected, type Files, GOOD, WORKSPACE } from "./support/refusal.ts";

const GENERATE = ["generate", ...WORKSPACE];
const NO_SCOPE = ["generate", "--root", "root", "--out", "out"];

describe("charter.yaml", { concurrency: 2 }, () => {
  const at = (place: string, code: string, what: string, fix: string): Expected => [
    `root/charter.yaml${place}`,
    code,
    what,
    fix,
  ];
  const rows: readonly (readonly [name: string, text: string | Uint8Array, ...finds: readonly Expected[]])[] = [
    [
      "a misspelt key",
      "license: MIT\n\nscpoe: '@acme'\n",
      at(":3:1", "config-key-unknown", "no key scpoe", "Did you mean scope?"),
    ],
    ["a key that is no text", "[a]: 1\n", at(":1:1", "config-key-unknown", 'no key ["a"]', "docs/configuration.md")],
    [
      "values of the wrong type",
      "scope: 3\nmatchFolders: please\nroot: [a]\n",
      at(":1:1", "config-value", "scope must be a string", "docs"),
      at(":2:1", "config-value", "matchFolders must be a boolean", "docs"),
      at(":3:1", "config-value", "root must be a string", "docs"),
    ],
    [
      "a key that stands twice",
      "root: a\nroot: b\n",
      at(":2:1", "config-syntax", "keys must be unique", "Correct the line"),
    ],
    [
      "a quote that is not closed",
      "scope: '@acme\n",
      at(":2:1", "config-syntax", "Missing closing 'quote", "Correct the line"),
    ],
    [
      "a scope without quotes",
      "scope: @acme\n",
      at(":1:8", "config-syntax", "cannot start with reserved character @", '`scope: "@acme"`'),
    ],
    ["a tab", "scope:\n\t- x\n", at(":2:1", "config-syntax", "Tabs are not allowed", "Correct the line")],
    [
      "two documents",
      "root: a\n---\nroot: b\n",
      at(":2:1", "config-syntax", "multiple documents.", "Correct the line"),
    ],
    ["a list", "- scope\n", at(":1:1", "config-no-map", "must hold keys and values", 'Begin with `scope: "@acme"`')],
    ["a word", "# Charter\nscope\n", at(":1:1", "config-no-map", "must hold keys and values", "Begin with")],
    ["UTF-16", Buffer.from("\uFEFFroot: a\n", "utf16le"), at("", "not-utf8", "not UTF-8 text", "Save it as UTF-8")],
  ];
  for (const [name, text, ...finds] of rows) {
    test(name, () => assertRefused({ files: { ...GOOD, "root/charter.yaml": text }, args: GENERATE, finds }));
  }
  test("several mistakes at once, and no scope", () =>
    assertRefused({
      files: { ...GOOD, "root/charter.yaml": "licence: MIT\nout: true\n" },
      args: NO_SCOPE,
      finds: [
        at(":1:1", "config-key-unknown", "licence", "license?"),
        at(":2:1", "config-value", "out", "docs"),
        ["error", "scope-missing", "No npm scope", "--scope @acme"],
      ],
    }));
  test("a folder in its place", () =>
    assertRefused({
      files: { ...GOOD, "root/charter.yaml/x": "" },
      finds: [at("", "file-system", "illegal operation on a directory (EISDIR)", "See what stands there")],
    }));
  const readsAll = process.platform !== "linux" || process.getuid?.() === 0;
  test("a file that may not be read", { skip: readsAll ? "only on Linux, and not as root" : false }, () =>
    assertRefused({
      files: GOOD,
      // A link, because the snapshot of the tree could not read a file of its own either.
      prepare: (folder) => symlinkSync("/proc/1/environ", join(folder, "root", "charter.yaml")),
      finds: [at("", "file-system", "permission denied (EACCES)", "may read and write it")],
    }),
  );
});

describe("the scope", { concurrency: 2 }, () => {
  const invalid = (scope: string): Expected => [
    "error",
    "scope-invalid",
    `${scope} is no npm scope`,
    "A scope is @ and lower-case letters",
  ];
  test("is missing", () =>
    assertRefused({
      files: GOOD,
      args: NO_SCOPE,
      finds: [["error", "scope-missing", "No npm scope is set", 'write `scope: "@acme"` into charter.yaml']],
    }));
  for (const scope of ["acme", "@Acme", "@acme/x", "@", "@a b"]) {
    test(`is ${scope}`, () =>
      assertRefused({ files: GOOD, args: [...NO_SCOPE, "--scope", scope], finds: [invalid(scope)] }));
  }
});

describe("buf.yaml and what it names", { concurrency: 2 }, () => {
  const empty = (place: string): Expected => [place, "no-proto-files", "no .proto files here", "Put the schemas here"];
  const bad = (place: string, what: string): Expected => [place, "buf-failed", what, "Correct buf.yaml"];
  const text = (yaml: string): Files => ({ ...GOOD, "root/buf.yaml": yaml });
  const rows: readonly (readonly [name: string, files: Files, ...finds: readonly Expected[]])[] = [
    ["an empty proto folder", { ...BUF_YAML, "root/proto/.keep": "" }, empty("root/proto")],
    ["no proto folder", BUF_YAML, empty("root/proto")],
    ["nothing at all", { "root/.keep": "" }, empty("root")],
    [
      "a misspelt key",
      text("version: v2\nmodulse:\n  - path: proto\n"),
      bad("root/buf.yaml:2", "field modulse not found"),
    ],
    [
      "two misspelt keys",
      text("verzion: v2\nversion: v2\nmodulse: []\n"),
      bad("root/buf.yaml:1", "field verzion not found"),
      bad("root/buf.yaml:3", "field modulse not found"),
    ],
    ["no YAML", text("version: v2\nmodules: [\n"), bad("root/buf.yaml:2", "did not find expected node content")],
    ["no version", text("modules: []\n"), bad("error", '"version" is not set')],
    ["a module outside of the root", text("version: v2\nmodules:\n  - path: ../else\n"), bad("error", "../else")],
  ];
  for (const [name, files, ...finds] of rows) test(name, () => assertRefused({ files, finds }));
  test("a rule that buf does not know, in check", () =>
    assertRefused({
      files: text("version: v2\nlint:\n  use: [NOPE]\n"),
      args: ["check", ...WORKSPACE],
      finds: [bad("error", '"NOPE" is not a known rule')],
    }));
});

describe("the command line", { concurrency: 2 }, () => {
  const rows: readonly (readonly [args: readonly string[], code: string, what: string, fix: string])[] = [
    [["genrate"], "command-unknown", "no command genrate", "Did you mean generate?"],
    [["help", "chekc"], "command-unknown", "no command chekc", "Did you mean check?"],
    [["generate", "--rot", "x"], "option-unknown", "generate has no option --rot", "Did you mean --root?"],
    [["build", "-x"], "option-unknown", "build has no option --x", "charter build --help"],
    [["generate", "root"], "option-usage", "Unexpected argument 'root'", "charter generate --help"],
    [["generate", "--root"], "option-usage", "'--root <value>' argument missing", "charter generate --help"],
    [["generate", "--scope", "-x"], "option-usage", "'--scope' argument is ambiguous", "charter generate --help"],
    [["generate", "--check=yes"], "option-usage", "'--check' does not take an argument", "charter generate --help"],
    [["check", "--format", "xml"], "option-value", "--format cannot be xml", "text, json"],
    [["generate", "--out", ""], "option-empty", "--out is empty", "leave the option out"],
    [["generate", "--root", "absent"], "root-missing", "no folder absent", "by --root"],
    [["generate", "--root", "root/buf.yaml"], "root-missing", "no folder root/buf.yaml", "by --root"],
    [
      [...GENERATE, "--package", "acme.b.v1"],
      "package-unknown",
      "No schema has the package acme.b.v1",
      "Did you mean acme.a.v1?",
    ],
  ];
  test("build before generate", () =>
    assertRefused({
      files: GOOD,
      args: ["build", ...WORKSPACE],
      finds: [["out", "not-generated", "no packages here", "charter generate"]],
    }));
  for (const [args, code, what, fix] of rows) {
    test(args.join(" "), () => assertRefused({ files: GOOD, args, finds: [["error", code, what, fix]] }));
  }
});
