import type { BridgedPair } from "../core/bridge-output.ts";
import { usageError } from "../core/finding.ts";
import { nearest } from "../core/nearest.ts";
import { splitVersion } from "../core/version-names.ts";
import type { Values } from "./command.ts";
import { text } from "./workspace.ts";

/** `catalog v1 v2`, behind the name of a command. */
export const VERSION_ARGUMENTS = [
  { name: "api", value: "API" },
  { name: "old", value: "OLD" },
  { name: "now", value: "NEW" },
] as const;

/** @returns undefined when none are named. @throws FindingsError for versions that are not there. */
export function pairOf(values: Values, packages: readonly string[], root: string): BridgedPair | undefined {
  const [api, old, now] = ["api", "old", "now"].map((name) => text(values, name));
  if (api === undefined) return undefined;
  if (old === undefined || now === undefined) throw usageError("bridge-versions");
  const apis = [...new Set(packages.flatMap((name) => splitVersion(name)?.api ?? []))];
  const full = apis.includes(api) ? api : `${root}.${api}`;
  if (!apis.includes(full)) throw usageError("api-unknown", { api, nearest: nearest(api, apis) ?? apis[0] ?? "" });
  const versions = packages.flatMap((name) =>
    splitVersion(name)?.api === full ? [splitVersion(name)?.version ?? ""] : [],
  );
  for (const version of [old, now]) {
    if (!versions.includes(version)) {
      throw usageError("version-unknown", { api: full, version, versions: versions.join(", ") });
    }
  }
  if (old === now) throw usageError("versions-same", { package: `${full}.${old}` });
  return { old: `${full}.${old}`, now: `${full}.${now}` };
}
