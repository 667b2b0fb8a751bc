import type { DescMessage } from "@bufbuild/protobuf";

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
