import type { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";

/**
 * A schema that is easy to edit: one file in which everything is named by a counter. What a field cannot be, such as a
 * list that is optional, is left out where the model becomes a file, so that an edit need not know it.
 */
export interface Model {
  /** Of an edition, in which every feature can be set by itself; of proto3 otherwise. */
  readonly edition: boolean;
  readonly package: string;
  readonly messages: MessageModel[];
  readonly enums: EnumModel[];
  readonly methods: MethodModel[];
  service: string;
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
  /** The type of the keys; a map where it is there. */
  key: string | undefined;
  repeated: boolean;
  optional: boolean;
  required: boolean;
  oneof: string | undefined;
  jsonName: string | undefined;
  deprecated: boolean;
  packed: boolean;
  /** Not checked to be UTF-8. */
  lax: boolean;
  delimited: boolean;
  defaultValue: string | undefined;
}

export interface EnumModel {
  name: string;
  closed: boolean;
  readonly values: { name: string; number: number }[];
}

export interface MethodModel {
  name: string;
  input: string;
  output: string;
  streamsIn: boolean;
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
  "sint64",
  "fixed32",
  "fixed64",
  "sfixed32",
  "sfixed64",
  "bool",
  "string",
  "bytes",
];

/** Types of Google's whose JSON is not that of their fields. */
export const WELL_KNOWN: readonly string[] = [
  "google.protobuf.BoolValue",
  "google.protobuf.BytesValue",
  "google.protobuf.DoubleValue",
  "google.protobuf.Int32Value",
  "google.protobuf.Int64Value",
  "google.protobuf.StringValue",
  "google.protobuf.Timestamp",
];

/** Types that people take for each other. */
export const FAMILIES: readonly (readonly string[])[] = [
  ["int32", "int64", "uint32", "uint64", "sint32", "sint64", "bool"],
  ["fixed32", "fixed64", "sfixed32", "sfixed64"],
  ["double", "float"],
  ["string", "bytes"],
  ["string", "google.protobuf.StringValue", "google.protobuf.Timestamp"],
  ["bytes", "google.protobuf.BytesValue"],
  ["int32", "google.protobuf.Int32Value", "int64", "google.protobuf.Int64Value"],
];

export const KEYS: readonly string[] = ["int32", "int64", "uint32", "sint64", "fixed32", "bool", "string"];

export function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}

export function randomModel(random: () => number, name = "acme.random.v1"): Model {
  const model: Model = {
    edition: random() < 0.5,
    package: name,
    messages: [],
    enums: [],
    methods: [],
    service: "RandomService",
    next: 1,
  };
  const times = (count: number, make: () => void): void => {
    for (let left = Math.floor(count); left > 0; left--) make();
  };
  times(1 + random() * 2, () => model.enums.push(randomEnum(model, random)));
  times(2 + random() * 3, () => model.messages.push(randomMessageModel(model, random)));
  times(random() * 3, () => model.methods.push(randomMethod(model, random)));
  return model;
}

export function randomEnum(model: Model, random: () => number): EnumModel {
  const name = `Enum${model.next++}`;
  const values = [{ name: `${name.toUpperCase()}_ZERO`, number: 0 }];
  for (let number = 1; number < 2 + random() * 3; number++)
    values.push({ name: `${name.toUpperCase()}_V${model.next++}`, number });
  if (random() < 0.3) values.push({ name: `${name.toUpperCase()}_V${model.next++}`, number: 1 });
  return { name, closed: random() < 0.4, values };
}

export function randomMessageModel(model: Model, random: () => number): MessageModel {
  const message: MessageModel = { name: `Message${model.next++}`, fields: [], reserved: [] };
  if (random() < 0.4) message.reserved.push({ number: 1 + Math.floor(random() * 3), name: `field_${model.next++}` });
  for (let count = 1 + Math.floor(random() * 5); count > 0; count--)
    message.fields.push(randomField(model, message, random));
  return message;
}

/** What a field can be of. */
export function typesOf({ enums, messages }: Model): readonly string[] {
  return [...SCALARS, ...WELL_KNOWN, ...[...enums, ...messages].map(({ name }) => name)];
}

/** Often an enum, a message or a string, because more can become of them than of a number. */
function randomType({ enums, messages }: Model, random: () => number): string {
  const part = random();
  const names = (part < 0.2 ? enums : part < 0.35 ? messages : []).map(({ name }) => name);
  if (part > 0.85) return "string";
  return pick(names, random) ?? pick(part < 0.45 ? WELL_KNOWN : SCALARS, random) ?? "";
}

export function randomField(model: Model, message: MessageModel, random: () => number): FieldModel {
  const chance = (part: number): boolean => random() < part;
  const taken = [...message.fields, ...message.reserved].map(({ number }) => number);
  const oneofs = message.fields.flatMap(({ oneof }) => oneof ?? []);
  const singular = chance(0.7);
  return {
    name: `field_${model.next++}`,
    number: Math.max(0, ...taken) + 1 + Math.floor(random() * 2),
    type: randomType(model, random),
    key: !singular && chance(0.3) ? pick(KEYS, random) : undefined,
    repeated: !singular,
    optional: singular && chance(0.3),
    required: chance(0.1),
    oneof: singular && chance(0.2) ? (pick(oneofs, random) ?? `oneof_${model.next++}`) : undefined,
    jsonName: undefined,
    deprecated: chance(0.2),
    packed: chance(0.8),
    lax: chance(0.2),
    delimited: chance(0.2),
    defaultValue: undefined,
  };
}

export function randomMethod(model: Model, random: () => number): MethodModel {
  return {
    name: `Method${model.next++}`,
    input: pick(model.messages, random)?.name ?? "",
    output: pick(model.messages, random)?.name ?? "",
    streamsIn: random() < 0.2,
    streamsOut: random() < 0.3,
    idempotency: Math.floor(random() * 3),
  };
}
