import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Finding } from "../scripts/core/finding.ts";
import { readImage } from "../scripts/core/image.ts";
import { renderFinding } from "../scripts/core/messages.ts";
import { type Neighbourhood, planService, type ServicePlan } from "../scripts/core/new-service.ts";
import { plural, singular } from "../scripts/core/plural.ts";
import { buildImage } from "../scripts/io/buf.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { stopAtRename } from "./support/stop-at-rename.ts";
import { snapshot, temporaryFolder, writeTree } from "./support/tree.ts";

const BUF = "version: v2\nmodules:\n  - path: proto\n";
const STRICT = `${BUF}lint:\n  use: [STANDARD, COMMENTS]\n`;
const NAMING = { scope: "@acme", root: "acme" };

/** A file as a house writes it that sets options for many languages. */
function styled(api: string, file: string, more = ""): string {
  const [name = "", version = "v1"] = api.split("/");
  const Name = name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const Class = file.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `syntax = "proto3";
package acme.${name}.${version};
option go_package = "example.com/gen/acme/${name}/${version};${name}${version}";
option java_package = "com.acme.${name}.${version}";
option java_multiple_files = true;
option java_outer_classname = "${Class}Proto";
option csharp_namespace = "Acme.${Name}.${version.toUpperCase()}";
option php_namespace = "Acme\\\\${Name}\\\\${version.toUpperCase()}";
option ruby_package = "Acme::${Name}::${version.toUpperCase()}";
option optimize_for = SPEED;
option objc_class_prefix = "${Name.slice(0, 2).toUpperCase()}X";
${more}
`;
}

const TREE = {
  "buf.yaml": BUF,
  "charter.yaml": 'scope: "@acme"\n',
  "proto/acme/shop/v1/shop.proto": styled("shop", "shop", "message Shop {}"),
  "proto/acme/shop/v1/shop_service.proto": styled("shop", "shop_service", "service ShopService {}"),
  "proto/acme/part/v1/part_list.proto": styled("part", "part_list", "option swift_prefix = 'P';\nmessage Part {}"),
  "proto/acme/part/v2/part_list.proto": styled("part/v2", "part_list", "message Part {}"),
  "proto/acme/acme.proto": 'syntax = "proto3";\npackage acme;\nmessage parcel {}\n',
  "proto/odd/beta/v1/b.proto": 'syntax = "proto3";\npackage odd.beta.v1;\nmessage B {}\n',
};

/** A tree as `charter new-service` sees it. */
async function neighbours(files: Readonly<Record<string, string>>, module = "proto"): Promise<Neighbourhood> {
  using folder = temporaryFolder();
  writeTree(folder.path, files);
  const image = readImage(await buildImage({ root: folder.path, exclude: [] }));
  const own = image.files.filter((file) => !file.proto.name.startsWith("google/"));
  const paths = new Map(own.map(({ proto }) => [proto.name, `${module}/${proto.name}`]));
  return { files: own, paths, packages: image.packages, modules: [] };
}

function planned(plan: ServicePlan | readonly Finding[]): ServicePlan {
  assert.ok("files" in plan, JSON.stringify(plan));
  return plan;
}

describe("the plan of a service", () => {
  let tree: Neighbourhood;
  before(async () => {
    tree = await neighbours(TREE);
  });
  const plan = (name: string, version = "v1", naming: typeof NAMING | undefined = NAMING) =>
    planService({ name, version }, tree, naming);
  const optionsOf = (text: string | undefined) => (text ?? "").split("\n").filter((line) => line.startsWith("option "));

  test("the options that most neighbours set, under the names of the new files", () => {
    const { files, unclear } = planned(plan("gift_cards", "v1beta1"));
    const path = "proto/acme/gift_cards/v1beta1/gift_cards";
    assert.deepEqual([...files.keys()], [`${path}.proto`, `${path}_service.proto`]);
    assert.deepEqual(optionsOf(files.get(`${path}_service.proto`)), [
      'option csharp_namespace = "Acme.GiftCards.V1beta1";',
      'option go_package = "example.com/gen/acme/gift_cards/v1beta1;giftcardsv1beta1";',
      "option java_multiple_files = true;",
      'option java_outer_classname = "GiftCardsServiceProto";',
      'option java_package = "com.acme.gift_cards.v1beta1";',
      "option optimize_for = SPEED;",
      'option php_namespace = "Acme\\\\GiftCards\\\\V1beta1";',
      'option ruby_package = "Acme::GiftCards::V1beta1";',
    ]);
    assert.ok(optionsOf(files.get(`${path}.proto`)).includes('option java_outer_classname = "GiftCardsProto";'));
    // Each has its own, and most have none.
    assert.deepEqual(unclear, ["objc_class_prefix"]);
  });

  test("several parts are joined as in each language, and no neighbour under the root is no style", () => {
    const nested = [...planned(plan("acme.east.gift_cards")).files.values()].map(optionsOf);
    for (const line of [
      'option go_package = "example.com/gen/acme/east/gift_cards/v1;eastgiftcardsv1";',
      'option ruby_package = "Acme::East::GiftCards::V1";',
      'option php_namespace = "Acme\\\\East\\\\GiftCards\\\\V1";',
    ])
      assert.ok(nested[0]?.includes(line), line);
    assert.deepEqual([...planned(plan("odd.gamma")).files.values()].flatMap(optionsOf), []);
  });

  test("without a scope there are no names in npm, and the root is the most frequent one", () => {
    const { npm, protoPackage } = planned(planService({ name: "parcels", version: "v1" }, tree, undefined));
    assert.deepEqual([npm, protoPackage], [undefined, "acme.parcels.v1"]);
    // A scope says nothing of the packages where they begin otherwise.
    const other = planned(plan("parcels", "v1", { scope: "@corp", root: "corp" }));
    assert.deepEqual([other.npm, other.protoPackage], ["@corp/acme-parcels-v1", "acme.parcels.v1"]);
  });

  test("in the bookstore, where nobody sets options", async () => {
    const image = readImage(await buildImage({ root: REPOSITORY, exclude: [] }));
    const own = image.files.filter(({ proto }) => proto.package.startsWith("bookstore."));
    const paths = new Map(own.map(({ proto }) => [proto.name, `proto/${proto.name}`]));
    const store = { files: own, paths, packages: image.packages, modules: [] };
    const naming = { scope: "@bookstore", root: "bookstore" };
    const { files, npm } = planned(planService({ name: "gift_cards", version: "v1" }, store, naming));
    assert.equal(npm, "@bookstore/gift_cards-v1");
    const text = files.get("proto/bookstore/gift_cards/v1/gift_cards_service.proto") ?? "";
    assert.doesNotMatch(text, /^option/m);
    assert.match(text, /rpc ListGiftCards\(ListGiftCardsRequest\) returns \(ListGiftCardsResponse\)/);
    assert.match(text, /^ {2}repeated GiftCard gift_cards = 1;$/m);
  });

  test("where the root is no folder, it becomes none", async () => {
    const flat = await neighbours(
      {
        "buf.yaml": "version: v2\nmodules:\n  - path: api/acme\n",
        "api/acme/shop/v1/shop.proto": 'syntax = "proto3";\npackage acme.shop.v1;\nmessage S {}\n',
      },
      "api/acme",
    );
    const { files } = planned(planService({ name: "parcels", version: "v1" }, flat, NAMING));
    assert.deepEqual(
      [...files.keys()],
      ["api/acme/parcels/v1/parcels.proto", "api/acme/parcels/v1/parcels_service.proto"],
    );
    assert.match([...files.values()][1] ?? "", /^import "parcels\/v1\/parcels\.proto";$/m);
  });

  const refused: readonly (readonly [name: string, version: string, code: string, told: RegExp])[] = [
    ["Shipping", "v1", "service-name", /capital letters.*such as shipping\./s],
    ["giftCards", "v1", "service-name", /such as gift_cards\./],
    ["gift-cards", "v1", "service-name", /has "-" in it.*such as gift_cards\./s],
    ["gift cards", "v1", "service-name", /has a space in it/],
    ["gift__cards", "v1", "service-name", /underscores.*such as gift_cards\./s],
    ["_cards", "v1", "service-name", /such as cards\./],
    ["2fa", "v1", "service-name", /begins with a digit/],
    ["acme.", "v1", "service-name", /empty.*such as acme\./s],
    ["acme..cards", "v1", "service-name", /such as acme\.cards\./],
    ["kärten", "v1", "service-name", /"ä"/],
    ["../cards", "v1", "service-name", /empty/],
    ["message", "v1", "service-word", /of protobuf.*such as messages\./s],
    ["package", "v1", "service-word", /of protobuf/],
    ["acme.class", "v1", "service-word", /of Java.*such as classes\./s],
    ["lambda", "v1", "service-word", /of Python/],
    ["con", "v1", "service-word", /of Windows/],
    ["cards_service", "v1", "service-ending", /Leave it out: cards\./],
    ["cards.v2", "v1", "service-versioned", /charter new-service cards --version v2/],
    ["cards", "2", "service-version", /such as v1 or v1beta1/],
    ["cards", "v0", "service-version", /v0 is no version/],
    ["other.cards", "v1", "service-root", /such as acme\.cards;/],
    ["google", "v1", "service-shadows", /looked up in acme\.google/],
    ["acme.odd.cards", "v1", "service-shadows", /looked up in acme\.odd/],
    ["shop", "v2", "service-exists", /as acme\.shop\.v1\./],
    ["acme.part", "v1beta1", "service-exists", /as acme\.part\.v1, acme\.part\.v2\./],
    ["parcel", "v1", "service-symbol", /acme\.parcel is a message/],
    ["odd.beta", "v2", "service-exists", /odd\.beta\.v1/],
    ["a".repeat(206), "v1", "npm-name-invalid", /214 characters/],
  ];
  for (const [name, version, code, told] of refused) {
    test(`${name.slice(0, 20)} ${version}: ${code}`, () => {
      const findings = plan(name, version);
      assert.ok(!("files" in findings));
      assert.deepEqual(
        findings.map((each) => each.code),
        [code],
      );
      const { what, fix } = renderFinding(findings[0] as Finding);
      assert.match(`${what}\n${fix}`, told);
    });
  }

  test("all that is wrong is told at once, and where a type stands", () => {
    const codes = (name: string, version: string) =>
      (plan(name, version) as readonly Finding[]).map(({ code }) => code);
    assert.deepEqual(codes("other.class.google", "1"), [
      "service-version",
      "service-word",
      "service-root",
      "service-shadows",
    ]);
    const [finding] = plan("parcel") as readonly Finding[];
    assert.deepEqual(finding?.position, { file: "proto/acme/acme.proto", line: 3, column: 1 });
  });

  test("a name that is another's in npm is refused", async () => {
    const alike = await neighbours({
      "buf.yaml": BUF,
      "proto/a.proto": 'syntax = "proto3";\npackage acme.giftCards.v1;\nmessage A {}\n',
    });
    const findings = planService({ name: "acme.gift.cards", version: "v1" }, alike, NAMING) as readonly Finding[];
    assert.deepEqual(
      findings.map(({ code, args }) => [code, args["other"], args["npm"]]),
      [["npm-name-taken", "acme.giftCards.v1", "@acme/gift-cards-v1"]],
    );
    const near = planService({ name: "giftcards", version: "v1" }, alike, NAMING) as readonly Finding[];
    assert.deepEqual(near[0]?.code, "service-exists");
  });
});

test("one of a thing, and many", () => {
  const rows = [
    ["orders", "order", "orders"],
    ["shipping", "shipping", "shippings"],
    ["gift_cards", "gift_card", "gift_cards"],
    ["categories", "category", "categories"],
    ["addresses", "address", "addresses"],
    ["access", "access", "accesses"],
    ["status", "status", "statuses"],
    ["statuses", "status", "statuses"],
    ["boxes", "box", "boxes"],
    ["searches", "search", "searches"],
    ["caches", "cache", "caches"],
    ["houses", "house", "houses"],
    ["movies", "movie", "movies"],
    ["keys", "key", "keys"],
    ["topics", "topic", "topics"],
    ["analysis", "analysis", "analysises"],
    ["news", "news", "news"],
    ["analytics", "analytics", "analytics"],
    ["movie_news", "movie_news", "movie_news"],
  ] as const;
  for (const [name, one, many] of rows) assert.deepEqual([singular(name), plural(singular(name))], [one, many], name);
});

describe("charter new-service", () => {
  const folder = temporaryFolder();
  before(() => writeTree(folder.path, { "buf.yaml": STRICT, "charter.yaml": 'scope: "@acme"\n' }));
  after(() => folder[Symbol.dispose]());

  test("in an empty tree; and a run that is killed leaves nothing under its name, and is done by the next", async () => {
    const args = ["new-service", "shipping", "--version", "v1beta1"];
    // Both files are there, and their folder has not got its name.
    const env = stopAtRename(3, "killed");
    const killed = await charter(args, { cwd: folder.path, env });
    assert.equal(killed.status, -1, killed.stdout);
    assert.ok(!existsSync(join(folder.path, "proto/acme/shipping/v1beta1")));
    const dry = await charter([...args, "--dry-run"], { cwd: folder.path });
    assert.match(dry.stderr, /proto\/acme\/shipping\/v1beta1\.charter-tmp: .*\[scaffold-unfinished\]/);
    const { status, stdout, stderr } = await charter(args, { cwd: folder.path });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\n {2}charter generate\n {2}charter check\n$/);
    assert.match(stderr, /^Removed proto\/acme\/shipping\/v1beta1\.charter-tmp, left by a killed command\./);
    assert.deepEqual(Object.keys(snapshot(folder.path)), [
      "buf.yaml",
      "charter.yaml",
      "proto/acme/shipping/v1beta1/shipping.proto",
      "proto/acme/shipping/v1beta1/shipping_service.proto",
    ]);
    const generated = await charter(["generate"], { cwd: folder.path });
    assert.equal(generated.status, 0, generated.stderr);
    assert.match(generated.stdout, /wrote shipping-v1beta1/);
    // Format, lint rules with those for comments, and the types of the package.
    const checked = await charter(["check"], { cwd: folder.path });
    assert.equal(checked.status, 0, checked.stderr);
  });

  test("--dry-run says the same, and writes nothing", async () => {
    const before = snapshot(folder.path);
    const { status, stdout, stderr } = await charter(["new-service", "refunds", "--dry-run"], { cwd: folder.path });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^acme\.refunds\.v1 would begin with:\n {2}proto\/acme\/refunds\/v1\/refunds\.proto\n/);
    assert.deepEqual(snapshot(folder.path), before);
  });

  test("what stands in the way is named, also in other letters, and nothing follows a link", async () => {
    mkdirSync(join(folder.path, "proto/acme/Refunds"), { recursive: true });
    mkdirSync(join(folder.path, "packages/refunds-v1"), { recursive: true });
    const { status, stderr } = await charter(["new-service", "refunds"], { cwd: folder.path });
    assert.equal(status, 2);
    assert.match(stderr, /proto\/acme\/Refunds: .*\[service-taken\]/);
    assert.match(stderr, /packages\/refunds-v1: .*\[service-taken\]/);
    using elsewhere = temporaryFolder();
    symlinkSync(elsewhere.path, join(folder.path, "proto/acme/away"));
    const linked = await charter(["new-service", "away"], { cwd: folder.path });
    assert.equal(linked.status, 2);
    assert.match(linked.stderr, /proto\/acme\/away: .*\[path-taken\]/);
    assert.deepEqual(readdirSync(elsewhere.path), []);
  });
});
