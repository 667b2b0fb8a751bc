import type { DescEnum, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { serviceNames } from "./names.ts";
import { propertyOf, type TypeName } from "./ts-names.ts";

/** A file's option speaks for everything in it. */
export function isDeprecated(desc: DescMessage | DescEnum | DescService): boolean {
  return desc.deprecated || desc.file.deprecated;
}

/** Whether the owner of a package wants to be rid of it: each of its files is deprecated. */
export function isDeprecatedPackage({ files }: { readonly files: readonly DescFile[] }): boolean {
  return files.length > 0 && files.every((file) => file.deprecated);
}

/**
 * Puts `@deprecated` where ts-proto does not. A name counts as deprecated only when each of its declarations does: the
 * codec of a message beside its interface, what an enum and a service are beside their objects. And the comment of a
 * case of a oneof is read by nobody, that of its value is.
 */
export function markDeprecated(text: string, file: DescFile, nameOf: TypeName): string {
  let out = text;
  const mark = (before: string): void => {
    out = out.replace(before, () => `/** @deprecated */\n${before}`);
  };
  for (const type of nestedTypes(file)) {
    if (type.kind === "message") {
      if (isDeprecated(type)) mark(`export const ${nameOf(type)}: MessageFns<`);
      out = markCases(out, type, nameOf);
    } else if (type.kind === "enum" && isDeprecated(type)) {
      mark(`export type ${nameOf(type)} = `);
      mark(`export namespace ${nameOf(type)} {`);
    } else if (type.kind === "service" && isDeprecated(type)) {
      mark(`export const ${serviceNames(type.name).definition} = {`);
    }
  }
  return out;
}

function markCases(text: string, message: DescMessage, nameOf: TypeName): string {
  const cases = message.fields.filter((field) => field.deprecated && field.oneof !== undefined);
  if (cases.length === 0) return text;
  const start = text.indexOf(`export interface ${nameOf(message)} {`);
  const end = text.indexOf("\n}\n", start);
  let body = text.slice(start, end);
  for (const field of cases) {
    const head = `{ $case: '${propertyOf(field.name)}', `;
    body = body.replace(head, () => `${head}/** @deprecated */ `);
  }
  return text.slice(0, start) + body + text.slice(end);
}
