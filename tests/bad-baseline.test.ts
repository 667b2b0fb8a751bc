import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { git, startRepository } from "./support/git.ts";
import { PACKAGES } from "./support/packages.ts";
import { assertRefused, type Expected, type Files, GOOD, schema } from "./support/refusal.ts";
import { LONG } from "./support/soak.ts";

const DIFF = ["diff", "--root", "root", "--scope", "@acme"] as const;

/** A test for each row: the comparison must end with 2 and these findings, and write nothing. */
type Row = readonly [name: string, args: readonly string[], files: Files, finds: Expected, prepare?: Prepare];
type Prepare = (folder: string) => void;

function refuse([name, args, files, finds, prepare]: Row): void {
  test(name, () =>
    assertRefused({
      files: { ...GOOD, ...files },
      args: [...DIFF, ...args],
      finds: [finds],
      ...(prepare === undefined ? {} : { prepare }),
    }),
  );
}

const inRoot =
  (act: (root: string) => void): Prepare =>
  (folder) =>
    act(join(folder, "root"));

describe("a baseline in the file system that cannot be read", () => {
  const rows: readonly Row[] = [
    ["nothing there", ["--against", "absent"], {}, ["error", "baseline-absent", "absent", "git:absent"]],
    ["no word at all", ["--against", ""], {}, ["error", "option-empty", "--against is empty", "leave the option out"]],
    [
      "a folder without schemas",
      ["--against", "empty"],
      { "empty/README.md": "Nothing.\n" },
      ["error", "baseline-empty", "no schemas in empty", ".proto files"],
    ],
    [
      "a module without schemas",
      ["--against", "empty"],
      { "empty/buf.yaml": "version: v2\nmodules:\n  - path: proto\n", "empty/proto/README.md": "Nothing.\n" },
      ["error", "baseline-empty", "no schemas in empty", ".proto files"],
    ],
    [
      "schemas that do not compile",
      ["--against", "old"],
      { "old/a.proto": "syntax = 3;\n" },
      ["error", "baseline-broken", "old, cannot be read: a.proto:1:10: Unrecognized", "a state that compiles"],
    ],
    [
      "a buf.yaml that is none",
      ["--against", "old"],
      { "old/buf.yaml": "version: v7\n", "old/a.proto": schema("a.v1", "") },
      ["error", "baseline-broken", "old, cannot be read", "a state that compiles"],
    ],
    [
      "text instead of an image",
      ["--against", "notes.txt"],
      { "notes.txt": "Not an image.\n" },
      ["notes.txt", "baseline-no-image", "no image", "buf build -o"],
    ],
    [
      "an image with nothing in it",
      ["--against", "old.binpb"],
      { "old.binpb": "" },
      ["old.binpb", "baseline-no-image", "it has no schemas", "buf build -o"],
    ],
    [
      "an image that is cut off",
      ["--against", "old.binpb"],
      { "old.binpb": readFileSync(join(PACKAGES, "orders-v2", "schema.binpb")).subarray(0, -7) },
      ["old.binpb", "baseline-no-image", "not a whole one", "buf build -o"],
    ],
    [
      "an image that lacks what it imports",
      ["--against", "old.binpb"],
      // FileDescriptorSet { file { name: "a.proto" dependency: "b.proto" } }
      { "old.binpb": Buffer.from("0a120a07612e70726f746f1a07622e70726f746f", "hex") },
      ["old.binpb", "baseline-no-image", "b.proto", "buf build -o"],
    ],
    [
      "a file of the workspace's that does not compile",
      ["--against", "old"],
      { "old/a.proto": schema("acme.a.v1", ""), "root/proto/a.proto": "syntax = 3;\n" },
      ["root/proto/a.proto:1:10", "proto-syntax", "Unrecognized", "Correct the file"],
    ],
  ];
  rows.forEach(refuse);
});

describe("a baseline in git that cannot be read", () => {
  const rows: readonly Row[] = [
    [
      "no repository and no registry",
      [],
      {},
      ["error", "baseline-none", "npm has no registry for @acme", "--against npm, git:REF"],
    ],
    [
      "no repository",
      ["--against", "git:main"],
      {},
      ["error", "git-missing", "no git repository here", "Name another baseline"],
    ],
    [
      "no trunk",
      [],
      {},
      ["error", "baseline-none", "no merge base with main or master", "--against npm, git:REF"],
      inRoot((root) => {
        startRepository(root);
        git(root, "branch", "--move", "elsewhere");
      }),
    ],
    ...["absent", "", "--output=x", "HEAD~1"].map(
      (ref): Row => [
        `no ref "${ref}"`,
        ["--against", `git:${ref}`],
        {},
        ["error", "git-ref-unknown", `has no commit "${ref}"`, "git fetch"],
        inRoot(startRepository),
      ],
    ),
    [
      "a ref without schemas there",
      ["--against", "git:main"],
      {},
      ["error", "baseline-empty", "git:main", ".proto files"],
      (folder) => {
        startRepository(folder);
        git(folder, "rm", "-r", "--quiet", "--cached", "root");
        git(folder, "commit", "--quiet", "--amend", "--allow-empty", "--message", "none");
      },
    ],
    [
      "a ref that does not compile",
      ["--against", "git:broken"],
      { "root/proto/b.proto": schema("acme.b.v1", "message B { C c = 1; }\n") },
      ["error", "baseline-broken", "proto/b.proto:5:13:", "a state that compiles"],
      inRoot((root) => {
        startRepository(root);
        git(root, "tag", "broken");
        git(root, "rm", "--quiet", "proto/b.proto");
      }),
    ],
    [
      "a shallow clone",
      ["--root", "clone"],
      {},
      ["error", "baseline-shallow", "the merge base with main or master is not in it", "git fetch --unshallow"],
      cloneShallow,
    ],
  ];
  rows.forEach(refuse);
});

// What the other commands do with a baseline that `diff` refuses: the same, and never less. Not even `check` takes it for
// a finding, as a check that compared with nothing would pass once the others are mended.
describe("a baseline that cannot be read, for the other commands", { concurrency: 2 }, () => {
  const COMMANDS: readonly (readonly string[])[] = [
    ["check"],
    ["changeset"],
    ["changeset", "--check"],
    ["approve", "000000000000", "--reason", "x", "--owner", "y", "--expires", "2999-01-31"],
  ];
  const PLACE = ["--root", "root", "--scope", "@acme"];
  const cases: readonly (readonly [name: string, against: string, files: Files, ...finds: Expected])[] = [
    ["a ref that is not there", "git:absent", {}, "error", "git-ref-unknown", 'no commit "absent"', "git fetch"],
    ["a folder that is not there", "absent", {}, "error", "baseline-absent", "absent", "git:absent"],
    [
      "schemas that do not compile",
      "old",
      { "old/a.proto": "syntax = 3;\n" },
      ...(["error", "baseline-broken", "a.proto:1:10: Unrecognized", "a state that compiles"] as const),
    ],
  ];
  for (const command of COMMANDS) {
    for (const [index, [name, against, files, ...expected]] of cases.entries()) {
      test(`${command.slice(0, 2).join(" ")}: ${name}`, index === 0 ? {} : LONG, () =>
        assertRefused({
          files: { ...GOOD, ...files },
          args: [...command, ...PLACE, "--against", against],
          finds: [expected],
          prepare: inRoot(startRepository),
        }),
      );
    }
    test(`${command.slice(0, 2).join(" ")}: a shallow clone`, () =>
      assertRefused({
        files: GOOD,
        args: [...command, "--root", "clone", "--scope", "@acme"],
        finds: [["error", "baseline-shallow", "merge base with main or master is not in it", "git fetch --unshallow"]],
        prepare: cloneShallow,
      }));
  }
});

/** A branch of the repository in `root`, and the last of its commits in `clone`. */
function cloneShallow(folder: string): void {
  const root = join(folder, "root");
  startRepository(root);
  git(root, "checkout", "--quiet", "-b", "branch");
  git(root, "commit", "--quiet", "--allow-empty", "--message", "second");
  git(folder, "clone", "--quiet", "--depth", "1", "--branch", "branch", `file://${root}`, "clone");
}
