import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findTargetsBeyondLoopback, isLoopbackAddress, isLoopbackUrl } from "../scripts/core/loopback.ts";
import { renderFinding } from "../scripts/core/messages.ts";
import { assembleReleaseManifest, manifestTargets } from "../scripts/core/release.ts";

describe("what counts as this machine", () => {
  const cases: readonly (readonly [url: string | undefined, loopback: boolean])[] = [
    ["http://127.0.0.1:4873/", true],
    ["http://127.0.0.1:4873", true],
    ["http://127.8.9.10/", true],
    ["http://localhost:4873/npm/", true],
    ["http://LOCALHOST:1/", true],
    ["https://[::1]:1/", true],
    ["http://2130706433/", true], // 127.0.0.1, as one number
    ["http://user:secret@127.0.0.1:1/", true],
    ["https://registry.example.invalid/", false],
    ["http://registry.example.invalid/", false],
    ["http://127.0.0.1@registry.example.invalid/", false],
    ["http://127.0.0.1.example.invalid/", false],
    ["http://127.example.invalid/", false],
    ["http://localhost.example.invalid/", false],
    ["http://registry.example.invalid/#127.0.0.1", false],
    ["http://128.0.0.1/", false],
    ["http://0.0.0.0:4873/", false],
    ["http://192.168.0.1/", false],
    ["http://[::2]/", false],
    ["http://[::ffff:192.168.0.1]/", false],
    ["ftp://127.0.0.1/", false],
    ["127.0.0.1:4873", false],
    ["undefined", false],
    ["", false],
    [undefined, false],
  ];
  for (const [url, loopback] of cases) {
    test(`${url ?? "nothing"} is ${loopback ? "" : "not "}this machine`, () => {
      assert.equal(isLoopbackUrl(url), loopback);
      assert.equal(findTargetsBeyondLoopback([{ setting: "registry", url }]).length, loopback ? 0 : 1);
    });
  }

  test("a socket's address is judged in each of its spellings", () => {
    for (const address of ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"]) {
      assert.equal(isLoopbackAddress(address), true, address);
    }
    for (const address of ["10.0.0.1", "::ffff:10.0.0.1", "::", "127.0.0.1.example.invalid", undefined]) {
      assert.equal(isLoopbackAddress(address), false, address);
    }
  });

  test("the message names the setting and hides the password", () => {
    const url = "https://me:secret@registry.example.invalid/";
    const [found] = findTargetsBeyondLoopback([{ setting: "pnpm config get registry", url }]);
    assert.ok(found);
    const { what } = renderFinding(found);
    assert.match(what, /pnpm config get registry points at https:\/\/registry\.example\.invalid\/.*nothing was sent/);
  });

  test("a manifest loses its registries and nothing else", () => {
    const manifest = {
      name: "@bookstore/a",
      publishConfig: { registry: "https://a.invalid/", "@bookstore:registry": "https://b.invalid/", access: "public" },
    };
    assert.deepEqual(
      manifestTargets(manifest).map(({ url }) => url),
      ["https://a.invalid/", "https://b.invalid/"],
    );
    assert.deepEqual(assembleReleaseManifest(manifest), { name: "@bookstore/a", publishConfig: { access: "public" } });
    assert.deepEqual(manifestTargets(assembleReleaseManifest(manifest)), []);
  });
});
