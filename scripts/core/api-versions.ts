import { stabilityOf } from "./names.ts";
import { compare, type ProtoPackage } from "./packages.ts";

/** `bookstore.orders.v2` is the API `bookstore.orders` in its version `v2`; undefined where there is no version. */
function splitVersion(protoPackage: string): { readonly api: string; readonly version: string } | undefined {
  if (stabilityOf(protoPackage) === "unversioned") return undefined;
  const dot = protoPackage.lastIndexOf(".");
  return { api: protoPackage.slice(0, Math.max(dot, 0)), version: protoPackage.slice(dot + 1) };
}

/** Sorts as the versions follow each other: v1alpha1, v1beta1, v1beta10, v1, v2alpha1, v2, v10. */
function sortKey(version: string): string {
  const padded = version.replace(/\d+/g, (digits) => digits.padStart(6, "0"));
  // What is stable comes after all that led to it: the tilde is after every letter.
  return /^v\d+$/.test(version) ? `${padded}~` : padded;
}

/** The other versions of a package's API that are older or newer, the nearest first. */
export function otherVersions(
  candidate: ProtoPackage,
  packages: readonly ProtoPackage[],
): { readonly older: readonly ProtoPackage[]; readonly newer: readonly ProtoPackage[] } {
  const own = splitVersion(candidate.protoPackage);
  if (own === undefined) return { older: [], newer: [] };
  const ownKey = sortKey(own.version);
  const others = packages
    .flatMap((each) => {
      const split = splitVersion(each.protoPackage);
      return split?.api === own.api && each !== candidate ? [{ each, key: sortKey(split.version) }] : [];
    })
    .sort((a, b) => compare(a.key, b.key));
  return {
    older: others.flatMap(({ each, key }) => (key < ownKey ? [each] : [])).reverse(),
    newer: others.flatMap(({ each, key }) => (key > ownKey ? [each] : [])),
  };
}
