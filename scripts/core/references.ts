import type { DescFile } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { sourcePathOf } from "./source-path.ts";

/** Each reference to a type: the path of its location, and the full name of the type. */
export function* referencesIn(file: DescFile): Generator<readonly [path: string, typeName: string]> {
  for (const desc of nestedTypes(file)) {
    if (desc.kind === "service") {
      for (const method of desc.methods) {
        const path = sourcePathOf(method).join(".");
        yield [`${path}.2`, method.input.typeName];
        yield [`${path}.3`, method.output.typeName];
      }
      continue;
    }
    const fields = desc.kind === "message" ? desc.fields : desc.kind === "extension" ? [desc] : [];
    for (const field of fields) {
      const path = sourcePathOf(field).join(".");
      const type = field.message?.typeName ?? field.enum?.typeName;
      if (type !== undefined) yield [`${path}.6`, type];
      if (field.kind === "extension") yield [`${path}.2`, field.extendee.typeName];
    }
  }
}
