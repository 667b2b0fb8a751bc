import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { ChangeReport } from "../scripts/core/diff-report.ts";
import { publishPackages } from "../scripts/io/publish.ts";
import { type Registry, startRegistry } from "../scripts/io/registry.ts";
import { charter } from "./support/cli.ts";
import { diffReport } from "./support/diff.ts";
import { commitAll, git, startRepository } from "./support/git.ts";
import { BUF_YAML, WORKSPACE } from "./support/refusal.ts";
import {
  COUNT,
  changesOf,
  FIELDS,
  HISTORY,
  historyOf,
  ID,
  LINE,
  order,
  PROTO,
  Repository,
  rulesOf,
  WITHOUT_NOTE,
} from "./support/released.ts";
import { LONG } from "./support/soak.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

describe("a number that an earlier release had", () => {
  const repository = new Repository();
  const { folder, root } = repository;

  before(async () => {
    await repository.start();
    repository.branch("removal");
    repository.write(...WITHOUT_NOTE);
    await repository.run("changeset");
    await repository.merge();
    git(root, "tag", "v1.1");
    cpSync(root, join(folder.path, "v1.1"), { recursive: true });
    // What comes next knows the release before the last one by what the last one kept, and by nothing else.
    commitAll(root, "later");
  });
  after(() => folder[Symbol.dispose]());

  for (const [name, against] of [
    ["a commit", "git:v1.1"],
    ["a folder", "v1.1"],
    ["the merge base", undefined],
  ] as const) {
    const args = against === undefined ? [] : ["--against", against];

    test(`and that comes back as something else breaks the wire, and both meanings are named: ${name}`, async () => {
      repository.write('reserved "note";', ID, "bool gift = 3;", COUNT);
      const changes = await repository.changes(...args);
      assert.deepEqual(rulesOf(changes), ["field-number-reused", "field-added"]);
      const [reused] = changes;
      assert.deepEqual(
        [reused?.before, reused?.after, reused?.bump, reused?.breaks],
        ["string note = 3", "bool gift = 3", "major", ["wire"]],
      );
      assert.match(
        reused?.what ?? "",
        /^The field `Order\.gift` takes a number .*`bool gift = 3`.*`string note = 3`\.$/,
      );
      assert.equal(reused?.position?.line, 8);
    });

    test(`and that comes back as it was is an addition: ${name}`, async () => {
      repository.write(...FIELDS);
      const changes = await repository.changes(...args);
      assert.deepEqual(
        changes.map(({ rule, bump }) => [rule, bump]),
        [["field-added", "minor"]],
      );
    });
  }

  test("an image of the same release does not know it, and the reservation speaks for it", async () => {
    repository.write('reserved "note";', ID, "bool gift = 3;", COUNT);
    const image = "v1.1/packages/orders-v1/schema.binpb";
    assert.deepEqual(rulesOf(await repository.changes("--against", image)), ["field-added-unreserved"]);
  });

  test("it must be approved, and check says so", async () => {
    repository.write('reserved "note";', ID, "bool gift = 3;", COUNT);
    const { stdout } = await charter(["check", "--root", root]);
    const { stderr } = await charter(["check", "--root", root]);
    assert.match(
      `${stdout}${stderr}`,
      /Order\.gift: string note = 3 → bool gift = 3\. It breaks wire .*\(field-number-reused, \w{12}\)\. \[break-unapproved\]/,
    );
  });

  test("a release later it is still known, and no longer when the reuse was released", LONG, async () => {
    repository.branch("other");
    repository.write(...WITHOUT_NOTE, "bool gift = 5;");
    await repository.run("changeset");
    assert.equal(repository.history, historyOf(LINE));
    await repository.merge();
    repository.branch("reuse");
    repository.write('reserved "note";', ID, COUNT, "bool gift = 5;", "bytes blob = 3;");
    assert.deepEqual(rulesOf(await repository.changes()), ["field-number-reused", "field-added"]);
    await repository.run("changeset");
    await repository.merge();
    assert.equal(repository.history, historyOf(LINE), "what it was first is not forgotten");
    repository.branch("after");
    repository.write('reserved "note";', ID, COUNT, "bool gift = 5;", "bytes blob = 3;", "bool last = 6;");
    assert.deepEqual(rulesOf(await repository.changes()), ["field-added"]);
  });
});

describe("what was published remembers", () => {
  let registry: Registry;
  const folder = temporaryFolder();
  const write = (...fields: readonly string[]): void => writeTree(folder.path, { [`root/${PROTO}`]: order(...fields) });
  const run = async (...args: readonly string[]): Promise<string> => {
    const result = await charter(args, { cwd: folder.path });
    assert.equal(result.status, 0, result.stderr);
    return result.stdout;
  };
  const npm = (): readonly string[] => ["--registry", registry.url];

  async function release(version: string): Promise<void> {
    await run("generate", ...WORKSPACE);
    await run("build", ...WORKSPACE);
    const folders = readdirSync(join(folder.path, "out")).map((name) => join(folder.path, "out", name));
    for (const each of folders) {
      const file = join(each, "package.json");
      const json = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
      writeFileSync(file, JSON.stringify({ ...json, version }));
    }
    await publishPackages({ folders, registry: registry.url, scope: "@acme" });
  }

  const changes = async (against: string): Promise<readonly ChangeReport[]> =>
    changesOf(await diffReport([...WORKSPACE, ...npm(), "--against", against], folder.path));

  before(async () => {
    writeTree(folder.path, BUF_YAML);
    registry = await startRegistry({ scope: "@acme" });
    write(...FIELDS);
    await release("1.0.0");
    write(...WITHOUT_NOTE);
    await run("changeset", ...WORKSPACE, "--against", "npm", ...npm());
    await release("1.1.0");
  });
  after(async () => {
    await registry?.close();
    folder[Symbol.dispose]();
  });

  test("what the release before the last one had, in its own history", async () => {
    assert.equal(readFileSync(join(folder.path, "out/orders-v1/history.json"), "utf8"), historyOf(LINE));
    write('reserved "note";', ID, "bool gift = 3;", COUNT);
    assert.deepEqual(rulesOf(await changes("npm")), ["field-number-reused", "field-added"]);
    // The first release had nothing to remember; it still has the field.
    assert.deepEqual(rulesOf(await changes("npm:@acme/orders-v1@1.0.0")), [
      "field-renamed",
      "field-type-changed",
      "reserved-added",
    ]);
    write(...FIELDS);
    assert.deepEqual(rulesOf(await changes("npm")), ["field-added"]);
  });

  test("and not what was merged and never released", LONG, async () => {
    using other = temporaryFolder();
    const root = join(other.path, "root");
    const own = (...fields: readonly string[]): void => writeTree(root, { [PROTO]: order(...fields) });
    writeTree(root, {
      "buf.yaml": "version: v2\nmodules:\n  - path: proto\nlint:\n  use: [MINIMAL]\n",
      "charter.yaml": 'scope: "@acme"\n',
      ".npmrc": `@acme:registry=${registry.url}\n`,
      ".changeset/config.json": "{}\n",
    });
    own(...WITHOUT_NOTE, "bool gift = 5;");
    assert.equal((await charter(["generate", "--root", root])).status, 0);
    writeTree(root, { [HISTORY]: historyOf(LINE) });
    startRepository(root);
    git(root, "switch", "--quiet", "--create", "work");
    own(...WITHOUT_NOTE);
    const written = await charter(["changeset", "--root", root]);
    assert.equal(written.status, 0, written.stderr);
    assert.equal(readFileSync(join(root, HISTORY), "utf8"), historyOf(LINE));
    assert.doesNotMatch((await charter(["check", "--root", root])).stderr, /\[history-/);
    // What was released is another matter.
    own('reserved 3, 4;\n  reserved "note";', ID);
    const { stderr } = await charter(["check", "--root", root]);
    assert.match(stderr, /it lacks \{[^}]*"name": "count"[^}]*\}.*\[history-stale\]/);
  });
});
