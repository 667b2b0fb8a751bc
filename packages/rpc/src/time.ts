// A registered symbol: the dates come from generated packages, which keep the same one, and from other copies of this.
const NANOS: unique symbol = Symbol.for("charter.rpc.nanos") as never;

interface ExactDate extends Date {
  readonly [NANOS]?: { readonly millis: number; readonly nanos: number };
}

/**
 * The nanoseconds of a Date below its millisecond, 0 to 999999. A `google.protobuf.Timestamp` that was received keeps
 * them on its Date. They are 0 for any other Date, and for one that was set to another time since.
 */
export function nanosOf(date: Date): number {
  const exact = (date as ExactDate)[NANOS];
  return exact?.millis === date.getTime() && exact.nanos > 0 && exact.nanos < 1_000_000 ? exact.nanos : 0;
}

/**
 * A copy of a Date with nanoseconds below its millisecond, which are sent when it is the value of a
 * `google.protobuf.Timestamp`. Copying the result by `new Date(date)` drops them.
 *
 * @param nanos 0 to 999999.
 * @throws RangeError for an invalid Date, or nanoseconds outside of that range.
 */
export function withNanos(date: Date, nanos: number): Date {
  const millis = date.getTime();
  if (Number.isNaN(millis)) {
    throw new RangeError("an invalid Date has no nanoseconds");
  }
  if (!Number.isInteger(nanos) || nanos < 0 || nanos > 999_999) {
    throw new RangeError(`the nanoseconds below a millisecond are a whole number from 0 to 999999, not ${nanos}`);
  }
  const copy = new Date(millis);
  if (nanos > 0) {
    Object.defineProperty(copy, NANOS, { value: { millis, nanos }, writable: true, configurable: true });
  }
  return copy;
}

/** A `google.protobuf.Duration` as generated code has it. Both parts have the same sign. */
export interface DurationLike {
  /** Whole seconds, from -315,576,000,000 to 315,576,000,000: ten thousand years. */
  readonly seconds: bigint;
  /** Billionths of a second, from -999,999,999 to 999,999,999. */
  readonly nanos: number;
}

const MOST_SECONDS = 315_576_000_000n;

function checkSeconds(seconds: bigint): bigint {
  if (seconds > MOST_SECONDS || seconds < -MOST_SECONDS) {
    throw new RangeError(`a Duration has up to ${MOST_SECONDS} seconds, not ${seconds}`);
  }
  return seconds;
}

function fromMilliseconds(ms: number): { seconds: bigint; nanos: number } {
  if (!Number.isFinite(ms)) {
    throw new RangeError(`${ms} milliseconds cannot be a Duration`);
  }
  let seconds = Math.trunc(ms / 1000);
  let nanos = Math.round((ms - seconds * 1000) * 1_000_000);
  if (Math.abs(nanos) === 1_000_000_000) {
    seconds += Math.sign(nanos);
    nanos = 0;
  }
  // Without a sign where it is zero: -0 is written as a negative number.
  return { seconds: checkSeconds(BigInt(seconds)), nanos: nanos + 0 };
}

function toMilliseconds({ seconds, nanos }: DurationLike): number {
  if (!Number.isInteger(nanos) || Math.abs(nanos) > 999_999_999) {
    throw new RangeError(`a Duration has up to 999999999 nanoseconds, not ${nanos}`);
  }
  if ((seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0)) {
    throw new RangeError(`the parts of a Duration have the same sign, not ${seconds} seconds and ${nanos} nanoseconds`);
  }
  return Number(checkSeconds(seconds)) * 1000 + nanos / 1_000_000;
}

/** From and to `google.protobuf.Duration`. */
export const duration: {
  /** @throws RangeError for what is no finite number, or beyond ±315,576,000,000 seconds. */
  readonly fromMilliseconds: (ms: number) => { seconds: bigint; nanos: number };
  /** Fractions of a millisecond are kept. @throws RangeError for a Duration that is not valid. */
  readonly toMilliseconds: (duration: DurationLike) => number;
} = { fromMilliseconds, toMilliseconds };
