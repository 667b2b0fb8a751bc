import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Bump, Change } from "../scripts/core/change.ts";
import {
  type Changeset,
  checkChangesets,
  type Demand,
  parseChangeset,
  planChangesets,
} from "../scripts/core/changeset.ts";

const NPM = "@acme/orders-v1";

function change(fingerprint: string, bump: Bump, path = `acme.orders.v1.${fingerprint}`): Change {
  return {
    rule: "field-added",
    package: "acme.orders.v1",
    path,
    before: "",
    after: "",
    breaks: [],
    bump,
    fingerprint,
    position: undefined,
  };
}

const [ADDED, BROKEN, PATCHED] = [
  change("aaaaaaaaaaaa", "minor"),
  change("bbbbbbbbbbbb", "major"),
  change("cccccccccccc", "patch"),
];

const tell = (changes: readonly Change[]): string => changes.map(({ path }) => `- ${path}\n`).join("");

/** A folder of changesets on which the plan is applied, as the command would. */
class Folder {
  readonly files = new Map<string, string>();

  run(...changes: readonly Change[]): this {
    const demands: readonly Demand[] = changes.length === 0 ? [] : [{ npm: NPM, folder: "orders-v1", changes }];
    for (const { file, text } of planChangesets(demands, this.read(), tell)) {
      if (text === undefined) this.files.delete(file);
      else this.files.set(file, text);
    }
    return this;
  }

  read(): readonly Changeset[] {
    return [...this.files].map(([file, text]) => {
      const parsed = parseChangeset(text, file);
      assert.ok("changeset" in parsed, text);
      return parsed.changeset;
    });
  }

  /** Only one file may be there. */
  edit(change: (text: string) => string): this {
    assert.equal(this.files.size, 1);
    for (const [file, text] of this.files) this.files.set(file, change(text));
    return this;
  }

  merged(other: Folder): Folder {
    const folder = new Folder();
    for (const [file, text] of [...this.files, ...other.files]) folder.files.set(file, text);
    return folder;
  }

  get all(): string {
    return [...this.files.values()].join("\n");
  }

  bumps(): readonly Bump[] {
    return this.read().map(({ releases }) => releases.get(NPM) ?? "none");
  }
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe("changesets that the diff demands", () => {
  test("one file for a package, with the worst bump, and nothing to do the second time", () => {
    const folder = new Folder().run(ADDED, BROKEN);
    const first = new Map(folder.files);
    assert.deepEqual(folder.bumps(), ["major"]);
    assert.deepEqual(folder.run(ADDED, BROKEN).files, first);
    assert.match(
      folder.all,
      /^---\n"@acme\/orders-v1": major\n---\n\n<!-- charter: aaaaaaaaaaaa bbbbbbbbbbbb -->\n- acme/,
    );
  });

  test("a change that was taken back is no longer told, and the bump follows", () => {
    const folder = new Folder().run(ADDED, BROKEN).run(ADDED);
    assert.deepEqual([folder.bumps(), count(folder.all, BROKEN.path)], [["minor"], 0]);
    assert.equal(folder.run().files.size, 0);
  });

  test("a person's words stay, through every run, before and after our part", () => {
    const folder = new Folder()
      .run(ADDED)
      .edit((text) => text.replace("---\n\n<!--", "---\n\nRead this first.\n\n<!--").concat("\nAnd this.\n"));
    folder.run(ADDED, BROKEN).run(ADDED).run();
    assert.match(folder.all, /Read this first\.[\s\S]*And this\./);
    assert.equal(count(folder.all, "charter:"), 0);
  });

  test("a bump that a person raised stays", () => {
    const folder = new Folder().run(PATCHED).edit((text) => text.replace(": patch", ": minor"));
    assert.deepEqual(folder.run(PATCHED).bumps(), ["minor"]);
  });

  test("two branches merge in either order, and nothing is told twice", () => {
    const [left, right] = [new Folder().run(ADDED), new Folder().run(BROKEN)];
    for (const merged of [left.merged(right), right.merged(left)]) {
      merged.run(ADDED, BROKEN);
      assert.equal(merged.files.size, 2);
      for (const { path } of [ADDED, BROKEN]) assert.equal(count(merged.all, path), 1);
      assert.deepEqual([...merged.bumps()].sort(), ["major", "minor"]);
    }
  });

  test("the same change on two branches is one file", () => {
    assert.equal(new Folder().run(ADDED).merged(new Folder().run(ADDED)).files.size, 1);
  });

  test("a person's own changeset is left alone", () => {
    const folder = new Folder();
    folder.files.set(".changeset/own.md", `---\n"${NPM}": major\n---\n\nMine.\n`);
    folder.run(ADDED).run();
    assert.deepEqual([...folder.files], [[".changeset/own.md", `---\n"${NPM}": major\n---\n\nMine.\n`]]);
  });
});

describe("check of the changesets", () => {
  const demand: readonly Demand[] = [{ npm: NPM, folder: "orders-v1", changes: [ADDED] }];
  const file = (bump: string, npm = NPM): readonly Changeset[] => {
    const folder = new Folder();
    folder.files.set(".changeset/x.md", `---\n"${npm}": ${bump}\n---\n\nWords.\n`);
    return folder.read();
  };
  const cases: readonly (readonly [what: string, existing: readonly Changeset[], codes: readonly string[]])[] = [
    ["none", [], ["changeset-missing"]],
    ["too low", file("patch"), ["changeset-too-low"]],
    ["right", file("minor"), []],
    ["raised", file("major"), []],
    [
      "of a package that is no more",
      file("minor", "@acme/gone-v1"),
      ["changeset-missing", "changeset-unknown-package"],
    ],
  ];
  for (const [what, existing, codes] of cases) {
    test(what, () => {
      assert.deepEqual(
        checkChangesets(demand, existing, new Set([NPM])).map(({ code }) => code),
        codes,
      );
    });
  }
});

describe("a changeset that cannot be read", () => {
  for (const [what, text] of [
    ["without front matter", "words\n"],
    ["with an open one", '---\n"a": minor\n'],
    ["with a word that is no bump", '---\n"a": huge\n---\n'],
    ["that is no YAML", "---\n: [\n---\n"],
    ["that is a list", "---\n- a\n---\n"],
  ] as const) {
    test(what, () => assert.ok("findings" in parseChangeset(text, "x.md")));
  }

  test("and an empty one can", () => assert.ok("changeset" in parseChangeset("---\n---\n", "x.md")));
});
