import assert from "node:assert/strict";
import { chownSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { charter } from "./support/cli.ts";
import { commitAll, git, startRepository } from "./support/git.ts";
import { type Files, type Printed, parseFindings, schema, treeOf } from "./support/refusal.ts";
import { LONG } from "./support/soak.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const A = "proto/acme/a/v1/a.proto";
const BUF_YAML = "version: v2\nmodules:\n  - path: proto\nlint:\n  use: [MINIMAL]\n";
const WORKSPACE: Files = {
  "buf.yaml": BUF_YAML,
  "charter.yaml": 'scope: "@acme"\nlicense: MIT\n',
  [A]: schema("acme.a.v1", "message A {\n  string x = 1;\n}\n"),
};

/** Renames the field, which both opinions call a break. */
function breakIt(root: string): void {
  writeTree(root, { [A]: schema("acme.a.v1", "message A {\n  string y = 1;\n}\n") });
}

/** A workspace in `super`, whose schemas are the repository `schemas`. */
function startSuper(folder: string): void {
  const { [A]: proto = "", ...rest } = WORKSPACE;
  writeTree(folder, { "schemas/acme/a/v1/a.proto": proto });
  startRepository(join(folder, "schemas"));
  const root = join(folder, "super");
  writeTree(root, rest);
  git(root, "init", "--quiet", "--initial-branch=main");
  git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", join(folder, "schemas"), "proto");
  commitAll(root, "first");
}

interface Repository {
  /** From the temporary folder: where `check` is called. */
  readonly root: string;
  /** What to compare with; undefined: nothing is said, so the merge base. */
  readonly against: readonly (string | undefined)[];
  readonly env?: (folder: string) => NodeJS.ProcessEnv;
  /** In a temporary folder that has one repository, `origin`, with the workspace at its top. */
  readonly prepare: (folder: string) => void;
}

// Both opinions on a break, ours and buf's, read the same commit, whatever the repository looks like around it.
describe("charter check compares with a commit, in repositories of all shapes", () => {
  const origin = temporaryFolder();
  before(() => {
    writeTree(join(origin.path, "origin"), WORKSPACE);
    startRepository(join(origin.path, "origin"));
    // More than the fifty commits that a clone of buf's own has.
    for (let count = 0; count < 55; count++) {
      git(join(origin.path, "origin"), "commit", "--quiet", "--allow-empty", "--message", `${count}`);
    }
  });
  after(() => origin[Symbol.dispose]());

  const inSubfolder = (folder: string, path: string): void => {
    writeTree(join(folder, path), WORKSPACE);
    startRepository(join(folder, path.split("/")[0] ?? ""));
    breakIt(join(folder, path));
  };

  const shapes: Readonly<Record<string, Repository>> = {
    "a commit far down": {
      root: "origin",
      against: ["git:HEAD~55"],
      prepare: (folder) => breakIt(join(folder, "origin")),
    },
    "a workspace below the top": {
      root: "other/api/schemas",
      against: [undefined],
      prepare: (folder) => inSubfolder(folder, "other/api/schemas"),
    },
    "names that buf reads as options": {
      root: "a#b,c/x,y=z",
      against: ["git:main"],
      prepare: (folder) => inSubfolder(folder, "a#b,c/x,y=z"),
    },
    "a worktree": {
      root: "worktree",
      against: [undefined],
      prepare: (folder) => {
        git(join(folder, "origin"), "worktree", "add", "--quiet", "../worktree", "-b", "work");
        breakIt(join(folder, "worktree"));
      },
    },
    "a hook of a worktree, below the top": {
      root: "worktree/api",
      against: [undefined],
      env: (folder) => ({ GIT_DIR: join(folder, "other/.git/worktrees/worktree"), GIT_INDEX_FILE: ".git/index" }),
      prepare: (folder) => {
        inSubfolder(folder, "other/api");
        git(join(folder, "other"), "worktree", "add", "--quiet", "../worktree", "-b", "work");
        breakIt(join(folder, "worktree/api"));
      },
    },
    "a trunk that only the remote has": {
      root: "clone",
      against: ["git:origin/main", undefined],
      prepare: (folder) => {
        git(folder, "clone", "--quiet", "origin", "clone");
        git(join(folder, "clone"), "checkout", "--quiet", "-b", "work");
        git(join(folder, "clone"), "branch", "--quiet", "-D", "main");
        breakIt(join(folder, "clone"));
      },
    },
    "a shallow clone that has the commit": {
      root: "clone",
      against: ["git:HEAD"],
      prepare: (folder) => {
        git(folder, "clone", "--quiet", "--depth", "1", `file://${join(folder, "origin")}`, "clone");
        breakIt(join(folder, "clone"));
      },
    },
    "schemas in a submodule": {
      root: "super",
      against: [undefined],
      prepare: (folder) => {
        startSuper(folder);
        breakIt(join(folder, "super"));
      },
    },
  };

  for (const [index, [name, { root, against, env, prepare }]] of Object.entries(shapes).entries()) {
    test(name, index < 3 ? {} : LONG, async () => {
      using folder = temporaryFolder();
      cpSync(origin.path, folder.path, { recursive: true });
      prepare(folder.path);
      const files = treeOf(folder.path);
      for (const each of against) {
        const args = ["check", "--root", root, ...(each === undefined ? [] : ["--against", each])];
        const result = await charter(args, { cwd: folder.path, env: env?.(folder.path) ?? {} });
        assert.equal(result.status, 1, result.stderr);
        const place = `${root}/${A}`;
        assert.deepEqual(
          breaksOf(parseFindings(result, folder.path)),
          [`${place}:6:10 breaking`, `${place}:6:3 break-unapproved`, `${place}:6:3 breaking`],
          each ?? "the merge base",
        );
      }
      assert.deepEqual(treeOf(folder.path), files, "nothing was written");
    });
  }
});

function breaksOf(printed: readonly Printed[]): readonly string[] {
  const breaks = printed.filter(({ code }) => code === "breaking" || code === "break-unapproved");
  return breaks.map(({ place, code }) => `${place} ${code}`).sort();
}

describe("the modules of a workspace come and go", () => {
  const B = { "other/b.proto": schema("acme.b.v1", "message B {\n  string x = 1;\n}\n") };
  const TWO = BUF_YAML.replace("path: proto\n", "path: proto\n  - path: other\n");
  const OWN_RULES = TWO.replace("path: proto\n", "path: proto\n    breaking:\n      use: [WIRE]\n");
  const rows: readonly (readonly [name: string, older: Files, now: Files, finds: readonly string[]])[] = [
    ["one more", {}, { ...B, "buf.yaml": TWO }, []],
    ["one more, beside one with rules of its own", {}, { ...B, "buf.yaml": OWN_RULES }, []],
    ["one less", { ...B, "buf.yaml": TWO }, {}, ["b.proto breaking", "b.proto:3:1 break-unapproved"]],
  ];
  for (const [name, older, now, finds] of rows) {
    test(name, async () => {
      using folder = temporaryFolder();
      writeTree(folder.path, { ...WORKSPACE, ...older });
      startRepository(folder.path);
      git(folder.path, "rm", "-r", "--quiet", ".");
      writeTree(folder.path, { ...WORKSPACE, ...now });
      const check = async () => parseFindings(await charter(["check"], { cwd: folder.path }), folder.path);
      const printed = await check();
      assert.deepEqual(breaksOf(printed), finds);
      assert.ok(!printed.some(({ code }) => code === "buf-failed"));
      if (finds.length === 0) return;
      const fingerprint = /, ([0-9a-f]{12})\)/.exec(JSON.stringify(printed))?.[1] ?? assert.fail();
      const flags = ["--reason", "It must be", "--owner", "us", "--expires", "2999-01-31"];
      assert.equal((await charter(["approve", fingerprint, ...flags], { cwd: folder.path })).status, 0);
      assert.deepEqual(breaksOf(await check()), [], "buf does not ask for what was approved");
    });
  }
});

test("a submodule without its old commit: exit 2", async () => {
  using folder = temporaryFolder();
  startSuper(folder.path);
  const proto = join(folder.path, "super", "proto");
  rmSync(join(proto, ".git"));
  git(proto, "init", "--quiet", "--initial-branch=main");
  commitAll(proto, "another history");
  const { status, stderr } = await charter(["check", "--root", "super"], { cwd: folder.path });
  assert.equal(status, 2, stderr);
  assert.match(
    stderr,
    /the submodule proto has no commit \w{10}; `git -C proto fetch` may bring it\. \[baseline-broken\]/,
  );
});

const isRoot = process.getuid?.() === 0;
test("a repository that git does not trust: exit 2", {
  skip: isRoot ? false : "only root gives folders away",
}, async () => {
  using folder = temporaryFolder();
  writeTree(folder.path, WORKSPACE);
  startRepository(folder.path);
  for (const each of ["", ".git"]) chownSync(join(folder.path, each), 12345, 12345);
  // A machine may trust all folders.
  const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const { status, stderr } = await charter(["check"], { cwd: folder.path, env });
  assert.equal(status, 2, stderr);
  assert.match(stderr, /somebody else's; `git config --global --add safe\.directory \S+` trusts it\. \[file-system\]/);
});
