import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { applyHistories, checkHistories, planHistories } from "../scripts/commands/histories.ts";
import { loadChanges } from "../scripts/commands/load-changes.ts";
import { openWorkspace } from "../scripts/commands/workspace.ts";
import { charter } from "./support/cli.ts";
import { commitAll, git, startRepository } from "./support/git.ts";
import { assertRefused, type Files, GOOD, schema } from "./support/refusal.ts";
import {
  COUNT,
  FIELDS,
  HISTORY,
  historyOf,
  ID,
  LINE,
  NOTE,
  PROTO,
  Repository,
  rulesOf,
  WITHOUT_NOTE,
} from "./support/released.ts";
import { LONG } from "./support/soak.ts";
import { snapshot, writeTree } from "./support/tree.ts";

const COUNT_LINE = `  {"message": "acme.orders.v1.Order", "number": 4, "name": "count", "type": "int32"},`;

describe("history.json", () => {
  let repository = new Repository();

  beforeEach(async () => {
    repository = new Repository();
    await repository.start("packages/*/history.json merge=union\n");
    repository.branch("work");
  });
  afterEach(() => repository.folder[Symbol.dispose]());

  test("is written by changeset, stays when it runs again, and goes when what it remembers comes back", async () => {
    assert.equal(repository.history, undefined);
    repository.write(...WITHOUT_NOTE);
    assert.deepEqual(await repository.findings(), ["history-stale"]);
    await repository.run("generate");
    assert.match(await repository.run("changeset"), /^Wrote packages\/orders-v1\/history\.json\.$/m);
    assert.equal(repository.history, historyOf(LINE));
    const written = snapshot(repository.root);
    assert.doesNotMatch(await repository.run("changeset"), /history/);
    await repository.run("generate");
    assert.deepEqual(snapshot(repository.root), written);
    assert.deepEqual(await repository.findings(), []);
    repository.write(...FIELDS);
    assert.deepEqual(await repository.findings(), ["history-stale"]);
    assert.match(await repository.run("changeset"), /^Removed packages\/orders-v1\/history\.json\.$/m);
    assert.equal(repository.history, undefined);
    assert.deepEqual(await repository.findings(), []);
  });

  test("a line that somebody deletes, adds or spoils is a finding, and it is written anew", LONG, async () => {
    repository.write(...WITHOUT_NOTE);
    const workspace = await openWorkspace({ root: repository.root });
    const naming = workspace.config;
    const sides = await loadChanges({
      workspace,
      naming,
      against: { kind: "default" },
      registry: undefined,
      rulesOnly: true,
    });
    const write = async () => applyHistories(workspace, await planHistories(workspace, sides));
    await write();
    const good = repository.history ?? "";
    assert.equal(good, historyOf(LINE));
    const extra = LINE.replace("note", "other").replace("3", "9");
    for (const [text, code] of [
      [historyOf(), "history-stale"],
      [historyOf(extra, LINE), "history-stale"],
      [good.replace('"string"', '"text"'), "history-malformed"],
      [good.replace(LINE, "<<<<<<< HEAD\n=======\n>>>>>>> other"), "history-malformed"],
      [good.replace('{"version": 1}', '{"version": 2}'), "history-malformed"],
      ["{}", "history-malformed"],
      ["", "history-malformed"],
    ] as const) {
      repository.history = text;
      const found = await checkHistories(workspace, sides, { absent: true });
      assert.deepEqual(
        found.map((each) => [each.code, each.position?.file]),
        [[code, HISTORY]],
        text,
      );
      assert.deepEqual(await write(), [`Wrote ${HISTORY}.`]);
      assert.equal(repository.history, good);
    }
    rmSync(join(repository.root, HISTORY));
    assert.equal((await checkHistories(workspace, sides, { absent: true })).length, 1);
    assert.deepEqual(await checkHistories(workspace, sides, { absent: false }), [], "nobody uses changesets here");
  });

  test("two branches that forget different things merge by themselves, in either order", async () => {
    const removals = { note: [ID, COUNT], count: [ID, NOTE] } as const;
    for (const [name, fields] of Object.entries(removals)) {
      repository.branch(name);
      repository.write(...fields);
      await repository.run("changeset");
      await repository.run("generate");
      commitAll(repository.root, name);
    }
    for (const [onto, other] of [
      ["note", "count"],
      ["count", "note"],
    ] as const) {
      git(repository.root, "switch", "--quiet", "--detach", onto);
      // The schema itself conflicts, as both lines stand side by side. The history does not.
      assert.throws(() => git(repository.root, "merge", "--quiet", "--no-edit", other));
      assert.doesNotMatch(git(repository.root, "diff", "--name-only", "--diff-filter=U"), /history/);
      repository.write(ID);
      await repository.run("generate");
      commitAll(repository.root, "merged");
      assert.deepEqual(await repository.findings(), []);
      await repository.run("changeset");
      assert.equal(repository.history, historyOf(LINE, COUNT_LINE));
    }
  });

  test("a conflict that is left to a person is mended by running changeset", LONG, async () => {
    writeTree(repository.root, { ".gitattributes": "" });
    commitAll(repository.root, "no union");
    const base = git(repository.root, "rev-parse", "HEAD");
    const removals = { note: [ID, COUNT], count: [ID, NOTE] } as const;
    for (const [name, fields] of Object.entries(removals)) {
      git(repository.root, "switch", "--quiet", "--create", name, base);
      repository.write(...fields);
      await repository.run("changeset");
      commitAll(repository.root, name);
    }
    assert.throws(() => git(repository.root, "merge", "--quiet", "--no-edit", "note"));
    assert.match(repository.history ?? "", /^<{7} /m);
    repository.write(ID);
    assert.deepEqual(await repository.findings(), ["history-malformed"]);
    await repository.run("changeset");
    const { length } = (repository.history ?? "").match(/"message"/g) ?? [];
    assert.equal(length, 2);
    assert.deepEqual(await repository.findings(), []);
  });

  test("a package that is gone keeps nothing, and one that comes new has nothing", async () => {
    writeTree(repository.root, { "proto/acme/new/v1/new.proto": schema("acme.new.v1", "message New {}\n") });
    rmSync(join(repository.root, PROTO));
    const { status } = await charter(["changeset", "--root", repository.root]);
    assert.equal(status, 0);
    assert.equal(repository.history, undefined);
  });

  test("a baseline that says nothing of the past makes nobody forget: an image", async () => {
    repository.write(...WITHOUT_NOTE);
    await repository.run("changeset");
    await repository.run("generate");
    const image = join(repository.root, "packages/orders-v1/schema.binpb");
    repository.write("reserved 3;", ID);
    await repository.run("changeset", "--against", image);
    assert.equal(repository.history, historyOf(LINE, COUNT_LINE));
  });

  test(
    "a baseline that says nothing of the past makes nobody forget: packages that stand elsewhere",
    LONG,
    async () => {
      const out = ["--out", join(repository.folder.path, "clients")];
      await repository.run("generate", ...out);
      repository.write(...WITHOUT_NOTE);
      await repository.run("changeset", ...out);
      commitAll(repository.root, "released");
      git(repository.root, "branch", "--force", "main");
      repository.write('reserved 3;\n  reserved "note";', ID);
      const file = join(repository.folder.path, "clients/orders-v1/history.json");
      for (let times = 0; times < 2; times++) {
        await repository.run("changeset", ...out);
        assert.equal(readFileSync(file, "utf8"), historyOf(LINE, COUNT_LINE));
      }
      repository.write("bool gift = 3;", ID);
      assert.ok(rulesOf(await repository.changes(...out)).includes("field-number-reused"));
    },
  );

  test("a link in its place is not followed", async () => {
    repository.write(...WITHOUT_NOTE);
    symlinkSync("../../charter.yaml", join(repository.root, HISTORY));
    const { status, stderr } = await charter(["changeset", "--root", repository.root]);
    assert.equal(status, 2);
    assert.match(stderr, /history\.json: It is a link.*\[path-taken\]/);
  });
});

describe("a history in the baseline that cannot be read", () => {
  const manifest = JSON.stringify({ name: "@acme/a-v1", charter: { protoPackage: "acme.a.v1" } });
  const old: Files = Object.fromEntries(
    Object.entries(GOOD).map(([path, text]) => [path.replace("root/", "old/"), text] as const),
  );
  const refused = (text: string, reason: string, prepare?: (folder: string) => void) =>
    assertRefused({
      files: {
        ...GOOD,
        ...old,
        "old/packages/a-v1/package.json": manifest,
        "old/packages/a-v1/history.json": text,
      },
      args: ["diff", "--root", "root", "--scope", "@acme", "--against", prepare === undefined ? "old" : "git:HEAD"],
      finds: [["error", "baseline-history", reason, "--against git:REF"]],
      ...(prepare === undefined ? {} : { prepare }),
    });

  test("no JSON", () => refused("# Past\n", "acme.a.v1 remembers of its past cannot be read in old: "));
  test("another version", () => refused('[{"version": 7}]', "its version is 7, not 1"));
  test("no version", () => refused("[]", "it has no version"));
  test("an entry that is none", () => refused('[{"message": "A"}, {"version": 1}]', '{"message":"A"} is no field'));
  test("a merge that nobody finished", () => refused("<<<<<<< HEAD\n", "marks of a merge"));
  test("in a commit", () =>
    refused("{", "it is no JSON", (folder) => {
      cpSync(join(folder, "old", "packages"), join(folder, "root", "packages"), { recursive: true });
      startRepository(join(folder, "root"));
      rmSync(join(folder, "root", "packages"), { recursive: true });
    }));
});
