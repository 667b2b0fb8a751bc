import { stabilityOf } from "./names.ts";

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
