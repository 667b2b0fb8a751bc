/**
 * What ts-proto calls things, for the options in ts-proto.ts. A test holds these rules against its output.
 */
import type { DescEnum, DescMessage, DescMethod } from "@bufbuild/protobuf";
import { camelToSnake, snakeToCamel } from "ts-proto/build/src/case.js";
import { methodKey } from "./names.ts";
import { isReservedEnumMember, isReservedField, isReservedMethod, renamed } from "./safe-names.ts";

/**
 * A field, a oneof, or one part of the name of a message or an enum: `page_size` → `pageSize`.
 * Nested types join their parts by `_`: `Book.Edition` → `Book_Edition`.
 */
export function camelName(protoName: string): string {
  return protoName.includes("_") ? snakeToCamel(protoName) : protoName;
}

/** The property of a field or a oneof, as it is in the generated types. */
export function propertyOf(protoName: string): string {
  const name = camelName(protoName);
  return isReservedField(protoName, name) ? renamed(name) : name;
}

/** The name of an rpc on a client: `ListBooks` → `listBooks`, with a `$` where a client has that name itself. */
export function methodName(method: DescMethod): string {
  const key = methodKey(method.name);
  return isReservedMethod(key) ? renamed(key) : key;
}

/**
 * The members of an enum's object, by value name: `STATUS_ACTIVE` of `Status` → `ACTIVE`; `STATUS_3DS` → `_3DS`.
 * A `$` is added to a reserved name, and to the one with the greater number where two values would share a name
 * (`ACTIVE` and `STATUS_ACTIVE`), so that what is added with the next number never renames what is there.
 */
export function enumMembers(desc: DescEnum): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  const taken = new Set<string>();
  for (const value of [...desc.values].sort((a, b) => a.number - b.number)) {
    const plain = withoutPrefix(desc.name, value.name);
    const member = isReservedEnumMember(plain) || taken.has(plain) ? renamed(plain) : plain;
    taken.add(member);
    members.set(value.name, member);
  }
  return members;
}

/** What ts-proto takes off the values of an enum: `BOOK_STATE_` of `BookState`. */
export function enumPrefix(enumName: string): string {
  return `${camelToSnake(enumName)}_`;
}

function withoutPrefix(enumName: string, valueName: string): string {
  const prefix = enumPrefix(enumName);
  const rest = valueName.startsWith(prefix) ? valueName.slice(prefix.length) : valueName;
  return /^[A-Za-z_$]/.test(rest) ? rest : `_${rest}`;
}

/** The name of a message or an enum in TypeScript. */
export type TypeName = (desc: DescMessage | DescEnum) => string;
