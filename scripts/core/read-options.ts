import {
  create,
  type DescEnum,
  type DescEnumValue,
  type DescExtension,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  type DescService,
  type FileRegistry,
  isFieldSet,
  type JsonValue,
  type Message,
  mergeFromBinary,
  ScalarType,
  toJson,
  type UnknownField,
} from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import {
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  FieldOptionsSchema,
  FileOptionsSchema,
  MessageOptionsSchema,
  MethodOptionsSchema,
  OneofOptionsSchema,
  ServiceOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { compare } from "./packages.ts";
import type { Options } from "./schema.ts";

export interface OptionReader {
  ofFile(desc: DescFile): Options;
  ofMessage(desc: DescMessage): Options;
  ofField(desc: DescField | DescExtension): Options;
  ofOneof(desc: DescOneof): Options;
  ofEnum(desc: DescEnum): Options;
  ofEnumValue(desc: DescEnumValue): Options;
  ofService(desc: DescService): Options;
  ofMethod(desc: DescMethod): Options;
}

/** What schema.ts has as properties of their own, or what follows from other parts of the schema. */
const MODELLED: ReadonlySet<string> = new Set([
  "allow_alias",
  "deprecated",
  "features",
  "idempotency_level",
  "jstype",
  "map_entry",
  "packed",
]);

/** Reads options by name, custom ones as `[acme.hint]`, with their values as JSON. */
export function optionReader(registry: FileRegistry): OptionReader {
  const [file, message, field, oneof] = [
    readerOf(FileOptionsSchema, registry),
    readerOf(MessageOptionsSchema, registry),
    readerOf(FieldOptionsSchema, registry),
    readerOf(OneofOptionsSchema, registry),
  ];
  const [enumeration, value, service, method] = [
    readerOf(EnumOptionsSchema, registry),
    readerOf(EnumValueOptionsSchema, registry),
    readerOf(ServiceOptionsSchema, registry),
    readerOf(MethodOptionsSchema, registry),
  ];
  return {
    ofFile: ({ proto }) => file(proto.options),
    ofMessage: ({ proto }) => message(proto.options),
    ofField: ({ proto }) => field(proto.options),
    ofOneof: ({ proto }) => oneof(proto.options),
    ofEnum: ({ proto }) => enumeration(proto.options),
    ofEnumValue: ({ proto }) => value(proto.options),
    ofService: ({ proto }) => service(proto.options),
    ofMethod: ({ proto }) => method(proto.options),
  };
}

const NONE: Options = new Map();

/** As long as custom options may be, in bytes, for what they say to be kept: longer ones are hardly ever the same twice. */
const KEPT = 64;

type Read<M extends Message> = (options: M | undefined) => Options;

/** A tree has few values of most options, many times each. */
function readerOf<M extends Message>(schema: GenMessage<M>, registry: FileRegistry): Read<M> {
  const fields = schema.fields.filter(({ name }) => !MODELLED.has(name));
  const kept = new Map<string, Options>();
  return (options) => {
    if (options === undefined) return NONE;
    const set = fields.filter((field) => isFieldSet(options, field));
    const { $unknown: unknown = [] } = options;
    const key = set.length > 0 ? undefined : keyOf(unknown);
    const known = key === undefined ? undefined : kept.get(key);
    if (known !== undefined) return known;
    const rows = [...ownOptions(schema, options, set), ...customOptions(schema, unknown, registry)];
    const found = new Map(rows.sort(([a], [b]) => compare(a, b)));
    if (key !== undefined) kept.set(key, found);
    return found;
  };
}

function keyOf(unknown: readonly UnknownField[]): string | undefined {
  let key = "";
  for (const { no, data } of unknown) {
    if (key.length + data.length > KEPT) return undefined;
    key += `${no},${data.length},${String.fromCharCode(...data)}`;
  }
  return key;
}

type Row = readonly [name: string, text: string];

/** Those that descriptor.proto has. @param set the ones that are set and count. */
function ownOptions<M extends Message>(schema: GenMessage<M>, options: M, set: readonly DescField[]): readonly Row[] {
  if (set.length === 0) return [];
  const values = set.map(({ name, localName }) => [name, Reflect.get(options, localName) as unknown] as const);
  // Nearly all are words and flags, whose JSON is made at once.
  const simple = values.every(([, value]) => typeof value === "string" || typeof value === "boolean");
  const json = simple ? Object.fromEntries(values) : toObject(toJson(schema, options, { useProtoFieldName: true }));
  return set.map(({ name }) => [name, JSON.stringify(json[name])] as const);
}

/** Those that extensions define. */
function customOptions<M extends Message>(
  schema: GenMessage<M>,
  unknown: readonly UnknownField[],
  registry: FileRegistry,
): readonly Row[] {
  const last = new Map(unknown.map(({ no, data }) => [no, data]));
  return [...last].map(([no, data]) => {
    const extension = registry.getExtensionFor(schema, no);
    // An option whose definition is not in the image is still compared, by its bytes.
    if (extension === undefined) return [`[${no}]`, hex(data)];
    const values = unknown.filter((each) => each.no === no);
    return [extension.jsonName, JSON.stringify(customJson(registry, schema, extension, values))];
  });
}

/** @param values what the wire has of it, one after the other. */
function customJson<M extends Message>(
  registry: FileRegistry,
  schema: GenMessage<M>,
  extension: DescExtension,
  values: readonly UnknownField[],
): JsonValue | undefined {
  const format = { registry, useProtoFieldName: true };
  // The general way makes a descriptor each time; these are nearly all there are.
  if (extension.fieldKind === "message" && !extension.delimitedEncoding) {
    const message = create(extension.message);
    for (const { data } of values) mergeFromBinary(extension.message, message, new BinaryReader(data).bytes());
    return toJson(extension.message, message, format);
  }
  if (extension.scalar === ScalarType.STRING) {
    const texts = values.map(({ data }) => new BinaryReader(data).string(extension.utf8Validation));
    return extension.fieldKind === "list" ? texts : texts.at(-1);
  }
  const alone = create(schema);
  alone.$unknown = [...values];
  return toObject(toJson(schema, alone, format))[extension.jsonName];
}

function toObject(json: JsonValue): { readonly [name: string]: JsonValue } {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
