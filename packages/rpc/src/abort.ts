/** What is used of an AbortSignal, for a consumer whose TypeScript has neither DOM nor Node types. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** The platform's AbortSignal, from whichever library the consumer compiles with; our own shape without one. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Platform extends AbortSignalLike } }
  ? Platform
  : AbortSignalLike;
