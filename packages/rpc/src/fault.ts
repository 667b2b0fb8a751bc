import { Code } from "./code.ts";

const faults: ReadonlySet<number> = new Set([
  Code.UNKNOWN,
  Code.DEADLINE_EXCEEDED,
  Code.UNIMPLEMENTED,
  Code.INTERNAL,
  Code.UNAVAILABLE,
  Code.DATA_LOSS,
]);

/** Whether a code speaks of a fault of the server or the network; the others are answers to what a caller asked. */
export function isFault(code: number): boolean {
  return faults.has(code);
}
