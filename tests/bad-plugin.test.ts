import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { runBuf } from "../scripts/io/buf.ts";
import { REPOSITORY } from "./support/cli.ts";
import { BUF_YAML, body, type Files, GOOD, inProto, schema, treeOf } from "./support/refusal.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

// What `buf generate` says when the plugin refuses: the same words, which buf passes on, and nothing written.
describe("the plugin under a plain `buf generate`", { concurrency: 2 }, () => {
  const clash = {
    ...BUF_YAML,
    ...inProto(body("message foo_bar {}\nmessage fooBar {}\nenum E { X = 0; LOW = -2147483648; }\n")),
  };
  const twins = { ...GOOD, ...inProto({ "b.proto": schema("a.v1", "message A {}\n") }) };
  const any = { ...GOOD, ...inProto({ "google/protobuf/any.proto": schema("google.protobuf", "message Any {}\n") }) };
  const rows: readonly (readonly [name: string, opt: string, files: Files, ...lines: readonly string[]])[] = [
    ["a misspelt parameter", "scoop=@acme", GOOD, "The plugin has no parameter scoop. Did you mean scope?"],
    ["no scope", "root=acme", GOOD, "No npm scope is set for the packages."],
    ["a bad scope", "scope=acme", GOOD, "acme is no npm scope. A scope is @"],
    [
      "names that clash, and a number",
      "scope=@acme",
      clash,
      "a.proto:6:1: message acme.a.v1.fooBar and",
      "a.proto:7:17: The number of LOW",
    ],
    [
      "one npm name for two",
      "scope=@acme",
      twins,
      "a.proto:3:1: acme.a.v1 and a.v1 would both be the npm package @acme/a-v1.",
    ],
    ["the well-known types redefined", "scope=@acme", any, "The workspace defines google/protobuf/any.proto itself."],
  ];
  for (const [name, opt, files, ...lines] of rows) {
    test(name, async () => {
      using folder = temporaryFolder();
      writeTree(folder.path, { ...files, "root/buf.gen.yaml": genYaml(opt) });
      const before = treeOf(folder.path);
      const result = await runBuf(join(folder.path, "root"), ["generate"]);
      assert.equal(result.status, 1, result.stderr);
      for (const line of lines) assert.ok(result.stderr.includes(line), `"${line}" in\n${result.stderr}`);
      assert.doesNotMatch(result.stderr, /^\s+at /m);
      assert.deepEqual(treeOf(folder.path), before);
    });
  }
});

function genYaml(opt: string): string {
  const local = JSON.stringify([process.execPath, join(REPOSITORY, "scripts", "protoc-gen-client.ts")]);
  return `version: v2\nplugins:\n  - local: ${local}\n    strategy: all\n    out: packages\n    opt: "${opt}"\n`;
}
