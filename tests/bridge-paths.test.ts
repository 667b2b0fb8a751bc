import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ordersBridge } from "../packages/orders-bridge/dist/gen/index.js";
import { createOrdersClient } from "../packages/orders-v1/dist/index.js";
import { implementOrders } from "../packages/orders-v2/dist/server.js";
import { bridgeServer, connectInProcess } from "../packages/rpc/dist/bridge.js";
import { RpcError } from "../packages/rpc/dist/index.js";
import { REPOSITORY } from "./support/cli.ts";

/** A field of v2's request as a client of v1 knows it. */
const CASES: readonly (readonly [api: string, method: string, field: string, expected: string | undefined])[] = [
  ["recommendations", "recommend", "limit", "limit"],
  ["recommendations", "recommend", "reader_id", "user_id"],
  ["recommendations", "recommend", "session_id", "session_id"],
  ["recommendations", "recommend", "similar_to_book_id", undefined],
  ["orders", "placeOrder", "lines", "lines"],
  ["orders", "placeOrder", "lines[2].quantity", "lines[2].quantity"],
  ["orders", "placeOrder", "lines[2].unit_price", "lines[2].unit_price"],
  // A number has no fields, whatever the message in its place had.
  ["orders", "placeOrder", "lines[2].unit_price.units", undefined],
  ["orders", "placeOrder", "lines[2].nothing", undefined],
  ["orders", "placeOrder", "", undefined],
];

for (const [api, method, field, expected] of CASES) {
  test(`${api} ${method}: ${field} → ${expected}`, async () => {
    const module = await import(join(REPOSITORY, "packages", `${api}-bridge`, "dist", "gen", "index.js"));
    const bridge = module[`${api}Bridge`] as {
      readonly old: { readonly routes: Readonly<Record<string, { fieldOf(path: string): string | undefined }>> };
    };
    const route = bridge.old.routes[method];
    if (route === undefined) return assert.fail(`${method} is written by hand: ${Object.keys(bridge.old.routes)}`);
    assert.equal(route.fieldOf(field), expected);
  });
}

test("an error under a method that is written by hand speaks of the fields of the version that was called", async () => {
  const v2 = implementOrders({
    placeOrder() {
      const fieldViolations = ["lines[1].quantity", "buyer_id", "gift_note"].map((field) => ({
        field,
        description: "no",
      }));
      throw new RpcError("INVALID_ARGUMENT", "no", {
        details: [{ type: "google.rpc.BadRequest", value: { fieldViolations } }],
      });
    },
  });
  const client = createOrdersClient(connectInProcess(bridgeServer(v2, ordersBridge)));
  const error = await client.placeOrder({ customerId: "c", lines: [{}, {}], cardToken: "t" }).then(
    () => assert.fail("it was placed"),
    (thrown: unknown) => thrown as RpcError,
  );
  const [detail] = error.details;
  assert.ok(detail?.type === "google.rpc.BadRequest", error.message);
  assert.deepEqual(
    detail.value.fieldViolations.map(({ field }) => field),
    ["lines[1].quantity", "customer_id", "bookstore.orders.v2.PlaceOrderRequest.gift_note"],
  );
  client.close();
});
