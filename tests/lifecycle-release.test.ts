import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { parseLifecycle } from "../scripts/core/lifecycle-file.ts";
import type { NamedKind, Names } from "../scripts/core/lifecycle-names.ts";
import { noticesOf } from "../scripts/core/lifecycle-notices.ts";
import { deprecatePublished } from "../scripts/io/npm-deprecate.ts";
import { publishPackages } from "../scripts/io/publish.ts";
import { startRegistry } from "../scripts/io/registry.ts";
import { findingsOf, packageFiles, SCOPE, temporaryFolder, writeTree } from "./support/publish.ts";

const KINDS: Readonly<Record<string, NamedKind>> = {
  "bookstore.old.v1": "package",
  "bookstore.old.v1.S.Get": "method",
  "bookstore.old.v2": "package",
  "bookstore.gone.v1": "package",
  "bookstore.lone.v1": "package",
};
const NAMES: Names = new Map(
  Object.entries(KINDS).map(([name, kind]) => {
    const own = name.split(".").slice(0, 3).join(".");
    return [name, { kind, package: own, deprecated: false, position: undefined, uses: [] }];
  }),
);
const { file } = parseLifecycle(`entries:
  bookstore.old.v1: { deprecated: 2026-12-01, sunset: 2027-07-01, successor: bookstore.old.v2 }
  bookstore.old.v1.S.Get: { deprecated: 2026-01-01, successor: none, reason: slow }
  bookstore.gone.v1: { deprecated: 2026-12-01, successor: bookstore.old.v1.S.Get }
  bookstore.lone.v1: { deprecated: 2026-12-02, successor: none, reason: Nobody called it. }
`);
const noticesOn = (day: string): Record<string, string> =>
  Object.fromEntries(noticesOf(file, NAMES, { scope: SCOPE, root: "bookstore" }, day));

test("a package has a notice from its day on, with the dates and npm's name of the successor", () => {
  assert.deepEqual(noticesOn("2026-11-30"), {});
  const first = {
    [`${SCOPE}/old-v1`]: `Deprecated since 2026-12-01, may be gone from 2027-07-01 on. Use ${SCOPE}/old-v2.`,
    [`${SCOPE}/gone-v1`]: `Deprecated since 2026-12-01. Use bookstore.old.v1.S.Get of ${SCOPE}/old-v1.`,
  };
  assert.deepEqual(noticesOn("2026-12-01"), first);
  const lone = { [`${SCOPE}/lone-v1`]: "Deprecated since 2026-12-02. Nobody called it." };
  assert.deepEqual(noticesOn("2028-01-01"), { ...first, ...lone });
});

test("a release deprecates all versions that are there, once, and only on this machine", async () => {
  await using root = await temporaryFolder();
  await using registry = await startRegistry({ scope: SCOPE });
  const [old, other] = [`${SCOPE}/old-v1`, `${SCOPE}/other`];
  for (const [folder, name, version] of [
    ["one", old, "1.0.0"],
    ["two", old, "1.1.0"],
    ["other", other, "1.0.0"],
  ] as const) {
    await writeTree(join(root.folder, folder), packageFiles(name, { version }));
  }
  const release = (notices: ReadonlyMap<string, string>, ...folders: string[]): Promise<unknown> => {
    const paths = folders.map((folder) => join(root.folder, folder));
    return publishPackages({ folders: paths, registry: registry.url, scope: SCOPE, notices });
  };
  type Packument = {
    readonly versions: Readonly<
      Record<string, { readonly deprecated?: string; readonly dist: { readonly tarball: string } }>
    >;
  };
  const read = async (name: string): Promise<Packument> =>
    (await (await fetch(new URL(name.replace("/", "%2f"), registry.url))).json()) as Packument;
  const told = async (name: string): Promise<unknown> =>
    Object.entries((await read(name)).versions).map(([version, { deprecated }]) => [version, deprecated]);

  await release(new Map(), "one", "other");
  assert.deepEqual(await told(old), [["1.0.0", undefined]]);
  const notices = new Map([
    [old, "Use the other."],
    [`${SCOPE}/never-published`, "Gone."],
  ]);
  await release(notices, "two");
  assert.deepEqual(await told(old), [
    ["1.0.0", "Use the other."],
    ["1.1.0", "Use the other."],
  ]);
  assert.deepEqual(await told(other), [["1.0.0", undefined]]);

  const again = { registry: registry.url, scope: SCOPE };
  assert.deepEqual(await deprecatePublished({ ...again, notices }), []);
  assert.deepEqual(await deprecatePublished({ ...again, notices: new Map([[old, "Moved."]]) }), [old]);
  const { versions } = await read(old);
  assert.equal(versions["1.1.0"]?.deprecated, "Moved.");
  const tarball = await fetch(versions["1.1.0"]?.dist.tarball ?? "");
  assert.equal(tarball.status, 200);
  await tarball.arrayBuffer();

  const foreign = await findingsOf(deprecatePublished({ ...again, notices: new Map([["@acme/x", "Gone."]]) }));
  assert.deepEqual(foreign.codes, ["deprecate-outside-scope"]);
  const away = await findingsOf(
    deprecatePublished({ ...again, registry: "https://registry.example.invalid/", notices }),
  );
  assert.deepEqual(away.codes, ["publish-not-loopback"]);
  await registry.close();
  const dead = await findingsOf(deprecatePublished({ ...again, notices }));
  assert.deepEqual(dead.codes, ["deprecate-refused"]);
});
