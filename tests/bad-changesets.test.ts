import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertPrinted, assertSays, type ChangedTree, startChanged } from "./support/changed-tree.ts";
import { type Expected, type Printed, parseFindings, treeOf } from "./support/refusal.ts";

const NPM = '"@acme/orders-v1"';

let template: ChangedTree;
before(async () => {
  template = await startChanged();
});
after(() => template?.[Symbol.dispose]());

describe("changesets that cannot be read", () => {
  const bad = (place: string, what: string): Expected => [place, "changeset-malformed", what, "Correct the file"];
  const notText: Expected = ["", "not-utf8", "not UTF-8 text", "Save it as UTF-8"];
  const front = (...lines: readonly string[]): string => `---\n${lines.join("\n")}\n---\n\nWords.\n`;
  /** A file, with what is to be said of it: `:line:column`, code, words, words of the fix. */
  const rows: readonly (readonly [
    name: string,
    file: string,
    text: string | Uint8Array,
    ...finds: readonly Expected[],
  ])[] = [
    ["an empty file", "a01.md", "", bad(":1:1", "it is empty")],
    ["no front matter", "a02.md", "Words.\n", bad(":1:1", "it must begin with `---`")],
    ["front matter that is not closed", "a03.md", `---\n${NPM}: minor\n`, bad(":1:1", "no second `---`")],
    ["a bump that is none", "a04.md", front(`${NPM}: huge`), bad(":2:20", "huge is no bump of @acme/orders-v1")],
    ["a bump in capitals", "a05.md", front(`${NPM}: Minor`), bad(":2:20", "Minor is no bump")],
    ["no bump", "a06.md", front(`${NPM}:`), bad(":2:19", "@acme/orders-v1 has no bump")],
    ["a list of bumps", "a07.md", front(`${NPM}: [minor]`), bad(":2:20", "is no bump")],
    [
      "two mistakes, with CRLF",
      "a08.md",
      front(`${NPM}: 1`, '"@acme/b": 2').replaceAll("\n", "\r\n"),
      bad(":2:20", "1 is no bump"),
      bad(":3:12", "2 is no bump of @acme/b"),
    ],
    ["a list", "a09.md", front("- a"), bad(":2:1", "must hold packages and bumps")],
    ["a word", "a10.md", front("a"), bad(":2:1", "must hold packages and bumps")],
    ["no YAML", "a11.md", front(": ["), bad(":3:1", "must be sufficiently indented")],
    ["a name without quotes", "a12.md", front("@acme/orders-v1: minor"), bad(":2:1", "put it in quotes")],
    ["a name that stands twice", "a13.md", front(`${NPM}: minor`, `${NPM}: major`), bad(":3:1", "must be unique")],
    ["a merge that was not finished", "a14.md", `${front(`${NPM}: minor`)}<<<<<<< HEAD\n`, bad(":6:1", "a merge left")],
    [
      "our mark without its end",
      "a15.md",
      `${front(`${NPM}: minor`)}<!-- charter: aaaaaaaaaaaa -->\n- What.\n`,
      bad(":6:1", "the marks around charter's part"),
    ],
    ["UTF-16", "a16.md", Buffer.from(`\uFEFF${front(`${NPM}: minor`)}`, "utf16le"), notText],
    ["another alphabet", "a17.md", Buffer.from(front(`${NPM}: minor`, "# é"), "latin1"), notText],
    ["notes for people", "README.md", "Words.\n"],
    ["notes for machines", "AGENTS.md", "Words.\n"],
    ["a hidden file", ".draft.md", "Words.\n"],
  ];
  let tree: ChangedTree;
  /** By command. */
  const printed = new Map<string, readonly Printed[]>();
  before(async () => {
    tree = template.copy();
    tree.write(Object.fromEntries(rows.map(([, file, text]) => [`.changeset/${file}`, text])));
    mkdirSync(join(tree.path, ".changeset", "folder.md"));
    symlinkSync("nowhere", join(tree.path, ".changeset", "link.md"));
    const files = treeOf(tree.path);
    // The first two cannot do or answer what they were asked; the third is asked what is wrong.
    for (const [command, exit] of [
      ["changeset", 2],
      ["changeset --check", 2],
      ["check", 1],
    ] as const) {
      const result = await tree.run(...command.split(" "));
      assert.equal(result.status, exit, result.stderr);
      printed.set(command, parseFindings(result, tree.path));
    }
    assert.deepEqual(treeOf(tree.path), files, "nothing was written");
  });
  after(() => tree?.[Symbol.dispose]());

  const assertSaid = (file: string, ...finds: readonly Expected[]): void => {
    const path = `.changeset/${file}`;
    for (const found of printed.values()) {
      const own = found.filter(({ place }) => place === path || place.startsWith(`${path}:`));
      assertPrinted(
        own,
        finds.map(([place, ...rest]) => [path + place, ...rest] as const),
      );
    }
  };
  for (const [name, file, , ...finds] of rows) test(name, () => assertSaid(file, ...finds));

  test("a folder, and a link to nothing", () => {
    const fix = "See what stands there";
    assertSaid("folder.md", ["", "file-system", "EISDIR", fix]);
    assertSaid("link.md", ["", "file-system", "a link to nothing", fix]);
  });

  test("check tells the breaks beside them", () => {
    assert.ok(printed.get("check")?.some(({ code }) => code === "break-unapproved"));
    assert.ok(!printed.get("check")?.some(({ code }) => code === "changeset-missing"), "nobody knows what is missing");
  });
});

describe("a person's changeset for a package that no longer exists", () => {
  const files = { ".changeset/own.md": `---\n${NPM}: major\n"@acme/gone-v1": minor\n---\n\nWords.\n` };
  const gone: Expected = [
    ".changeset/own.md:3:1",
    "changeset-unknown-package",
    "names @acme/gone-v1",
    "take the line out",
  ];

  test("charter changeset: exit 2, nothing written", async () => {
    using tree = template.copy();
    tree.write(files);
    await assertSays(tree, ["changeset"], 2, gone);
  });

  for (const args of [["changeset", "--check"], ["check"]]) {
    test(`charter ${args.join(" ")}: exit 1, named`, async () => {
      using tree = template.copy();
      tree.write(files);
      const before = treeOf(tree.path);
      const result = await tree.run(...args);
      assert.equal(result.status, 1, result.stderr);
      const found = parseFindings(result, tree.path).filter(({ code }) => code.startsWith("changeset-"));
      assertPrinted(found, [gone]);
      assert.deepEqual(treeOf(tree.path), before);
    });
  }

  test("our own file for one goes by itself, unless a person wrote into it", async () => {
    using tree = template.copy();
    const file = ".changeset/charter-gone-v1-aaaaaaaaaaaa.md";
    const text = '---\n"@acme/gone-v1": minor\n---\n\n<!-- charter: aaaaaaaaaaaa -->\n- What.\n<!-- /charter -->\n';
    tree.write({ [file]: text.concat("\nWords.\n") });
    await assertSays(tree, ["changeset"], 2, [
      `${file}:2:1`,
      "changeset-unknown-package",
      "gone-v1",
      "take the line out",
    ]);
    tree.write({ [file]: text });
    const { status, stdout, stderr } = await tree.run("changeset");
    assert.equal(status, 0, stderr);
    assert.ok(stdout.includes(`Removed ${file}.`) && !existsSync(join(tree.path, file)), stdout);
  });
});

describe("changesets that another editor saved", () => {
  const crlf = (text: string): string => text.replaceAll("\n", "\r\n");
  for (const [name, save] of [
    ["CRLF", crlf],
    ["a byte order mark and CRLF", (text: string) => `\uFEFF${crlf(text)}`],
  ] as const) {
    test(`${name}: read as they are, left as they are, and kept so when they change`, async () => {
      using tree = template.copy();
      const succeed = async (...args: readonly string[]): Promise<string> => {
        const { status, stdout, stderr } = await tree.run(...args);
        assert.equal(status, 0, stderr);
        return stdout;
      };
      await succeed("changeset");
      const [own = ""] = readdirSync(join(tree.path, ".changeset")).filter((each) => each.startsWith("charter-"));
      const file = `.changeset/${own}`;
      const text = save(`${tree.read(file)}\nAsk the orders team.\n`);
      tree.write({ [file]: text, ".changeset/person.md": save(`---\n${NPM}: patch\n---\n\nMine.\n`) });
      assert.match(await succeed("changeset"), /are as the changes demand/);
      assert.match(await succeed("changeset", "--check"), /ask for what the changes demand/);
      assert.equal(tree.read(file), text);
      tree.fields("string id = 1;", "string note = 2;");
      await succeed("changeset");
      assert.equal(tree.read(file), crlf(`---\n${NPM}: major\n---\n\n\nAsk the orders team.\n`));
      assert.equal(tree.read(".changeset/person.md"), save(`---\n${NPM}: patch\n---\n\nMine.\n`));
    });
  }
});

test("what a prerelease told is not told again", async () => {
  using tree = template.copy();
  assert.equal((await tree.run("changeset")).status, 0);
  const [own = ""] = readdirSync(join(tree.path, ".changeset")).filter((each) => each.startsWith("charter-"));
  // As `changeset version` does in prerelease mode.
  mkdirSync(join(tree.path, ".changeset", "pre"));
  renameSync(join(tree.path, ".changeset", own), join(tree.path, ".changeset", "pre", own));
  assert.match((await tree.run("changeset")).stdout, /are as the changes demand/);
  assert.equal((await tree.run("changeset", "--check")).status, 0);
});

test("a link in the place of the folder is not followed", async () => {
  using tree = template.copy();
  tree.remove(".changeset");
  mkdirSync(join(tree.path, "elsewhere"));
  symlinkSync("elsewhere", join(tree.path, ".changeset"));
  await assertSays(tree, ["changeset"], 2, [".changeset", "path-taken", "It is a link", "follows no link"]);
});
