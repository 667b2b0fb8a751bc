import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { Comparer, jsonText, sameBytes, versionedName } from "./bridge-compare.ts";
import type { ProofPair } from "./bridge-proof-report.ts";
import { randomOf, sampleMessage, vocabularyOf } from "./bridge-sample.ts";

/** A message of one version and what it became when it was recorded, both in base64; types by their full names. */
export interface GoldenMessage {
  readonly from: string;
  readonly to: string;
  readonly message: string;
  readonly becomes: string;
}

export type GoldenFinding =
  | { readonly kind: "golden-unreadable"; readonly reason: string }
  /** A type that has no golden message, or a golden message whose types are no pair any more. */
  | { readonly kind: "golden-missing" | "golden-stray"; readonly from: string; readonly to: string }
  | {
      readonly kind: "golden-changed";
      readonly from: string;
      readonly to: string;
      /** How many are before it in the file. */
      readonly index: number;
      /** The first field that differs; the type where only the bytes do. */
      readonly path: string;
      readonly message: string;
      /** What it became when it was recorded, and what it becomes now, as JSON. */
      readonly before: string;
      readonly after: string;
    }
  | {
      readonly kind: "golden-threw";
      readonly from: string;
      readonly to: string;
      readonly index: number;
      readonly message: string;
      readonly error: string;
    };

interface Way {
  readonly from: DescMessage;
  readonly to: DescMessage;
  readonly convert: (bytes: Uint8Array) => Uint8Array;
}

function waysOf(pairs: readonly ProofPair[]): readonly Way[] {
  return pairs.flatMap(({ old, now, toNew, toOld }) => [
    { from: old, to: now, convert: toNew },
    { from: now, to: old, convert: toOld },
  ]);
}

/**
 * Messages for the types that have none yet. Those that are there stay as they are: what a released version made of a
 * message is not ours to change.
 * @param each how many messages a type gets. One that its converter refuses is no golden one.
 */
export function recordGolden(
  pairs: readonly ProofPair[],
  golden: readonly GoldenMessage[],
  { seed, each }: { readonly seed: number; readonly each: number },
): readonly GoldenMessage[] {
  const vocabulary = vocabularyOf(pairs.flatMap(({ old, now }) => [old, now]));
  const added = waysOf(pairs)
    .filter((way) => !golden.some((message) => isOf(message, way)))
    .flatMap(({ from, to, convert }) => {
      const first = 3 * from.fields.length + 1;
      const messages = Array.from({ length: 4 * each }, (_, at) => {
        const random = randomOf(seed, `golden ${from.typeName} ${to.typeName}`, first + at);
        return toBinary(from, sampleMessage(from, first + at, random, vocabulary));
      });
      const recorded = messages.flatMap((message) => {
        const becomes = attempt(convert, message);
        if (!(becomes instanceof Uint8Array)) return [];
        return [
          { from: from.typeName, to: to.typeName, message: base64Encode(message), becomes: base64Encode(becomes) },
        ];
      });
      return recorded.slice(0, each);
    });
  return [...golden, ...added];
}

/** What converts otherwise than it was recorded. */
export function checkGolden(pairs: readonly ProofPair[], golden: readonly GoldenMessage[]): readonly GoldenFinding[] {
  const ways = waysOf(pairs);
  const missing = ways
    .filter((way) => !golden.some((message) => isOf(message, way)))
    .map(({ from, to }) => ({ kind: "golden-missing", from: from.typeName, to: to.typeName }) as const);
  const stray = new Map<string, GoldenFinding>();
  const found = golden.flatMap((each, index): GoldenFinding[] => {
    const { from, to } = each;
    const way = ways.find((one) => isOf(each, one));
    if (way !== undefined) return checkMessage(way, each, index);
    stray.set(`${from} ${to}`, { kind: "golden-stray", from, to });
    return [];
  });
  return [...found, ...stray.values(), ...missing];
}

function isOf({ from, to }: GoldenMessage, way: Way): boolean {
  return from === way.from.typeName && to === way.to.typeName;
}

function checkMessage({ from, to, convert }: Way, golden: GoldenMessage, index: number): GoldenFinding[] {
  const [message, recorded] = [base64Decode(golden.message), base64Decode(golden.becomes)];
  const becomes = attempt(convert, message);
  const common = { from: golden.from, to: golden.to, index, message: textOf(from, message) };
  if (!(becomes instanceof Uint8Array)) return [{ kind: "golden-threw", ...common, error: becomes.error }];
  if (sameBytes(becomes, recorded)) return [];
  const [before, after] = [textOf(to, recorded), textOf(to, becomes)];
  return [{ kind: "golden-changed", ...common, path: changedPath(to, recorded, becomes), before, after }];
}

function changedPath(desc: DescMessage, recorded: Uint8Array, becomes: Uint8Array): string {
  try {
    const comparer = new Comparer(desc.file.proto.package, new Set());
    const { differences } = comparer.compare(
      reflect(desc, fromBinary(desc, recorded)),
      reflect(desc, fromBinary(desc, becomes)),
    );
    return [...differences.keys()][0] ?? versionedName(desc);
  } catch {
    return versionedName(desc);
  }
}

/** Bytes that the schema of today cannot read are shown as they are. */
function textOf(desc: DescMessage, bytes: Uint8Array): string {
  try {
    return jsonText(reflect(desc, fromBinary(desc, bytes)));
  } catch {
    return JSON.stringify({ $bytes: base64Encode(bytes) });
  }
}

function attempt(convert: Way["convert"], message: Uint8Array): Uint8Array | { readonly error: string } {
  try {
    return convert(message);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** The file: one message a line, so that a diff shows which were added. */
export function goldenText(golden: readonly GoldenMessage[]): string {
  const lines = golden.map(({ from, to, message, becomes }) => JSON.stringify({ from, to, message, becomes }));
  return lines.length === 0 ? "[]\n" : `[\n  ${lines.join(",\n  ")}\n]\n`;
}

/** @returns a finding when the text is no file of golden messages. */
export function parseGolden(text: string): readonly GoldenMessage[] | Extract<GoldenFinding, { reason: string }> {
  try {
    const json: unknown = JSON.parse(text);
    if (!Array.isArray(json)) throw new TypeError("it is no list");
    return json.map(readMessage);
  } catch (error) {
    return { kind: "golden-unreadable", reason: error instanceof Error ? error.message : String(error) };
  }
}

function readMessage(json: unknown, index: number): GoldenMessage {
  const read = (key: string): string => {
    const value: unknown = typeof json === "object" && json !== null ? Reflect.get(json, key) : undefined;
    if (typeof value !== "string") throw new TypeError(`message ${index + 1} has no "${key}"`);
    return value;
  };
  const [message, becomes] = [read("message"), read("becomes")];
  for (const text of [message, becomes]) base64Decode(text);
  return { from: read("from"), to: read("to"), message, becomes };
}
