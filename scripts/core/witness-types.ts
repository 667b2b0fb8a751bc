import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, FieldOptions_JSType } from "@bufbuild/protobuf/wkt";
import { packageAlias } from "./client-source.ts";
import { type Naming, npmName } from "./names.ts";
import { compare, type ProtoPackage } from "./packages.ts";
import type { TypeName } from "./ts-names.ts";
import type { WitnessText } from "./witness-text.ts";

/** How a consumer knows the types of other messages: as they are read, or as they may be sent. */
type Side = "read" | "write";

/** What stands in the place of these messages, wherever a field has their type. */
const SPECIAL: ReadonlyMap<string, string> = new Map([
  ["Timestamp", "Date"],
  ["Struct", "{ [key: string]: unknown }"],
  ["Value", "unknown"],
  ["ListValue", "unknown[]"],
  ["FieldMask", "string[]"],
  ["StringValue", "string"],
  ["BytesValue", "Uint8Array"],
  ["BoolValue", "boolean"],
  ["Int32Value", "number"],
  ["UInt32Value", "number"],
  ["FloatValue", "number"],
  ["DoubleValue", "number"],
  ["Int64Value", "bigint"],
  ["UInt64Value", "bigint"],
]);

/** Everything that may be written where a 64-bit number is read. */
const WRITTEN_LONG = "bigint | number | string";

const LONG: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

/**
 * The types that a consumer of the old package writes into its variables, spelt out from the schema alone: they are
 * a second opinion on what ts-proto makes of it. Each message and enum has one alias, so that one that is gone is
 * one error and not one at each use.
 */
export class WitnessTypes {
  readonly #aliases = new Map<string, { readonly type: string; readonly path: string }>();
  readonly #imports = new Map<string, string>();
  readonly #foreign = new Set<DescMessage | DescEnum>();
  readonly #candidate: ProtoPackage;
  readonly #naming: Naming;
  readonly #nameOf: TypeName;

  constructor(candidate: ProtoPackage, naming: Naming, nameOf: TypeName) {
    this.#candidate = candidate;
    this.#naming = naming;
    this.#nameOf = nameOf;
  }

  /** A message or an enum by its alias. */
  of(desc: DescMessage | DescEnum): string {
    const name = this.#nameOf(desc);
    const protoPackage = desc.file.proto.package;
    const isOwn = protoPackage === this.#candidate.protoPackage;
    const namespace = isOwn ? "own" : packageAlias(protoPackage);
    if (!isOwn) {
      this.#imports.set(namespace, npmName(protoPackage, this.#naming));
      this.#foreign.add(desc);
    }
    const alias = isOwn ? `T_${name}` : `F_${namespace}_${name}`;
    this.#aliases.set(alias, { type: `${namespace}.${name}`, path: desc.typeName });
    return alias;
  }

  /** The messages and enums of other packages that were needed so far. Grows while it is gone through. */
  foreign(): Iterable<DescMessage | DescEnum> {
    return this.#foreign;
  }

  /** The type of a variable that takes what a field holds, as the property's type or a oneof's `value`. */
  read(field: DescField): string {
    const type = this.#whole(field, "read");
    return field.oneof === undefined && maybeAbsent(field) ? withUndefined(type) : type;
  }

  /**
   * The type of a variable that is given to `fromPartial`. Where a scalar may be absent, ts-proto lets undefined be
   * written or not by the compiler's settings, so only what it always takes is promised.
   */
  fill(field: DescField): string {
    return field.message === undefined ? this.#whole(field, "read") : this.read(field);
  }

  /** The type of a variable that is given to a field of a partial message. */
  write(field: DescField): string {
    const type = this.#whole(field, "write");
    return field.oneof === undefined ? withUndefined(type) : type;
  }

  writeAliases(text: WitnessText): void {
    for (const [alias, { type, path }] of [...this.#aliases].sort(([a], [b]) => compare(a, b))) {
      text.line(`type ${alias} = ${type};`, path, "name");
    }
  }

  /** The namespaces of other packages that were needed so far: alias and npm name. */
  imports(): readonly (readonly [alias: string, npm: string])[] {
    return [...this.#imports].sort(([a], [b]) => compare(a, b));
  }

  #whole(field: DescField, side: Side): string {
    const one = this.#single(field, side);
    if (field.fieldKind === "list") return side === "read" ? `(${one})[]` : `readonly (${one})[]`;
    if (field.fieldKind !== "map") return one;
    // A Map is taken whole, also where a partial message is written.
    if (field.mapKey === ScalarType.BOOL) return `Map<boolean, ${this.#value(field, "read")}>`;
    if (LONG.has(field.mapKey)) return `Map<bigint, ${this.#value(field, "read")}>`;
    return `{ [key: ${field.mapKey === ScalarType.STRING ? "string" : "number"}]: ${this.#value(field, side)} }`;
  }

  /** The values of a map: those of wrappers may be undefined. */
  #value(field: DescField, side: Side): string {
    const one = this.#single(field, side);
    return isUndefinable(field.message) ? withUndefined(one) : one;
  }

  #single(field: DescField, side: Side): string {
    if (field.enum !== undefined) return this.of(field.enum);
    if (field.message !== undefined) return this.#message(field.message, side);
    if (field.scalar === undefined) throw new Error(`a field of ${this.#candidate.protoPackage} has no type`);
    return scalarType(field, field.scalar, side);
  }

  #message(desc: DescMessage, side: Side): string {
    const special = specialType(desc);
    if (special === "bigint" && side === "write") return WRITTEN_LONG;
    if (special !== undefined) return special;
    return side === "read" ? this.of(desc) : `rpc.PartialMessage<${this.of(desc)}>`;
  }
}

function specialType(desc: DescMessage): string | undefined {
  return desc.file.proto.package === "google.protobuf" ? SPECIAL.get(desc.name) : undefined;
}

function isUndefinable(desc: DescMessage | undefined): boolean {
  return desc !== undefined && desc.name !== "Timestamp" && specialType(desc) !== undefined;
}

/** Whether reading a field on its own may give undefined. */
function maybeAbsent(field: DescField): boolean {
  if (field.fieldKind === "list" || field.fieldKind === "map") return false;
  return field.message !== undefined || field.presence === FeatureSet_FieldPresence.EXPLICIT;
}

function scalarType(field: DescField, scalar: ScalarType, side: Side): string {
  if (LONG.has(scalar)) {
    const jstype = field.fieldKind === "map" ? undefined : field.proto.options?.jstype;
    if (jstype === FieldOptions_JSType.JS_STRING) return "string";
    if (jstype === FieldOptions_JSType.JS_NUMBER) return "number";
    return side === "read" ? "bigint" : WRITTEN_LONG;
  }
  switch (scalar) {
    case ScalarType.STRING:
      return "string";
    case ScalarType.BYTES:
      return "Uint8Array";
    case ScalarType.BOOL:
      return "boolean";
    default:
      return "number";
  }
}

function withUndefined(type: string): string {
  return `${type} | undefined`;
}
