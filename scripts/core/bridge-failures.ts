import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { fieldText, jsonText, versionedName } from "./bridge-compare.ts";
import type { ChangedFinding, ProofFinding, ThrewFinding } from "./bridge-proof-report.ts";
import { shrinkMessage } from "./bridge-shrink.ts";
import { type Failure, type Outcome, waysOf } from "./bridge-trip.ts";

/**
 * What fails in a message fails in all that hold one: told once, of the type for which the least message shows it. That
 * is the one that has the field, where it was among them.
 */
export function oncePerPath(failures: readonly Failure[], seed: number): readonly ProofFinding[] {
  const groups = new Map<string, Failure[]>();
  for (const failure of failures) {
    const key = `${failure.trip.direction} ${failure.way}`;
    groups.set(key, [...(groups.get(key) ?? []), failure]);
  }
  const findings = new Map<string, ChangedFinding | ThrewFinding>();
  for (const group of groups.values()) {
    const [least] = group.map(shrink).toSorted((a, b) => a.shrunk.length - b.shrunk.length);
    if (least === undefined) continue;
    const others = new Set(group.map(({ trip }) => trip.type).filter((type) => type !== least.trip.type));
    const found = findingOf(least, [...others].sort(), seed);
    // Errors in other words may be of one field.
    const key = [found.kind, found.direction, found.path, found.kind === "threw" ? found.step : ""].join(" ");
    if (!findings.has(key)) findings.set(key, found);
  }
  return [...findings.values()];
}

interface Shrunk extends Failure {
  /** What came of the message as it was drawn; the outcome is that of the shrunk one. */
  readonly first: Outcome;
  readonly shrunk: Uint8Array;
  readonly alone: boolean;
}

function shrink(failure: Failure): Shrunk {
  const { trip, bytes, way } = failure;
  const fails = (smaller: Uint8Array): boolean => waysOf(trip.run(smaller)).includes(way);
  const alone = fails(bytes);
  const first = failure.outcome;
  if (!alone) return { ...failure, alone, shrunk: bytes, first };
  const shrunk = shrinkMessage(trip.start, bytes, fails);
  return { ...failure, alone, shrunk, first, outcome: trip.run(shrunk) };
}

function findingOf(failure: Shrunk, alsoIn: readonly string[], seed: number): ChangedFinding | ThrewFinding {
  const { trip, bytes, way, index, alone, shrunk, outcome } = failure;
  const smallest = trip.read(shrunk);
  const common = {
    direction: trip.direction,
    type: trip.type,
    alsoIn,
    index,
    seed,
    message: jsonText(trip.read(bytes)),
    shrunk: jsonText(smallest),
    alone,
  };
  if (outcome.kind === "threw") {
    return { kind: "threw", ...common, path: onlyPath(smallest), step: outcome.step, error: outcome.error };
  }
  const difference = outcome.comparison.differences.get(way);
  // The converter keeps something between calls, so that not even two calls with one message do the same.
  if (difference === undefined)
    return findingOf({ ...failure, alone: false, shrunk: bytes, outcome: failure.first }, alsoIn, seed);
  const { path, value, field, before, after } = difference;
  return {
    kind: "changed",
    ...common,
    path,
    ...(value === undefined ? {} : { value }),
    before: fieldText(before, field),
    between: trip.between(shrunk),
    after: fieldText(after, field),
  };
}

/** The one field that is set, as deep as its own package goes; the type when there are none or several. */
function onlyPath(message: ReflectMessage): string {
  const [field, second] = message.desc.fields.filter((each) => message.isSet(each));
  if (field === undefined || second !== undefined) return versionedName(message.desc);
  if (field.message?.file.proto.package === message.desc.file.proto.package) {
    const inner: unknown =
      field.fieldKind === "message"
        ? message.get(field)
        : field.fieldKind === "list"
          ? message.get(field).get(0)
          : field.fieldKind === "map"
            ? [...message.get(field).values()][0]
            : undefined;
    const found = inner as ReflectMessage;
    if (found.desc.fields.some((each) => found.isSet(each))) return onlyPath(found);
  }
  return `${versionedName(message.desc)}.${field.name}`;
}
