import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { type CliResult, charter } from "./support/cli.ts";
import { LONG } from "./support/soak.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const FILE = "proto/acme/orders/v1/order.proto";
const FIELDS = ["string id = 1;", "string note = 2;", "int32 count = 3;"];
const schema = (...fields: readonly string[]): string =>
  `syntax = "proto3";\n\npackage acme.orders.v1;\n\nmessage Order {\n${fields.map((field) => `  ${field}\n`).join("")}}\n`;

// A repository in which an approval and a changeset go through what branches go through.
describe("an approval and a changeset survive a history", () => {
  let folder = temporaryFolder();
  const root = (): string => folder.path;

  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.com", ...args], {
      cwd: root(),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, GIT_EDITOR: "true" },
    });
  const commit = (message: string): void => {
    git("add", "-A");
    git("commit", "-qm", message);
  };
  const write = (...fields: readonly string[]): void => writeFileSync(join(root(), FILE), schema(...fields));
  const run = async (...args: readonly string[]): Promise<CliResult> => await charter([...args, "--root", root()]);
  const codes = async (): Promise<readonly string[]> => {
    const { stdout } = await run("check", "--format", "json");
    const { findings } = JSON.parse(stdout) as { findings: { code: string; args: { fingerprint?: string } }[] };
    return findings
      .map(({ code }) => code)
      .filter((code) => code !== "breaking" && code !== "lint")
      .sort();
  };
  const fingerprint = async (): Promise<string> => {
    const { stdout } = await run("diff", "--format", "json");
    const { packages } = JSON.parse(stdout) as {
      packages: { changes: { breaking: boolean; fingerprint: string }[] }[];
    };
    const found = packages.flatMap(({ changes }) => changes).find(({ breaking }) => breaking);
    return found?.fingerprint ?? assert.fail(stdout);
  };
  const approve = async (): Promise<void> => {
    const flags = ["--reason", "It must be", "--owner", "orders", "--expires", "2999-01-31"];
    const result = await run("approve", await fingerprint(), ...flags);
    assert.equal(result.status, 0, result.stderr);
  };
  const record = async (): Promise<void> => {
    const result = await run("changeset");
    assert.equal(result.status, 0, result.stderr);
  };
  const changesets = (): readonly string[] =>
    readdirSync(join(root(), ".changeset"))
      .filter((name) => name.startsWith("charter-"))
      .sort();
  const words = (): string =>
    changesets()
      .map((name) => readFileSync(join(root(), ".changeset", name), "utf8"))
      .join("");
  const times = (part: string): number => words().split(part).length - 1;

  /** The branch on which the note becomes a remark: approved, with a changeset that a person added to. */
  const breakOnBranch = async (): Promise<void> => {
    git("switch", "-qc", "remark");
    write("string id = 1;", "string remark = 2;", "int32 count = 3;");
    await run("generate");
    await approve();
    await record();
    const [name = ""] = changesets();
    const file = join(root(), ".changeset", name);
    writeFileSync(file, `${readFileSync(file, "utf8")}\nAsk the orders team.\n`);
    commit("The note is a remark");
    assert.deepEqual(await codes(), []);
  };

  beforeEach(async () => {
    folder = temporaryFolder();
    git("init", "-q", "-b", "main");
    writeTree(root(), {
      "buf.yaml": "version: v2\nmodules:\n  - path: proto\nlint:\n  use: [MINIMAL]\n",
      "charter.yaml": 'scope: "@acme"\nlicense: MIT\n',
      ".gitignore": "packages/*/src\npackages/*/proto\npackages/*/schema.binpb\npackages/*/LICENSE\npackages/rpc\n",
      ".changeset/config.json": "{}\n",
      [FILE]: schema(...FIELDS),
    });
    await run("generate");
    commit("Orders");
  });
  afterEach(() => folder[Symbol.dispose]());

  test("a break is refused until it is approved, and then asks for a changeset", async () => {
    write("string id = 1;", "string remark = 2;", "int32 count = 3;");
    await run("generate");
    assert.deepEqual(await codes(), ["break-unapproved", "changeset-missing", "history-stale"]);
    await approve();
    assert.deepEqual(await codes(), ["changeset-missing", "history-stale"]);
    await record();
    assert.deepEqual(await codes(), []);
    assert.match(words(), /"@acme\/orders-v1": major/);
  });

  test("a rebase over other changes, and lines that moved", LONG, async () => {
    await breakOnBranch();
    git("switch", "-q", "main");
    write("string id = 1;", "string note = 2;", "int32 count = 3;", "bool gift = 4;");
    await record();
    commit("A gift");
    git("switch", "-q", "remark");
    git("rebase", "-q", "main");
    assert.deepEqual(await codes(), []);
    write(
      "// Makes the lines below move.",
      "string id = 1;",
      "string remark = 2;",
      "int32 count = 3;",
      "bool gift = 4;",
    );
    await record();
    assert.deepEqual(await codes(), []);
    assert.match(words(), /Ask the orders team/);
  });

  test("a squash", async () => {
    await breakOnBranch();
    write("string id = 1;", "string remark = 2;", "int32 count = 3;", "bool gift = 4;");
    await record();
    commit("And a gift");
    git("switch", "-q", "main");
    git("switch", "-qc", "squashed");
    git("merge", "-q", "--squash", "remark");
    commit("All of it");
    assert.deepEqual(await codes(), []);
    assert.equal(times("remark"), 1);
  });

  test("a revert: the approval is unused, the person's words stay", LONG, async () => {
    await breakOnBranch();
    write(...FIELDS);
    await run("generate");
    // The old name is no longer gone.
    assert.deepEqual(await codes(), ["approval-unused", "history-stale"]);
    await record();
    assert.deepEqual(await codes(), ["approval-unused"]);
    assert.match(words(), /Ask the orders team/);
    assert.equal(times("remark"), 0);
  });

  test("a file that is renamed, and a second break in the same message", LONG, async () => {
    await breakOnBranch();
    git("mv", FILE, FILE.replace("order.proto", "orders.proto"));
    // The path of the file is a break of its own, and only that one is left.
    assert.deepEqual(await codes(), ["break-unapproved"]);
    git("mv", FILE.replace("order.proto", "orders.proto"), FILE);
    write("string id = 1;", "string remark = 2;", "int64 count = 3;");
    await run("generate");
    assert.deepEqual(await codes(), ["break-unapproved", "history-stale"]);
  });

  for (const order of [
    ["remark", "gift"],
    ["gift", "remark"],
  ] as const) {
    test(`two branches, ${order.join(" before ")}`, order[0] === "remark" ? {} : LONG, async () => {
      await breakOnBranch();
      git("switch", "-q", "main");
      git("switch", "-qc", "gift");
      write(...FIELDS, "bool gift = 4;");
      await record();
      commit("A gift");
      git("switch", "-q", "main");
      git("switch", "-qc", "both");
      for (const branch of order) git("merge", "-q", "--no-edit", branch);
      assert.deepEqual(await codes(), []);
      const before = words();
      await record();
      assert.equal(words(), before);
      assert.deepEqual([times("`Order.note`"), times("`Order.gift`")], [1, 1]);
      assert.ok(existsSync(join(root(), "approvals")));
    });
  }
});
