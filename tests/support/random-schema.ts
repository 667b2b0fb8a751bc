import { create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProto_ReservedRangeSchema,
  DescriptorProtoSchema,
  EnumDescriptorProtoSchema,
  EnumValueDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  MethodDescriptorProtoSchema,
  type MethodOptions_IdempotencyLevel,
  MethodOptionsSchema,
  OneofDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

/** A schema that is easy to edit: one file of proto3, in which everything is named by a counter. */
export interface Model {
  readonly messages: MessageModel[];
  readonly enums: EnumModel[];
  readonly methods: MethodModel[];
  /** The next unused number for a name. */
  next: number;
}

export interface MessageModel {
  name: string;
  readonly fields: FieldModel[];
  readonly reserved: { readonly number: number; readonly name: string }[];
}

export interface FieldModel {
  name: string;
  number: number;
  /** A scalar's word, or the name of a message or an enum of the model. */
  type: string;
  repeated: boolean;
  optional: boolean;
  oneof: string | undefined;
  deprecated: boolean;
}

export interface EnumModel {
  name: string;
  readonly values: { name: string; number: number }[];
}

export interface MethodModel {
  name: string;
  input: string;
  output: string;
  streamsOut: boolean;
  idempotency: MethodOptions_IdempotencyLevel;
}

export const SCALARS: readonly string[] = [
  "double",
  "float",
  "int32",
  "int64",
  "uint32",
  "uint64",
  "sint32",
  "fixed32",
  "sfixed64",
  "bool",
  "string",
  "bytes",
];

export function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}

export function randomModel(random: () => number): Model {
  const model: Model = { messages: [], enums: [], methods: [], next: 1 };
  for (let count = 1 + Math.floor(random() * 2); count > 0; count--) model.enums.push(randomEnum(model, random));
  for (let count = 2 + Math.floor(random() * 3); count > 0; count--)
    model.messages.push(randomMessageModel(model, random));
  for (let count = Math.floor(random() * 3); count > 0; count--) model.methods.push(randomMethod(model, random));
  return model;
}

export function randomEnum(model: Model, random: () => number): EnumModel {
  const name = `Enum${model.next++}`;
  const values = [{ name: `${name.toUpperCase()}_ZERO`, number: 0 }];
  for (let number = 1; number < 2 + random() * 3; number++)
    values.push({ name: `${name.toUpperCase()}_V${model.next++}`, number });
  return { name, values };
}

export function randomMessageModel(model: Model, random: () => number): MessageModel {
  const message: MessageModel = { name: `Message${model.next++}`, fields: [], reserved: [] };
  for (let count = 1 + Math.floor(random() * 5); count > 0; count--)
    message.fields.push(randomField(model, message, random));
  return message;
}

export function randomField(model: Model, message: MessageModel, random: () => number): FieldModel {
  const types = [...SCALARS, ...model.enums.map(({ name }) => name), ...model.messages.map(({ name }) => name)];
  const repeated = random() < 0.2;
  const taken = [...message.fields, ...message.reserved].map(({ number }) => number);
  return {
    name: `field_${model.next++}`,
    number: Math.max(0, ...taken) + 1 + Math.floor(random() * 2),
    type: pick(types, random) ?? "string",
    repeated,
    optional: !repeated && random() < 0.2,
    oneof: undefined,
    deprecated: false,
  };
}

export function randomMethod(model: Model, random: () => number): MethodModel {
  return {
    name: `Method${model.next++}`,
    input: pick(model.messages, random)?.name ?? "",
    output: pick(model.messages, random)?.name ?? "",
    streamsOut: random() < 0.3,
    idempotency: Math.floor(random() * 3),
  };
}

const PACKAGE = "acme.random.v1";

/** The model as buf would send it. */
export function toFile(model: Model): FileDescriptorProto {
  const service = create(ServiceDescriptorProtoSchema, {
    name: "RandomService",
    method: model.methods.map((method) =>
      create(MethodDescriptorProtoSchema, {
        name: method.name,
        inputType: `.${PACKAGE}.${method.input}`,
        outputType: `.${PACKAGE}.${method.output}`,
        serverStreaming: method.streamsOut,
        options: create(MethodOptionsSchema, { idempotencyLevel: method.idempotency }),
      }),
    ),
  });
  return create(FileDescriptorProtoSchema, {
    name: "acme/random/v1/random.proto",
    package: PACKAGE,
    syntax: "proto3",
    messageType: model.messages.map((message) => toMessage(message, model)),
    enumType: model.enums.map(({ name, values }) =>
      create(EnumDescriptorProtoSchema, {
        name,
        value: values.map((value) => create(EnumValueDescriptorProtoSchema, value)),
        options: { allowAlias: true },
      }),
    ),
    service: model.methods.length > 0 ? [service] : [],
  });
}

function toMessage({ name, fields, reserved }: MessageModel, model: Model): DescriptorProto {
  const oneofs = [...new Set(fields.flatMap(({ oneof }) => oneof ?? []))];
  const message = create(DescriptorProtoSchema, {
    name,
    oneofDecl: oneofs.map((each) => create(OneofDescriptorProtoSchema, { name: each })),
    reservedName: reserved.map((each) => each.name),
    reservedRange: reserved.map(({ number }) =>
      create(DescriptorProto_ReservedRangeSchema, { start: number, end: number + 1 }),
    ),
  });
  message.field = fields.map((field) => toField(field, message, oneofs, model));
  return message;
}

function toField(field: FieldModel, message: DescriptorProto, oneofs: string[], model: Model): FieldDescriptorProto {
  const isEnum = model.enums.some(({ name }) => name === field.type);
  const isScalar = SCALARS.includes(field.type);
  const type = isScalar ? field.type.toUpperCase() : isEnum ? "ENUM" : "MESSAGE";
  const proto = create(FieldDescriptorProtoSchema, {
    name: field.name,
    jsonName: field.name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    number: field.number,
    label: field.repeated ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
    type: FieldDescriptorProto_Type[type as keyof typeof FieldDescriptorProto_Type],
    typeName: isScalar ? "" : `.${PACKAGE}.${field.type}`,
  });
  if (field.deprecated) proto.options = create(FieldOptionsSchema, { deprecated: true });
  if (field.oneof !== undefined) proto.oneofIndex = oneofs.indexOf(field.oneof);
  else if (field.optional && type !== "MESSAGE") {
    proto.proto3Optional = true;
    proto.oneofIndex = message.oneofDecl.length;
    message.oneofDecl.push(create(OneofDescriptorProtoSchema, { name: `_${field.name}` }));
  }
  return proto;
}
