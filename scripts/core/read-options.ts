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
  type FileRegistry,
  type JsonValue,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
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
  const read = <M extends Message>(schema: GenMessage<M>, options: M | undefined): Options => {
    if (options === undefined) return new Map();
    const json = toJson(schema, options, { registry, useProtoFieldName: true });
    const known = Object.entries(isObject(json) ? json : {}).filter(([name]) => !MODELLED.has(name));
    const texts = known.map(([name, value]) => [name, JSON.stringify(value)] as const);
    // An option whose definition is not in the image is still compared, by its bytes.
    const undefinedOnes = (options.$unknown ?? [])
      .filter(({ no }) => registry.getExtensionFor(schema, no) === undefined)
      .map(({ no, data }) => [`[${no}]`, hex(data)] as const);
    return new Map([...texts, ...undefinedOnes].sort(([a], [b]) => compare(a, b)));
  };
  return {
    ofFile: ({ proto }) => read(FileOptionsSchema, proto.options),
    ofMessage: ({ proto }) => read(MessageOptionsSchema, proto.options),
    ofField: ({ proto }) => read(FieldOptionsSchema, proto.options),
    ofOneof: ({ proto }) => read(OneofOptionsSchema, proto.options),
    ofEnum: ({ proto }) => read(EnumOptionsSchema, proto.options),
    ofEnumValue: ({ proto }) => read(EnumValueOptionsSchema, proto.options),
    ofService: ({ proto }) => read(ServiceOptionsSchema, proto.options),
    ofMethod: ({ proto }) => read(MethodOptionsSchema, proto.options),
  };
}

function isObject(json: JsonValue): json is { readonly [name: string]: JsonValue } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
