/**
 * ts-proto and ts-poet as libraries. They have no `exports` map, so their modules are named here and nowhere else,
 * and their types are the few members that we use.
 */
import { createFileContext } from "ts-proto/build/src/context.js";
import { generateFile, makeUtils } from "ts-proto/build/src/main.js";
import { getTsPoetOpts, type Options, optionsFromParameter } from "ts-proto/build/src/options.js";
import { createTypeMap } from "ts-proto/build/src/types.js";
import { CodeGeneratorRequest, FileDescriptorProto } from "ts-proto-descriptors";

/**
 * Why each option: docs/decisions.md, "ts-proto's options".
 * INT32_MIN stands for an enum value that JSON names and we do not know: unlike -1, no real schema uses that number.
 */
export const PARAMETER = [
  "esModuleInterop=true",
  "importSuffix=.js",
  "env=both",
  "forceLong=bigint",
  "useJsTypeOverride=true",
  "oneof=unions-value",
  "useOptionals=none",
  "useDate=true",
  "enumsAsLiterals=true",
  "removeEnumPrefix=true",
  "useExactTypes=false",
  "exportCommonSymbols=false",
  "annotateFilesWithVersion=false",
  "outputTypeAnnotations=static-only",
  "useUnknownForValue=true",
  "snakeToCamel=keys_json",
  "unknownFields=true",
  "initializeFieldsAsUndefined=false",
  "emitImportedFiles=false",
  "outputServices=generic-definitions",
  "unrecognizedEnumValue=-2147483648",
].join(",");

/** The number that ts-proto's output uses for an enum name it does not know. A schema may not use it. */
export const UNRECOGNIZED_NUMBER = -2147483648;

export type TsProtoFile = FileDescriptorProto;

/** Proto full name with a leading dot → the name that ts-proto gives the type in TypeScript. */
export type TypeNames = ReadonlyMap<string, string>;

export interface TsProto {
  readonly typeNames: TypeNames;
  /**
   * @param owners file name → npm package, for each file whose types come from another package.
   * @returns a function that gives the TypeScript of one file, unformatted.
   */
  forPackage(owners: ReadonlyMap<string, string>): (file: TsProtoFile) => string;
}

export function decodeForTsProto(bytes: Uint8Array): TsProtoFile {
  return FileDescriptorProto.decode(bytes);
}

export function loadTsProto(files: readonly TsProtoFile[]): TsProto {
  const options = optionsFromParameter(PARAMETER);
  // Set, not passed: `fromPartial` would copy every file.
  const request = CodeGeneratorRequest.fromPartial({});
  request.protoFile = [...files];
  const typeMap = createTypeMap(request, options);
  const typeNames = new Map([...typeMap].map(([protoName, [, tsName]]) => [protoName, tsName] as const));
  return {
    typeNames,
    forPackage(owners) {
      const packageOptions: Options = { ...options, M: Object.fromEntries(owners) };
      const utils = makeUtils(packageOptions);
      return (file) => {
        const context = { options: packageOptions, typeMap, utils, currentFile: createFileContext(file) };
        const [path, code] = generateFile(context, file);
        const { dprintOptions: _, ...poetOptions } = getTsPoetOpts(packageOptions, "", "", file.name);
        return code.toString({ ...poetOptions, path, format: false });
      };
    },
  };
}
