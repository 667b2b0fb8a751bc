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
  isFieldSet,
  ScalarType,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import {
  Edition,
  FeatureSet_FieldPresence,
  FieldDescriptorProtoSchema,
  FieldOptions_JSType,
  MethodOptions_IdempotencyLevel,
} from "@bufbuild/protobuf/wkt";
import type { Image } from "./image.ts";
import { compare } from "./packages.ts";
import { type OptionReader, optionReader } from "./read-options.ts";
import type {
  EnumSchema,
  EnumValueSchema,
  FieldSchema,
  FieldType,
  FileSchema,
  Idempotency,
  MessageSchema,
  MethodSchema,
  OneofSchema,
  PackageSchema,
  Presence,
  Scalar,
  Schema,
  ServiceSchema,
} from "./schema.ts";
import { placeOf, positionOf } from "./source-info.ts";
import { isWellKnownPath } from "./well-known-types.ts";

/** The image as the diff compares it. What protoc brings is left out: it is the same on both sides. */
export function readSchema(image: Image): Schema {
  const options = optionReader(image.registry);
  const byPackage = new Map<string, DescFile[]>();
  for (const file of image.files) {
    if (isWellKnownPath(file.proto.name)) continue;
    const files = byPackage.get(file.proto.package);
    if (files === undefined) byPackage.set(file.proto.package, [file]);
    else files.push(file);
  }
  const packages = [...byPackage].sort(([a], [b]) => compare(a, b));
  return { packages: new Map(packages.map(([name, files]) => [name, readPackage(name, files, options)])) };
}

/** Its types are read when somebody asks for them: nobody does for a package that is on one side only. */
function readPackage(name: string, files: readonly DescFile[], options: OptionReader): PackageSchema {
  let read: Types | undefined;
  const types = (): Types => {
    read ??= readTypes(files, options);
    return read;
  };
  return {
    name,
    files: files.map((file) => readFile(file, options)),
    get messages() {
      return types().messages;
    },
    get enums() {
      return types().enums;
    },
    get services() {
      return types().services;
    },
    get extensions() {
      return types().extensions;
    },
  };
}

type Types = Pick<PackageSchema, "messages" | "enums" | "services" | "extensions">;

function readTypes(files: readonly DescFile[], options: OptionReader): Types {
  const messages = new Map<string, MessageSchema>();
  const enums = new Map<string, EnumSchema>();
  const services = new Map<string, ServiceSchema>();
  const extensions = new Map<string, FieldSchema>();
  for (const type of files.flatMap((file) => [...nestedTypes(file)])) {
    switch (type.kind) {
      case "message":
        messages.set(type.typeName, readMessage(type, options));
        break;
      case "enum":
        enums.set(type.typeName, readEnum(type, options));
        break;
      case "service":
        services.set(type.typeName, readService(type, options));
        break;
      case "extension":
        extensions.set(type.typeName, readField(type, type.typeName, options));
        break;
    }
  }
  return { messages, enums, services, extensions };
}

function readFile(file: DescFile, options: OptionReader): FileSchema {
  const { name, syntax, edition, publicDependency, dependency } = file.proto;
  return {
    path: name,
    syntax: edition === Edition.EDITION_UNKNOWN ? syntax || "proto2" : Edition[edition].replace("EDITION_", ""),
    publicImports: publicDependency.flatMap((index) => dependency[index] ?? []),
    get options() {
      return options.ofFile(file);
    },
    get position() {
      return positionOf(file);
    },
  };
}

function readMessage(desc: DescMessage, options: OptionReader): MessageSchema {
  return {
    ...element(desc, desc.typeName),
    options: options.ofMessage(desc),
    file: desc.file.proto.name,
    fields: desc.fields.map((field) => readField(field, `${desc.typeName}.${field.name}`, options)),
    oneofs: desc.oneofs.map((oneof) => readOneof(oneof, options)),
    reserved: {
      // Their ends are exclusive; those of an enum are not.
      ranges: desc.proto.reservedRange.map(({ start, end }) => [start, end - 1] as const),
      names: desc.proto.reservedName,
    },
    extensionRanges: desc.proto.extensionRange.map(({ start, end }) => [start, end - 1] as const),
  };
}

function readOneof(desc: DescOneof, options: OptionReader): OneofSchema {
  return { ...element(desc, `${desc.parent.typeName}.${desc.name}`), options: options.ofOneof(desc) };
}

function readField(desc: DescField | DescExtension, path: string, options: OptionReader): FieldSchema {
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
    utf8: desc.scalar !== ScalarType.STRING || !("utf8Validation" in desc) || desc.utf8Validation !== false,
    extendee: desc.kind === "extension" ? desc.extendee.typeName : undefined,
  };
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

function readEnum(desc: DescEnum, options: OptionReader): EnumSchema {
  return {
    ...element(desc, desc.typeName),
    options: options.ofEnum(desc),
    file: desc.file.proto.name,
    values: desc.values.map((value) => readValue(value, options)),
    open: desc.open,
    reserved: {
      ranges: desc.proto.reservedRange.map(({ start, end }) => [start, end] as const),
      names: desc.proto.reservedName,
    },
  };
}

function readValue(desc: DescEnumValue, options: OptionReader): EnumValueSchema {
  const path = `${desc.parent.typeName}.${desc.name}`;
  return { ...element(desc, path), options: options.ofEnumValue(desc), number: desc.number };
}

function readService(desc: DescService, options: OptionReader): ServiceSchema {
  return {
    ...element(desc, desc.typeName),
    options: options.ofService(desc),
    file: desc.file.proto.name,
    methods: desc.methods.map((method) => readMethod(method, options)),
  };
}

function readMethod(desc: DescMethod, options: OptionReader): MethodSchema {
  return {
    ...element(desc, `${desc.parent.typeName}.${desc.name}`),
    options: options.ofMethod(desc),
    input: desc.input.typeName,
    output: desc.output.typeName,
    streamsIn: desc.proto.clientStreaming,
    streamsOut: desc.proto.serverStreaming,
    idempotency: idempotencyOf(desc.idempotency),
  };
}

function idempotencyOf(level: MethodOptions_IdempotencyLevel): Idempotency {
  if (level === MethodOptions_IdempotencyLevel.IDEMPOTENT) return "idempotent";
  return level === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS ? "no-side-effects" : "unknown";
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

function element(desc: AnyElement, path: string): Omit<OneofSchema, "options"> {
  const { comment, position } = placeOf(desc);
  return { path, name: desc.name, comment, deprecated: desc.deprecated, position };
}
