import assert from "node:assert/strict";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertPrinted, assertSays, type ChangedTree, startChanged } from "./support/changed-tree.ts";
import { type Expected, type Printed, parseFindings, treeOf } from "./support/refusal.ts";

// The rule: a command that must write or answer ends with 2 when it cannot, and has written nothing; `charter check`, and
// `changeset --check` about what it could read, answer with findings and end with 1.

/** A file in one of the two folders, with what is to be said of it: `:line:column`, code, words, words of the fix. */
type Row = readonly [name: string, file: string, text: string | Uint8Array, ...finds: readonly Expected[]];

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");

/** Every row's file in one tree, as one spoilt file must not hide another: a test for each. */
function testRows(folder: string, rows: readonly Row[], printed: () => readonly Printed[]): void {
  for (const [name, file, , ...finds] of rows) {
    const path = `${folder}/${file}`;
    test(name, () =>
      assertPrinted(
        printed().filter(({ place }) => place === path || place.startsWith(`${path}:`)),
        finds.map(([place, ...rest]) => [path + place, ...rest] as const),
      ),
    );
  }
}

function filesOf(folder: string, rows: readonly Row[]): Readonly<Record<string, string | Uint8Array>> {
  return Object.fromEntries(rows.map(([, file, text]) => [`${folder}/${file}`, text]));
}

let template: ChangedTree;
before(async () => {
  template = await startChanged();
});
after(() => template?.[Symbol.dispose]());

describe("approvals that cannot be read, or do not hold", () => {
  const REST = "rule: field-renamed\npath: acme.orders.v1.Order.note\nreason: It must be\nowner: orders\n";
  const bad = (place: string, what: string): Expected => [place, "approval-malformed", what, "Correct the file, or"];
  const unused: Expected = ["", "approval-unused", "acme.orders.v1.Order.note", "Delete the file"];
  const named = (name: string, rest: string): [string, string] => [`${name}.yaml`, `fingerprint: ${name}\n${rest}`];
  const rows: readonly Row[] = [
    ["a day that is not", ...named("a01", `${REST}expires: 2026-02-30\n`), bad(":6:10", "2026-02-30 is no date")],
    ["a date in words", ...named("a02", `${REST}expires: next year\n`), bad(":6:10", "next year is no date")],
    ["a date without dashes", ...named("a03", `${REST}expires: 20270131\n`), bad(":6:10", "20270131 is no date")],
    ["a date with an hour", ...named("a04", `${REST}expires: 2027-01-31T10:00Z\n`), bad(":6:10", "is no date")],
    ["a misspelt key", ...named("a05", `${REST}expirse: 2027-01-31\n`), bad(":6:1", "did you mean expires?")],
    ["a key that is missing", ...named("a06", REST), bad(":1:1", "expires is missing")],
    ["a key that is empty", ...named("a07", `${REST}expires:\n`), bad(":6:9", "expires is empty")],
    [
      "values that are no texts",
      ...named("a08", `rule: [a]\npath: {a: b}\nreason: x\nowner: y\nexpires: 2999-01-31\n`),
      bad(":2:7", "rule must be a text"),
      bad(":3:7", "path must be a text"),
    ],
    ["a key that stands twice", ...named("a09", `${REST}owner: b\n`), bad(":6:1", "keys must be unique")],
    ["no YAML", "a10.yaml", "reason: [\n", bad(":2:1", "must be sufficiently indented")],
    ["a list", "a11.yaml", "- a\n", bad(":1:1", "must hold keys and values")],
    ["a word", "a12.yaml", "yes\n", bad(":1:1", "must hold keys and values")],
    ["an empty file", "a13.yaml", "", bad(":1:1", "it is empty")],
    ["two documents", ...named("a14", `---\nfingerprint: a14\n`), bad(":2:1", "multiple documents")],
    ["an owner without quotes", ...named("a15", "owner: @orders\n"), bad(":2:8", "put it in quotes")],
    ["UTF-16", "a16.yaml", utf16("a: b\n"), ["", "not-utf8", "not UTF-8 text", "Save it as UTF-8"]],
    [
      "another name than its fingerprint",
      "a17.yaml",
      `fingerprint: b17\n${REST}expires: 2999-01-31\n`,
      ["", "approval-misnamed", "does not bear", "approvals/b17.yaml"],
    ],
    ["a fingerprint that no break has", ...named("a18", `${REST}expires: 2999-01-31\n`), unused],
    [
      "the same with CRLF",
      "a19.yaml",
      `fingerprint: a19\n${REST}expires: 2999-01-31\n`.replaceAll("\n", "\r\n"),
      unused,
    ],
    [
      "the same with a mark",
      "a20.yml",
      "\uFEFFfingerprint: 000000000000\n".concat(REST, "expires: 2999-01-31\n"),
      ["", "approval-misnamed", "does not bear", "approvals/000000000000.yaml"],
    ],
    ["a note beside them", "README.md", "Ask first.\n"],
  ];
  let tree: ChangedTree;
  let printed: readonly Printed[] = [];
  before(async () => {
    tree = template.copy();
    tree.write(filesOf("approvals", rows));
    mkdirSync(join(tree.path, "approvals", "folder.yaml"));
    symlinkSync("nowhere", join(tree.path, "approvals", "link.yaml"));
    const files = treeOf(tree.path);
    const result = await tree.run("check");
    assert.equal(result.status, 1, result.stderr);
    printed = parseFindings(result, tree.path);
    assert.deepEqual(treeOf(tree.path), files, "check writes nothing");
  });
  after(() => tree?.[Symbol.dispose]());

  testRows("approvals", rows, () => printed);

  test("a folder, and a link to nothing", () => {
    for (const [place, what] of [
      ["approvals/folder.yaml", "EISDIR"],
      ["approvals/link.yaml", "a link to nothing"],
    ] as const) {
      assertPrinted(
        printed.filter((each) => each.place === place),
        [[place, "file-system", what, "See what stands there"]],
      );
    }
  });

  test("the break is told beside them", () => assert.ok(printed.some(({ code }) => code === "break-unapproved")));

  test("one that has expired, and one that tells another change", async () => {
    using own = template.copy();
    const file = `approvals/${own.fingerprint}.yaml`;
    const text = `fingerprint: ${own.fingerprint}\n${REST}expires: 2020-01-31\n`;
    const said = async (): Promise<readonly Printed[]> => {
      const result = await own.run("check");
      assert.equal(result.status, 1, result.stderr);
      return parseFindings(result, own.path).filter(({ code }) => code.startsWith("approval-"));
    };
    own.write({ [file]: text });
    assertPrinted(await said(), [
      [file, "approval-expired", "ended on 2020-01-31", "approved again with a later date"],
    ]);
    own.write({ [file]: text.replace("Order.note", "Order.id").replace("2020", "2999") });
    assertPrinted(await said(), [
      [file, "approval-misdescribed", "field-renamed at acme.orders.v1.Order.note", "again"],
    ]);
  });
});

describe("charter approve, called wrongly: exit 2 and nothing written", { concurrency: 2 }, () => {
  const missing = (what: string): Expected => ["error", "approve-missing", `${what} is missing`, "approve --help"];
  const FLAGS = ["--reason", "It must be", "--owner", "orders", "--expires", "2999-01-31"];
  const flags = (flag: string, value: string): readonly string[] =>
    FLAGS.map((each, index) => (FLAGS[index - 1] === flag ? value : each));
  /** `F` is the fingerprint of the break. */
  const rows: readonly (readonly [name: string, args: readonly string[], ...finds: readonly Expected[]])[] = [
    ["nothing", [], ...["FINGERPRINT", "--reason", "--owner", "--expires"].map(missing)],
    ["no reason", ["F", ...FLAGS.slice(2)], missing("--reason")],
    ["a reason of spaces", ["F", ...flags("--reason", "  ")], missing("--reason")],
    ["no owner", ["F", ...FLAGS.slice(0, 2), ...FLAGS.slice(4)], missing("--owner")],
    ["no date", ["F", ...FLAGS.slice(0, 4)], missing("--expires")],
    ...["2026-02-30", "tomorrow", "2999-1-1", "20990131"].map(
      (date) =>
        [
          `the date ${date}`,
          ["F", ...flags("--expires", date)],
          ["error", "approve-date", `${date} is no date`, "YYYY-MM-DD"],
        ] as const,
    ),
    [
      "a day that is past",
      ["F", ...flags("--expires", "2020-01-31")],
      ["error", "approve-past", "2020-01-31", "last day"],
    ],
    ["two fingerprints", ["F", "F", ...FLAGS], ["error", "option-usage", "Unexpected argument", "approve --help"]],
    ["a misspelt flag", ["F", "--ownr", "x"], ["error", "option-unknown", "--ownr", "--owner"]],
    [
      "no baseline",
      ["F", ...FLAGS, "--against", ""],
      ["error", "option-empty", "--against is empty", "leave the option"],
    ],
    [
      "a ref that is not",
      ["F", ...FLAGS, "--against", "git:absent"],
      ["error", "git-ref-unknown", "absent", "git fetch"],
    ],
    [
      "nothing to approve",
      ["F", ...FLAGS, "--against", "."],
      ["error", "approve-nothing", "Nothing breaks", "--against"],
    ],
    ...["000000000000", "../../outside", "F00", ""].map(
      (other) =>
        [
          `the fingerprint "${other}"`,
          [other, ...FLAGS],
          other === "" ? missing("FINGERPRINT") : (["error", "fingerprint-unknown", other, "Did you mean F?"] as const),
        ] as const,
    ),
  ];
  for (const [name, args, ...finds] of rows) {
    test(name, () => {
      const real = (text: string): string => text.replace(/\bF\b/, template.fingerprint);
      const expected = finds.map(([place, code, what, fix]) => [place, code, what, real(fix)] as const);
      return assertSays(template, ["approve", ...args.map(real)], 2, ...expected);
    });
  }

  test("a folder, or a link, where the approval would stand", async () => {
    using tree = template.copy();
    const file = `approvals/${tree.fingerprint}.yaml`;
    const taken: Expected = ["", "path-taken", "", "follows no link"];
    for (const [place, make] of [
      [file, () => mkdirSync(join(tree.path, file), { recursive: true })],
      ["approvals", () => symlinkSync("nowhere", join(tree.path, "approvals"))],
      ["approvals", () => tree.write({ approvals: "" })],
    ] as const) {
      make();
      await assertSays(tree, ["approve", tree.fingerprint, ...FLAGS], 2, [
        place,
        ...(taken.slice(1) as [string, string, string]),
      ]);
      tree.remove("approvals");
    }
    assert.ok(!existsSync(join(tree.path, "approvals")));
  });

  test("approved already: the same is no change, and another owner is told", async () => {
    using own = template.copy();
    const approve = (...args: readonly string[]) => own.run("approve", own.fingerprint, ...args);
    assert.match((await approve(...FLAGS)).stdout, /^Wrote approvals\/[0-9a-f]{12}\.yaml\. The field/);
    assert.match((await approve(...FLAGS)).stdout, /^approvals\/[0-9a-f]{12}\.yaml says so already\. The field/);
    const { status, stdout } = await approve(...flags("--owner", "payments"));
    assert.equal(status, 0);
    assert.match(stdout, /^Wrote .* anew: orders had approved it until 2999-01-31\. The field/);
  });
});
