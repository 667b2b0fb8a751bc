import assert from "node:assert/strict";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { proveFolder } from "../scripts/commands/prove-bridge.ts";
import { REPOSITORY } from "./support/cli.ts";
import { announceSeed } from "./support/random.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const BRIDGE = join(REPOSITORY, "packages", "recommendations-bridge");

/** Faults in the converters of a real pair, each at one place: what is there, what is put there, whose message shows it. */
const FAULTS: readonly (readonly [name: string, from: string | RegExp, to: string, path: string])[] = [
  ["a field is forgotten", "limit: from.limit,", "limit: 0,", "RecommendRequest.limit"],
  ["a field is taken from its neighbour", "bookId: from.bookId,", "bookId: from.title,", "Recommendation.book_id"],
  [
    "two fields are swapped",
    "bookId: from.bookId,\n    title: from.title,",
    "bookId: from.title,\n    title: from.bookId,",
    "Recommendation",
  ],
  ["a text is trimmed", "title: from.title,", "title: from.title.trim(),", "Recommendation.title"],
  ["a text loses its case", "title: from.title,", "title: from.title.toLowerCase(),", "Recommendation.title"],
  ["a text is cut", "value: from.userId }", "value: from.userId.slice(0, 8) }", "user_id"],
  ["a number loses digits", "relevance: from.score", "relevance: Math.fround(from.score)", "Recommendation.score"],
  ["a number is clamped", "relevance: from.score", "relevance: Math.max(from.score, 0)", "Recommendation.score"],
  ["a number changes its sign", "score: from.relevance", "score: -from.relevance", "Recommendation"],
  ["a number is off by one", "limit: from.limit,", "limit: from.limit + 1,", "RecommendRequest.limit"],
  [
    "a number of 32 bits is one of 16",
    "limit: from.limit,",
    "limit: (from.limit << 16) >> 16,",
    "RecommendRequest.limit",
  ],
  ["a message inside is forgotten", "price: from.price", "price: void 0", "Recommendation.price"],
  [
    "a message inside is made where there was none",
    "price: from.price",
    'price: from.price ?? { currencyCode: "", units: 0n, nanos: 0 }',
    "Recommendation.price",
  ],
  ["a list is cut", "from.items.map(", "from.items.slice(0, 2).map(", "RecommendResponse.items"],
  [
    "a list is turned round",
    "from.recommendations.map(",
    "from.recommendations.toReversed().map(",
    "RecommendResponse",
  ],
  [
    "a list loses what is in it twice",
    "categoryIds: from.genres",
    "categoryIds: [...new Set(from.genres)]",
    "RecommendRequest.genres",
  ],
  [
    "a list is forgotten on the way back",
    "genres: from.filter?.categoryIds ?? []",
    "genres: []",
    "RecommendRequest.genres",
  ],
  [
    "what is set and empty is unset",
    "language: from.filter?.language",
    "language: from.filter?.language || void 0",
    "RecommendRequest.language",
  ],
  [
    "what is alone is forgotten",
    "from.genres.length > 0 || from.language !== void 0",
    "from.genres.length > 0",
    "RecommendRequest.language",
  ],
  [
    "another member of a oneof",
    '? { $case: "readerId", value: from.userId }',
    '? { $case: "sessionId", value: from.userId }',
    "user_id",
  ],
  ["the second in place of the first", "from.upserted[0]", "from.upserted[1]", "StreamRecommendationsResponse.item"],
  [
    "a converter is not called",
    "from.items.map((each) => recommendationToV2(each, onLoss))",
    "from.items",
    "Recommendation",
  ],
  [
    "a converter throws on what is empty",
    "title: from.title,",
    "title: from.title.at(0).concat(from.title.slice(1)),",
    "Recommendation",
  ],
];

describe("a fault in the converters of a real pair is found", () => {
  const folder = temporaryFolder();
  const seed = announceSeed("mutations of a bridge");
  const [json, source] = ["package.json", "dist/gen/index.js"].map((file) => readFileSync(join(BRIDGE, file), "utf8"));
  const prove = async (name: string, text: string) => {
    const path = join(folder.path, name);
    writeTree(path, { "package.json": json ?? "", "dist/gen/index.js": text });
    return (await proveFolder(path, { seed, count: 400, record: false })).report.findings;
  };
  before(() => symlinkSync(join(BRIDGE, "node_modules"), join(folder.path, "node_modules")));
  after(() => folder[Symbol.dispose]());

  test("without a fault nothing is found", async () => {
    assert.deepEqual(await prove("whole", source ?? ""), []);
  });

  for (const [index, [name, from, to, path]] of FAULTS.entries()) {
    test(name, async () => {
      const text = (source ?? "").replace(from, to);
      assert.notEqual(text, source, "the fault has no place");
      const findings = await prove(`fault-${index}`, text);
      const found = findings.some((each) => each.path.includes(path) || JSON.stringify(each).includes(path));
      assert.ok(found, JSON.stringify(findings));
    });
  }
});
