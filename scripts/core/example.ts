import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FieldOptions_JSType } from "@bufbuild/protobuf/wkt";
import { enumMembers, propertyOf, type TypeName } from "./ts-names.ts";

/** An expression of TypeScript, and the names that it needs from its own package. */
export interface Example {
  readonly code: string;
  readonly imports: readonly string[];
}

/** How many fields an example shows: enough to see the shape, few enough to read. */
const FIELDS = 3;

/**
 * A partial message as a person would write it in a first call: the first fields that are not deprecated, one case
 * for each oneof. Only enums of `protoPackage` are named, since an example imports from one package.
 */
export function exampleOf(message: DescMessage, protoPackage: string, nameOf: TypeName, depth = 1): Example {
  const parts: string[] = [];
  const imports: string[] = [];
  const add = (name: string, value: Example): void => {
    parts.push(`${name}: ${value.code}`);
    imports.push(...value.imports);
  };
  const seen = new Set<string>();
  for (const field of message.fields) {
    if (parts.length === FIELDS) break;
    if (field.deprecated) continue;
    const value = fieldValue(field, protoPackage, nameOf, depth);
    if (value === undefined) continue;
    if (field.oneof === undefined) add(propertyOf(field.name), value);
    else if (!seen.has(field.oneof.name)) {
      seen.add(field.oneof.name);
      add(propertyOf(field.oneof.name), {
        code: `{ $case: "${propertyOf(field.name)}", value: ${value.code} }`,
        imports: value.imports,
      });
    }
  }
  return { code: parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`, imports };
}

/** A line of code is broken when it is longer. */
const WIDTH = 100;

/**
 * Breaks a line that is too long inside its first braces, one line for each of what they hold. The texts of an example
 * have neither braces nor commas, so that no strings need to be read.
 */
export function layOut(line: string): string {
  if (line.length <= WIDTH || line.includes("\n")) return line;
  const margin = /^ */.exec(line)?.[0] ?? "";
  const open = line.indexOf("{ ");
  const end = open < 0 ? -1 : closing(line, open);
  if (end < 0) return line;
  const parts = topLevel(line.slice(open + 2, end - 1));
  const inner = parts.map((part) => layOut(`${margin}  ${part},`)).join("\n");
  return `${line.slice(0, open + 1)}\n${inner}\n${margin}${line.slice(end)}`;
}

/** The place of the brace that closes the one at `open`. */
function closing(line: string, open: number): number {
  let depth = 0;
  for (let at = open; at < line.length; at++) {
    if (line[at] === "{") depth++;
    if (line[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

/** The parts of a list that no brace or bracket of the list holds. */
function topLevel(list: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < list.length; at++) {
    if ("{[(".includes(list[at] ?? "")) depth++;
    if ("}])".includes(list[at] ?? "")) depth--;
    if (list[at] === "," && depth === 0) {
      parts.push(list.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, list.slice(start).trim()];
}

function fieldValue(field: DescField, protoPackage: string, nameOf: TypeName, depth: number): Example | undefined {
  const one = singleValue(field, protoPackage, nameOf, depth);
  if (one === undefined || field.fieldKind === "map") return undefined;
  return field.fieldKind === "list" ? { code: `[${one.code}]`, imports: one.imports } : one;
}

function singleValue(field: DescField, protoPackage: string, nameOf: TypeName, depth: number): Example | undefined {
  if (field.enum !== undefined) {
    const value = field.enum.values[1] ?? field.enum.values[0];
    if (value === undefined || field.enum.file.proto.package !== protoPackage) return undefined;
    const name = nameOf(field.enum);
    const member = enumMembers(field.enum).get(value.name) ?? value.name;
    return { code: `${name}.${member}`, imports: [name] };
  }
  if (field.message !== undefined) return messageValue(field.message, protoPackage, nameOf, depth);
  return field.scalar === undefined ? undefined : { code: scalarValue(field, field.scalar), imports: [] };
}

function messageValue(
  message: DescMessage,
  protoPackage: string,
  nameOf: TypeName,
  depth: number,
): Example | undefined {
  if (message.typeName === "google.protobuf.Timestamp") return { code: "new Date()", imports: [] };
  if (message.typeName === "google.protobuf.Duration") return { code: "{ seconds: 30n }", imports: [] };
  if (message.file.proto.package === "google.protobuf" || depth === 0) return undefined;
  return exampleOf(message, protoPackage, nameOf, depth - 1);
}

function scalarValue(field: DescField, scalar: ScalarType): string {
  switch (scalar) {
    case ScalarType.STRING:
      return `"${field.name.replaceAll("_", "-")}"`;
    case ScalarType.BYTES:
      return "new Uint8Array([1, 2, 3])";
    case ScalarType.BOOL:
      return "true";
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return "0.5";
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return longValue(field);
    default:
      return "10";
  }
}

function longValue(field: DescField): string {
  switch (field.proto.options?.jstype) {
    case FieldOptions_JSType.JS_STRING:
      return `"10"`;
    case FieldOptions_JSType.JS_NUMBER:
      return "10";
    default:
      return "10n";
  }
}
