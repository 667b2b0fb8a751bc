/**
 * The gRPC status codes by name. Compare with `error.code === Code.NOT_FOUND`.
 * A peer may send a number that is not here: it is kept, never mapped.
 */
export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A status code by name: `"NOT_FOUND"`. */
export type CodeName = keyof typeof Code;

/** A status code by number: `5`. */
export type Code = (typeof Code)[CodeName];

const names: ReadonlyMap<number, string> = new Map(Object.entries(Code).map(([name, number]) => [number, name]));

/** The name of a code: `codeName(5)` is `"NOT_FOUND"`; a number without a name gives `"CODE_99"`. */
export function codeName(code: number): string {
  return names.get(code) ?? `CODE_${code}`;
}
