import assert from "node:assert/strict";
import { test } from "node:test";
import { Order, Shipment, WatchOrderResponse } from "../packages/orders-v2/dist/index.js";
import type { MessageType } from "../packages/rpc/dist/index.js";
import { encodeChecked, unencodable } from "../packages/rpc/src/check-request.ts";

/** As the runtime encodes a request: completed, then encoded. */
function encode(type: MessageType, partial: object): Uint8Array {
  let message: unknown;
  try {
    message = type.fromPartial(partial as never);
  } catch (cause) {
    throw unencodable(type, "request of a.B/C", partial, cause);
  }
  return encodeChecked(type, "request of a.B/C", partial, message);
}

const line = { isbn: "978", quantity: 1 };

const wrong: readonly [string, MessageType, object, string][] = [
  ["an integer that is too large", Order, { lines: [line, { ...line, quantity: 2 ** 32 }] }, "lines[1].quantity: "],
  ["a negative one without a sign", Order, { lines: [{ quantity: -1 }] }, "lines[0].quantity: "],
  ["NaN in an integer", Order, { lines: [{ quantity: Number.NaN }] }, "lines[0].quantity: "],
  ["a fraction in an integer", Order, { lines: [{ quantity: 1.5 }] }, "lines[0].quantity: "],
  ["a wrong value in a map", Shipment, { quantities: { "a b": 1, "c d": -1 } }, 'quantities["c d"]: '],
  ["64 bits that are too many", WatchOrderResponse, { sequence: 2n ** 63n }, "sequence: "],
  ["NaN in 64 bits", WatchOrderResponse, { sequence: Number.NaN }, "sequence: "],
  ["text where a number belongs", WatchOrderResponse, { sequence: "many" }, "sequence: "],
  ["a number that is too large in an enum", Order, { status: 2 ** 31 }, "status: "],
  ["a name where the number of an enum belongs", Order, { status: "PLACED" }, "status: "],
  ["a year beyond 9999", Order, { orderId: "7", placeTime: new Date(253402300800000) }, "placeTime: "],
  ["a year before 1", Order, { placeTime: new Date(-62135596800001) }, "placeTime: "],
  ["an invalid Date", Order, { placeTime: new Date(Number.NaN) }, "placeTime: "],
  ["undefined where a message belongs", Order, { lines: [line, undefined] }, "lines[1]: "],
  ["null where a message belongs", Order, { lines: [null] }, "lines[0]: "],
  ["an object where a list belongs", Order, { lines: { 0: line } }, "lines"],
  ["half an emoji", Order, { orderId: "1", lines: [line, { isbn: "\u{1f600}".slice(0, 1) }] }, "lines[1].isbn: half"],
  ["half an emoji that is the key of nothing", Shipment, { carrier: "a\udc00b" }, "carrier: half"],
  [
    "a wrong value in a oneof",
    WatchOrderResponse,
    { sequence: 1, update: { $case: "shipment", value: { quantities: { a: 1.5 } } } },
    "update.value.quantities.a: ",
  ],
];

for (const [name, type, partial, field] of wrong) {
  test(`${name} is a TypeError that names the field`, () => {
    assert.throws(
      () => encode(type, partial),
      (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.ok(error.message.startsWith(`the request of a.B/C cannot be encoded: ${field}`), error.message);
        return true;
      },
    );
  });
}

test("what is right is encoded as the codec does it, the replacement character of somebody else too", () => {
  const messages: readonly [MessageType, object][] = [
    [Order, { orderId: "1 \u{1f600}", lines: [line], placeTime: new Date(253402300799999), status: 99 }],
    [Order, { orderId: "was broken: \ufffd" }],
    [WatchOrderResponse, { sequence: -(2n ** 63n), update: { $case: "heartbeat", value: {} } }],
    [Shipment, { quantities: { [String.fromCharCode(0xfffd)]: 0xef_bf_bd } }],
  ];
  for (const [type, partial] of messages) {
    assert.deepEqual(encode(type, partial), type.encode(type.fromPartial(partial as never) as never).finish());
  }
});

test("a message inside itself is an error, not a hang", () => {
  const cycle: Record<string, unknown> = { orderId: 1 };
  cycle["lines"] = [cycle];
  cycle["total"] = cycle;
  const type = {
    encode: () => {
      throw new RangeError("Maximum call stack size exceeded");
    },
    decode: () => ({}),
    fromPartial: (partial: unknown) => partial,
  };
  assert.throws(() => encode(type as MessageType, cycle), /TypeError|Maximum call stack/);
});
