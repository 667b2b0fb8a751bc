import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromBinary,
  type JsonValue,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  nestedTypes,
  type ReflectList,
  type ReflectMap,
  type ReflectMessage,
  reflect,
} from "@bufbuild/protobuf/reflect";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { ANY_TYPES } from "./bridge-sample.ts";
import { closureOf } from "./image.ts";

/** A field that differs between two messages of one type, the first of those with its path. */
export interface Difference {
  /** The version and the field: `v1.Book.stock`. */
  readonly path: string;
  /** The value that was, where it is one of an enum: `v1.Availability.AVAILABILITY_ANNOUNCED`. */
  readonly value?: string;
  readonly field: DescField;
  /** The messages that hold the field. */
  readonly before: ReflectMessage;
  readonly after: ReflectMessage;
}

export interface Comparison {
  readonly differences: ReadonlyMap<string, Difference>;
  /** The declared losses that happened. */
  readonly lost: ReadonlySet<string>;
}

type Typed = Pick<DescMessage, "typeName" | "file">;

/** `bookstore.catalog.v1.Book.State` → `v1.Book.State`. */
export function versionedName({ typeName, file }: Typed): string {
  const { package: name } = file.proto;
  return `${name.slice(name.lastIndexOf(".") + 1)}.${name === "" ? typeName : typeName.slice(name.length + 1)}`;
}

/** Every path that a loss can have, of the packages that some messages are of. */
export function pathsOf(messages: readonly DescMessage[]): ReadonlySet<string> {
  const paths = new Set<string>();
  const packages = new Set(messages.map(({ file }) => file.proto.package));
  const files = closureOf(messages.map(({ file }) => file)).filter(({ proto }) => packages.has(proto.package));
  for (const type of files.flatMap((file) => [...nestedTypes(file)])) {
    if (type.kind === "message" && type.proto.options?.mapEntry !== true) {
      for (const { name } of type.fields) paths.add(`${versionedName(type)}.${name}`);
    } else if (type.kind === "enum") for (const { name } of type.values) paths.add(`${versionedName(type)}.${name}`);
  }
  return paths;
}

/**
 * Compares messages of one package field by field. A field belongs to the message that holds it, at any depth; one of
 * another package's type is compared whole. NaN is NaN, and -0 is 0: the clients keep its sign only in fields with
 * presence and in lists, so that a converter between two kinds of fields cannot.
 */
export class Comparer {
  readonly #own: string;
  readonly #lost: ReadonlySet<string>;
  readonly #fields = new Map<DescField, string>();

  /** @param lost the paths of the declared losses. */
  constructor(protoPackage: string, lost: ReadonlySet<string>) {
    this.#own = protoPackage;
    this.#lost = lost;
  }

  compare(before: ReflectMessage, after: ReflectMessage): Comparison {
    const found = { differences: new Map<string, Difference>(), lost: new Set<string>() };
    this.#message(before, after, found);
    return found;
  }

  #message(before: ReflectMessage, after: ReflectMessage, found: Found): void {
    for (const member of before.desc.members) {
      if (member.kind === "field") this.#field(member, before, after, found);
      else {
        const [was, is] = [before.oneofCase(member), after.oneofCase(member)];
        const field = was ?? is;
        if (field === undefined) continue;
        if (was === is) this.#field(field, before, after, found);
        else this.#differ(field, before, after, found);
      }
    }
  }

  #field(field: DescField, before: ReflectMessage, after: ReflectMessage, found: Found): void {
    const differ = (value?: number): void => this.#differ(field, before, after, found, value);
    if (this.#lost.has(this.#path(field))) {
      if (!sameField(field, before, after)) differ();
    } else if (field.fieldKind === "list") {
      const [was, is] = [before.get(field), after.get(field)];
      if (was.size !== is.size) differ();
      else for (let at = 0; at < was.size; at++) this.#element(field, was.get(at), is.get(at), found, differ);
    } else if (field.fieldKind === "map") {
      const [was, is] = [before.get(field), after.get(field)];
      if (!sameKeys(was, is)) differ();
      else for (const [key, value] of was) this.#element(field, value, is.get(key), found, differ);
    } else if (hasPresence(field) && before.isSet(field) !== after.isSet(field)) differ();
    else if (field.fieldKind !== "message" || before.isSet(field)) {
      this.#element(field, before.get(field), after.get(field), found, differ);
    }
  }

  /** @param differ takes the number of the enum's value that was. */
  #element(field: DescField, was: unknown, is: unknown, found: Found, differ: (value?: number) => void): void {
    if (field.message?.file.proto.package === this.#own)
      this.#message(was as ReflectMessage, is as ReflectMessage, found);
    else if (!sameValue(was, is)) differ(field.enum === undefined ? undefined : (was as number));
  }

  #differ(field: DescField, before: ReflectMessage, after: ReflectMessage, found: Found, number?: number): void {
    const path = this.#path(field);
    const single = field.fieldKind === "enum" && before.isSet(field) ? before.get(field) : undefined;
    const value = field.enum && valuePath(field.enum, number ?? single);
    const loss = [path, value].find((each) => each !== undefined && this.#lost.has(each));
    if (loss !== undefined) found.lost.add(loss);
    else if (!found.differences.has(path)) {
      found.differences.set(path, { path, ...(value === undefined ? {} : { value }), field, before, after });
    }
  }

  #path(field: DescField): string {
    let path = this.#fields.get(field);
    if (path === undefined) {
      path = `${versionedName(field.parent)}.${field.name}`;
      this.#fields.set(field, path);
    }
    return path;
  }
}

interface Found {
  readonly differences: Map<string, Difference>;
  readonly lost: Set<string>;
}

function valuePath(desc: DescEnum, number: number | undefined): string | undefined {
  const value = desc.values.find((each) => each.number === number);
  return value && `${versionedName(desc)}.${value.name}`;
}

function hasPresence(field: DescField): boolean {
  return field.fieldKind === "message" || field.presence !== FeatureSet_FieldPresence.IMPLICIT;
}

function sameMessage(was: ReflectMessage, is: ReflectMessage): boolean {
  return was.desc.fields.every((field) => sameField(field, was, is));
}

function sameField(field: DescField, before: ReflectMessage, after: ReflectMessage): boolean {
  if (field.fieldKind === "list") return sameList(before.get(field), after.get(field));
  if (field.fieldKind === "map") {
    const [was, is] = [before.get(field), after.get(field)];
    return sameKeys(was, is) && [...was].every(([key, value]) => sameValue(value, is.get(key)));
  }
  if (hasPresence(field)) {
    if (before.isSet(field) !== after.isSet(field)) return false;
    if (!before.isSet(field)) return true;
  }
  return sameValue(before.get(field), after.get(field));
}

function sameList(was: ReflectList, is: ReflectList): boolean {
  if (was.size !== is.size) return false;
  for (let at = 0; at < was.size; at++) if (!sameValue(was.get(at), is.get(at))) return false;
  return true;
}

function sameKeys(was: ReflectMap, is: ReflectMap): boolean {
  return was.size === is.size && [...was.keys()].every((key) => is.has(key));
}

function sameValue(was: unknown, is: unknown): boolean {
  if (was === is || (Number.isNaN(was) && Number.isNaN(is))) return true;
  if (was instanceof Uint8Array && is instanceof Uint8Array) return sameBytes(was, is);
  return typeof was === "object" && typeof is === "object" && sameMessage(was as ReflectMessage, is as ReflectMessage);
}

export function sameBytes(was: Uint8Array, is: Uint8Array): boolean {
  return was.length === is.length && was.every((byte, at) => byte === is[at]);
}

/** A message as JSON, with the names of the schema; its bytes where it can have no JSON, as a time that is none. */
export function jsonText(message: ReflectMessage): string {
  let json: JsonValue;
  try {
    json = toJson(message.desc, message.message, { registry: ANY_TYPES, useProtoFieldName: true });
  } catch {
    json = { $bytes: base64Encode(toBinary(message.desc, message.message)) };
  }
  return JSON.stringify(json);
}

/** The part of a message that is one field, or the oneof in which it is. */
export function fieldText(message: ReflectMessage, field: DescField): string {
  const copy = reflect(message.desc, fromBinary(message.desc, toBinary(message.desc, message.message)));
  for (const each of message.desc.fields) {
    const kept = each === field || (field.oneof !== undefined && each.oneof === field.oneof);
    if (!kept && each.presence !== FeatureSet_FieldPresence.LEGACY_REQUIRED) copy.clear(each);
  }
  return jsonText(copy);
}
