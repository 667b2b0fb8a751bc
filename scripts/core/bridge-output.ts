import type { BridgePlan } from "./bridge-plan.ts";
import { renderBridgeReadme } from "./bridge-readme.ts";
import { bridgeIndexSource, lossesSource, pathsSource } from "./bridge-service-source.ts";
import { convertSource, holesSource } from "./bridge-source.ts";
import { valuesSource } from "./bridge-values-source.ts";
import type { Config } from "./config.ts";
import { type Naming, npmName, packageFolder, runtimePackage } from "./names.ts";
import type { OutputFile } from "./output.ts";
import { MARKER, type PackageJson, renderJson } from "./package-json.ts";
import { GENERATED_HEADER } from "./sources.ts";
import { splitVersion } from "./version-names.ts";

/** Two proto packages that a bridge joins. */
export interface BridgedPair {
  readonly old: string;
  readonly now: string;
}

/** What a bridge's package.json says of it; undefined when it is none. */
export function bridgedPair(json: PackageJson): BridgedPair | undefined {
  const marker = json[MARKER];
  if (typeof marker !== "object" || marker === null || !("bridge" in marker)) return undefined;
  const { bridge } = marker;
  if (typeof bridge !== "object" || bridge === null || !("old" in bridge) || !("now" in bridge)) return undefined;
  return typeof bridge.old === "string" && typeof bridge.now === "string"
    ? { old: bridge.old, now: bridge.now }
    : undefined;
}

/**
 * The folder of a bridge: `catalog-bridge`, and `catalog-v2-v3-bridge` where the first name has another bridge.
 * @param existing the bridges that are there, by folder.
 */
export function bridgeFolder(
  { old, now }: BridgedPair,
  naming: Naming,
  existing: ReadonlyMap<string, BridgedPair>,
): string {
  for (const [folder, pair] of existing) {
    if (pair.old === old && pair.now === now) return folder;
  }
  const api = packageFolder(splitVersion(old)?.api ?? old, naming);
  const word = (name: string): string => name.slice(name.lastIndexOf(".") + 1);
  return existing.has(`${api}-bridge`) ? `${api}-${word(old)}-${word(now)}-bridge` : `${api}-bridge`;
}

function bridgePackageJson(
  { names, file }: BridgePlan,
  folder: string,
  config: Config,
  existing: PackageJson,
): PackageJson {
  const own = [
    names.old.npm,
    names.now.npm,
    runtimePackage(config),
    ...[...names.foreign].map((each) => npmName(each, config)),
  ];
  const kept = existing["dependencies"];
  const json: PackageJson = {
    name: `${config.scope}/${folder}`,
    version: existing["version"] ?? "1.0.0",
    description:
      existing["description"] ?? `Converts between ${file.old} and ${file.now}, and serves each by the other.`,
    license: existing["license"] ?? config.license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=20.19" },
    exports: {
      ".": { types: "./dist/gen/index.d.ts", default: "./dist/gen/index.js" },
      "./package.json": "./package.json",
    },
    files: ["dist", "bridge.yaml", "CHANGELOG.md"],
    dependencies: Object.fromEntries(
      // What a person's holes need stays.
      Object.entries({
        ...(typeof kept === "object" && kept !== null ? kept : {}),
        ...Object.fromEntries(own.map((name) => [name, "workspace:^"])),
      }).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    publishConfig: existing["publishConfig"] ?? { access: "restricted", registry: "http://127.0.0.1:9/" },
    [MARKER]: { bridge: { old: file.old, now: file.now } },
  };
  return Object.fromEntries([...Object.entries(json), ...Object.entries(existing).filter(([key]) => !(key in json))]);
}

/** What of a bridge's package is made anew each time and in git. */
export function bridgeCommitted(
  plan: BridgePlan,
  folder: string,
  config: Config,
  existing: PackageJson,
): readonly OutputFile[] {
  const json = bridgePackageJson(plan, folder, config, existing);
  return [
    { path: "package.json", content: renderJson(json) },
    { path: "README.md", content: renderBridgeReadme(plan, String(json["name"]), config) },
  ];
}

/** What a bridge's package holds that is made anew each time. */
export function bridgeFiles(
  plan: BridgePlan,
  folder: string,
  config: Config,
  existing: PackageJson,
): readonly OutputFile[] {
  const sources: readonly (readonly [string, string])[] = [
    ["convert", convertSource(plan, config)],
    ["holes", holesSource(plan, config)],
    ["index", bridgeIndexSource(plan, config)],
    ["losses", lossesSource(plan, config)],
    ["paths", pathsSource(plan)],
    ["values", valuesSource()],
  ];
  return [
    ...bridgeCommitted(plan, folder, config, existing),
    ...sources.map(([name, text]) => ({ path: `src/gen/${name}.ts`, content: `${GENERATED_HEADER}\n${text}` })),
  ];
}
