import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { PACKAGES } from "./support/packages.ts";
import { announceSeed, seeded } from "./support/random.ts";

/** `Order` of bookstore.orders.v2: its field 5, `place_time`, is a Timestamp. */
interface OrderCodec {
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): { placeTime: Date | undefined };
  fromPartial(object: object): object;
  fromJSON(json: unknown): { placeTime: Date | undefined };
  toJSON(message: object): { placeTime?: string };
}

const { Order } = (await import(join(PACKAGES, "orders-v2", "dist", "index.js"))) as { Order: OrderCodec };

const [FIRST, LAST] = [-62_135_596_800n, 253_402_300_799n];
const NANOS = Symbol.for("charter.rpc.nanos");

/** An order as bytes, with the Timestamp as protobuf-es writes it. */
function orderAt(seconds: bigint, nanos: number): Uint8Array {
  const inner = toBinary(TimestampSchema, create(TimestampSchema, { seconds, nanos }));
  return Uint8Array.from([(5 << 3) | 2, inner.length, ...inner]);
}

/** The Timestamp of an order, as protobuf-es reads it. */
function timestampOf(order: Uint8Array): Timestamp {
  assert.equal(order[0], (5 << 3) | 2);
  assert.equal(order[1], order.length - 2);
  return fromBinary(TimestampSchema, order.subarray(2));
}

function decode(seconds: bigint, nanos: number): Date {
  const { placeTime } = Order.decode(orderAt(seconds, nanos));
  assert.ok(placeTime instanceof Date);
  return placeTime;
}

const encode = (placeTime: Date): Timestamp => timestampOf(Order.encode(Order.fromPartial({ placeTime })).finish());

/** RFC 3339 as google.protobuf.Timestamp has it in JSON: 0, 3, 6 or 9 digits. */
function rfc3339(seconds: bigint, nanos: number): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const digits = nanos % 1e6 === 0 ? 3 : nanos % 1e3 === 0 ? 6 : 9;
  return nanos === 0 ? `${whole}Z` : `${whole}.${String(nanos).padStart(9, "0").slice(0, digits)}Z`;
}

/** There and back, in bytes and in JSON, and what a program sees of it between. */
function checkRoundTrip(seconds: bigint, nanos: number): void {
  const label = `${seconds}.${nanos}`;
  const date = decode(seconds, nanos);
  assert.equal(date.getTime(), Number(seconds) * 1000 + Math.floor(nanos / 1e6), label);
  const sent = encode(date);
  assert.deepEqual([sent.seconds, sent.nanos], [seconds, nanos], label);
  const json = Order.toJSON(Order.fromPartial({ placeTime: date }));
  assert.deepEqual(json, { placeTime: rfc3339(seconds, nanos) }, label);
  const { placeTime: read } = Order.fromJSON(json);
  assert.ok(read !== undefined);
  const again = encode(read);
  assert.deepEqual([again.seconds, again.nanos], [seconds, nanos], label);
}

const SECONDS = [FIRST, FIRST + 1n, -86_400n, -2n, -1n, 0n, 1n, 1_700_000_000n, 2n ** 31n, LAST - 1n, LAST];
const FRACTIONS = [0, 1, 999, 1000, 999_999, 1_000_000, 1_000_001, 500_000_000, 998_999_999, 999_000_000, 999_999_999];

describe("a Timestamp is a Date and stays exact", () => {
  test("at the boundaries", () => {
    for (const seconds of SECONDS) for (const nanos of FRACTIONS) checkRoundTrip(seconds, nanos);
  });

  test("anywhere", () => {
    const random = seeded(announceSeed("timestamps"));
    for (let count = 0; count < 20_000; count++) {
      const seconds = FIRST + BigInt(Math.floor(random() * Number(LAST - FIRST + 1n)));
      const unit = 10 ** Math.floor(random() * 10);
      checkRoundTrip(seconds, Math.floor((random() * 1e9) / unit) * unit);
    }
  });

  test("a Date of one's own is written to its millisecond, also before 1970", () => {
    const cases: readonly (readonly [number, bigint, number])[] = [
      [0, 0n, 0],
      [-1, -1n, 999_000_000],
      [-1000, -1n, 0],
      [-1001, -2n, 999_000_000],
      [1_700_000_000_123, 1_700_000_000n, 123_000_000],
      [Number(FIRST) * 1000, FIRST, 0],
      [Number(LAST) * 1000 + 999, LAST, 999_000_000],
    ];
    for (const [millis, seconds, nanos] of cases) {
      const sent = encode(new Date(millis));
      assert.deepEqual([sent.seconds, sent.nanos], [seconds, nanos], String(millis));
    }
  });

  test("negative nanoseconds, as other ts-proto senders have them before 1970, are read as what was meant", () => {
    const date = decode(-1n, -500_000_000);
    assert.equal(date.getTime(), -1500);
    const sent = encode(decode(0n, -1));
    assert.deepEqual([sent.seconds, sent.nanos], [-1n, 999_999_999]);
  });

  test("what is below a millisecond does not show, and is dropped when the Date is set", () => {
    const date = decode(5n, 1_000_002);
    assert.deepEqual(date, new Date(5001));
    assert.deepEqual(Object.keys(date), []);
    assert.deepEqual(Reflect.get(date, NANOS), { millis: 5001, nanos: 2 });
    date.setMilliseconds(7);
    assert.equal(encode(date).nanos, 7_000_000);
    date.setMilliseconds(1);
    assert.equal(encode(date).nanos, 1_000_002);
    assert.equal(Reflect.has(decode(5n, 1_000_000), NANOS), false);
    assert.equal(encode(new Date(date)).nanos, 1_000_000);
  });

  test("a value that is none of ours under the symbol is ignored", () => {
    for (const value of [
      { millis: 5, nanos: -1 },
      { millis: 5, nanos: 1e6 },
      { millis: 5, nanos: Number.NaN },
      7,
      null,
    ]) {
      const date = new Date(5);
      Object.defineProperty(date, NANOS, { value });
      assert.equal(encode(date).nanos, 5_000_000);
    }
  });

  test("what no Timestamp can be is refused where it is written, with the reason", () => {
    for (const millis of [Number(FIRST) * 1000 - 1, Number(LAST) * 1000 + 1000, 8.64e15, -8.64e15]) {
      for (const write of [Order.encode, Order.toJSON]) {
        const expected = { name: "RangeError", message: /: the year must be 0001 to 9999$/ };
        assert.throws(() => write(Order.fromPartial({ placeTime: new Date(millis) })), expected, String(millis));
      }
    }
    const invalid = { name: "TypeError", message: "an invalid Date cannot be a google.protobuf.Timestamp" };
    for (const write of [Order.encode, Order.toJSON]) {
      assert.throws(() => write(Order.fromPartial({ placeTime: new Date(Number.NaN) })), invalid);
    }
  });

  test("JSON is read in any offset, and refused where it is no time or out of range", () => {
    const at = (json: unknown): Date | undefined => Order.fromJSON({ placeTime: json }).placeTime;
    assert.deepEqual(at("2026-01-02T03:04:05+01:30"), new Date("2026-01-02T01:34:05Z"));
    assert.deepEqual(Reflect.get(at("2026-01-02T03:04:05.000000001-08:00") ?? {}, NANOS), {
      millis: Date.UTC(2026, 0, 2, 11, 4, 5),
      nanos: 1,
    });
    assert.deepEqual(at(new Date(5)), new Date(5));
    assert.equal(at(null), undefined);
    for (const bad of ["", "2026-01-02", "2026-01-02T03:04:05", "02/01/2026", "2026-01-02T03:04:61Z"]) {
      assert.throws(() => at(bad), /Invalid timestamp/, bad);
    }
    for (const bad of ["0000-12-31T23:59:59Z", "+010000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01"]) {
      assert.throws(() => at(bad), RangeError, bad);
    }
  });
});
