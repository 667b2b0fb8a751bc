import {
  create,
  createFileRegistry,
  type DescFile,
  type FileRegistry,
  mergeFromBinary,
  toBinary,
} from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { usageError } from "./finding.ts";
import { setSourceInfo } from "./source-locations.ts";
import { isWellKnownPath, wellKnownFiles } from "./well-known-types.ts";

/**
 * A FileDescriptorSet as buf builds it, linked: every reference resolved, every feature of an edition computed. A big
 * tree takes a second for that, so that it is done when the first asks for it.
 */
export interface Image {
  /** The proto packages of all files, sorted. */
  readonly packages: readonly string[];
  /** Those that do not come with protoc. */
  readonly ownPackages: readonly string[];
  /** Each file after the files that it imports; files that do not depend on each other in the order of their names. */
  readonly files: readonly DescFile[];
  readonly registry: FileRegistry;
}

/** @throws FindingsError `image-unreadable` when the bytes are no FileDescriptorSet: now, or when it is linked. */
export function readImage(bytes: Uint8Array): Image {
  const files = unlessUnreadable(() => splitFiles(bytes).map((file) => ({ ...readHeader(file), bytes: file })));
  return imageOf(files, () => unlessUnreadable(() => files.map((file) => decodeFile(file.bytes))));
}

function unlessUnreadable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw usageError("image-unreadable", { reason: error instanceof Error ? error.message : String(error) });
  }
}

/** The field numbers of FileDescriptorSet and FileDescriptorProto that are read by hand. */
const SET_FILE = 1;
const FILE = { name: 1, package: 2, sourceCodeInfo: 9 } as const;

/** buf's `buf.alpha.image.v1.ImageFile.buf_extension`: how the file came into the image. */
const BUF_EXTENSION = 8042;

/** The files of a FileDescriptorSet, each as its bytes. */
function splitFiles(bytes: Uint8Array): readonly Uint8Array[] {
  const files: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === SET_FILE && wireType === WireType.LengthDelimited) files.push(reader.bytes());
    else reader.skip(wireType, number);
  }
  return files;
}

/** A FileDescriptorProto without buf's extension, whose source info is decoded when it is read. */
function decodeFile(bytes: Uint8Array): FileDescriptorProto {
  const file = create(FileDescriptorProtoSchema);
  const sourceInfo: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  let from = 0;
  const decodeUntil = (end: number): void => {
    if (end > from) mergeFromBinary(FileDescriptorProtoSchema, file, bytes.subarray(from, end));
    from = reader.pos;
  };
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const data = reader.skip(wireType, number);
    if (number !== FILE.sourceCodeInfo && number !== BUF_EXTENSION) continue;
    if (number === FILE.sourceCodeInfo) sourceInfo.push(new BinaryReader(data).bytes());
    decodeUntil(start);
  }
  decodeUntil(reader.len);
  if (sourceInfo.length > 0) setSourceInfo(file, joined(sourceInfo));
  return file;
}

/** A message that comes in pieces is all of them, one after the other. */
function joined([first = new Uint8Array(), ...others]: readonly Uint8Array[]): Uint8Array {
  return others.length === 0 ? first : new BinaryWriter().raw(first).raw(joined(others)).finish();
}

/**
 * The well-known types are always our own copy, all of them, whatever the compiler sent: the package that ships them
 * must not depend on which of them a tree happens to import.
 */
export function linkImage(sent: readonly FileDescriptorProto[]): Image {
  return imageOf(sent, () => sent.map(withoutBufExtension));
}

type Named = Pick<FileDescriptorProto, "name" | "package">;

function imageOf(sent: readonly Named[], decode: () => readonly FileDescriptorProto[]): Image {
  const own = sent.filter((file) => !isWellKnownPath(file.name));
  let linked: Linked | undefined;
  const link = (): Linked => {
    linked ??= linkFiles([...wellKnownFiles(), ...decode().filter((file) => !isWellKnownPath(file.name))]);
    return linked;
  };
  return {
    packages: packagesOf([...wellKnownFiles(), ...own]),
    ownPackages: packagesOf(own),
    get files() {
      return link().files;
    },
    get registry() {
      return link().registry;
    },
  };
}

function packagesOf(files: readonly Named[]): readonly string[] {
  return [...new Set(files.map((file) => file.package))].sort();
}

type Linked = Pick<Image, "files" | "registry">;

function linkFiles(unordered: readonly FileDescriptorProto[]): Linked {
  const files = inDependencyOrder(unordered);
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

function withoutBufExtension(file: FileDescriptorProto): FileDescriptorProto {
  if (!file.$unknown?.some((field) => field.no === BUF_EXTENSION)) return file;
  // All else is shared: nobody writes to a descriptor.
  const copy: FileDescriptorProto = Object.create(Object.getPrototypeOf(file), Object.getOwnPropertyDescriptors(file));
  const kept = file.$unknown.filter((field) => field.no !== BUF_EXTENSION);
  if (kept.length > 0) copy.$unknown = kept;
  else delete copy.$unknown;
  return copy;
}

/** The names of the files that are only there because others import them. */
export function importedFiles(bytes: Uint8Array): ReadonlySet<string> {
  const headers = unlessUnreadable(() => splitFiles(bytes).map(readHeader));
  return new Set(headers.filter((file) => file.imported).map((file) => file.name));
}

/** `ImageFileExtension.is_import`. */
const IS_IMPORT = 1;

/** What can be told of a file before it is decoded. */
function readHeader(bytes: Uint8Array): Named & { readonly imported: boolean } {
  const header = { name: "", package: "", imported: false };
  forEachField(bytes, (number, reader) => {
    if (number === FILE.name) header.name = reader.string();
    else if (number === FILE.package) header.package = reader.string();
    else if (number === BUF_EXTENSION) {
      forEachField(reader.bytes(), (inner, extension) => {
        if (inner !== IS_IMPORT) return false;
        header.imported = extension.bool();
        return true;
      });
    } else return false;
    return true;
  });
  return header;
}

/** @param read reads the value of a field. Where it returns false, it did not. */
function forEachField(bytes: Uint8Array, read: (number: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (!read(number, reader)) reader.skip(wireType, number);
  }
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

/**
 * One file as bytes, for a reader with another runtime.
 * @param sourceInfo its SourceCodeInfo, encoded.
 */
export function fileBytes(file: FileDescriptorProto, sourceInfo: Uint8Array = new Uint8Array()): Uint8Array {
  const writer = new BinaryWriter().raw(toBinary(FileDescriptorProtoSchema, file));
  if (sourceInfo.length > 0) writer.tag(FILE.sourceCodeInfo, WireType.LengthDelimited).bytes(sourceInfo);
  return writer.finish();
}
