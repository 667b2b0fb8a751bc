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

const NONE: Options = new Map();

/** Reads options by name, custom ones as `[acme.hint]`, with their values as JSON. */
export function optionReader(registry: FileRegistry): OptionReader {
  const custom = customReader(registry);
  const readerOf = <M extends Message>(schema: GenMessage<M>): ((options: M | undefined) => Options) => {
    const fields = schema.fields.filter(({ name }) => !MODELLED.has(name));
    return (options) => {
      if (options === undefined) return NONE;
      const found = [...ownOptions(schema, options, fields), ...custom(schema, options)];
      return found.length === 0 ? NONE : new Map(found.sort(([a], [b]) => compare(a, b)));
    };
  };
  const [file, message, field] = [
    readerOf(FileOptionsSchema),
    readerOf(MessageOptionsSchema),
    readerOf(FieldOptionsSchema),
  ];
  const [oneof, enumeration, value] = [
    readerOf(OneofOptionsSchema),
    readerOf(EnumOptionsSchema),
    readerOf(EnumValueOptionsSchema),
  ];
  const [service, method] = [readerOf(ServiceOptionsSchema), readerOf(MethodOptionsSchema)];
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

type Row = readonly [name: string, text: string];

/** Those that descriptor.proto has. @param fields the ones that count. */
function ownOptions<M extends Message>(
  schema: GenMessage<M>,
  options: M,
  fields: readonly DescField[],
): readonly Row[] {
  const set = fields.filter((field) => isFieldSet(options, field));
  if (set.length === 0) return [];
  const values = set.map(({ name, localName }) => [name, Reflect.get(options, localName) as unknown] as const);
  // Nearly all are words and flags, whose JSON is made at once.
  const simple = values.every(([, value]) => typeof value === "string" || typeof value === "boolean");
  if (simple) return values.map(([name, value]) => [name, JSON.stringify(value)] as const);
  const json = toObject(toJson(schema, options, { useProtoFieldName: true }));
  return set.map(({ name }) => [name, JSON.stringify(json[name])] as const);
}

/** As long as a value may be, in bytes, for its text to be kept: longer ones are hardly ever the same twice. */
const KEPT = 100;

type CustomReader = <M extends Message>(schema: GenMessage<M>, options: M) => readonly Row[];

/** Reads those that extensions define. A tree has few values of them, many times each. */
function customReader(registry: FileRegistry): CustomReader {
  const kept = new Map<string, string>();
  return (schema, options) => {
    const unknown = options.$unknown ?? [];
    const numbers = unknown.length === 1 ? unknown : new Map(unknown.map((each) => [each.no, each])).values();
    return [...numbers].map(({ no, data: last }): Row => {
      const extension = registry.getExtensionFor(schema, no);
      // An option whose definition is not in the image is still compared, by its bytes.
      if (extension === undefined) return [`[${no}]`, hex(last)];
      const values = unknown.filter((each) => each.no === no);
      const text = (): string => JSON.stringify(customJson(registry, schema, extension, values));
      if (values.reduce((length, { data }) => length + data.length, 0) > KEPT) return [extension.jsonName, text()];
      const key = [extension.typeName, ...values.map(({ data }) => String.fromCharCode(...data))].join("\u{10000}");
      const found = kept.get(key) ?? text();
      kept.set(key, found);
      return [extension.jsonName, found];
    });
  };
}

function customJson<M extends Message>(
  registry: FileRegistry,
  schema: GenMessage<M>,
  extension: DescExtension,
  values: readonly UnknownField[],
): JsonValue | undefined {
  const format = { registry, useProtoFieldName: true };
  if (extension.fieldKind === "message" && !extension.delimitedEncoding) {
    // As what follows does it, without the descriptor of a message with one field, which it makes each time.
    const message = create(extension.message);
    for (const { data } of values) mergeFromBinary(extension.message, message, new BinaryReader(data).bytes());
    return toJson(extension.message, message, format);
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
