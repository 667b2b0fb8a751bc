import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { askCompiler } from "../scripts/commands/ask-compiler.ts";
import { type Baseline, baselineOf, baselineSchema } from "../scripts/core/baseline.ts";
import type { Change } from "../scripts/core/change.ts";
import { parseConfig } from "../scripts/core/config.ts";
import { diff } from "../scripts/core/diff.ts";
import type { DiffReport } from "../scripts/core/diff-report.ts";
import { readSchema } from "../scripts/core/read-schema.ts";
import { FIXTURES } from "./semver/all.ts";
import { compileSides, packagePrefix, type Side } from "./semver/fixture.ts";
import { charter } from "./support/cli.ts";
import { diffReport, summaryOf } from "./support/diff.ts";
import { type FakeRegistry, packTarball, startFakeRegistry } from "./support/fake-registry.ts";
import { snapshot, temporaryFolder, writeTree } from "./support/tree.ts";

const CONFIG = parseConfig('scope: "@acme"\nroot: acme\n', {});

describe("the rules and the compiler", () => {
  let sides: { readonly before: Side; readonly after: Side };
  let baseline: Baseline;
  let changes: readonly Change[];

  before(async () => {
    sides = await compileSides(FIXTURES);
    const { image } = sides.before;
    baseline = baselineOf({ image, schema: readSchema(image) }, { kind: "image", from: "before" });
    changes = diff(baselineSchema(baseline), readSchema(sides.after.image));
  });

  const ask = async (told: readonly Change[]): Promise<readonly Change[]> => {
    const found = await askCompiler({ config: CONFIG, image: sides.after.image, baseline, changes: told });
    assert.ok(found !== undefined, "the generator refuses the fixtures");
    return found;
  };
  const nameOf = ({ package: name }: Change): string | undefined =>
    FIXTURES.find((_, index) => name.startsWith(packagePrefix(index)))?.name;

  test("agree on every fixture", async () => {
    const found = await ask(changes);
    assert.deepEqual(
      found.map((change) => `${nameOf(change)}: ${change.path}: ${change.after}`),
      [],
    );
  });

  test("a break that no rule tells is a finding of its own", async () => {
    // All that the rules say of sources is taken back.
    const silenced = changes.map((change) => ({
      ...change,
      breaks: change.breaks.filter((each) => each !== "source"),
    }));
    const found = await ask(silenced);
    assert.ok(found.length > 60, `${found.length} found`);
    for (const { rule, bump, breaks, path, package: name } of found) {
      assert.deepEqual([rule, breaks], ["compiler-disagrees", ["source"]]);
      assert.equal(bump, name.includes("beta") ? "minor" : "major");
      assert.ok(path.startsWith("acme."), path);
    }
    assert.equal(new Set(found.map(({ fingerprint }) => fingerprint)).size, found.length);
  });
});

/** What a registry has of a package: what would be published now, but for some files. */
type Published = Readonly<Record<string, (text: string) => string | undefined>>;

const TREE = {
  "root/buf.yaml": "version: v2\n",
  "root/a.proto": `syntax = "proto3";
package acme.a.v1;

message Book {
  string title = 1;
}

service BookService {
  rpc GetBook(Book) returns (Book);
}
`,
};

const ROWS: readonly (readonly [name: string, published: Published, ...expect: readonly string[]])[] = [
  ["nothing, when it is what was published", {}],
  ["a patch, when its code is other", { "dist/client.js": (text) => `${text}// older\n` }, "output-changed patch"],
  [
    "a patch, when its manifest is other",
    { "package.json": (text) => text.replace(">=20.19", ">=20") },
    "output-changed patch",
  ],
  [
    "a patch, when it asks for another range of what is not ours",
    { "package.json": (text) => text.replace(/("@bufbuild\/protobuf": ")[^"]*/, "$1^2.0.0") },
    "output-changed patch",
  ],
  [
    "nothing, when a range of what is ours was written by packing",
    { "package.json": (text) => text.replaceAll("workspace:^", "^1.0.0") },
  ],
  [
    "nothing, when only the descriptors in it are other",
    { "dist/schema.js": (text) => text.replace(/BASE64 = "[^"]*"/, 'BASE64 = ""') },
  ],
  [
    "a minor, when it gives more",
    { "dist/testing.d.ts": (text) => text.replaceAll("createBookFake", "makeBookFake") },
    "output-extended minor",
  ],
  [
    "a major, when the consumer of the published one no longer compiles",
    {
      "witness.ts": (text) => `${text}take<number>(own.pageOf(value<own.Book>())); // .Book convert\n`,
      "dist/proto/a.d.ts": (text) => `${text}export declare function pageOf(book: Book): number;\n`,
    },
    "compiler-disagrees major",
  ],
  [
    "nothing more than the compiler says, when there was no witness",
    { "witness.ts": () => undefined, "dist/client.js": (text) => `${text}// older\n` },
    "output-changed patch",
  ],
];

describe("without a change of the schema, a release of a package is", () => {
  const folder = temporaryFolder();
  const at = (path: string): string => join(folder.path, path);

  before(async () => {
    writeTree(folder.path, TREE);
    for (const command of ["generate", "build"]) {
      const result = await charter([command, "--root", at("root"), "--scope", "@acme", "--out", at("out")]);
      assert.equal(result.status, 0, result.stderr);
    }
  });
  after(() => folder[Symbol.dispose]());

  /** The tarball of a package of which some files are other. */
  function tarballOf(name: string, changed: Published): { readonly tarball: Uint8Array } {
    const paths = Object.keys(snapshot(at(`out/${name}`), ["src"]));
    const files = paths.flatMap((path) => {
      const bytes = readFileSync(at(`out/${name}/${path}`));
      const change = changed[path];
      const content = change === undefined ? bytes : change(bytes.toString("utf8"));
      return content === undefined ? [] : [[path, content] as const];
    });
    for (const path of Object.keys(changed)) assert.ok(paths.includes(path), path);
    return { tarball: packTarball(Object.fromEntries(files)) };
  }

  const npmDiff = (registry: FakeRegistry): Promise<DiffReport> => {
    const flags = ["--against", "npm", "--registry", registry.url];
    return diffReport(["--root", at("root"), "--scope", "@acme", ...flags], folder.path);
  };

  for (const [name, published, ...expect] of ROWS) {
    test(name, async () => {
      await using registry = await startFakeRegistry({ "@acme/a-v1": tarballOf("a-v1", published) });
      const [only] = (await npmDiff(registry)).packages;
      assert.deepEqual(
        only?.changes.map(({ rule, bump }) => `${rule} ${bump}`),
        expect,
      );
    });
  }

  test("a patch of the runtime, when that is other", async () => {
    const older: Published = { "dist/logger.js": (text) => `${text}// older\n` };
    await using registry = await startFakeRegistry({
      "@acme/a-v1": tarballOf("a-v1", {}),
      "@acme/rpc": tarballOf("rpc", older),
    });
    assert.deepEqual(summaryOf(await npmDiff(registry)), {
      rpc: ["@acme/rpc@1.0.0", "output-changed"],
      "acme.a.v1": ["@acme/a-v1@1.0.0"],
    });
  });
});
