import type {
  DescEnum,
  DescEnumValue,
  DescFile,
  DescMessage,
  DescMethod,
  DescOneof,
  DescService,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { Edition, MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { Image } from "./image.ts";
import { compare } from "./packages.ts";
import { element, readField } from "./read-field.ts";
import { type OptionReader, optionReader } from "./read-options.ts";
import type {
  EnumSchema,
  EnumValueSchema,
  FieldSchema,
  FileSchema,
  Idempotency,
  MessageSchema,
  MethodSchema,
  OneofSchema,
  Options,
  PackageSchema,
  Schema,
  ServiceSchema,
} from "./schema.ts";
import { positionOf } from "./source-info.ts";
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

/**
 * Reads what is left to read: for who has to wait anyway, or wants to know now that it can be read.
 * @param isWanted whether the types of the package with these files will be asked for.
 * @throws FindingsError `image-unreadable`, and whatever protobuf-es throws at options that it cannot decode.
 */
export function readAhead({ packages }: Schema, isWanted = (_: readonly FileSchema[]): boolean => true): void {
  for (const each of packages.values()) {
    if (!isWanted(each.files)) continue;
    void each.messages;
    for (const { options, position } of each.files) void [options, position];
  }
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
  let read: Options | undefined;
  return {
    path: name,
    syntax: edition === Edition.EDITION_UNKNOWN ? syntax || "proto2" : Edition[edition].replace("EDITION_", ""),
    publicImports: publicDependency.flatMap((index) => dependency[index] ?? []),
    get options() {
      read ??= options.ofFile(file);
      return read;
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
