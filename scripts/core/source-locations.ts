import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, type SourceCodeInfo, SourceCodeInfoSchema } from "@bufbuild/protobuf/wkt";
import { usageError } from "./finding.ts";

/** The field numbers of descriptor.proto that a path is made of. */
export const FILE = { package: 2, dependency: 3, messageType: 4, enumType: 5, service: 6, extension: 7 } as const;
export const MESSAGE = { field: 2, nestedType: 3, enumType: 4, extension: 6, oneofDecl: 8 } as const;
export const ENUM_VALUE = 2;
export const SERVICE_METHOD = 2;

const ENCODED = new WeakMap<FileDescriptorProto, Uint8Array>();

/**
 * Gives a file its source info, three quarters of what a compiler writes, as the bytes that came. They are decoded only
 * for who reads the message; comments and positions are found in the bytes.
 */
export function setSourceInfo(file: FileDescriptorProto, bytes: Uint8Array): void {
  let decoded: SourceCodeInfo | undefined;
  const get = (): SourceCodeInfo => {
    decoded ??= readable(file, () => fromBinary(SourceCodeInfoSchema, bytes));
    return decoded;
  };
  ENCODED.set(file, bytes);
  Object.defineProperty(file, "sourceCodeInfo", { get, enumerable: true, configurable: true });
}

/** A file less its source info: the rest is shared. */
export function withoutSourceInfo(file: FileDescriptorProto): FileDescriptorProto {
  const copy: FileDescriptorProto = Object.create(Object.getPrototypeOf(file), Object.getOwnPropertyDescriptors(file));
  delete copy.sourceCodeInfo;
  return copy;
}

/** The SourceCodeInfo of a file, encoded. */
export function sourceInfoOf(file: FileDescriptorProto): Uint8Array {
  const bytes = ENCODED.get(file);
  if (bytes !== undefined) return bytes;
  const { sourceCodeInfo } = file;
  return sourceCodeInfo === undefined ? new Uint8Array() : toBinary(SourceCodeInfoSchema, sourceCodeInfo);
}

/** @throws FindingsError `image-unreadable` where the bytes are no SourceCodeInfo: nobody looked at them before. */
function readable<T>(file: FileDescriptorProto, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError("image-unreadable", { reason: `the source info of ${file.name}: ${reason}` });
  }
}

/** A SourceCodeInfo.Location. Lines and columns count from 0. */
export interface Location {
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly comment: string;
}

const NOWHERE: Location = { line: undefined, column: undefined, comment: "" };

/** Where the location of each of some siblings begins, in the bytes. */
export type Offsets = readonly (number | undefined)[];

export interface Index {
  readonly reader: BinaryReader;
  /** By the path that siblings share: those of the fields of the first message at `4.0.2`. */
  readonly offsets: ReadonlyMap<string, Offsets>;
}

const INDEXES = new WeakMap<FileDescriptorProto, Index>();

/** @throws FindingsError `image-unreadable`, as all that reads source info. */
export function locationsOf(proto: FileDescriptorProto): Index {
  const index = INDEXES.get(proto) ?? readable(proto, () => indexLocations(sourceInfoOf(proto)));
  INDEXES.set(proto, index);
  return index;
}

export function locationAt(proto: FileDescriptorProto, offset: number | undefined): Location {
  return offset === undefined ? NOWHERE : readable(proto, () => readLocation(locationsOf(proto).reader, offset));
}

/** The field numbers of SourceCodeInfo and its Location. */
const INFO = { location: 1 } as const;
const LOCATION = { path: 1, span: 2, leadingComments: 3, trailingComments: 4 } as const;

/** Most locations are of parts of elements, a name or a type: of those no more is read than the path. */
function indexLocations(bytes: Uint8Array): Index {
  const reader = new BinaryReader(bytes);
  const offsets = new Map<string, (number | undefined)[]>();
  const path: number[] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number !== INFO.location) {
      reader.skip(wireType, number);
      continue;
    }
    const offset = reader.pos;
    const end = endOf(reader);
    readPath(reader, end, path);
    if (isElement(path)) {
      // That of a package has no siblings.
      const own = path.length === 1 ? 0 : (path.pop() ?? 0);
      const shared = path.join(".");
      const siblings = offsets.get(shared) ?? [];
      siblings[own] = offset;
      offsets.set(shared, siblings);
    }
    reader.pos = end;
  }
  return { reader, offsets };
}

function endOf(reader: BinaryReader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError("premature EOF");
  return end;
}

/** The path stands before all else. */
function readPath(reader: BinaryReader, end: number, path: number[]): void {
  path.length = 0;
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    if (number !== LOCATION.path) break;
    readNumbers(reader, wireType, path);
  }
}

function readNumbers(reader: BinaryReader, wireType: WireType, to: number[]): void {
  if (wireType !== WireType.LengthDelimited) {
    to.push(reader.int32());
    return;
  }
  const end = endOf(reader);
  while (reader.pos < end) to.push(reader.int32());
}

/** By the number of a field of descriptor.proto: the elements in an element. */
interface Inner {
  readonly [number: number]: Inner;
}

const INNER_ENUM: Inner = { [ENUM_VALUE]: {} };
const INNER_MESSAGE: Inner = {
  [MESSAGE.field]: {},
  get [MESSAGE.nestedType]() {
    return INNER_MESSAGE;
  },
  [MESSAGE.enumType]: INNER_ENUM,
  [MESSAGE.extension]: {},
  [MESSAGE.oneofDecl]: {},
};
const INNER_FILE: Inner = {
  [FILE.dependency]: {},
  [FILE.messageType]: INNER_MESSAGE,
  [FILE.enumType]: INNER_ENUM,
  [FILE.service]: { [SERVICE_METHOD]: {} },
  [FILE.extension]: {},
};

function isElement(path: readonly number[]): boolean {
  if (path.length % 2 === 1) return path.length === 1 && path[0] === FILE.package;
  let inner: Inner | undefined = INNER_FILE;
  for (let at = 0; at < path.length; at += 2) {
    inner = inner[path[at] ?? 0];
    if (inner === undefined) return false;
  }
  return true;
}

function readLocation(reader: BinaryReader, offset: number): Location {
  reader.pos = offset;
  const end = endOf(reader);
  const span: number[] = [];
  let [leading, trailing] = ["", ""];
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    if (number === LOCATION.span) readNumbers(reader, wireType, span);
    else if (number === LOCATION.leadingComments) leading = reader.string();
    else if (number === LOCATION.trailingComments) trailing = reader.string();
    else reader.skip(wireType, number);
  }
  return { line: span[0], column: span[1], comment: leading || trailing };
}
