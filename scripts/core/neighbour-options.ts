import { type DescField, type DescFile, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { FileOptionsSchema } from "@bufbuild/protobuf/wkt";
import { upperFirst } from "./names.ts";
import { pascal } from "./service-source.ts";
import { splitVersion } from "./version-names.ts";

/** A file whose options are wanted, or from which they are taken. */
export interface Named {
  readonly protoPackage: string;
  /** How it is imported. */
  readonly path: string;
}

/** The options that most files of a tree set, for a file that is to come. */
export interface NeighbourOptions {
  /** `option go_package = "…";`, sorted as `buf format` does. */
  readonly lines: readonly string[];
  /** Those that most set, each in its own way, so that nobody can tell what the new file's would be. */
  readonly unclear: readonly string[];
}

/** @param neighbours files under one root. */
export function neighbourOptions(neighbours: readonly DescFile[], wanted: Named): NeighbourOptions {
  const lines: string[] = [];
  const unclear: string[] = [];
  for (const field of FileOptionsSchema.fields) {
    if (field.name === "deprecated" || field.fieldKind === "message" || field.fieldKind === "list") continue;
    const values = neighbours.flatMap((file) => {
      const value = spelled(file, field);
      return value === undefined
        ? []
        : [template(value, field, { protoPackage: file.proto.package, path: file.proto.name })];
    });
    if (values.length * 2 <= neighbours.length) continue;
    const common = mostCommon(values);
    if (common === undefined) unclear.push(field.name);
    else lines.push(`option ${field.name} = ${fill(common, wanted)};`);
  }
  return { lines: lines.sort(), unclear: unclear.sort() };
}

/** As a schema spells it. */
function spelled(file: DescFile, field: DescField): string | undefined {
  const { options } = file.proto;
  if (options === undefined) return undefined;
  const message = reflect(FileOptionsSchema, options);
  if (!message.isSet(field)) return undefined;
  const value: unknown = message.get(field);
  if (field.fieldKind === "enum") return field.enum.value[Number(value)]?.name;
  return field.scalar === ScalarType.STRING ? JSON.stringify(value) : String(value);
}

/** More than half of those that set it agree. */
function mostCommon(values: readonly string[]): string | undefined {
  return values.find((value) => values.filter((each) => each === value).length * 2 > values.length);
}

/** What stands for a name in a template; no schema has such characters. */
const MARK = { part: "\u0001", Part: "\u0002", version: "\u0003", Version: "\u0004", File: "\u0005" } as const;

/** An option's value without the names of its own file: `"example.com/catalog/v1;catalogv1"`. */
function template(value: string, field: DescField, { protoPackage, path }: Named): string {
  if (field.fieldKind !== "scalar" || field.scalar !== ScalarType.STRING) return value;
  const { parts, version } = namesOf(protoPackage);
  const separator = "(?:/|\\.|::|\\\\\\\\|_|-)?";
  const lower = parts.map((part) => part.split("_").join("[_-]?")).join(separator);
  const upper = parts.map(pascal).join(separator);
  const marks: readonly (readonly [pattern: string, mark: string])[] = [
    // The name of a class is made from the file's, which may begin as the package does.
    ...(field.name === "java_outer_classname" ? [[`(?<![A-Za-z])${fileOf(path)}(?![a-z])`, MARK.File] as const] : []),
    ...(parts.length === 0
      ? []
      : [
          [`(?<![A-Za-z0-9])${lower}(?=${version}(?![A-Za-z0-9])|[^A-Za-z0-9])`, MARK.part] as const,
          [`(?<![A-Za-z])${upper}(?![a-z])`, MARK.Part] as const,
        ]),
    ...(version === "" ? [] : [[`(?<![A-Za-z0-9])${version}(?![A-Za-z0-9])`, MARK.version] as const]),
    ...(version === "" ? [] : [[`(?<![A-Za-z0-9])${upperFirst(version)}(?![A-Za-z0-9])`, MARK.Version] as const]),
  ];
  return marks.reduce((text, [pattern, mark]) => text.replace(new RegExp(pattern, "g"), mark), value);
}

function fill(text: string, { protoPackage, path }: Named): string {
  const { parts, version } = namesOf(protoPackage);
  // Several parts are joined as the package's are: by what stands before the first.
  return text
    .replaceAll(`${MARK.part}${MARK.version}`, () => parts.join("").replaceAll("_", "") + version)
    .replace(
      new RegExp(`(/|\\.|::|\\\\\\\\)?(?:${MARK.part}|${MARK.Part})`, "g"),
      (found, before: string | undefined) => {
        const words = found.endsWith(MARK.Part) ? parts.map(pascal) : parts;
        return `${before ?? ""}${words.join(before ?? "")}`;
      },
    )
    .replaceAll(MARK.version, () => version)
    .replaceAll(MARK.Version, () => upperFirst(version))
    .replaceAll(MARK.File, () => fileOf(path));
}

/** What is left of a package without its root and its version. */
function namesOf(protoPackage: string): { readonly parts: readonly string[]; readonly version: string } {
  const { api, version } = splitVersion(protoPackage) ?? { api: protoPackage, version: "" };
  return { parts: api.split(".").slice(1), version };
}

/** `catalog_service.proto` → `CatalogService`. */
function fileOf(path: string): string {
  return pascal(path.slice(path.lastIndexOf("/") + 1).replace(/\.proto$/, ""));
}
