import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import type { DiffReport } from "../scripts/core/diff-report.ts";
import { fingerprintOf, fnv1a } from "../scripts/core/fingerprint.ts";
import { RULES } from "../scripts/core/rules.ts";
import { diffReport } from "./support/diff.ts";
import { RELEASES, writeGoogleRelease } from "./support/google-release.ts";
import { googleFiles } from "./support/google-tree.ts";
import { announceSeed, seeded } from "./support/random.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const SOAK = process.env["SOAK"] === "1";

describe("charter diff between two states of a real tree", () => {
  test("an API's beta and its stable version, as if one had become the other", async () => {
    const versions = [
      ["google/cloud/speech", "v1p1beta1", "v1"],
      ["google/cloud/vision", "v1p3beta1", "v1"],
      ["google/bigtable/admin", "v2", "v2"],
    ] as const;
    using folder = temporaryFolder();
    writeTree(folder.path, { "old/buf.yaml": "version: v2\n", "new/buf.yaml": "version: v2\n" });
    for (const [api, beta, stable] of versions) {
      writeTree(join(folder.path, "old"), underOneName(`${api}/${beta}`, `${api}/${stable}`));
      writeTree(join(folder.path, "new"), underOneName(`${api}/${stable}`, `${api}/${stable}`));
    }
    const report = await compare(folder.path);
    assertTold(report);
    const bumps = new Map(
      report.packages.map(({ package: name, changes, bump }) => [name, [bump, changes.length > 20]]),
    );
    assert.deepEqual(bumps.get("google.cloud.speech.v1"), ["major", true]);
    assert.deepEqual(bumps.get("google.cloud.vision.v1"), ["minor", true]);
    assert.deepEqual(bumps.get("google.bigtable.admin.v2"), ["none", false]);
  });

  test("all of Google's APIs, two releases", { skip: SOAK ? false : "needs the registry: `pnpm soak`" }, async () => {
    using folder = temporaryFolder();
    await writeGoogleRelease(RELEASES.before, join(folder.path, "old"));
    await writeGoogleRelease(RELEASES.after, join(folder.path, "new"));
    const report = await compare(folder.path);
    assertTold(report);
    assert.ok(report.packages.length > 600, `${report.packages.length} packages`);
    assert.ok(report.packages.flatMap(({ changes }) => changes).length > 20_000);
    assert.ok(report.packages.filter(({ changes }) => changes.length > 0).length > 100);
  });
});

function compare(folder: string): Promise<DiffReport> {
  return diffReport(["--root", "new", "--against", "old", "--scope", "@x", "--rules-only"], folder);
}

/** Every change is of a rule that there is, has a fingerprint of its own, and says where. */
function assertTold({ packages }: DiffReport): void {
  for (const { package: name, changes } of packages) {
    const seen = new Set<string>();
    for (const change of changes) {
      const what = `${change.rule} of ${change.path} in ${name}`;
      assert.ok(RULES[change.rule] !== undefined, what);
      assert.match(change.position?.file ?? "", /^google\/|^grafeas\//, what);
      assert.ok((change.position?.line ?? 0) > 0 && (change.position?.column ?? 0) > 0, what);
      assert.ok(!seen.has(change.fingerprint), `twice: ${what}`);
      seen.add(change.fingerprint);
    }
  }
}

/** The files of a version, and what they import, with its folder and its package called like those of another. */
function underOneName(folder: string, wanted: string): Readonly<Record<string, string>> {
  const rename = (text: string): string =>
    text.replaceAll(folder, wanted).replaceAll(folder.replaceAll("/", "."), wanted.replaceAll("/", "."));
  return Object.fromEntries(
    Object.entries(googleFiles([folder])).map(([file, text]) => [
      rename(dirname(file)) + file.slice(dirname(file).length),
      rename(text),
    ]),
  );
}

describe("the fingerprint's arithmetic", () => {
  const byBigInt = (bytes: Uint8Array): string => {
    let hash = 0xcbf29ce484222325n;
    for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
    return hash.toString(16).padStart(16, "0");
  };

  test("FNV-1a in two halves is FNV-1a", () => {
    const random = seeded(announceSeed("fingerprints"));
    const draws = Array.from({ length: 2000 }, () =>
      Uint8Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)),
    );
    for (const bytes of [new Uint8Array(), ...draws]) assert.equal(fnv1a(bytes), byBigInt(bytes), bytes.join());
  });

  test("what approvals have written down stays what it is", () => {
    const change = { rule: "field-renamed", package: "acme.a.v1", path: "acme.a.v1.A.ä", before: "ä", after: "€ 😀" };
    const text = "field-renamed\0acme.a.v1.A.ä\0ä\0€ 😀";
    const expected = byBigInt(new TextEncoder().encode(text)).slice(0, 12);
    assert.equal(fingerprintOf({ ...change, position: undefined }), expected);
  });
});
