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
import { ENUM_VALUE, FILE, MESSAGE, SERVICE_METHOD } from "./source-locations.ts";

export type Parent = DescFile | DescMessage | DescEnum | DescService;

/** As SourceCodeInfo.Location.path, descriptor.proto. */
export function sourcePathOf(
  desc: Parent | DescField | DescExtension | DescOneof | DescEnumValue | DescMethod,
): readonly number[] {
  switch (desc.kind) {
    case "file":
      return [];
    case "field":
      return [...sourcePathOf(desc.parent), MESSAGE.field, desc.parent.proto.field.indexOf(desc.proto)];
    case "oneof":
      return [...sourcePathOf(desc.parent), MESSAGE.oneofDecl, desc.parent.proto.oneofDecl.indexOf(desc.proto)];
    case "enum_value":
      return [...sourcePathOf(desc.parent), ENUM_VALUE, desc.parent.proto.value.indexOf(desc.proto)];
    case "rpc":
      return [...sourcePathOf(desc.parent), SERVICE_METHOD, desc.parent.proto.method.indexOf(desc.proto)];
    default: {
      const [parent, number, index] = placeIn(desc);
      return [...sourcePathOf(parent), number, index];
    }
  }
}

/** Where a type, a service or an extension stands in what it is declared in. */
export function placeIn(
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
