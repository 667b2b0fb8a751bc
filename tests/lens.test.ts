import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { LensFinding } from "../scripts/core/lens.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { writeGoogleTree } from "./support/google-tree.ts";
import { comparePairs, look, makePackages, type Pair, witnessesOf, writePairs } from "./support/lens.ts";
import { ADDITIONS, SHELF, withAdditions } from "./support/lens-additions.ts";
import { PACKAGES } from "./support/packages.ts";
import { schema } from "./support/refusal.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

describe("a witness compiles against its own package", () => {
  test("of the bookstore", async () => {
    const naming = { scope: "@bookstore", root: "bookstore" };
    const witnesses = await witnessesOf(REPOSITORY, naming, ["packages"]);
    assert.ok(witnesses.length >= 10);
    assert.deepEqual(await look(witnesses, PACKAGES), []);
  });

  test("of a tree with every habit", async () => {
    using folder = temporaryFolder();
    const root = join(REPOSITORY, "tests", "fixtures", "any-tree");
    await makePackages(root, join(folder.path, "out"));
    assert.deepEqual(await look(await witnessesOf(root), join(folder.path, "out")), []);
  });

  test("of four of Google's APIs", async () => {
    using folder = temporaryFolder();
    const root = join(folder.path, "root");
    writeGoogleTree(root, [
      "google/pubsub/v1",
      "google/cloud/speech/v1",
      "google/firestore/v1",
      "google/bigtable/admin/v2",
    ]);
    await makePackages(root, join(folder.path, "out"));
    assert.deepEqual(await look(await witnessesOf(root), join(folder.path, "out")), []);
  });
});

/** All at once, but for what excludes each other, and for types: each of those is a package of its own. */
const TOGETHER = "everything together";

describe("an addition leaves an old consumer, server and fake compiling", () => {
  const folder = temporaryFolder();
  let found: ReadonlyMap<string, readonly LensFinding[]>;
  const pairs: readonly Pair[] = [
    ...ADDITIONS.map((each) => ({ name: each[0], before: SHELF, after: withAdditions([each]) })),
    { name: TOGETHER, before: SHELF, after: withAdditions(ADDITIONS) },
  ];

  before(async () => {
    // With the packages' own types: an addition that breaks what is generated breaks every consumer.
    found = await comparePairs(pairs, folder.path, true);
  });
  after(() => folder[Symbol.dispose]());

  for (const { name } of pairs) test(name, () => assert.deepEqual(found.get(name), []));

  test("a file, a service and a dependency are added to a package", async () => {
    using other = temporaryFolder();
    const at = (path: string): string => join(other.path, path);
    const one = schema("acme.a.v1", "message One { string id = 1; }\n");
    const two = schema(
      "acme.a.v1",
      "service TwoService { rpc Get(One) returns (acme.b.v1.Two); }\n",
      "one.proto",
      "b.proto",
    );
    writeTree(other.path, {
      "before/buf.yaml": "version: v2\n",
      "before/one.proto": one,
      "after/buf.yaml": "version: v2\n",
      "after/one.proto": one,
      "after/two.proto": two,
      "after/b.proto": schema("acme.b.v1", "message Two {}\n"),
    });
    await makePackages(at("after"), at("out"), true);
    assert.deepEqual(await look(await witnessesOf(at("before")), at("out")), []);
  });
});

describe("an addition whose name is taken in TypeScript is refused by name", () => {
  const rows: readonly (readonly [name: string, place: string, text: string, words: string])[] = [
    ["a oneof called like a field", "response", "oneof byName { string x = 20; }", "byName"],
    ["rpcs that differ by case", "rpc", "rpc getBook(Empty) returns (Empty);", "getBook"],
    ["a message called like a definition", "type", "message BookServiceDefinition {}", "BookServiceDefinition"],
    ["a message called like a client", "type", "message BookClient {}", "BookClient"],
    ["a message called like a maker", "type", "message createBookFake {}", "createBookFake"],
    ["a service with the same stem", "type", "service book {}", "BookClient"],
    [
      "messages that differ by underscores",
      "type",
      "message get_book_request {}  message getBookRequest {}",
      "getBookRequest",
    ],
    ["a message called like an enum's helper", "type", "message statusFromJSON {}", "statusFromJSON"],
    ["a message called like another's base", "type", "message createBaseBook {}", "createBaseBook"],
  ];
  const folder = temporaryFolder();
  let printed = "";

  before(async () => {
    const root = join(folder.path, "root");
    const pairs = rows.map(([name, place, text]) => ({
      name,
      before: "",
      after: withAdditions([[name, [place, text]]]),
    }));
    writePairs(root, pairs, "after");
    const args = ["generate", "--root", root, "--scope", "@acme", "--out", join(folder.path, "out")];
    const result = await charter(args);
    assert.equal(result.status, 2, result.stdout);
    printed = result.stderr;
  });
  after(() => folder[Symbol.dispose]());

  rows.forEach(([name, , , words], index) => {
    test(name, () => {
      const lines = printed.split("\n").filter((line) => line.includes(`/p${index}.proto:`));
      assert.equal(lines.length, 1, printed);
      assert.ok(lines[0]?.endsWith(`would both be called ${words} in TypeScript. [name-clash]`), lines[0]);
    });
  });
});
