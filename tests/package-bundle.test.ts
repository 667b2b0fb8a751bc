import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { build } from "esbuild";
import { PACKAGES } from "./support/packages.ts";

/** Bundles a program as an application would. @returns its text. */
async function bundle(code: string): Promise<string> {
  const result = await build({
    stdin: { contents: code, resolveDir: `${PACKAGES}/orders-v2`, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    minify: true,
    write: false,
    external: ["@grpc/grpc-js"],
  });
  return result.outputFiles[0]?.text ?? "";
}

const ALL = 'import * as all from "@bookstore/orders-v2"; console.log(all);';

describe("a bundle has what is used", () => {
  test("one message of a large package, without the others and without gRPC", async () => {
    const everything = await bundle(ALL);
    const one = await bundle(
      'import { CancelOrderRequest } from "@bookstore/orders-v2"; console.log(CancelOrderRequest.decode);',
    );
    const none = await bundle(
      'import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire"; console.log(BinaryReader, BinaryWriter);',
    );
    assert.match(everything, /bookstore\.orders\.v2\.PlaceOrderRequest/);
    assert.match(everything, /@grpc\/grpc-js/);
    assert.match(one, /bookstore\.orders\.v2\.CancelOrderRequest/);
    assert.doesNotMatch(one, /bookstore\.orders\.v2\.(?!CancelOrderRequest")\w+"/);
    assert.doesNotMatch(one, /@grpc\/grpc-js|bookstore\.type\.v1|bookstore\.payments/);
    // Both hold the reader and the writer of protobuf; what the messages add must be a small part of the whole.
    const [added, all] = [one.length - none.length, everything.length - none.length];
    console.log(`one message adds ${added} bytes, all and the client ${all}`);
    assert.ok(added < all / 5, `${added} of ${all} bytes`);
  });

  test("an enum alone is only its object", async () => {
    const text = await bundle('import { OrderStatus } from "@bookstore/orders-v2"; console.log(OrderStatus.SHIPPED);');
    assert.ok(text.length < 1000, `${text.length} bytes`);
  });
});
