import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { type Naming, runtimePackage } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";
import type { TypeName } from "./ts-names.ts";
import { isWellKnownPath } from "./well-known-types.ts";
import { witnessEnum, witnessForeign, witnessMessage } from "./witness-messages.ts";
import { witnessService } from "./witness-services.ts";
import { type Witness, WitnessText } from "./witness-text.ts";
import { WitnessTypes } from "./witness-types.ts";

/** How a witness reads a value of a type (`take`), and where it has one from (`value`). It is compiled, never run. */
const HELPERS = ["export declare function take<T>(value: T): void;", "export declare function value<T>(): T;"];

/**
 * A consumer, a server and a fake that do with a package exactly what the promise of a minor covers, with each
 * element of its schema. Compiled against a later release of the package it must give no error, unless that
 * release breaks sources.
 */
export function witnessSource(candidate: ProtoPackage, naming: Naming, nameOf: TypeName): Witness {
  const text = new WitnessText();
  const types = new WitnessTypes(candidate, naming, nameOf);
  const hasRuntime = candidate.services.length > 0;
  const pen = { text, types, nameOf, hasRuntime };
  let named = 0;
  for (const desc of candidate.files.flatMap((file) => [...nestedTypes(file)])) {
    if (desc.kind === "message") witnessMessage(desc, pen);
    else if (desc.kind === "enum") witnessEnum(desc, pen);
    else if (desc.kind === "service") witnessService(desc, pen);
    if (desc.kind !== "extension") named++;
  }
  for (const desc of types.foreign()) if (!isWellKnownPath(desc.file.proto.name)) witnessForeign(desc, pen);
  text.line("take<() => Uint8Array>(schema.fileDescriptorSet);", candidate.protoPackage, "schema");
  text.line("take<string>(schema.protoPackage);", candidate.protoPackage, "schema");
  types.writeAliases(text);
  const runtime = runtimePackage(naming);
  const imports = [
    ...(named === 0 ? [] : [`import * as own from "${candidate.npm}";`]),
    `import * as schema from "${candidate.npm}/schema";`,
    ...(hasRuntime
      ? [
          `import * as server from "${candidate.npm}/server";`,
          `import * as fakes from "${candidate.npm}/testing";`,
          `import type * as rpc from "${runtime}";`,
          `import type * as serving from "${runtime}/server";`,
        ]
      : []),
    ...types.imports().map(([alias, npm]) => `import type * as ${alias} from "${npm}";`),
  ].map((line) => ({ text: line, place: { path: candidate.protoPackage, use: "import" as const } }));
  const helpers = HELPERS.map((line) => ({ text: line, place: undefined }));
  return text.finish(candidate.protoPackage, [...imports, ...helpers]);
}
