import {
  clone,
  create,
  createFileRegistry,
  type DescFile,
  type FileRegistry,
  fromBinary,
  toBinary,
} from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { usageError } from "./finding.ts";
import { isWellKnownPath, wellKnownFiles } from "./well-known-types.ts";

/** A FileDescriptorSet as buf builds it, linked: every reference resolved, every feature of an edition computed. */
export interface Image {
  /** Each file after the files that it imports; files that do not depend on each other in the order of their names. */
  readonly files: readonly DescFile[];
  readonly registry: FileRegistry;
}

/** @throws FindingsError `image-unreadable` when the bytes are no FileDescriptorSet. */
export function readImage(bytes: Uint8Array): Image {
  return linkImage(decodeFiles(bytes));
}

function decodeFiles(bytes: Uint8Array): readonly FileDescriptorProto[] {
  try {
    return fromBinary(FileDescriptorSetSchema, bytes).file;
  } catch (error) {
    throw usageError("image-unreadable", { reason: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * The well-known types are always our own copy, all of them, whatever the compiler sent: the package that ships them
 * must not depend on which of them a tree happens to import.
 */
export function linkImage(sent: readonly FileDescriptorProto[]): Image {
  const own = sent.filter((file) => !isWellKnownPath(file.name)).map(withoutBufExtension);
  const files = inDependencyOrder([...wellKnownFiles(), ...own]);
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }));
  const linked = files.map((file) => {
    const desc = registry.getFile(file.name);
    if (desc === undefined) throw new Error(`${file.name} is in the image but not in its registry`);
    return desc;
  });
  return { files: linked, registry };
}

/** The image's own order depends on how buf was called; the output must not. */
function inDependencyOrder(files: readonly FileDescriptorProto[]): readonly FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const done = new Set<string>();
  const ordered: FileDescriptorProto[] = [];
  const visit = (file: FileDescriptorProto): void => {
    if (done.has(file.name)) return;
    done.add(file.name);
    for (const name of file.dependency) {
      const dependency = byName.get(name);
      if (dependency !== undefined) visit(dependency);
    }
    ordered.push(file);
  };
  for (const name of [...byName.keys()].sort()) {
    const file = byName.get(name);
    if (file !== undefined) visit(file);
  }
  return ordered;
}

/** buf's `buf.alpha.image.v1.ImageFile.buf_extension`: how the file came into the image. */
const BUF_EXTENSION = 8042;

function withoutBufExtension(file: FileDescriptorProto): FileDescriptorProto {
  if (!file.$unknown?.some((field) => field.no === BUF_EXTENSION)) return file;
  const copy = clone(FileDescriptorProtoSchema, file);
  const kept = file.$unknown.filter((field) => field.no !== BUF_EXTENSION);
  if (kept.length > 0) copy.$unknown = kept;
  else delete copy.$unknown;
  return copy;
}

/** The names of the files that are only there because others import them: `ImageFileExtension.is_import` (1). */
export function importedFiles(bytes: Uint8Array): ReadonlySet<string> {
  const imported = new Set<string>();
  for (const file of decodeFiles(bytes)) {
    for (const field of file.$unknown ?? []) {
      if (field.no !== BUF_EXTENSION) continue;
      const reader = new BinaryReader(new BinaryReader(field.data).bytes());
      while (reader.pos < reader.len) {
        const [number, wireType] = reader.tag();
        if (number === 1 && reader.bool()) imported.add(file.name);
        else if (number !== 1) reader.skip(wireType, number);
      }
    }
  }
  return imported;
}

/** The self-contained FileDescriptorSet of some files: they, and all that they import, in dependency order. */
export function selfContained(files: readonly DescFile[]): Uint8Array {
  const set = create(FileDescriptorSetSchema, { file: closureOf(files).map((file) => file.proto) });
  return toBinary(FileDescriptorSetSchema, set);
}

/** Some files and all that they import, each after what it imports. */
export function closureOf(files: readonly DescFile[]): readonly DescFile[] {
  const done = new Set<string>();
  const ordered: DescFile[] = [];
  const visit = (file: DescFile): void => {
    if (done.has(file.proto.name)) return;
    done.add(file.proto.name);
    file.dependencies.forEach(visit);
    ordered.push(file);
  };
  files.forEach(visit);
  return ordered;
}

/** One file as bytes, for a reader with another runtime. */
export function fileBytes(file: FileDescriptorProto): Uint8Array {
  return toBinary(FileDescriptorProtoSchema, file);
}
