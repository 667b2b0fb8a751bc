import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { Comparer, type Comparison, jsonText, sameBytes, versionedName } from "./bridge-compare.ts";
import type { Direction, ProofCount, ProofInput } from "./bridge-proof-report.ts";
import { randomOf, sampleMessage, type Vocabulary } from "./bridge-sample.ts";

/** What came of one message. */
export type Outcome =
  | { readonly kind: "back"; readonly comparison: Comparison }
  | { readonly kind: "threw"; readonly step: "toNew" | "toOld"; readonly error: string };

const EQUAL: Comparison = { differences: new Map(), lost: new Set() };

/** The way of one type's messages to the other version and back. */
export class RoundTrip {
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
export interface Failure {
  readonly trip: RoundTrip;
  readonly index: number;
  readonly bytes: Uint8Array;
  /** The path of the field that differs, or which converter threw what. */
  readonly way: string;
  readonly outcome: Outcome;
}

/** As many different errors of one type's converter are told. */
const ERRORS = 8;

/** @param happened gets the declared losses that were met. */
export function runTrip(
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
export function waysOf(outcome: Outcome): readonly string[] {
  if (outcome.kind === "back") return [...outcome.comparison.differences.keys()];
  return [`${outcome.step} ${outcome.error.replace(/"[^"]*"|'[^']*'|`[^`]*`|[\d.+-]+/g, "…").slice(0, 80)}`];
}
