import {
  type DescEnum,
  type DescEnumValue,
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  type DescService,
  isFieldSet,
  ScalarType,
} from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, FieldDescriptorProtoSchema, FieldOptions_JSType } from "@bufbuild/protobuf/wkt";
import { isDeprecated } from "./deprecation.ts";
import type { OptionReader } from "./read-options.ts";
import type { FieldSchema, FieldType, OneofSchema, Presence, Scalar } from "./schema.ts";
import { placeOf } from "./source-info.ts";

/** A field, or an extension. @param path its full name. */
export function readField(desc: DescField | DescExtension, path: string, options: OptionReader): FieldSchema {
  const { proto } = desc;
  return {
    ...element(desc, path),
    options: options.ofField(desc),
    number: desc.number,
    cardinality: desc.fieldKind === "list" ? "repeated" : desc.fieldKind === "map" ? "map" : "singular",
    type: typeOf(desc),
    mapKey: desc.fieldKind === "map" ? SCALARS[desc.mapKey].kind : undefined,
    presence: presenceOf(desc),
    oneof: desc.oneof?.name,
    jsonName: desc.jsonName,
    defaultValue: isFieldSet(proto, FieldDescriptorProtoSchema.field.defaultValue) ? proto.defaultValue : undefined,
    packed: desc.fieldKind === "list" && desc.packed,
    delimited: "delimitedEncoding" in desc && desc.delimitedEncoding === true,
    jstype: jstypeOf(proto.options?.jstype),
    utf8: !hasStrings(desc) || !("utf8Validation" in desc) || desc.utf8Validation !== false,
    extendee: desc.kind === "extension" ? desc.extendee.typeName : undefined,
  };
}

/** In its values, or in the keys of a map. */
function hasStrings(desc: DescField | DescExtension): boolean {
  return desc.scalar === ScalarType.STRING || (desc.fieldKind === "map" && desc.mapKey === ScalarType.STRING);
}

function typeOf(desc: DescField | DescExtension): FieldType {
  if (desc.message !== undefined) return { kind: "message", name: desc.message.typeName, closed: false };
  if (desc.enum !== undefined) return { kind: "enum", name: desc.enum.typeName, closed: !desc.enum.open };
  if (desc.scalar === undefined) throw new Error(`${(desc as DescField).name} has no type`);
  return SCALARS[desc.scalar];
}

function scalarType(kind: Scalar): FieldType & { readonly kind: Scalar } {
  return { kind, name: "", closed: false };
}

const SCALARS: Readonly<Record<ScalarType, FieldType & { readonly kind: Scalar }>> = {
  [ScalarType.DOUBLE]: scalarType("double"),
  [ScalarType.FLOAT]: scalarType("float"),
  [ScalarType.INT32]: scalarType("int32"),
  [ScalarType.INT64]: scalarType("int64"),
  [ScalarType.UINT32]: scalarType("uint32"),
  [ScalarType.UINT64]: scalarType("uint64"),
  [ScalarType.SINT32]: scalarType("sint32"),
  [ScalarType.SINT64]: scalarType("sint64"),
  [ScalarType.FIXED32]: scalarType("fixed32"),
  [ScalarType.FIXED64]: scalarType("fixed64"),
  [ScalarType.SFIXED32]: scalarType("sfixed32"),
  [ScalarType.SFIXED64]: scalarType("sfixed64"),
  [ScalarType.BOOL]: scalarType("bool"),
  [ScalarType.STRING]: scalarType("string"),
  [ScalarType.BYTES]: scalarType("bytes"),
};

function presenceOf(desc: DescField | DescExtension): Presence {
  if (desc.fieldKind === "list" || desc.fieldKind === "map") return "none";
  if (desc.message !== undefined && desc.presence === FeatureSet_FieldPresence.IMPLICIT) return "explicit";
  switch (desc.presence) {
    case FeatureSet_FieldPresence.LEGACY_REQUIRED:
      return "required";
    case FeatureSet_FieldPresence.IMPLICIT:
      return "implicit";
    default:
      return "explicit";
  }
}

function jstypeOf(jstype: FieldOptions_JSType | undefined): FieldSchema["jstype"] {
  if (jstype === FieldOptions_JSType.JS_STRING) return "string";
  return jstype === FieldOptions_JSType.JS_NUMBER ? "number" : "normal";
}

type AnyElement =
  | DescMessage
  | DescEnum
  | DescEnumValue
  | DescField
  | DescExtension
  | DescOneof
  | DescService
  | DescMethod;

/** What all elements have. @param path its full name. */
export function element(desc: AnyElement, path: string): Omit<OneofSchema, "options"> {
  const { comment, position } = placeOf(desc);
  return { path, name: desc.name, comment, deprecated: deprecatedOf(desc), position };
}

/** The option of a file is that of each type in it, as in what is generated. */
function deprecatedOf(desc: AnyElement): boolean {
  if (desc.kind === "message" || desc.kind === "enum" || desc.kind === "service") return isDeprecated(desc);
  return desc.deprecated;
}
