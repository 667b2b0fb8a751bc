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
import { type Parent, placeIn, sourcePathOf } from "./source-path.ts";

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
  known[number] ??= locationsOf(file.proto).offsets.get([...sourcePathOf(parent), number].join(".")) ?? [];
  return known[number];
}
