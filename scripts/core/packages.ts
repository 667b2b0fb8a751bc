import type { DescEnum, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { Image } from "./image.ts";
import { type Naming, npmName, packageFolder } from "./names.ts";
import { isWellKnownPath, WELL_KNOWN_PACKAGE } from "./well-known-types.ts";

/** What becomes one npm package: all files of one proto package. */
export interface ProtoPackage {
  readonly protoPackage: string;
  readonly npm: string;
  readonly folder: string;
  /** In dependency order, then by name. */
  readonly files: readonly DescFile[];
  readonly services: readonly DescService[];
  /** The proto packages whose types appear in this one's fields and rpcs, sorted. */
  readonly dependencies: readonly string[];
}

/**
 * Every proto package of the image, sorted by name. The well-known types are always there; what else protoc brings
 * (its plugin interface, the features of other languages) only where some type is used.
 */
export function assemblePackages(image: Image, naming: Naming): readonly ProtoPackage[] {
  const byPackage = new Map<string, DescFile[]>();
  for (const file of image.files) {
    const name = file.proto.package;
    byPackage.set(name, [...(byPackage.get(name) ?? []), file]);
  }
  const all = [...byPackage].map(([protoPackage, files]): ProtoPackage => {
    return {
      protoPackage,
      npm: npmName(protoPackage, naming),
      folder: packageFolder(protoPackage, naming),
      files,
      services: files.flatMap((file) => file.services),
      dependencies: foreignPackages(files, protoPackage),
    };
  });
  const used = new Set(all.filter((each) => !isBrought(each)).flatMap((each) => each.dependencies));
  return all
    .filter((each) => !isBrought(each) || each.protoPackage === WELL_KNOWN_PACKAGE || used.has(each.protoPackage))
    .sort((a, b) => compare(a.protoPackage, b.protoPackage));
}

/** Whether protoc and buf bring all its files themselves, so that nobody needs a copy of their sources. */
export function isBrought(candidate: ProtoPackage): boolean {
  return candidate.files.every((file) => isWellKnownPath(file.proto.name));
}

function foreignPackages(files: readonly DescFile[], own: string): readonly string[] {
  const names = new Set(files.flatMap((file) => [...usedTypes(file)]).map((type) => type.file.proto.package));
  names.delete(own);
  return [...names].sort(compare);
}

/** The messages and enums that a file's fields and rpcs refer to. Extensions do not count: the clients have none. */
function usedTypes(file: DescFile): Iterable<DescMessage | DescEnum> {
  const used = new Set<DescMessage | DescEnum>();
  for (const type of nestedTypes(file)) {
    if (type.kind === "message") {
      for (const field of type.fields) {
        if (field.message !== undefined) used.add(field.message);
        if (field.enum !== undefined) used.add(field.enum);
      }
    } else if (type.kind === "service") {
      for (const method of type.methods) used.add(method.input).add(method.output);
    }
  }
  return used;
}

/** Byte order, not a locale's: the output must not depend on the machine's language. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
