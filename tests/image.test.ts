import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { clone, type DescFile, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  SourceCodeInfoSchema,
} from "@bufbuild/protobuf/wkt";
import { FindingsError } from "../scripts/core/finding.ts";
import { fileBytes, importedFiles, readImage } from "../scripts/core/image.ts";
import { readSchema } from "../scripts/core/read-schema.ts";
import { commentOf, importPosition, positionOf } from "../scripts/core/source-info.ts";
import { REPOSITORY } from "./support/cli.ts";

const BYTES = readFileSync(join(REPOSITORY, "packages", "orders-v2", "schema.binpb"));

/** As protobuf-es decodes them, at once. Without protobuf's own, of which Charter has its copy. */
const FILES = fromBinary(FileDescriptorSetSchema, BYTES).file.filter(({ name }) => !name.startsWith("google/"));

const SOURCE_INFO = 9;
const BUF_EXTENSION = 8042;

/** An image of those files, and of what they import. */
function withFiles(files: readonly Uint8Array[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const file of files) writer.tag(1, WireType.LengthDelimited).bytes(file);
  return writer.finish();
}

function linked(bytes: Uint8Array, name: string): DescFile {
  const found = readImage(bytes).files.find(({ proto }) => proto.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

/** The file without its source info, between what some writers write. */
function rewritten(file: FileDescriptorProto, before: BinaryWriter, after: BinaryWriter): Uint8Array {
  const plain = clone(FileDescriptorProtoSchema, file);
  delete plain.sourceCodeInfo;
  return before.raw(toBinary(FileDescriptorProtoSchema, plain)).raw(after.finish()).finish();
}

function field(number: number, content: Uint8Array): BinaryWriter {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(content);
}

describe("an image, of which source info is decoded late", () => {
  test("a file is what it is when it is decoded at once", () => {
    assert.ok(FILES.length > 0);
    for (const file of FILES) {
      assert.ok((file.sourceCodeInfo?.location.length ?? 0) > 10, file.name);
      assert.deepEqual(fileBytes(linked(BYTES, file.name).proto), toBinary(FileDescriptorProtoSchema, file));
      assert.deepEqual(
        toBinary(FileDescriptorProtoSchema, clone(FileDescriptorProtoSchema, linked(BYTES, file.name).proto)),
        toBinary(FileDescriptorProtoSchema, file),
      );
    }
  });

  test("also when the source info comes first and in two pieces, and buf's extension after it", () => {
    const all = FILES.map((file) => {
      const info = toBinary(SourceCodeInfoSchema, file.sourceCodeInfo ?? assert.fail());
      const location = file.sourceCodeInfo?.location.slice(0, 5) ?? [];
      const start = toBinary(SourceCodeInfoSchema, { $typeName: "google.protobuf.SourceCodeInfo", location });
      const rest = field(SOURCE_INFO, info.subarray(start.length));
      const isImport = new BinaryWriter().tag(1, WireType.Varint).bool(true).finish();
      return rewritten(file, field(SOURCE_INFO, start), rest.raw(field(BUF_EXTENSION, isImport).finish()));
    });
    const bytes = withFiles(all);
    for (const file of FILES) {
      assert.deepEqual(fileBytes(linked(bytes, file.name).proto), toBinary(FileDescriptorProtoSchema, file));
    }
    assert.deepEqual(importedFiles(bytes), new Set(FILES.map(({ name }) => name)));
    assert.deepEqual(importedFiles(BYTES), new Set());
  });

  test("the comment and the place of each element are those of its location", () => {
    for (const proto of FILES) {
      const file = linked(BYTES, proto.name);
      const at = (...path: readonly number[]) =>
        proto.sourceCodeInfo?.location.find((each) => each.path.join() === path.join()) ?? assert.fail(path.join());
      const place = (...path: readonly number[]) => {
        const [line = 0, column = 0] = at(...path).span;
        return { file: proto.name, line: line + 1, column: column + 1 };
      };
      assert.deepEqual(positionOf(file), place(2));
      for (const [index, name] of proto.dependency.entries()) {
        assert.deepEqual(importPosition(file, name), place(3, index));
      }
      for (const [index, message] of file.messages.entries()) {
        assert.deepEqual(positionOf(message), place(4, index));
        for (const [member, each] of message.fields.entries()) {
          assert.deepEqual(positionOf(each), place(4, index, 2, member));
          const { leadingComments, trailingComments } = at(4, index, 2, member);
          const words = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
          assert.equal(words(commentOf(each)), words(leadingComments || trailingComments));
        }
      }
      for (const [index, service] of file.services.entries()) {
        assert.deepEqual(positionOf(service), place(6, index));
        for (const [member, each] of service.methods.entries()) {
          assert.deepEqual(positionOf(each), place(6, index, 2, member));
        }
      }
    }
  });

  test("source info that is none is told when it is asked for, by the name of the file", () => {
    const broken = Uint8Array.of(0x0a, 0x7f, 0x0a, 0x02, 0x04, 0x00);
    const all = FILES.map((file) => rewritten(file, new BinaryWriter(), field(SOURCE_INFO, broken)));
    const schema = readSchema(readImage(withFiles(all)));
    const [own] = [...schema.packages.values()];
    assert.throws(
      () => own?.messages,
      (error) =>
        error instanceof FindingsError &&
        error.findings[0]?.code === "image-unreadable" &&
        /^the source info of .*\.proto: premature EOF$/.test(error.findings[0].args["reason"] ?? ""),
    );
  });

  test("what is no FileDescriptorSet is told at once", () => {
    assert.throws(() => readImage(Uint8Array.of(0x0a, 0x05, 0x01)), FindingsError);
    assert.throws(() => readImage(withFiles([Uint8Array.of(0x0a, 0x7f)])), FindingsError);
  });
});
