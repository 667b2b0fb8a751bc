import { join, relative } from "node:path";
import type { BridgePlan } from "../core/bridge-plan.ts";
import { usageError } from "../core/finding.ts";
import { nearest } from "../core/nearest.ts";
import { renderBridge } from "../core/render-bridge.ts";
import { splitVersion } from "../core/version-names.ts";
import { type Command, type Values, WORKSPACE_OPTIONS } from "./command.ts";
import { loadSchemas } from "./load-schemas.ts";
import { flag, openWorkspace, text } from "./workspace.ts";
import { applyBridge, bridgesOf, createBridge, planBridges } from "./write-bridges.ts";

export const bridge: Command = {
  name: "bridge",
  summary: "Join two versions of an API, so that one implementation serves both.",
  details: [
    "Makes a package with converters between all messages and enums of two versions. What only a person can say is a hole",
    "in its src/holes.ts, which is never written again, and a line in its bridge.yaml. Without names, all bridges are made",
    "anew. Exits with 1 while something is open, and lists it.",
  ],
  options: {
    ...WORKSPACE_OPTIONS,
    check: { type: "boolean", help: "write nothing" },
  },
  positionals: [
    { name: "api", value: "API" },
    { name: "old", value: "OLD" },
    { name: "now", value: "NEW" },
  ],
  examples: ["charter bridge bookstore.catalog v1 v2", "charter bridge catalog v1 v2", "charter bridge"],
  async run(values, reporter) {
    const workspace = await openWorkspace(values);
    const { generator } = await reporter.progress("Reading the schemas …", loadSchemas(workspace));
    const existing = await bridgesOf(workspace);
    const wanted = wantedPair(
      values,
      generator.packages.map(({ protoPackage }) => protoPackage),
      workspace.config.root,
    );
    if (wanted !== undefined) await createBridge(workspace, wanted, existing);
    const plans = await planBridges(workspace, generator, await bridgesOf(workspace));
    const chosen = plans.filter(
      ({ pair }) => wanted === undefined || (pair.old === wanted.old && pair.now === wanted.now),
    );
    if (chosen.length === 0) throw usageError("bridge-none");
    let open = false;
    for (const each of chosen) {
      if (!flag(values, "check")) await applyBridge(workspace, each);
      reporter.findings(each.plan.findings, workspace.root);
      reporter.result(renderBridge(each.plan, join(relative(process.cwd(), workspace.out), each.folder)));
      open ||= isOpen(each.plan);
    }
    return open ? 1 : 0;
  },
};

/** Whether something is left for a person. */
function isOpen({ holes, undeclared, findings }: BridgePlan): boolean {
  return findings.length > 0 || undeclared.length > 0 || holes.some(({ required, filled }) => required && !filled);
}

function wantedPair(
  values: Values,
  packages: readonly string[],
  root: string,
): { readonly old: string; readonly now: string } | undefined {
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
