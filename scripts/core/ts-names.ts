/**
 * What ts-proto calls things, for the options in ts-proto.ts. A test holds these rules against its output.
 */
import type { DescEnum, DescMessage } from "@bufbuild/protobuf";
import { camelToSnake, snakeToCamel } from "ts-proto/build/src/case.js";

/**
 * A field, a oneof, or one part of the name of a message or an enum: `page_size` → `pageSize`.
 * Nested types join their parts by `_`: `Book.Edition` → `Book_Edition`.
 */
export function camelName(protoName: string): string {
  return protoName.includes("_") ? snakeToCamel(protoName) : protoName;
}

/** The member of an enum's object: `STATUS_ACTIVE` of `Status` → `ACTIVE`; `STATUS_3DS` → `_3DS`. */
export function enumMemberName(enumName: string, valueName: string): string {
  const prefix = `${camelToSnake(enumName)}_`;
  const rest = valueName.startsWith(prefix) ? valueName.slice(prefix.length) : valueName;
  return /^[A-Za-z_$]/.test(rest) ? rest : `_${rest}`;
}

/** The name of a message or an enum in TypeScript. */
export type TypeName = (desc: DescMessage | DescEnum) => string;
