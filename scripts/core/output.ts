import type { Config } from "./config.ts";
import { GUIDE } from "./guide.ts";
import { type ExternalRanges, type PackageJson, packageJson, renderJson } from "./package-json.ts";
import { isBrought, type ProtoPackage } from "./packages.ts";
import { renderReadme } from "./readme.ts";
import type { Generator } from "./sources.ts";
import { WITNESS } from "./witness-text.ts";

/** What `generate` wants one package folder to hold. Paths are from the folder. */
export interface PackageOutput {
  readonly protoPackage: string;
  readonly npm: string;
  readonly folder: string;
  /** In git: package.json first, by which a killed run's folder is known to be ours. */
  readonly committed: readonly OutputFile[];
  /** Not in git: what is in these folders and not listed is removed. */
  readonly generated: readonly OutputFile[];
  /** Written once and then a person's: the changelog. */
  readonly initial: readonly OutputFile[];
}

export interface OutputFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** The folders of a package in which nothing but our files may be. */
export const OWN_FOLDERS: readonly string[] = ["src/gen", "proto"];

export interface OutputInput {
  readonly generator: Generator;
  readonly config: Config;
  readonly external: ExternalRanges;
  /** The package.json files that are there already, by folder. */
  readonly existing: ReadonlyMap<string, PackageJson>;
  /** The texts of the `.proto` files, by import path. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
  /** The text of the licence, copied into each package. */
  readonly licence: Uint8Array | undefined;
  /** The guides for those who leave an older version, by the proto package that they lead to. */
  readonly guides: ReadonlyMap<string, string>;
}

export function assembleOutput(candidate: ProtoPackage, input: OutputInput): PackageOutput {
  const guide = input.guides.get(candidate.protoPackage);
  const existing = input.existing.get(candidate.folder) ?? {};
  const json = packageJson(candidate, input.config, input.external, existing, guide !== undefined);
  const prefix = `${candidate.folder}/`;
  const sources = input.generator
    .sourcesOf(candidate)
    .map(({ path, content }) => ({ path: path.slice(prefix.length), content }));
  const protos = candidate.files.flatMap((file) => {
    const text = input.sources.get(file.proto.name);
    return text === undefined ? [] : [{ path: `proto/${file.proto.name}`, content: text }];
  });
  const licence = input.licence === undefined ? [] : [{ path: "LICENSE", content: input.licence }];
  const witness = isBrought(candidate) ? [] : [{ path: WITNESS, content: input.generator.witnessOf(candidate).source }];
  return {
    protoPackage: candidate.protoPackage,
    npm: candidate.npm,
    folder: candidate.folder,
    committed: [
      { path: "package.json", content: renderJson(json) },
      {
        path: "README.md",
        content: renderReadme(candidate, input.generator.packages, input.config, input.generator.nameOf),
      },
      ...(guide === undefined ? [] : [{ path: GUIDE, content: guide }]),
    ],
    generated: [
      ...sources,
      ...protos,
      { path: "schema.binpb", content: input.generator.schemaOf(candidate) },
      ...witness,
      ...licence,
    ],
    initial: [{ path: "CHANGELOG.md", content: `# ${candidate.npm}\n\n## ${json["version"]}\n\nThe first version.\n` }],
  };
}
