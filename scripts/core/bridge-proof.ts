import { pathsOf } from "./bridge-compare.ts";
import { oncePerPath } from "./bridge-failures.ts";
import type { LossFinding, ProofInput, ProofReport } from "./bridge-proof-report.ts";
import { vocabularyOf } from "./bridge-sample.ts";
import { RoundTrip, runTrip } from "./bridge-trip.ts";
import { nearest } from "./nearest.ts";

/**
 * Sends random messages of each type to the other version and back, and compares what comes back. It knows nothing of
 * how the converters are made. The same input gives the same report.
 */
export function proveBridge(input: ProofInput): ProofReport {
  const lost = new Set(input.losses.map(({ path }) => path));
  const vocabulary = vocabularyOf(input.pairs.flatMap(({ old, now }) => [old, now]));
  const happened = new Set<string>();
  const trips = input.pairs.flatMap((pair) => [
    new RoundTrip(pair.old, pair.now, "old-now-old", pair.toNew, pair.toOld, lost),
    new RoundTrip(pair.now, pair.old, "now-old-now", pair.toOld, pair.toNew, lost),
  ]);
  const results = trips.map((trip) => runTrip(trip, input, vocabulary, happened));
  const failures = results.flatMap(({ failures }) => failures);
  return {
    seed: input.seed,
    count: input.count,
    counts: results.map(({ counted }) => counted),
    findings: [...oncePerPath(failures, input.seed), ...lossFindings(input, happened)],
  };
}

function lossFindings({ pairs, losses }: ProofInput, happened: ReadonlySet<string>): readonly LossFinding[] {
  const paths = pathsOf(pairs.flatMap(({ old, now }) => [old, now]));
  const known = [...paths];
  return losses.flatMap(({ path, reason }): LossFinding[] => {
    if (happened.has(path)) return [];
    const kind = paths.has(path) ? "loss-never-happens" : "loss-unknown";
    return [{ kind, path, reason, nearest: kind === "loss-unknown" ? nearest(path, known) : path }];
  });
}
