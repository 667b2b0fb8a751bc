import { join } from "node:path";
import { checkGolden, type GoldenFinding, recordGolden } from "../core/bridge-golden.ts";
import { proveBridge } from "../core/bridge-proof.ts";
import type { ProofReport } from "../core/bridge-proof-report.ts";
import { usageError } from "../core/finding.ts";
import { renderGolden, renderProof } from "../core/render-proof.ts";
import { GOLDEN_FILE, readBridge, readGolden, writeGolden } from "../io/bridge-package.ts";
import type { Option, Values } from "./command.ts";
import { flag, text } from "./workspace.ts";

export const PROOF_OPTIONS: Readonly<Record<string, Option>> = {
  verify: { type: "boolean", help: "send random messages there and back through what was built" },
  count: { type: "string", value: "N", help: "how many for each type and direction (default: 10000)" },
  seed: { type: "string", value: "N", help: "those of an earlier run (default: others each time)" },
  record: { type: "boolean", help: "keep what some messages become now, for every later --verify" },
};

/** What the proof of one bridge has found. */
export interface BridgeProof {
  readonly report: ProofReport;
  readonly golden: readonly GoldenFinding[];
}

/** @returns undefined when no proof is asked for. @throws FindingsError for a number that is none. */
export function proofOf(
  values: Values,
): { readonly seed: number; readonly count: number; readonly record: boolean } | undefined {
  const record = flag(values, "record");
  const given = ["count", "seed"].filter((name) => text(values, name) !== undefined);
  if (!flag(values, "verify")) {
    if (record || given.length > 0)
      throw usageError("bridge-verify-missing", { option: record ? "record" : (given[0] ?? "") });
    return undefined;
  }
  const number = (name: string, fallback: number): number => {
    const value = text(values, name) ?? String(fallback);
    if (!/^\d{1,9}$/.test(value)) throw usageError("option-number", { option: name, value });
    return Number(value);
  };
  return { count: number("count", 10_000), seed: number("seed", Math.floor(Math.random() * 1_000_000_000)), record };
}

/** @param folder of the built package, absolute. @throws FindingsError when it is not built. */
export async function proveFolder(
  folder: string,
  { seed, count, record }: NonNullable<ReturnType<typeof proofOf>>,
): Promise<BridgeProof> {
  const bridge = await readBridge(folder);
  const found = await readGolden(folder);
  if ("kind" in found) return { report: proveBridge({ ...bridge, seed, count }), golden: [found] };
  const golden = record ? recordGolden(bridge.pairs, found, { seed, each: 2 }) : found;
  if (record) await writeGolden(folder, golden);
  return {
    report: proveBridge({ ...bridge, seed, count }),
    // A bridge that was never released has none.
    golden: golden.length === 0 ? [] : checkGolden(bridge.pairs, golden),
  };
}

export function renderBridgeProof({ report, golden }: BridgeProof, folder: string): string {
  const told = golden.length === 0 ? [] : [renderGolden(golden, join(folder, GOLDEN_FILE))];
  return [renderProof(report), ...told].join("\n\n");
}

export function isProven({ report, golden }: BridgeProof): boolean {
  return report.findings.length === 0 && golden.length === 0;
}
