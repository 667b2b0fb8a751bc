import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { isProven, proveFolder, renderBridgeProof } from "../scripts/commands/prove-bridge.ts";
import { PACKAGES } from "./support/packages.ts";
import { announceSeed } from "./support/random.ts";

const SOAK = process.env["SOAK"] === "1";
const COUNT = SOAK ? 10_000 : 300;

for (const folder of ["catalog-bridge", "orders-bridge", "recommendations-bridge"]) {
  test(`${folder}: messages there and back, and those that were recorded`, async () => {
    const seed = announceSeed(folder);
    const proof = await proveFolder(join(PACKAGES, folder), { seed, count: COUNT, record: false });
    // What is lost seldom needs more messages to be seen.
    const findings = proof.report.findings.filter(({ kind }) => SOAK || kind !== "loss-never-happens");
    const found = { ...proof, report: { ...proof.report, findings } };
    assert.ok(isProven(found), renderBridgeProof(found, folder));
    assert.ok(proof.report.counts.every(({ messages }) => messages === COUNT));
  });
}
