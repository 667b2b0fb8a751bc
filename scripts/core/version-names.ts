import { usageError } from "./finding.ts";
import { stabilityOf } from "./names.ts";
import { nearest } from "./nearest.ts";

/** A proto package taken apart: `bookstore.orders` in its version `v2`. */
export interface VersionedName {
  readonly api: string;
  readonly version: string;
}

/** @returns undefined where the last part is no version. */
export function splitVersion(protoPackage: string): VersionedName | undefined {
  if (stabilityOf(protoPackage) === "unversioned") return undefined;
  const dot = protoPackage.lastIndexOf(".");
  return { api: protoPackage.slice(0, Math.max(dot, 0)), version: protoPackage.slice(dot + 1) };
}

/** Sorts as the versions follow each other: v1alpha1, v1beta1, v1beta10, v1, v2alpha1, v2, v10. */
export function sortKey(version: string): string {
  const padded = version.replace(/\d+/g, (digits) => digits.padStart(6, "0"));
  // What is stable comes after all that led to it: the tilde is after every letter.
  return /^v\d+$/.test(version) ? `${padded}~` : padded;
}

/**
 * What comes after a version: v2 after v1, v2 after v2beta3; with `beta` v2beta1 after v1, v2beta4 after v2beta3.
 * @returns undefined for a version of which that cannot be told: `v1test`.
 */
export function nextVersion(version: string, beta: boolean): string | undefined {
  const [, major, stage, step] = /^v(\d+)(?:(?:p\d+)?(alpha|beta)(\d*))?$/.exec(version) ?? [];
  if (major === undefined) return undefined;
  if (stage === undefined) return beta ? `v${Number(major) + 1}beta1` : `v${Number(major) + 1}`;
  if (!beta) return `v${major}`;
  return stage === "beta" ? `v${major}beta${Number(step || "1") + 1}` : `v${major}beta1`;
}

/** What a person says of the versions; the newest and the next one where it is nothing. */
export interface WantedVersions {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly beta: boolean;
}

/**
 * The proto packages of the version to copy and of the one to write.
 * @param packages of the tree.
 * @throws FindingsError when there is no such API or version, or is one already.
 */
export function chooseVersions(
  packages: readonly string[],
  api: string,
  wanted: WantedVersions,
): { readonly from: string; readonly to: string } {
  const versions = packages
    .flatMap((name) => splitVersion(name) ?? [])
    .filter((each) => each.api === api)
    .map(({ version }) => version)
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  if (versions.length === 0) {
    const apis = [...new Set(packages.flatMap((name) => splitVersion(name)?.api ?? []))];
    throw usageError("api-unknown", { api, nearest: nearest(api, apis) });
  }
  const from = wanted.from ?? versions.at(-1) ?? "";
  if (!versions.includes(from)) {
    throw usageError("version-unknown", { api, version: from, versions: versions.join(", ") });
  }
  const to = wanted.to ?? nextVersion(from, wanted.beta);
  if (to === undefined || splitVersion(`${api}.${to}`) === undefined) {
    throw usageError("version-malformed", { version: to ?? from });
  }
  if (versions.includes(to)) throw usageError("version-exists", { api, version: to });
  return { from: `${api}.${from}`, to: `${api}.${to}` };
}
