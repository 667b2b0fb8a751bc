import { compare, type ProtoPackage } from "./packages.ts";
import { sortKey, splitVersion } from "./version-names.ts";

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
