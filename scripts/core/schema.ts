import type { Position } from "./finding.ts";

/** What the diff compares: the descriptors of a tree as plain values, linked by full names, with features resolved. */
export interface Schema {
  /** By name, sorted. Without what protoc brings. */
  readonly packages: ReadonlyMap<string, PackageSchema>;
}

export interface PackageSchema {
  readonly name: string;
  readonly files: readonly FileSchema[];
  /** Messages and enums wherever they are declared, services, and extensions, each by full name. */
  readonly messages: ReadonlyMap<string, MessageSchema>;
  readonly enums: ReadonlyMap<string, EnumSchema>;
  readonly services: ReadonlyMap<string, ServiceSchema>;
  readonly extensions: ReadonlyMap<string, FieldSchema>;
}

/** Options that no other property holds, custom ones too: name → value as text. Sorted by name. */
export type Options = ReadonlyMap<string, string>;

/** The message or enum of that full name. A name says in which packages to look, so that the others stay unread. */
export function typeOf({ packages }: Schema, name: string): MessageSchema | EnumSchema | undefined {
  for (let end = name.lastIndexOf("."); end >= 0; end = name.lastIndexOf(".", end - 1)) {
    const own = packages.get(name.slice(0, end));
    const type = own?.messages.get(name) ?? own?.enums.get(name);
    if (type !== undefined) return type;
  }
  const nameless = packages.get("");
  return nameless?.messages.get(name) ?? nameless?.enums.get(name);
}

interface Element {
  /** The full name; of a field, an enum value or an rpc: that of its parent, a dot, and its own. */
  readonly path: string;
  readonly name: string;
  /** Without comment signs; empty when there is none. */
  readonly comment: string;
  readonly deprecated: boolean;
  readonly options: Options;
  readonly position: Position;
}

export interface FileSchema {
  /** As others import it. */
  readonly path: string;
  /** `proto2`, `proto3`, or an edition: `2023`. */
  readonly syntax: string;
  readonly options: Options;
  /** The files that it forwards by `import public`. */
  readonly publicImports: readonly string[];
  readonly position: Position;
}

export interface MessageSchema extends Element {
  readonly file: string;
  /** In order of declaration. */
  readonly fields: readonly FieldSchema[];
  /** Without those that only stand for `optional`. */
  readonly oneofs: readonly OneofSchema[];
  readonly reserved: Reserved;
  readonly extensionRanges: readonly Range[];
}

/** From and to, both included. */
export type Range = readonly [from: number, to: number];

export interface Reserved {
  readonly ranges: readonly Range[];
  readonly names: readonly string[];
}

export type Cardinality = "singular" | "repeated" | "map";

/** explicit: it can be told whether it was set. required: proto2's. implicit: its default means unset. */
export type Presence = "implicit" | "explicit" | "required" | "none";

export interface FieldType {
  /** A scalar's word (`int32`), or the kind of what `name` names. */
  readonly kind: Scalar | "message" | "enum";
  /** The full name of a message or an enum; empty for a scalar. */
  readonly name: string;
  /** An enum that does not take numbers that it does not know. */
  readonly closed: boolean;
}

export type Scalar =
  | "double"
  | "float"
  | "int32"
  | "int64"
  | "uint32"
  | "uint64"
  | "sint32"
  | "sint64"
  | "fixed32"
  | "fixed64"
  | "sfixed32"
  | "sfixed64"
  | "bool"
  | "string"
  | "bytes";

export interface FieldSchema extends Element {
  readonly number: number;
  readonly cardinality: Cardinality;
  /** Of a map: of its values. */
  readonly type: FieldType;
  readonly mapKey: Scalar | undefined;
  readonly presence: Presence;
  readonly oneof: string | undefined;
  readonly jsonName: string;
  /** As text; undefined when the schema gives none. */
  readonly defaultValue: string | undefined;
  readonly packed: boolean;
  readonly delimited: boolean;
  readonly jstype: "normal" | "string" | "number";
  /** Strings are checked to be UTF-8. */
  readonly utf8: boolean;
  /** The extended message; undefined for a field. */
  readonly extendee: string | undefined;
}

export interface OneofSchema extends Element {}

export interface EnumSchema extends Element {
  readonly file: string;
  /** In order of declaration: the first of several names of a number is the one that JSON writes. */
  readonly values: readonly EnumValueSchema[];
  /** A closed enum does not take numbers that it does not know. */
  readonly open: boolean;
  readonly reserved: Reserved;
}

export interface EnumValueSchema extends Element {
  readonly number: number;
}

export interface ServiceSchema extends Element {
  readonly file: string;
  readonly methods: readonly MethodSchema[];
}

export type Idempotency = "unknown" | "idempotent" | "no-side-effects";

export interface MethodSchema extends Element {
  /** Full names. */
  readonly input: string;
  readonly output: string;
  readonly streamsIn: boolean;
  readonly streamsOut: boolean;
  readonly idempotency: Idempotency;
}
