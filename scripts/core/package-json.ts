import type { Config } from "./config.ts";
import { GUIDE } from "./guide.ts";
import { HISTORY } from "./history.ts";
import { npmName, runtimePackage, stabilityOf } from "./names.ts";
import { isBrought, type ProtoPackage } from "./packages.ts";
import { WITNESS } from "./witness-text.ts";

/** A package.json as far as we read it. */
export type PackageJson = Readonly<Record<string, unknown>>;

/** The ranges of what the generated code imports from outside the repository. */
export interface ExternalRanges {
  readonly protobuf: string;
}

/**
 * The key by which a package.json says that its folder is ours: `{ "protoPackage": "bookstore.orders.v1" }`.
 * A folder without it is never written to.
 */
export const MARKER = "charter";

/** The proto package that a folder was generated from; undefined when it was not. */
export function markedPackage(json: PackageJson): string | undefined {
  const marker = json[MARKER];
  if (typeof marker !== "object" || marker === null || !("protoPackage" in marker)) return undefined;
  return typeof marker.protoPackage === "string" ? marker.protoPackage : undefined;
}

/**
 * The package.json of a generated package. What follows from the schema is ours and always written; the version, and
 * every other key that a person wrote, stays.
 * @param guided whether it comes with a guide for those who leave an older version.
 */
export function packageJson(
  candidate: ProtoPackage,
  config: Config,
  external: ExternalRanges,
  existing: PackageJson,
  guided = false,
): PackageJson {
  const own: PackageJson = {
    name: candidate.npm,
    version: existing["version"] ?? (stabilityOf(candidate.protoPackage) === "unstable" ? "0.1.0" : "1.0.0"),
    description: existing["description"] ?? describe(candidate),
    license: existing["license"] ?? config.license,
    ...(config.author === undefined ? {} : { author: existing["author"] ?? config.author }),
    ...repository(candidate, config, existing),
    type: "module",
    sideEffects: false,
    engines: { node: ">=20.19" },
    exports: exportsOf(candidate),
    files: [
      "dist",
      ...(isBrought(candidate) ? [] : ["proto"]),
      "schema.binpb",
      ...(isBrought(candidate) ? [] : [WITNESS, HISTORY]),
      ...(guided ? [GUIDE] : []),
      "CHANGELOG.md",
    ],
    dependencies: dependencies(candidate, config, external),
    publishConfig: existing["publishConfig"] ?? { access: "restricted", registry: "http://127.0.0.1:9/" },
    [MARKER]: { protoPackage: candidate.protoPackage },
  };
  const kept = Object.entries(existing).filter(([key]) => !(key in own));
  return Object.fromEntries([...Object.entries(own), ...kept]);
}

export function renderJson(json: PackageJson): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}

function describe(candidate: ProtoPackage): string {
  const [first] = candidate.services;
  const name = candidate.protoPackage === "" ? "schemas without a package" : candidate.protoPackage;
  return first === undefined ? `TypeScript types of ${name}.` : `TypeScript client of ${name} (gRPC).`;
}

function repository(candidate: ProtoPackage, config: Config, existing: PackageJson): PackageJson {
  if (existing["repository"] !== undefined) return { repository: existing["repository"] };
  if (config.repository === undefined) return {};
  return { repository: { type: "git", url: config.repository, directory: `${config.out}/${candidate.folder}` } };
}

function exportsOf(candidate: ProtoPackage): PackageJson {
  const entry = (name: string): PackageJson => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
  return {
    ".": entry("index"),
    ...(candidate.services.length > 0 ? { "./server": entry("server"), "./testing": entry("testing") } : {}),
    "./schema": entry("schema"),
    "./schema.binpb": "./schema.binpb",
    ...(isBrought(candidate) ? {} : { "./proto/*": "./proto/*" }),
    "./package.json": "./package.json",
  };
}

function dependencies(candidate: ProtoPackage, config: Config, external: ExternalRanges): PackageJson {
  const hasMessages = candidate.files.some((file) => file.messages.length > 0);
  const own = candidate.dependencies.map((each) => npmName(each, config));
  if (candidate.services.length > 0) own.push(runtimePackage(config));
  const all: [string, string][] = own.map((name) => [name, "workspace:^"]);
  if (hasMessages) all.push(["@bufbuild/protobuf", external.protobuf]);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}
