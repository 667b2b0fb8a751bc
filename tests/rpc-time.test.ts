import assert from "node:assert/strict";
import { test } from "node:test";
import { duration, nanosOf, withNanos } from "../packages/rpc/dist/index.js";

test("a Duration from milliseconds has both parts of one sign, and comes back", () => {
  const cases: readonly [number, bigint, number][] = [
    [0, 0n, 0],
    [-0, 0n, 0],
    [1500, 1n, 500_000_000],
    [-1500, -1n, -500_000_000],
    [0.000001, 0n, 1],
    [-0.25, 0n, -250_000],
    [999.9999999, 1n, 0],
    [-999.9999999, -1n, 0],
    [315_576_000_000_000, 315_576_000_000n, 0],
    [-315_576_000_000_000, -315_576_000_000n, 0],
  ];
  for (const [ms, seconds, nanos] of cases) {
    const made = duration.fromMilliseconds(ms);
    assert.deepEqual(made, { seconds, nanos });
    assert.equal(duration.toMilliseconds(made), Math.abs(ms % 1) > 0.999 ? Math.round(ms) : ms + 0);
  }
  assert.equal(duration.toMilliseconds({ seconds: 315_576_000_000n, nanos: 999_000_000 }), 315_576_000_000_999);
});

test("what no Duration can be is a RangeError", () => {
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, 315_576_000_001_000, -315_576_000_001_000, 1e300]) {
    assert.throws(() => duration.fromMilliseconds(ms), RangeError);
  }
  for (const wrong of [
    { seconds: 315_576_000_001n, nanos: 0 },
    { seconds: -315_576_000_001n, nanos: 0 },
    { seconds: 1n, nanos: -1 },
    { seconds: -1n, nanos: 1 },
    { seconds: 0n, nanos: 1_000_000_000 },
    { seconds: 0n, nanos: 0.5 },
  ]) {
    assert.throws(() => duration.toMilliseconds(wrong), RangeError);
  }
});

test("a Date keeps nanoseconds until it is changed", () => {
  const plain = new Date("1969-12-31T23:59:59.999Z");
  assert.equal(nanosOf(plain), 0);
  const exact = withNanos(plain, 999_999);
  assert.equal(nanosOf(exact), 999_999);
  assert.equal(nanosOf(plain), 0);
  assert.deepEqual([exact.getTime(), Object.keys(exact)], [-1, []]);
  assert.equal(nanosOf(withNanos(exact, 0)), 0);
  exact.setTime(5);
  assert.equal(nanosOf(exact), 0);
  exact.setTime(-1);
  assert.equal(nanosOf(exact), 999_999);
  assert.equal(nanosOf(new Date(exact)), 0);
  for (const wrong of [-1, 1_000_000, 0.5, Number.NaN]) {
    assert.throws(() => withNanos(plain, wrong), RangeError);
  }
  assert.throws(() => withNanos(new Date(Number.NaN), 1), RangeError);
});

test("the contract with generated packages: a registered symbol, the millisecond beside the nanoseconds", () => {
  const symbol = Symbol.for("charter.rpc.nanos");
  const descriptor = Object.getOwnPropertyDescriptor(withNanos(new Date(7), 3), symbol);
  assert.deepEqual(descriptor?.value, { millis: 7, nanos: 3 });
  assert.equal(descriptor?.enumerable, false);
  const made = (value: object): Date => Object.defineProperty(new Date(7), symbol, { value });
  assert.equal(nanosOf(made({ millis: 7, nanos: 4 })), 4);
  assert.equal(nanosOf(made({ millis: 8, nanos: 4 })), 0);
  assert.equal(nanosOf(made({ millis: 7, nanos: 1_000_000 })), 0);
});
