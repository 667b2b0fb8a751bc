import {
  clone,
  create,
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  isMessage,
} from "@bufbuild/protobuf";
import {
  Edition,
  EnumOptionsSchema,
  FeatureSet_FieldPresence,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  MessageOptionsSchema,
  OneofDescriptorProtoSchema,
  ServiceOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { lowerFirst, methodKey } from "./names.ts";
import { isReservedField, isReservedMethod, isReservedType, renamed } from "./safe-names.ts";
import { withoutSourceInfo } from "./source-locations.ts";
import { camelName, enumMembers, enumPrefix } from "./ts-names.ts";
import { isWellKnownPath } from "./well-known-types.ts";

/**
 * A file as ts-proto may see it, without source info, and how to put the schema's own names back where its output
 * quotes them.
 */
export interface PreparedFile {
  readonly proto: FileDescriptorProto;
  /** Quoted text in the output → what must stand there. */
  readonly restore: ReadonlyMap<string, string>;
}

/** Proto full name → full name under which ts-proto is to know the type, for all renamed types and what is in them. */
export type TypeRenames = ReadonlyMap<string, string>;

/**
 * Stands for the `$` in the name of a type while ts-proto works: its imports take only letters and digits.
 * No schema has it.
 */
const PLACEHOLDER = "Q7xRenamedQ7x";

/** Puts the `$` where the placeholder stands. */
export function revealRenames(text: string): string {
  // A function, because `$` means something in a replacement text. An enum called `_` is nothing but the placeholder,
  // and its helpers begin with a small letter.
  return text.replaceAll(PLACEHOLDER, () => "$").replaceAll(lowerFirst(PLACEHOLDER), () => "$");
}

export function planTypeRenames(files: readonly DescFile[]): TypeRenames {
  const renames = new Map<string, string>();
  for (const file of files) {
    const wellKnown = isWellKnownPath(file.proto.name);
    for (const type of [...file.messages, ...file.enums]) {
      if (!isReservedType(camelName(type.name), wellKnown)) continue;
      for (const inner of namesIn(type)) {
        renames.set(inner, type.typeName + PLACEHOLDER + inner.slice(type.typeName.length));
      }
    }
  }
  return renames;
}

/** The full names of a type and of all that is declared in it, the entries of its maps too. */
function namesIn(type: DescMessage | DescEnum): readonly string[] {
  if (type.kind === "enum") return [type.typeName];
  const inner = (message: MessageProto, name: string): readonly string[] => [
    name,
    ...message.enumType.map((each) => `${name}.${each.name}`),
    ...message.nestedType.flatMap((each) => inner(each, `${name}.${each.name}`)),
  ];
  return inner(type.proto, type.typeName);
}

/**
 * Resolves what ts-proto gets wrong or cannot know: the features of proto2 and of an edition (presence, packing,
 * delimited messages), the names of safe-names.ts, and option bytes that would only be copied into the output.
 */
export function prepareFile(file: DescFile, renames: TypeRenames): PreparedFile {
  const proto = clone(FileDescriptorProtoSchema, withoutSourceInfo(file.proto));
  const restore = new Map<string, string>();
  const isProto3 = proto.syntax === "proto3";
  proto.syntax = "proto3";
  proto.edition = Edition.EDITION_UNKNOWN;
  for (const type of [...file.messages, ...file.enums]) {
    if (!renames.has(type.typeName)) continue;
    for (const inner of namesIn(type)) quote(restore, renames.get(inner) ?? inner, inner);
  }
  proto.messageType.forEach((message, index) => {
    prepareMessage(message, at(file.messages, index), { isProto3, renames, restore });
    message.name = safeTypeName(message.name, file);
  });
  proto.enumType.forEach((each, index) => {
    prepareEnum(each, at(file.enums, index), safeTypeName(each.name, file), restore);
  });
  proto.extension = [];
  if (file.deprecated) deprecateAll(proto);
  proto.service.forEach((service, index) => {
    service.method.forEach((method, methodIndex) => {
      const desc = at(at(file.services, index).methods, methodIndex);
      method.inputType = safeReference(method.inputType, renames);
      method.outputType = safeReference(method.outputType, renames);
      if (method.options !== undefined) delete method.options.$unknown;
      if (isReservedMethod(methodKey(desc.name))) {
        method.name = renamed(desc.name);
        restore.set(`name: '${method.name}'`, `name: '${desc.name}'`);
      }
    });
  });
  return { proto, restore };
}

/** What ts-proto says of a deprecated file is a comment on top, which no tool connects with what is in the file. */
function deprecateAll({ messageType, enumType, service }: FileDescriptorProto): void {
  const visit = (message: MessageProto): void => {
    // The entry of a map is nothing that a consumer sees.
    if (message.options?.mapEntry) return;
    message.options = create(MessageOptionsSchema, { deprecated: true });
    message.enumType.forEach(visitEnum);
    message.nestedType.forEach(visit);
  };
  const visitEnum = (each: EnumProto): void => {
    each.options = create(EnumOptionsSchema, { deprecated: true });
  };
  messageType.forEach(visit);
  enumType.forEach(visitEnum);
  for (const each of service) each.options = create(ServiceOptionsSchema, { deprecated: true });
}

interface Preparation {
  readonly isProto3: boolean;
  readonly renames: TypeRenames;
  readonly restore: Map<string, string>;
}

type MessageProto = FileDescriptorProto["messageType"][number];
type EnumProto = FileDescriptorProto["enumType"][number];

function prepareMessage(proto: MessageProto, desc: DescMessage, preparation: Preparation): void {
  const fields = new Map(desc.fields.map((field) => [field.number, field]));
  for (const oneof of proto.oneofDecl) {
    if (isReservedField(oneof.name, camelName(oneof.name))) oneof.name = renamed(oneof.name);
  }
  for (const field of proto.field) {
    const described = fields.get(field.number);
    if (described === undefined) throw new Error(`${desc.typeName} has no field ${field.number}`);
    field.typeName = safeReference(field.typeName, preparation.renames);
    if (!preparation.isProto3) resolveFeatures(field, described, proto);
    resolvePacked(field, described);
    resolveDefault(field);
    if (isReservedField(field.name, camelName(field.name))) field.name = renamed(field.name);
  }
  proto.extension = [];
  // A map's entry is a message of the descriptor, but not one of the linked model.
  const nested = new Map(desc.nestedMessages.map((each) => [each.name, each]));
  for (const each of proto.nestedType) {
    const described = nested.get(each.name);
    if (described !== undefined) prepareMessage(each, described, preparation);
    else for (const field of each.field) field.typeName = safeReference(field.typeName, preparation.renames);
  }
  proto.enumType.forEach((each, index) => {
    prepareEnum(each, at(desc.nestedEnums, index), each.name, preparation.restore);
  });
}

/** protoc's words for what a float or a double may be by default, and JavaScript's. */
const FLOAT_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ["inf", "Infinity"],
  ["-inf", "-Infinity"],
  ["nan", "NaN"],
]);

function resolveDefault(field: FieldDescriptorProto): void {
  if (field.type !== FieldDescriptorProto_Type.FLOAT && field.type !== FieldDescriptorProto_Type.DOUBLE) return;
  field.defaultValue = FLOAT_DEFAULTS.get(field.defaultValue) ?? field.defaultValue;
}

/**
 * Says in proto3's words what proto2 says by labels and an edition by features. ts-proto's own reading of proto2 drops
 * a value that equals its default, and with it the presence.
 */
function resolveFeatures(field: FieldDescriptorProto, desc: DescField, message: MessageProto): void {
  if (field.type === FieldDescriptorProto_Type.MESSAGE && isDelimited(desc))
    field.type = FieldDescriptorProto_Type.GROUP;
  if (field.label === FieldDescriptorProto_Label.REPEATED || desc.message !== undefined || desc.oneof !== undefined)
    return;
  if (desc.presence !== FeatureSet_FieldPresence.EXPLICIT) return;
  field.proto3Optional = true;
  field.oneofIndex = message.oneofDecl.length;
  message.oneofDecl.push(create(OneofDescriptorProtoSchema, { name: `_${field.name}` }));
}

function isDelimited(desc: DescField): boolean {
  return "delimitedEncoding" in desc && desc.delimitedEncoding;
}

/** ts-proto takes a field with any option for unpacked unless `packed` is spelled out. */
function resolvePacked(field: FieldDescriptorProto, desc: DescField): void {
  if (desc.fieldKind !== "list") return;
  if (!isMessage(field.options, FieldOptionsSchema)) field.options = create(FieldOptionsSchema);
  field.options.packed = desc.packed;
}

/** @param name the enum's own, or the one under which ts-proto is to know it. */
function prepareEnum(proto: EnumProto, desc: DescEnum, name: string, restore: Map<string, string>): void {
  const members = enumMembers(desc);
  for (const value of proto.value) {
    const own = value.name;
    const member = members.get(own) ?? own;
    if (name !== desc.name) value.name = enumPrefix(name) + member;
    else if (member.endsWith("$")) value.name = renamed(own);
    if (value.name !== own) quote(restore, value.name, own);
  }
  proto.name = name;
}

function quote(restore: Map<string, string>, output: string, own: string): void {
  restore.set(`"${output}"`, `"${own}"`);
  restore.set(`'${output}'`, `'${own}'`);
}

function safeTypeName(name: string, file: DescFile): string {
  return isReservedType(camelName(name), isWellKnownPath(file.proto.name)) ? name + PLACEHOLDER : name;
}

/** @param reference a full name with a leading dot, or nothing. */
function safeReference(reference: string, renames: TypeRenames): string {
  const target = renames.get(reference.slice(1));
  return target === undefined ? reference : `.${target}`;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`the descriptor and its linked form differ at index ${index}`);
  return item;
}
