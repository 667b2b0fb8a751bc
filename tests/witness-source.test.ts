import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { readImage } from "../scripts/core/image.ts";
import { loadGenerator } from "../scripts/core/sources.ts";
import { witnessSource } from "../scripts/core/witness-source.ts";
import type { WitnessUse } from "../scripts/core/witness-text.ts";
import { buildImage } from "../scripts/io/buf.ts";
import { REPOSITORY } from "./support/cli.ts";

/** What a witness must do with each kind of element. */
const USES = {
  message: ["name", "convert"],
  field: ["read", "write", "fill"],
  oneof: ["read", "write", "fill"],
  enum: ["name", "convert", "value"],
  value: ["value"],
  service: ["name", "call", "serve", "fake"],
  method: ["call", "serve", "fake"],
} as const satisfies Readonly<Record<string, readonly WitnessUse[]>>;

describe("a witness uses every element of its schema, in every way", () => {
  for (const [root, naming, exclude] of [
    [REPOSITORY, { scope: "@bookstore", root: "bookstore" }, ["packages"]],
    [join(REPOSITORY, "tests", "fixtures", "any-tree"), { scope: "@acme", root: "acme" }, []],
  ] as const) {
    test(naming.root, async () => {
      const generator = loadGenerator(readImage(await buildImage({ root, exclude })), naming);
      for (const each of generator.packages) {
        const { places } = witnessSource(each, naming, generator.nameOf);
        const used = new Set([...places.values()].map(({ path, use }) => `${path} ${use}`));
        const expect = (kind: keyof typeof USES, path: string): void => {
          for (const use of USES[kind]) {
            // Without services there is no runtime, and no partial message of its.
            if (use !== "write" || each.services.length > 0) assert.ok(used.has(`${path} ${use}`), `${path} ${use}`);
          }
        };
        for (const type of each.files.flatMap((file) => [...nestedTypes(file)])) {
          if (type.kind === "extension") continue;
          expect(type.kind, type.typeName);
          if (type.kind === "message") {
            for (const field of type.fields) expect("field", `${type.typeName}.${field.name}`);
            for (const oneof of type.oneofs) expect("oneof", `${type.typeName}.${oneof.name}`);
          } else if (type.kind === "enum") {
            for (const value of type.values) expect("value", `${type.typeName}.${value.name}`);
          } else {
            for (const method of type.methods) expect("method", `${type.typeName}.${method.name}`);
          }
        }
      }
    });
  }

  test("each statement is one line with its place", async () => {
    const root = join(REPOSITORY, "tests", "fixtures", "any-tree");
    const naming = { scope: "@acme", root: "acme" };
    const generator = loadGenerator(readImage(await buildImage({ root, exclude: [] })), naming);
    for (const each of generator.packages) {
      const { source, places } = witnessSource(each, naming, generator.nameOf);
      source.split("\n").forEach((line, index) => {
        const silent = /^\s*(\{|\}|)$|^export declare function (take|value)</.test(line);
        assert.equal(places.has(index + 1), !silent, line);
      });
    }
  });
});
