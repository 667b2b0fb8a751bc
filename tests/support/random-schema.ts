import { create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProto_ReservedRangeSchema,
  DescriptorProtoSchema,
  Edition,
  EnumDescriptorProtoSchema,
  EnumOptionsSchema,
  EnumValueDescriptorProtoSchema,
  FeatureSet_EnumType,
  FeatureSet_FieldPresence,
  FeatureSet_MessageEncoding,
  FeatureSet_RepeatedFieldEncoding,
  FeatureSet_Utf8Validation,
  FeatureSetSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  MethodDescriptorProtoSchema,
  MethodOptionsSchema,
  OneofDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import {
  type EnumModel,
  type FieldModel,
  KEYS,
  type MessageModel,
  type Model,
  SCALARS,
  WELL_KNOWN,
} from "./random-model.ts";

export { type Model, randomModel } from "./random-model.ts";

/** The model as buf would send it. */
export function toFile(model: Model): FileDescriptorProto {
  const service = create(ServiceDescriptorProtoSchema, {
    name: model.service,
    method: model.methods.map((method) =>
      create(MethodDescriptorProtoSchema, {
        name: method.name,
        inputType: `.${model.package}.${method.input}`,
        outputType: `.${model.package}.${method.output}`,
        clientStreaming: method.streamsIn,
        serverStreaming: method.streamsOut,
        options: create(MethodOptionsSchema, { idempotencyLevel: method.idempotency }),
      }),
    ),
  });
  return create(FileDescriptorProtoSchema, {
    name: `${model.package.replaceAll(".", "/")}/random.proto`,
    package: model.package,
    dependency: ["google/protobuf/timestamp.proto", "google/protobuf/wrappers.proto"],
    ...(model.edition ? { syntax: "editions", edition: Edition.EDITION_2023 } : { syntax: "proto3" }),
    messageType: model.messages.map((message) => toMessage(message, model)),
    enumType: model.enums.map((each) =>
      create(EnumDescriptorProtoSchema, {
        name: each.name,
        value: each.values.map((value) => create(EnumValueDescriptorProtoSchema, value)),
        options: create(EnumOptionsSchema, {
          ...(hasAliases(each) ? { allowAlias: true } : {}),
          ...(isClosed(each, model)
            ? { features: create(FeatureSetSchema, { enumType: FeatureSet_EnumType.CLOSED }) }
            : {}),
        }),
      }),
    ),
    service: model.methods.length > 0 ? [service] : [],
  });
}

function hasAliases({ values }: EnumModel): boolean {
  return new Set(values.map(({ number }) => number)).size < values.length;
}

/** An open enum begins with zero. */
function isClosed(each: EnumModel, { edition }: Model): boolean {
  return edition && (each.closed || each.values[0]?.number !== 0);
}

const NO_VALIDATION = create(FeatureSetSchema, { utf8Validation: FeatureSet_Utf8Validation.NONE });

function isLax({ lax, type }: FieldModel, { edition }: Model): boolean {
  return edition && lax && type === "string";
}

function isMap({ key }: FieldModel): boolean {
  return key !== undefined;
}

/** Its oneof, if a field that is in one can be what it is. */
function oneofOf(field: FieldModel): string | undefined {
  return field.repeated || isMap(field) ? undefined : field.oneof;
}

function toMessage({ name, fields, reserved }: MessageModel, model: Model): DescriptorProto {
  const oneofs = [...new Set(fields.flatMap((field) => oneofOf(field) ?? []))];
  const message = create(DescriptorProtoSchema, {
    name,
    oneofDecl: oneofs.map((each) => create(OneofDescriptorProtoSchema, { name: each })),
    reservedName: reserved.map((each) => each.name),
    reservedRange: reserved.map(({ number }) =>
      create(DescriptorProto_ReservedRangeSchema, { start: number, end: number + 1 }),
    ),
    nestedType: fields.filter(isMap).map((field) => toEntry(field, model)),
  });
  message.field = togetherIfInOneof(fields).map((field) => toField(field, message, oneofs, model));
  return message;
}

/** The fields of a oneof stand in its braces, where the first of them stands. */
function togetherIfInOneof(fields: readonly FieldModel[]): readonly FieldModel[] {
  const groups = new Map<unknown, FieldModel[]>();
  for (const field of fields) {
    const key = oneofOf(field) ?? field;
    groups.set(key, [...(groups.get(key) ?? []), field]);
  }
  return [...groups.values()].flat();
}

/** The message that stands for one entry of a map. */
function toEntry(field: FieldModel, model: Model): DescriptorProto {
  const part = (name: string, number: number, type: string): FieldDescriptorProto =>
    create(FieldDescriptorProtoSchema, {
      name,
      jsonName: name,
      number,
      label: FieldDescriptorProto_Label.OPTIONAL,
      ...typeOf(type, model),
      // What is said of the map is said of both.
      ...(isLax(field, model) && type === "string" ? { options: { features: NO_VALIDATION } } : {}),
    });
  // The enum of a map's values must begin with zero.
  const beginsElsewhere = model.enums.some(({ name, values }) => name === field.type && values[0]?.number !== 0);
  return create(DescriptorProtoSchema, {
    name: entryName(field),
    field: [part("key", 1, field.key ?? ""), part("value", 2, beginsElsewhere ? "int32" : field.type)],
    options: { mapEntry: true },
  });
}

function entryName({ name }: FieldModel): string {
  return `${name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}Entry`;
}

type TypeOf = Required<Pick<FieldDescriptorProto, "type" | "typeName">>;

function typeOf(name: string, { enums, package: own }: Model): TypeOf {
  if ([...SCALARS, ...KEYS].includes(name)) {
    return {
      type: FieldDescriptorProto_Type[name.toUpperCase() as keyof typeof FieldDescriptorProto_Type],
      typeName: "",
    };
  }
  if (WELL_KNOWN.includes(name)) return { type: FieldDescriptorProto_Type.MESSAGE, typeName: `.${name}` };
  const isEnum = enums.some((each) => each.name === name);
  return {
    type: isEnum ? FieldDescriptorProto_Type.ENUM : FieldDescriptorProto_Type.MESSAGE,
    typeName: `.${own}.${name}`,
  };
}

function toField(field: FieldModel, message: DescriptorProto, oneofs: string[], model: Model): FieldDescriptorProto {
  const typed = typeOf(field.type, model);
  const isMessage = typed.type === FieldDescriptorProto_Type.MESSAGE;
  const isList = field.repeated && !isMap(field);
  const hasPresence = isList || isMap(field) || isMessage || oneofOf(field) !== undefined;
  const proto = create(FieldDescriptorProtoSchema, {
    name: field.name,
    jsonName: field.jsonName ?? field.name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    number: field.number,
    label: isList || isMap(field) ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
    ...(isMap(field)
      ? { type: FieldDescriptorProto_Type.MESSAGE, typeName: `.${model.package}.${message.name}.${entryName(field)}` }
      : typed),
    options: create(FieldOptionsSchema, field.deprecated ? { deprecated: true } : {}),
  });
  const oneof = oneofOf(field);
  if (oneof !== undefined) proto.oneofIndex = oneofs.indexOf(oneof);
  if (model.edition) setFeatures(proto, field, model, { isList, isMessage, hasPresence });
  else {
    if (isList && !field.packed && isPackable(typed) && proto.options !== undefined) proto.options.packed = false;
    if (field.optional && !hasPresence) {
      proto.proto3Optional = true;
      proto.oneofIndex = message.oneofDecl.length;
      message.oneofDecl.push(create(OneofDescriptorProtoSchema, { name: `_${field.name}` }));
    }
  }
  return proto;
}

function isPackable({ type }: TypeOf): boolean {
  const { STRING, BYTES, MESSAGE } = FieldDescriptorProto_Type;
  return type !== STRING && type !== BYTES && type !== MESSAGE;
}

interface Shape {
  readonly isList: boolean;
  readonly isMessage: boolean;
  /** Of itself, so that none can be asked for. */
  readonly hasPresence: boolean;
}

/** What an edition says of a field, wherever it is not the edition's own default. */
function setFeatures(proto: FieldDescriptorProto, field: FieldModel, model: Model, shape: Shape): void {
  const features = create(FeatureSetSchema);
  const closed = model.enums.some((each) => each.name === field.type && isClosed(each, model));
  if (!shape.hasPresence) {
    if (field.required) features.fieldPresence = FeatureSet_FieldPresence.LEGACY_REQUIRED;
    // A closed enum need not have a zero, so that a field of one cannot be zero when it is not set.
    else if (!field.optional && !closed) features.fieldPresence = FeatureSet_FieldPresence.IMPLICIT;
    else if (proto.type === FieldDescriptorProto_Type.INT32 && field.defaultValue !== undefined) {
      proto.defaultValue = field.defaultValue;
    }
  }
  if (shape.isList && !field.packed && isPackable(proto)) {
    features.repeatedFieldEncoding = FeatureSet_RepeatedFieldEncoding.EXPANDED;
  }
  if (isLax(field, model)) features.utf8Validation = FeatureSet_Utf8Validation.NONE;
  if (field.delimited && shape.isMessage && !isMap(field)) {
    features.messageEncoding = FeatureSet_MessageEncoding.DELIMITED;
  }
  if (proto.options !== undefined) proto.options.features = features;
}
