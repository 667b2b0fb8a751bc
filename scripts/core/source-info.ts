import {
  type DescEnum,
  type DescEnumValue,
  type DescExtension,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  type DescService,
  fromBinary,
  toBinary,
} from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, type SourceCodeInfo, SourceCodeInfoSchema } from "@bufbuild/protobuf/wkt";
import { type Position, usageError } from "./finding.ts";

export type Desc =
  | DescMessage
  | DescEnum
  | DescEnumValue
  | DescField
  | DescOneof
  | DescService
  | DescMethod
  | DescExtension
  | DescFile;

type Element = Exclude<Desc, DescFile>;

/** The field numbers of descriptor.proto that a path is made of. */
const FILE = { package: 2, dependency: 3, messageType: 4, enumType: 5, service: 6, extension: 7 } as const;
const MESSAGE = { field: 2, nestedType: 3, enumType: 4, extension: 6, oneofDecl: 8 } as const;
const ENUM_VALUE = 2;
const SERVICE_METHOD = 2;

/** Where an element stands in its file. Without source info: the file alone. */
export function positionOf(desc: Desc): Position {
  return desc.kind === "file"
    ? position(desc, locationAt(desc, offsetsIn(desc, FILE.package)[0]))
    : placeOf(desc).position;
}

/** Where the `import` of another file stands. */
export function importPosition(file: DescFile, imported: string): Position {
  const offset = offsetsIn(file, FILE.dependency)[file.proto.dependency.indexOf(imported)];
  return position(file, locationAt(file, offset));
}

/** The comment before an element, or behind it on the same line, without its comment signs. Empty when there is none. */
export function commentOf(desc: Element): string {
  return placeOf(desc).comment;
}

/** Both at once: half the looking up. */
export function placeOf(desc: Element): { readonly comment: string; readonly position: Position } {
  const file = fileOf(desc);
  const location = locationAt(file, offsetOf(desc));
  return { comment: withoutSigns(location.comment), position: position(file, location) };
}

function withoutSigns(comment: string): string {
  if (comment === "") return "";
  return comment.split("\n").map(lineWithoutSigns).join("\n").trim();
}

/** As ` ?\*? ?`, which is far slower. */
function lineWithoutSigns(line: string): string {
  let start = line.startsWith(" ") ? 1 : 0;
  if (line.startsWith("*", start)) start++;
  if (line.startsWith(" ", start)) start++;
  return line.slice(start).trimEnd();
}

function position({ proto }: DescFile, { line, column }: Location): Position {
  if (line === undefined || column === undefined) return { file: proto.name };
  return { file: proto.name, line: line + 1, column: column + 1 };
}

const ENCODED = new WeakMap<FileDescriptorProto, Uint8Array>();

/**
 * Gives a file its source info, three quarters of what a compiler writes, as the bytes that came. They are decoded only
 * for who reads the message; what this module answers, it finds in the bytes.
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
interface Location {
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly comment: string;
}

const NOWHERE: Location = { line: undefined, column: undefined, comment: "" };

/** Where the location of each of some siblings begins, in the bytes. */
type Offsets = readonly (number | undefined)[];

interface Index {
  readonly reader: BinaryReader;
  /** By the path that siblings share: those of the fields of the first message at `4.0.2`. */
  readonly offsets: ReadonlyMap<string, Offsets>;
}

const INDEXES = new WeakMap<FileDescriptorProto, Index>();

function indexOf({ proto }: DescFile): Index {
  const index = INDEXES.get(proto) ?? readable(proto, () => indexLocations(encoded(proto)));
  INDEXES.set(proto, index);
  return index;
}

function locationAt(file: DescFile, offset: number | undefined): Location {
  return offset === undefined ? NOWHERE : readable(file.proto, () => readLocation(indexOf(file).reader, offset));
}

function encoded(proto: FileDescriptorProto): Uint8Array {
  const bytes = ENCODED.get(proto);
  if (bytes !== undefined) return bytes;
  const { sourceCodeInfo } = proto;
  return sourceCodeInfo === undefined ? new Uint8Array() : toBinary(SourceCodeInfoSchema, sourceCodeInfo);
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

function fileOf(desc: Element): DescFile {
  switch (desc.kind) {
    case "enum_value":
    case "field":
    case "oneof":
    case "rpc":
      return desc.parent.file;
    default:
      return desc.file;
  }
}

type Parent = DescFile | DescMessage | DescEnum | DescService;

function offsetOf(desc: Element): number | undefined {
  switch (desc.kind) {
    case "enum_value":
      return offsetsIn(desc.parent, ENUM_VALUE)[desc.parent.proto.value.indexOf(desc.proto)];
    case "field":
      return offsetsIn(desc.parent, MESSAGE.field)[desc.parent.proto.field.indexOf(desc.proto)];
    case "oneof":
      return offsetsIn(desc.parent, MESSAGE.oneofDecl)[desc.parent.proto.oneofDecl.indexOf(desc.proto)];
    case "rpc":
      return offsetsIn(desc.parent, SERVICE_METHOD)[desc.parent.proto.method.indexOf(desc.proto)];
    default: {
      const [parent, number, index] = placeIn(desc);
      return offsetsIn(parent, number)[index];
    }
  }
}

const OFFSETS = new WeakMap<Parent, Map<number, Offsets>>();

/** Those of the elements in a parent, by the number of its field that holds them. */
function offsetsIn(parent: Parent, number: number): Offsets {
  const known = OFFSETS.get(parent) ?? new Map<number, Offsets>();
  OFFSETS.set(parent, known);
  const file = parent.kind === "file" ? parent : parent.file;
  const offsets = known.get(number) ?? indexOf(file).offsets.get([...pathOf(parent), number].join(".")) ?? [];
  known.set(number, offsets);
  return offsets;
}

/** As SourceCodeInfo.Location.path, descriptor.proto. */
function pathOf(desc: Parent): readonly number[] {
  if (desc.kind === "file") return [];
  const [parent, number, index] = placeIn(desc);
  return [...pathOf(parent), number, index];
}

function placeIn(
  desc: DescMessage | DescEnum | DescService | DescExtension,
): readonly [parent: Parent, number: number, index: number] {
  switch (desc.kind) {
    case "message":
      return desc.parent === undefined
        ? [desc.file, FILE.messageType, desc.file.proto.messageType.indexOf(desc.proto)]
        : [desc.parent, MESSAGE.nestedType, desc.parent.proto.nestedType.indexOf(desc.proto)];
    case "enum":
      return desc.parent === undefined
        ? [desc.file, FILE.enumType, desc.file.proto.enumType.indexOf(desc.proto)]
        : [desc.parent, MESSAGE.enumType, desc.parent.proto.enumType.indexOf(desc.proto)];
    case "service":
      return [desc.file, FILE.service, desc.file.proto.service.indexOf(desc.proto)];
    case "extension":
      return desc.parent === undefined
        ? [desc.file, FILE.extension, desc.file.proto.extension.indexOf(desc.proto)]
        : [desc.parent, MESSAGE.extension, desc.parent.proto.extension.indexOf(desc.proto)];
  }
}
