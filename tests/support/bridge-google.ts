import { emptyBridgeFile } from "../../scripts/core/bridge-file.ts";
import { type BridgePlan, planBridge } from "../../scripts/core/bridge-plan.ts";
import type { ProtoPackage } from "../../scripts/core/packages.ts";
import type { TypeName } from "../../scripts/core/ts-names.ts";

/** Neighbouring versions of Google's APIs, by the folder of the API. */
export const GOOGLE_PAIRS: readonly (readonly [api: string, old: string, now: string])[] = [
  ["google/pubsub", "v1beta2", "v1"],
  ["google/cloud/speech", "v1", "v2"],
  ["google/cloud/speech", "v1p1beta1", "v1"],
  ["google/cloud/dialogflow", "v2beta1", "v2"],
  ["google/cloud/vision", "v1p4beta1", "v1"],
  ["google/cloud/tasks", "v2beta3", "v2"],
  ["google/cloud/texttospeech", "v1beta1", "v1"],
  ["google/cloud/videointelligence", "v1p3beta1", "v1"],
  ["google/cloud/redis", "v1beta1", "v1"],
  ["google/cloud/securitycenter", "v1", "v2"],
  ["google/cloud/scheduler", "v1beta1", "v1"],
  ["google/cloud/talent", "v4beta1", "v4"],
  ["google/cloud/automl", "v1beta1", "v1"],
  ["google/cloud/translate", "v3beta1", "v3"],
  ["google/cloud/documentai", "v1beta3", "v1"],
  ["google/cloud/osconfig", "v1beta", "v1"],
  ["google/cloud/functions", "v1", "v2"],
  ["google/cloud/functions", "v2beta", "v2"],
  ["google/cloud/language", "v1", "v2"],
  ["google/cloud/memcache", "v1beta2", "v1"],
  ["google/cloud/recaptchaenterprise", "v1beta1", "v1"],
  ["google/cloud/websecurityscanner", "v1beta", "v1"],
];

/** The package whose files are in a folder. */
export function packageIn(packages: readonly ProtoPackage[], folder: string): ProtoPackage {
  const found = packages.find(({ files }) => files.some(({ proto }) => proto.name.replace(/\/[^/]*$/, "") === folder));
  if (found === undefined) throw new Error(`no package in ${folder}`);
  return found;
}

/** The plan of a bridge for which nobody did anything but to declare what is lost. */
export function planWithoutPerson(
  [old, now]: readonly [ProtoPackage, ProtoPackage],
  nameOf: TypeName,
): { readonly alone: BridgePlan; readonly declared: BridgePlan } {
  let file = emptyBridgeFile(old.protoPackage, now.protoPackage);
  const alone = planBridge(old, now, file, new Set(), nameOf);
  let declared = alone;
  // What is declared may show more.
  for (;;) {
    const paths = [
      ...declared.holes.filter(({ required }) => required).map(({ path }) => ({ path, reason: "no counterpart" })),
      ...declared.undeclared,
    ];
    if (paths.length === 0) return { alone, declared };
    const position = { file: "bridge.yaml" };
    file = { ...file, losses: [...file.losses, ...paths.map((each) => ({ ...each, position }))] };
    declared = planBridge(old, now, file, new Set(), nameOf);
  }
}
