import { join, relative } from "node:path";
import { usageError } from "../core/finding.ts";
import { bridgeReport, isOpen, renderBridge } from "../core/render-bridge.ts";
import { readPackagesFolder } from "../io/packages-folder.ts";
import { type Command, FORMAT_OPTION, WORKSPACE_OPTIONS } from "./command.ts";
import { loadSchemas } from "./load-schemas.ts";
import { type BridgeProof, isProven, PROOF_OPTIONS, proofOf, proveFolder, renderBridgeProof } from "./prove-bridge.ts";
import { pairOf, VERSION_ARGUMENTS } from "./version-pair.ts";
import { flag, oneOf, openWorkspace } from "./workspace.ts";
import { applyBridge, bridgesIn, createBridge, planBridges } from "./write-bridges.ts";

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
    ...PROOF_OPTIONS,
    format: FORMAT_OPTION,
  },
  positionals: VERSION_ARGUMENTS,
  examples: [
    "charter bridge bookstore.catalog v1 v2",
    "charter bridge",
    "charter bridge catalog v1 v2 --verify --count 1000 --seed 7",
  ],
  async run(values, reporter) {
    const asked = proofOf(values);
    const workspace = await openWorkspace(values);
    const { generator } = await reporter.progress("Reading the schemas …", loadSchemas(workspace));
    const names = generator.packages.map(({ protoPackage }) => protoPackage);
    const wanted = pairOf(values, names, workspace.config.root);
    const check = flag(values, "check");
    if (wanted !== undefined && !check) await createBridge(workspace, wanted, await readPackagesFolder(workspace.out));
    const plans = await planBridges(workspace, generator, bridgesIn(await readPackagesFolder(workspace.out)));
    const chosen = plans.filter(
      ({ pair }) => wanted === undefined || (pair.old === wanted.old && pair.now === wanted.now),
    );
    if (chosen.length === 0) throw usageError("bridge-none");
    if (!check) for (const each of chosen) await applyBridge(workspace, each);
    const proofs = new Map<string, BridgeProof>();
    for (const { folder } of chosen) {
      if (asked === undefined) break;
      const proving = proveFolder(join(workspace.out, folder), asked);
      proofs.set(folder, await reporter.progress(`Sending messages through ${folder} …`, proving));
    }
    const out = relative(process.cwd(), workspace.out);
    if (oneOf(values, "format", ["text", "json"]) === "json") {
      const bridges = chosen.map(({ plan, folder }) => ({ ...bridgeReport(plan, folder), ...proofs.get(folder) }));
      reporter.json({ version: 1, bridges });
    } else {
      for (const { plan, folder } of chosen) {
        reporter.findings(plan.findings, workspace.root);
        reporter.result(renderBridge(plan, join(out, folder)));
        const proof = proofs.get(folder);
        if (proof !== undefined) reporter.result(`\n${renderBridgeProof(proof, join(out, folder))}`);
      }
    }
    return chosen.some(({ plan }) => isOpen(plan)) || ![...proofs.values()].every(isProven) ? 1 : 0;
  },
};
