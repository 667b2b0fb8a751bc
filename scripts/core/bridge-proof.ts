import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { Comparer, type Comparison, fieldText, jsonText, pathsOf, sameBytes, versionedName } from "./bridge-compare.ts";
import { randomOf, sampleMessage, type Vocabulary, vocabularyOf } from "./bridge-sample.ts";
import { shrinkMessage } from "./bridge-shrink.ts";
import { nearest } from "./nearest.ts";

/** A message type in two versions, and what makes bytes of one into bytes of the other. */
export interface ProofPair {
  readonly old: DescMessage;
  readonly now: DescMessage;
  readonly toNew: (bytes: Uint8Array) => Uint8Array;
  readonly toOld: (bytes: Uint8Array) => Uint8Array;
}

export interface ProofInput {
  readonly pairs: readonly ProofPair[];
  /** `v1.Book.stock`, `v1.Availability.AVAILABILITY_ANNOUNCED`: lost on the way to the other version. */
  readonly losses: readonly { readonly path: string; readonly reason: string }[];
  readonly seed: number;
  /** Messages for each type and direction. */
  readonly count: number;
}

export type Direction = "old-now-old" | "now-old-now";

/** What happened to messages of one type that went there and back. */
export interface ProofCount {
  readonly direction: Direction;
  /** `v1.Book`, `v2.Book`: where the messages started, and what they were between. */
  readonly type: string;
  readonly between: string;
  readonly messages: number;
  /** Came back equal but for declared losses. */
  readonly lossy: number;
  readonly changed: number;
  readonly threw: number;
}

interface FailedMessage {
  readonly direction: Direction;
  readonly type: string;
  /** The field, or the type where it cannot be told. */
  readonly path: string;
  /** Other types in which the same was seen. */
  readonly alsoIn: readonly string[];
  /** With these the message is made again: the how-manieth it is of its type and direction. */
  readonly index: number;
  readonly seed: number;
  /** As JSON: as it was drawn, and the smallest that still fails. */
  readonly message: string;
  readonly shrunk: string;
  /** False when the message fails only after others: the converter keeps something between calls. */
  readonly alone: boolean;
}

export interface ChangedFinding extends FailedMessage {
  readonly kind: "changed";
  /** `v1.Availability.AVAILABILITY_ANNOUNCED`, when the field held a value of an enum. */
  readonly value?: string;
  /** The part of the shrunk message that differs, as JSON, what the whole was between, and the part afterwards. */
  readonly before: string;
  readonly between: string;
  readonly after: string;
}

export interface ThrewFinding extends FailedMessage {
  readonly kind: "threw";
  /** The converter that threw. */
  readonly step: "toNew" | "toOld";
  readonly error: string;
}

export interface LossFinding {
  readonly kind: "loss-never-happens" | "loss-unknown";
  readonly path: string;
  readonly reason: string;
  /** The path that is there and resembles it most. */
  readonly nearest: string;
}

export type ProofFinding = ChangedFinding | ThrewFinding | LossFinding;

export interface ProofReport {
  readonly seed: number;
  readonly count: number;
  readonly counts: readonly ProofCount[];
  readonly findings: readonly ProofFinding[];
}

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

type Outcome =
  | { readonly kind: "back"; readonly comparison: Comparison }
  | { readonly kind: "threw"; readonly step: "toNew" | "toOld"; readonly error: string };

const EQUAL: Comparison = { differences: new Map(), lost: new Set() };

/** The way of one type's messages to the other version and back. */
class RoundTrip {
  readonly start: DescMessage;
  readonly middle: DescMessage;
  readonly type: string;
  readonly direction: Direction;
  readonly #there: (bytes: Uint8Array) => Uint8Array;
  readonly #back: (bytes: Uint8Array) => Uint8Array;
  readonly #comparer: Comparer;

  constructor(
    start: DescMessage,
    middle: DescMessage,
    direction: Direction,
    there: (bytes: Uint8Array) => Uint8Array,
    back: (bytes: Uint8Array) => Uint8Array,
    lost: ReadonlySet<string>,
  ) {
    this.start = start;
    this.type = versionedName(start);
    this.middle = middle;
    this.direction = direction;
    this.#there = there;
    this.#back = back;
    this.#comparer = new Comparer(start.file.proto.package, lost);
  }

  run(bytes: Uint8Array): Outcome {
    const steps = this.direction === "old-now-old" ? (["toNew", "toOld"] as const) : (["toOld", "toNew"] as const);
    let step: "toNew" | "toOld" = steps[0];
    try {
      const between = this.#there(bytes);
      step = steps[1];
      const back = this.#back(between);
      if (sameBytes(bytes, back)) return { kind: "back", comparison: EQUAL };
      return { kind: "back", comparison: this.#comparer.compare(this.read(bytes), this.read(back)) };
    } catch (error) {
      return { kind: "threw", step, error: error instanceof Error ? error.message : String(error) };
    }
  }

  read(bytes: Uint8Array): ReflectMessage {
    return reflect(this.start, fromBinary(this.start, bytes), false);
  }

  /** What a message is between, as JSON; nothing where that cannot be told a second time. */
  between(bytes: Uint8Array): string {
    try {
      return jsonText(reflect(this.middle, fromBinary(this.middle, this.#there(bytes))));
    } catch {
      return "";
    }
  }
}

/** The first message of a trip that fails in one way. */
interface Failure {
  readonly trip: RoundTrip;
  readonly index: number;
  readonly bytes: Uint8Array;
  /** The path of the field that differs, or which converter threw what. */
  readonly way: string;
  readonly outcome: Outcome;
}

/** As many different errors of one type's converter are told. */
const ERRORS = 8;

function runTrip(
  trip: RoundTrip,
  { seed, count }: ProofInput,
  vocabulary: Vocabulary,
  happened: Set<string>,
): { readonly counted: ProofCount; readonly failures: readonly Failure[] } {
  const { start, direction } = trip;
  const failures = new Map<string, Failure>();
  const counts = { lossy: 0, changed: 0, threw: 0 };
  for (let index = 0; index < count; index++) {
    const bytes = toBinary(start, sampleAt(trip, seed, index, vocabulary));
    const outcome = trip.run(bytes);
    for (const way of waysOf(outcome)) {
      const told = outcome.kind === "back" || failures.size < ERRORS;
      if (told && !failures.has(way)) failures.set(way, { trip, index, bytes, way, outcome });
    }
    if (outcome.kind === "threw") counts.threw++;
    else if (outcome.comparison.differences.size > 0) counts.changed++;
    else if (outcome.comparison.lost.size > 0) counts.lossy++;
    if (outcome.kind === "back") for (const path of outcome.comparison.lost) happened.add(path);
  }
  const counted = {
    direction,
    type: versionedName(start),
    between: versionedName(trip.middle),
    messages: count,
    ...counts,
  };
  return { counted, failures: [...failures.values()] };
}

function sampleAt({ start, middle }: RoundTrip, seed: number, index: number, vocabulary: Vocabulary): Message {
  return sampleMessage(start, index, randomOf(seed, `${start.typeName} ${middle.typeName}`, index), vocabulary);
}

/** In how many ways a message failed: by path, or by the error without what it quotes of the message. */
function waysOf(outcome: Outcome): readonly string[] {
  if (outcome.kind === "back") return [...outcome.comparison.differences.keys()];
  return [`${outcome.step} ${outcome.error.replace(/"[^"]*"|'[^']*'|`[^`]*`|[\d.+-]+/g, "…").slice(0, 80)}`];
}

/**
 * What fails in a message fails in all that hold one: told once, of the type for which the least message shows it. That
 * is the one that has the field, where it was among them.
 */
function oncePerPath(failures: readonly Failure[], seed: number): readonly ProofFinding[] {
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

function lossFindings({ pairs, losses }: ProofInput, happened: ReadonlySet<string>): readonly LossFinding[] {
  const paths = pathsOf(pairs.flatMap(({ old, now }) => [old, now]));
  const known = [...paths];
  return losses.flatMap(({ path, reason }): LossFinding[] => {
    if (happened.has(path)) return [];
    const kind = paths.has(path) ? "loss-never-happens" : "loss-unknown";
    return [{ kind, path, reason, nearest: kind === "loss-unknown" ? nearest(path, known) : path }];
  });
}
