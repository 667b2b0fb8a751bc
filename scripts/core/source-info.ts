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
import type { SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";
import type { Position } from "./finding.ts";

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

/** The field numbers of descriptor.proto that a path is made of. */
const FILE = { package: 2, dependency: 3, messageType: 4, enumType: 5, service: 6, extension: 7 } as const;
const MESSAGE = { field: 2, nestedType: 3, enumType: 4, extension: 6, oneofDecl: 8 } as const;

/** Where an element stands in its file. Without source info: the file alone. */
export function positionOf(desc: Desc): Position {
  const file = desc.kind === "file" ? desc : fileOf(desc);
  return positionAt(file, desc.kind === "file" ? [FILE.package] : pathOf(desc));
}

/** Where the `import` of another file stands. */
export function importPosition(file: DescFile, imported: string): Position {
  const index = file.proto.dependency.indexOf(imported);
  return positionAt(file, [FILE.dependency, index]);
}

function positionAt(file: DescFile, path: readonly number[]): Position {
  const [line, column] = locationAt(file, path)?.span ?? [];
  if (line === undefined || column === undefined) return { file: file.proto.name };
  return { file: file.proto.name, line: line + 1, column: column + 1 };
}

/** The comment before an element, or behind it on the same line, without its comment signs. Empty when there is none. */
export function commentOf(desc: Exclude<Desc, DescFile>): string {
  const location = locationAt(fileOf(desc), pathOf(desc));
  const text = location?.leadingComments || location?.trailingComments || "";
  return text
    .split("\n")
    .map((line) => line.replace(/^ ?\*? ?/, "").trimEnd())
    .join("\n")
    .trim();
}

const INDEXES = new WeakMap<DescFile, ReadonlyMap<string, SourceCodeInfo_Location>>();

function locationAt(file: DescFile, path: readonly number[]): SourceCodeInfo_Location | undefined {
  let index = INDEXES.get(file);
  if (index === undefined) {
    index = new Map((file.proto.sourceCodeInfo?.location ?? []).map((each) => [each.path.join("."), each]));
    INDEXES.set(file, index);
  }
  return index.get(path.join("."));
}

function fileOf(desc: Exclude<Desc, DescFile>): DescFile {
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

/** As SourceCodeInfo.Location.path, descriptor.proto. */
function pathOf(desc: Exclude<Desc, DescFile>): readonly number[] {
  switch (desc.kind) {
    case "message":
      return desc.parent === undefined
        ? [FILE.messageType, desc.file.proto.messageType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), MESSAGE.nestedType, desc.parent.proto.nestedType.indexOf(desc.proto)];
    case "enum":
      return desc.parent === undefined
        ? [FILE.enumType, desc.file.proto.enumType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), MESSAGE.enumType, desc.parent.proto.enumType.indexOf(desc.proto)];
    case "enum_value":
      return [...pathOf(desc.parent), 2, desc.parent.proto.value.indexOf(desc.proto)];
    case "field":
      return [...pathOf(desc.parent), MESSAGE.field, desc.parent.proto.field.indexOf(desc.proto)];
    case "oneof":
      return [...pathOf(desc.parent), MESSAGE.oneofDecl, desc.parent.proto.oneofDecl.indexOf(desc.proto)];
    case "service":
      return [FILE.service, desc.file.proto.service.indexOf(desc.proto)];
    case "rpc":
      return [...pathOf(desc.parent), 2, desc.parent.proto.method.indexOf(desc.proto)];
    case "extension":
      return desc.parent === undefined
        ? [FILE.extension, desc.file.proto.extension.indexOf(desc.proto)]
        : [...pathOf(desc.parent), MESSAGE.extension, desc.parent.proto.extension.indexOf(desc.proto)];
  }
}
