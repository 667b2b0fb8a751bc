import type { DescFile } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import validateNpmName from "validate-npm-package-name";
import { type Finding, finding } from "./finding.ts";
import { type Naming, npmName, packageFolder, runtimePackage } from "./names.ts";
import { type NeighbourOptions, neighbourOptions } from "./neighbour-options.ts";
import { type GivenName, type Roots, readServiceName } from "./service-name.ts";
import { resourceText, type ServiceSource, serviceText } from "./service-source.ts";
import { positionOf } from "./source-info.ts";
import { splitVersion } from "./version-names.ts";

/** What stands in a tree before a service is added. */
export interface Neighbourhood {
  /** The workspace's own files. */
  readonly files: readonly DescFile[];
  /** Where each stands, from the root, by the path by which it is imported. */
  readonly paths: ReadonlyMap<string, string>;
  /** The proto packages of the workspace and of what it imports. */
  readonly packages: readonly string[];
  /** The folders of buf's modules, from the root: `proto`, or `.`. */
  readonly modules: readonly string[];
}

/** What a new service would be made of. */
export interface ServicePlan {
  readonly protoPackage: string;
  /** The folder of the package in npm, and its name; undefined where no scope is set. */
  readonly folder: string;
  readonly npm: string | undefined;
  /** Contents by path from the root. */
  readonly files: ReadonlyMap<string, string>;
  /** Options that the neighbours set and a person must choose. */
  readonly unclear: readonly string[];
}

/** @param naming undefined where no scope is set. @returns everything that is in its way otherwise. */
export function planService(
  given: GivenName,
  tree: Neighbourhood,
  naming: Naming | undefined,
): ServicePlan | readonly Finding[] {
  const roots = rootsOf(tree, naming);
  const api = readServiceName(given, roots);
  if (typeof api !== "string") return api;
  const protoPackage = `${api}.${given.version}`;
  // Without a scope the packages have no names yet, but already may not be too long or alike.
  const named = naming ?? { scope: "@unscoped", root: api.split(".")[0] ?? "" };
  const findings = [
    ...checkExisting(api, tree),
    ...checkSymbols(protoPackage, tree),
    ...checkNpm(protoPackage, tree.packages, named),
  ];
  if (findings.length > 0) return findings;
  const service = api.slice(api.lastIndexOf(".") + 1);
  const { module, inModule } = placeOf(protoPackage, tree);
  const paths = { resource: `${inModule}/${service}.proto`, service: `${inModule}/${service}_service.proto` };
  const near = related(protoPackage, tree);
  const options = (path: string): NeighbourOptions => neighbourOptions(near, { protoPackage, path });
  const source: ServiceSource = {
    protoPackage,
    service,
    resourcePath: paths.resource,
    resourceOptions: options(paths.resource).lines,
    serviceOptions: options(paths.service).lines,
  };
  return {
    protoPackage,
    folder: packageFolder(protoPackage, named),
    npm: naming === undefined ? undefined : npmName(protoPackage, naming),
    files: new Map([
      [module + paths.resource, resourceText(source)],
      [module + paths.service, serviceText(source)],
    ]),
    unclear: options(paths.service).unclear,
  };
}

/** What a bare name is put below comes first: what is configured if the tree has it, else what it has most. */
function rootsOf({ files }: Neighbourhood, naming: Naming | undefined): Roots {
  const own = files.map((file) => file.proto.package).filter((name) => name.includes("."));
  const counts = count(own.map(rootOf));
  const configured = naming === undefined ? [] : [naming.root];
  const first = configured.filter((root) => counts.size === 0 || counts.has(root));
  return [...new Set([...first, ...byFrequency(counts), ...configured])];
}

function rootOf(protoPackage: string): string {
  return protoPackage.split(".")[0] ?? "";
}

/** Names that only differ by case would share a folder where the file system tells no difference. */
function checkExisting(api: string, { packages }: Neighbourhood): readonly Finding[] {
  const existing = packages.filter((name) => (splitVersion(name)?.api ?? name).toLowerCase() === api);
  return existing.length === 0 ? [] : [finding("service-exists", { api, existing: existing.join(", ") })];
}

/** In protobuf a name is one thing: a package, or a type. */
function checkSymbols(protoPackage: string, { files, paths }: Neighbourhood): readonly Finding[] {
  const parts = protoPackage.split(".");
  const scopes = new Set(parts.map((_, index) => parts.slice(0, index + 1).join(".")));
  return files.flatMap((file) =>
    [...nestedTypes(file)].flatMap((type) => {
      if (!scopes.has(type.typeName)) return [];
      const position = { ...positionOf(type), file: paths.get(file.proto.name) ?? file.proto.name };
      return [finding("service-symbol", { symbol: type.typeName, kind: type.kind, package: protoPackage }, position)];
    }),
  );
}

function checkNpm(protoPackage: string, packages: readonly string[], naming: Naming): readonly Finding[] {
  const npm = npmName(protoPackage, naming);
  const { errors = [], warnings = [] } = validateNpmName(npm);
  const reasons = [...errors, ...warnings];
  if (reasons.length > 0)
    return [finding("npm-name-invalid", { package: protoPackage, npm, reason: reasons.join("; ") })];
  if (npm === runtimePackage(naming)) {
    return [finding("npm-name-taken", { package: protoPackage, other: "Charter's runtime", npm })];
  }
  const other = packages.find((name) => name !== protoPackage && npmName(name, naming) === npm);
  return other === undefined ? [] : [finding("npm-name-taken", { package: protoPackage, other, npm })];
}

/** The files under the same root: what they agree on is the house's style. */
function related(protoPackage: string, { files }: Neighbourhood): readonly DescFile[] {
  return files.filter((file) => rootOf(file.proto.package) === rootOf(protoPackage));
}

/**
 * The module and the folder in it, as most neighbours stand: `bookstore/orders/v1`, or `orders/v1` where the root is not
 * a folder.
 */
function placeOf(protoPackage: string, tree: Neighbourhood): { readonly module: string; readonly inModule: string } {
  const near = related(protoPackage, tree);
  const places = (near.length > 0 ? near : tree.files).flatMap((file) => {
    const { name } = file.proto;
    const path = tree.paths.get(name) ?? name;
    const dropped = droppedParts(file.proto.package, name);
    return dropped === undefined ? [] : [`${dropped}:${path.slice(0, path.length - name.length)}`];
  });
  const [first = ""] = tree.modules;
  const [common = `0:${first === "." ? "" : `${first}/`}`] = byFrequency(count(places));
  const [dropped = "0"] = common.split(":");
  return {
    module: common.slice(dropped.length + 1),
    inModule: protoPackage.split(".").slice(Number(dropped)).join("/"),
  };
}

/** How many parts of a package are no folders; undefined where its folder has another name, or not even the service. */
function droppedParts(protoPackage: string, importPath: string): number | undefined {
  const parts = protoPackage.split(".");
  const folder = importPath.slice(0, Math.max(importPath.lastIndexOf("/"), 0));
  const dropped = parts.findIndex((_, index) => parts.slice(index).join("/") === folder);
  return dropped < 0 || dropped > parts.length - 2 ? undefined : dropped;
}

function count(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** The most frequent first; of equals the first in byte order, so that nothing depends on the order of files. */
function byFrequency(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([word]) => word);
}
