import assert from "node:assert/strict";
import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { publishPackages } from "../scripts/io/publish.ts";
import { type Registry, startRegistry } from "../scripts/io/registry.ts";
import { findingsOf, packageFiles, SCOPE, temporaryFolder, writeTree } from "./support/publish.ts";

describe("publishing again, and what cannot be published", () => {
  let registry: Registry;
  before(async () => {
    registry = await startRegistry({ scope: SCOPE });
  });
  after(() => registry?.close());

  test("the same bytes again are fine, other bytes under the same version are refused, and the folder is untouched", async () => {
    await using root = await temporaryFolder();
    const first = join(root.folder, "first");
    const second = join(root.folder, "second");
    const scripts = { prepack: "node -e \"require('fs').writeFileSync('ran','')\"" };
    await writeTree(first, packageFiles(`${SCOPE}/twice`, { scripts }));
    await cp(first, second, { recursive: true });
    await writeTree(second, { "dist/index.js": "export const answer = 43;\n" });
    const publish = (folder: string) => publishPackages({ folders: [folder], registry: registry.url, scope: SCOPE });
    const [one] = await publish(first);
    const [two] = await publish(first);
    assert.deepEqual([one?.status, two?.status], ["published", "unchanged"]);
    assert.equal(one?.integrity, two?.integrity);
    const found = await findingsOf(publish(second));
    assert.deepEqual(found.codes, ["publish-other-bytes"]);
    assert.match(found.text, /@bookstore\/twice@1\.0\.0 is in the registry already, with other content/);
    assert.deepEqual((await readdir(first)).sort(), ["dist", "package.json", "src"]);
  });

  test("what cannot be published is named, all of it, and nothing is sent", async () => {
    await using root = await temporaryFolder();
    const manifests: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
      good: { name: `${SCOPE}/good` },
      foreign: { name: "@acme/foreign" },
      private: { name: `${SCOPE}/private`, private: true },
      again: { name: `${SCOPE}/good` },
      lonely: { name: `${SCOPE}/lonely`, dependencies: { [`${SCOPE}/absent`]: "workspace:^" } },
      unversioned: { name: `${SCOPE}/unversioned`, version: "" },
    };
    for (const [folder, fields] of Object.entries(manifests)) {
      await writeTree(join(root.folder, folder), packageFiles("", fields));
    }
    const folders = Object.keys(manifests).map((folder) => join(root.folder, folder));
    const found = await findingsOf(publishPackages({ folders, registry: registry.url, scope: SCOPE }));
    assert.deepEqual(found.codes, [
      "publish-outside-scope",
      "publish-private",
      "publish-twice",
      "publish-unnamed",
      "publish-dependency-absent",
    ]);
    assert.equal((await fetch(new URL(`${SCOPE}%2fgood`, registry.url))).status, 404);
  });
});
