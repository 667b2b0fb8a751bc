import type { Position } from "./finding.ts";
import type { FieldType, PackageSchema, Schema } from "./schema.ts";

export type NamedKind = "package" | "message" | "field" | "enum" | "enum value" | "service" | "method";

/** An element that lifecycle.yaml can speak of. */
export interface Named {
  readonly kind: NamedKind;
  /** The proto package that it is in, or is. */
  readonly package: string;
  /** Also by an option of what it is in. */
  readonly deprecated: boolean;
  /** undefined for a package, which stands in no single place. */
  readonly position: Position | undefined;
  /** The full names of the types that it needs: a field's own type, a method's two. */
  readonly uses: readonly string[];
}

/** By full name; of an enum value, that of its enum, a dot, and its own. */
export type Names = ReadonlyMap<string, Named>;

/** @param deprecatedFiles the import paths of those that say `option deprecated = true;`, which speaks for all in them. */
export function namesOf(schema: Schema, deprecatedFiles: ReadonlySet<string>): Names {
  const names = new Map<string, Named>();
  for (const own of schema.packages.values()) {
    if (own.name !== "") names.set(own.name, packageOf(own, deprecatedFiles));
    const file = ({ file, deprecated }: { readonly file: string; readonly deprecated: boolean }): boolean =>
      deprecated || deprecatedFiles.has(file);
    const add = (
      kind: NamedKind,
      { path, position }: { readonly path: string; readonly position: Position },
      deprecated: boolean,
      uses: readonly string[] = [],
    ): void => {
      names.set(path, { kind, package: own.name, deprecated, position, uses });
    };
    for (const message of own.messages.values()) {
      add("message", message, file(message));
      for (const field of message.fields) {
        add("field", field, field.deprecated || file(message), usesOf(field.type));
      }
    }
    for (const each of own.enums.values()) {
      add("enum", each, file(each));
      for (const value of each.values) add("enum value", value, value.deprecated || file(each));
    }
    for (const service of own.services.values()) {
      add("service", service, file(service));
      for (const method of service.methods) {
        add("method", method, method.deprecated || file(service), [method.input, method.output]);
      }
    }
  }
  return names;
}

function packageOf({ name, files }: PackageSchema, deprecatedFiles: ReadonlySet<string>): Named {
  const deprecated = files.length > 0 && files.every(({ path }) => deprecatedFiles.has(path));
  return { kind: "package", package: name, deprecated, position: undefined, uses: [] };
}

function usesOf({ kind, name }: FieldType): readonly string[] {
  return kind === "message" || kind === "enum" ? [name] : [];
}

/** A name and those of everything around it, the nearest first: field, message, package. */
export function around(name: string): readonly string[] {
  const parts = name.split(".");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("."));
}
