import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCompileErrors } from "../scripts/core/compile-error.ts";
import { findMisspelt, importedPackages, isRefusedAtMark } from "../scripts/core/consumer-source.ts";

const SOURCE = 'call({\n  /* misspelt: */ langauge: "en",\n});\n';
const REFUSED = "misspelt.ts(2,19): error TS2561: 'langauge' does not exist. Did you mean to write 'language'?";

describe("the misspelt field of the demo", () => {
  test("is where the mark is, and there must be one mark", () => {
    assert.deepEqual(findMisspelt(SOURCE), { line: 2, column: 19 });
    assert.equal(findMisspelt("call({});"), undefined);
    assert.equal(findMisspelt(SOURCE + SOURCE), undefined);
  });

  const cases: readonly (readonly [string, string, boolean])[] = [
    ["refused at the mark", `${REFUSED}\n  which a longer message goes on about\r\n`, true],
    ["not refused", "", false],
    ["refused elsewhere", REFUSED.replace("2,19", "2,20"), false],
    ["refused in another file", REFUSED.replace("misspelt", "main"), false],
    ["refused for another reason", REFUSED.replace("2561", "2322"), false],
    ["refused beside something else", `${REFUSED}\nmisspelt.ts(9,1): error TS2322: no`, false],
  ];
  for (const [name, output, expected] of cases) {
    test(`${name}: ${expected ? "right" : "wrong"}`, () => {
      assert.equal(isRefusedAtMark(parseCompileErrors(output), "misspelt.ts", SOURCE), expected);
    });
  }
});

test("the packages that a consumer imports are read from its sources", () => {
  const sources = [
    'import * as v1 from "@acme/orders-v1";\nimport { x } from "@acme/orders-v2/testing";',
    'import type { y } from "@acme/orders-v1/schema";\nimport { z } from "@other/a";\nimport "node:fs";',
  ];
  assert.deepEqual(importedPackages(sources, "@acme"), ["@acme/orders-v1", "@acme/orders-v2"]);
});
