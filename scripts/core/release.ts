import { type Finding, finding } from "./finding.ts";
import type { RegistryTarget } from "./loopback.ts";

/** A package.json as parsed. What a field holds is looked at where it is used. */
export type Manifest = Readonly<Record<string, unknown>>;

/** What identifies a release. */
export interface ReleaseId {
  readonly name: string;
  readonly version: string;
}

/** The digests of one packed tarball. */
export interface TarballDigests {
  /** SRI string, sha512. */
  readonly integrity: string;
  /** Hex sha1: what registries call `shasum`. */
  readonly shasum: string;
}

const DEPENDENCY_FIELDS = ["dependencies", "peerDependencies", "optionalDependencies"] as const;

export function readReleaseId(manifest: Manifest): ReleaseId {
  const { name, version } = manifest;
  return { name: typeof name === "string" ? name : "", version: typeof version === "string" ? version : "" };
}

/** Everything that keeps these packages from being published together, all at once. */
export function findUnpublishable(
  packages: readonly { readonly file: string; readonly manifest: Manifest }[],
  scope: string,
): readonly Finding[] {
  const folderOf = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { file, manifest } of packages) {
    const { name, version } = readReleaseId(manifest);
    const other = folderOf.get(name);
    if (name === "" || version === "") findings.push(finding("publish-unnamed", {}, { file }));
    else if (!name.startsWith(`${scope}/`)) findings.push(finding("publish-outside-scope", { name, scope }, { file }));
    else if (manifest["private"] === true) findings.push(finding("publish-private", { name }, { file }));
    else if (other !== undefined) findings.push(finding("publish-twice", { name, other }, { file }));
    folderOf.set(name, file);
  }
  for (const { file, manifest } of packages) {
    for (const dependency of workspaceDependencies(manifest)) {
      if (folderOf.has(dependency)) continue;
      const { name } = readReleaseId(manifest);
      findings.push(finding("publish-dependency-absent", { name, dependency }, { file }));
    }
  }
  return findings;
}

/**
 * The manifest that goes into the temporary copy: without any registry of its own, because `publishConfig`
 * beats every other setting. Dropped rather than set to the loopback address: a port in the tarball would
 * change its bytes from run to run, and a rerun could not tell "already there" from "something else is there".
 */
export function assembleReleaseManifest(manifest: Manifest): Manifest {
  const { publishConfig, ...rest } = manifest;
  if (!isRecord(publishConfig)) return rest;
  const kept = Object.entries(publishConfig).filter(([key]) => !isRegistryKey(key));
  return kept.length === 0 ? rest : { ...rest, publishConfig: Object.fromEntries(kept) };
}

/** The addresses that a manifest would publish to by itself. */
export function manifestTargets(manifest: Manifest): readonly RegistryTarget[] {
  const { publishConfig } = manifest;
  if (!isRecord(publishConfig)) return [];
  return Object.entries(publishConfig)
    .filter(([key]) => isRegistryKey(key))
    .map(([key, value]) => ({
      setting: `publishConfig.${key} of ${readReleaseId(manifest).name}`,
      url: String(value),
    }));
}

/** The body of `PUT <registry>/<name>`: npm's publish document, with the tarball inside. */
export function assemblePublishDocument(
  manifest: Manifest,
  digests: TarballDigests,
  tarball: { readonly base64: string; readonly length: number },
  registry: string,
): Manifest {
  const { name, version } = readReleaseId(manifest);
  const file = `${name}-${version}.tgz`;
  const dist = { ...digests, tarball: new URL(`${name}/-/${file}`, registry).href };
  return {
    _id: name,
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
    access: null,
    _attachments: {
      [file]: { content_type: "application/octet-stream", data: tarball.base64, length: tarball.length },
    },
  };
}

/** The integrity under which a registry's answer for a package lists a version; undefined when it does not. */
export function findPublishedIntegrity(packument: unknown, version: string): string | undefined {
  if (!isRecord(packument) || !isRecord(packument["versions"])) return undefined;
  const release = packument["versions"][version];
  if (!isRecord(release) || !isRecord(release["dist"])) return undefined;
  const integrity = release["dist"]["integrity"];
  return typeof integrity === "string" ? integrity : "";
}

function workspaceDependencies(manifest: Manifest): readonly string[] {
  return DEPENDENCY_FIELDS.flatMap((field) => {
    const entries = manifest[field];
    if (!isRecord(entries)) return [];
    return Object.keys(entries).filter((name) => String(entries[name]).startsWith("workspace:"));
  });
}

function isRegistryKey(key: string): boolean {
  return key === "registry" || key === "registries" || key.endsWith(":registry");
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
