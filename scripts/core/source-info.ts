import type {
  DescEnum,
  DescEnumValue,
  DescExtension,
  DescField,
  DescFile,
  DescMessage,
  DescMethod,
  DescOneof,
  DescService,
} from "@bufbuild/protobuf";
import type { Position } from "./finding.ts";
import {
  ENUM_VALUE,
  FILE,
  type Location,
  locationAt,
  locationsOf,
  MESSAGE,
  type Offsets,
  SERVICE_METHOD,
} from "./source-locations.ts";

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

/** Where an element stands in its file. Without source info: the file alone. */
export function positionOf(desc: Desc): Position {
  return desc.kind === "file"
    ? position(desc, locationAt(desc.proto, offsetsIn(desc, FILE.package)[0]))
    : placeOf(desc).position;
}

/** Where the `import` of another file stands. */
export function importPosition(file: DescFile, imported: string): Position {
  const offset = offsetsIn(file, FILE.dependency)[file.proto.dependency.indexOf(imported)];
  return position(file, locationAt(file.proto, offset));
}

/** The comment before an element, or behind it on the same line, without its comment signs. Empty when there is none. */
export function commentOf(desc: Element): string {
  return placeOf(desc).comment;
}

/** Both at once: half the looking up. */
export function placeOf(desc: Element): { readonly comment: string; readonly position: Position } {
  const file = fileOf(desc);
  const location = locationAt(file.proto, offsetOf(desc));
  return { comment: withoutSigns(location.comment), position: position(file, location) };
}

function withoutSigns(comment: string): string {
  // Most are of one line, and a line ends with its break.
  const first = comment.indexOf("\n");
  if (first === -1 || first === comment.length - 1) return lineWithoutSigns(comment).trim();
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

const OFFSETS = new WeakMap<Parent, Offsets[]>();

/** Those of the elements in a parent, by the number of its field that holds them. */
function offsetsIn(parent: Parent, number: number): Offsets {
  const known = OFFSETS.get(parent) ?? [];
  if (known.length === 0) OFFSETS.set(parent, known);
  const file = parent.kind === "file" ? parent : parent.file;
  known[number] ??= locationsOf(file.proto).offsets.get([...pathOf(parent), number].join(".")) ?? [];
  return known[number];
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
