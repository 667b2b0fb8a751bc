import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { publishPackages } from "../scripts/io/publish.ts";
import { type Registry, startRegistry } from "../scripts/io/registry.ts";
import { charter } from "./support/cli.ts";
import { diffReport, reportOf, summaryOf } from "./support/diff.ts";
import { commitAll, git, startRepository } from "./support/git.ts";
import { BUF_YAML, schema, treeOf, WORKSPACE } from "./support/refusal.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const ORDER = "message Order {\n  string id = 1;\n  acme.type.v1.Money total = 2;\n}\n";
const IMPORT = "acme/type/v1/money.proto";
const ORDER_FILE = "root/proto/acme/orders/v1/order.proto";

/** Two packages, of which one needs the other. */
const TREE = {
  ...BUF_YAML,
  "root/proto/acme/type/v1/money.proto": schema("acme.type.v1", "message Money {\n  int64 units = 1;\n}\n"),
  [ORDER_FILE]: schema("acme.orders.v1", ORDER, IMPORT),
};
const RENAMED = { [ORDER_FILE]: schema("acme.orders.v1", ORDER.replace("string id", "string order_id"), IMPORT) };
const EXTRA = { "root/proto/acme/extra/v1/extra.proto": schema("acme.extra.v1", "message Extra {}\n") };

describe("a baseline that was published", () => {
  let registry: Registry;
  const folder = temporaryFolder();

  /** Generates, builds and publishes all packages of the tree, with one version for all. */
  async function release(version: string): Promise<void> {
    for (const command of ["generate", "build"]) {
      const result = await charter([command, ...WORKSPACE], { cwd: folder.path });
      assert.equal(result.status, 0, result.stderr);
    }
    const folders = readdirSync(join(folder.path, "out")).map((name) => join(folder.path, "out", name));
    for (const each of folders) {
      const file = join(each, "package.json");
      const json = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
      writeFileSync(file, JSON.stringify({ ...json, version }));
    }
    await publishPackages({ folders, registry: registry.url, scope: "@acme" });
  }

  /** The packages' folder is another, so that nothing is known of what was there. */
  const diffNpm = (...args: readonly string[]) =>
    diffReport(["--root", "root", "--scope", "@acme", "--registry", registry.url, ...args], folder.path);

  before(async () => {
    writeTree(folder.path, TREE);
    registry = await startRegistry({ scope: "@acme" });
    await release("1.0.0");
  });
  after(async () => {
    await registry?.close();
    folder[Symbol.dispose]();
  });

  test("what was published and what it was published from are the same", async () => {
    assert.deepEqual(summaryOf(await diffNpm("--against", "npm")), {
      "acme.orders.v1": ["@acme/orders-v1@1.0.0"],
      "acme.type.v1": ["@acme/type-v1@1.0.0"],
    });
  });

  test("each package is compared with its own release, and one that the registry does not know is new", async () => {
    writeTree(folder.path, { ...RENAMED, ...EXTRA });
    const report = await diffNpm("--against", "npm");
    assert.deepEqual(summaryOf(report), {
      "acme.orders.v1": ["@acme/orders-v1@1.0.0", "field-renamed"],
      "acme.extra.v1": ["none", "package-added"],
      "acme.type.v1": ["@acme/type-v1@1.0.0"],
    });
    assert.deepEqual(
      report.packages.map(({ npm, bump }) => [npm, bump]),
      [
        ["@acme/orders-v1", "major"],
        ["@acme/extra-v1", "minor"],
        ["@acme/type-v1", "none"],
      ],
    );
    const args = ["diff", ...WORKSPACE, "--against", "npm", "--registry", registry.url];
    const { stdout } = await charter(args, { cwd: folder.path });
    assert.match(stdout, /^acme\.orders\.v1 \(@acme\/orders-v1\): major, against @acme\/orders-v1@1\.0\.0$/m);
    assert.match(stdout, /^Compared with what npm has: @acme\/orders-v1@1\.0\.0, @acme\/type-v1@1\.0\.0\.$/m);
    assert.match(stdout, /^New, with nothing to compare: acme\.extra\.v1\.$/m);
  });

  test("it is the last release, unless another is named", async () => {
    await release("2.0.0");
    const last = await diffNpm("--against", "npm");
    assert.deepEqual(reportOf(last, "acme.orders.v1").baseline, { kind: "npm", from: "@acme/orders-v1@2.0.0" });
    assert.equal(last.bump, "none");
    assert.deepEqual(summaryOf(await diffNpm("--against", "npm:@acme/orders-v1@1.0.0")), {
      "acme.orders.v1": ["@acme/orders-v1@1.0.0", "field-renamed"],
    });
    assert.deepEqual(summaryOf(await diffNpm("--against", "npm:@acme/orders-v1")), {
      "acme.orders.v1": ["@acme/orders-v1@2.0.0"],
    });
  });

  test("a package that is no more, and that was published, is gone", async () => {
    rmSync(join(folder.path, "root/proto/acme/extra"), { recursive: true });
    const known = await diffNpm("--against", "npm", "--out", "out");
    assert.deepEqual(summaryOf(known)["acme.extra.v1"], ["@acme/extra-v1@2.0.0", "package-removed"]);
    const unknown = await diffNpm("--against", "npm");
    assert.equal(summaryOf(unknown)["acme.extra.v1"], undefined);
  });

  test("by default: the scope's registry where it knows the package, else the merge base", async () => {
    using other = temporaryFolder();
    const root = join(other.path, "root");
    const unpublished = (body: string) => ({ "root/proto/acme/new/v1/new.proto": schema("acme.new.v1", body) });
    writeTree(other.path, { ...TREE, ...unpublished("message New {\n  string a = 1;\n}\n") });
    startRepository(root);
    writeTree(other.path, unpublished("message New {\n  string b = 1;\n}\n"));
    const by = async (npmrc: string) => {
      writeTree(other.path, { "root/.npmrc": npmrc });
      return summaryOf(await diffReport(["--root", "root", "--scope", "@acme"], other.path));
    };
    const base = `the merge base at ${git(root, "rev-parse", "HEAD").slice(0, 10)}`;
    assert.deepEqual(await by(`@acme:registry=${registry.url}\n`), {
      "acme.orders.v1": ["@acme/orders-v1@2.0.0", "field-renamed"],
      "acme.new.v1": [base, "field-renamed"],
      "acme.type.v1": ["@acme/type-v1@2.0.0"],
    });
    // No registry for the scope, and one that leads nowhere on purpose.
    for (const npmrc of ["", "@acme:registry=http://127.0.0.1:9/\n"]) {
      assert.deepEqual(await by(npmrc), {
        "acme.new.v1": [base, "field-renamed"],
        "acme.orders.v1": [base],
        "acme.type.v1": [base],
      });
    }
  });
});

describe("a baseline in git", () => {
  test("the merge base is where the branch left, however far the trunk went", async () => {
    using folder = temporaryFolder();
    const root = join(folder.path, "root");
    writeTree(folder.path, TREE);
    startRepository(root);
    const base = git(root, "rev-parse", "HEAD");
    git(root, "checkout", "--quiet", "-b", "branch");
    writeTree(folder.path, RENAMED);
    commitAll(root, "renamed");
    git(root, "checkout", "--quiet", "main");
    writeTree(folder.path, EXTRA);
    commitAll(root, "extra");
    git(root, "checkout", "--quiet", "branch");
    const report = await diffReport(["--root", "root", "--scope", "@acme"], folder.path);
    assert.deepEqual(summaryOf(report), {
      "acme.orders.v1": [`the merge base at ${base.slice(0, 10)}`, "field-renamed"],
      "acme.type.v1": [`the merge base at ${base.slice(0, 10)}`],
    });
    const main = await diffReport(["--root", "root", "--scope", "@acme", "--against", "git:main"], folder.path);
    assert.deepEqual(
      main.packages.map((each) => [each.package, ...each.changes.map(({ rule }) => rule)]),
      [["acme.extra.v1", "package-removed"], ["acme.orders.v1", "field-renamed"], ["acme.type.v1"]],
    );
  });

  test("a commit sixty commits ago, from a worktree, in a folder of the repository; nothing there changes", async () => {
    using folder = temporaryFolder();
    const repository = join(folder.path, "repository");
    writeTree(join(repository, "some", "place"), TREE);
    startRepository(repository);
    git(repository, "tag", "old");
    writeTree(join(repository, "some", "place"), RENAMED);
    for (let count = 0; count < 60; count++) commitAll(repository, `${count}`);
    git(repository, "worktree", "add", "--quiet", join(folder.path, "tree"));
    const place = join(folder.path, "tree", "some", "place");
    const untouched = treeOf(folder.path);
    const report = await diffReport(["--root", "root", "--scope", "@acme", "--against", "git:old"], place);
    const from = `old at ${git(repository, "rev-parse", "old").slice(0, 10)}`;
    assert.deepEqual(summaryOf(report), { "acme.orders.v1": [from, "field-renamed"], "acme.type.v1": [from] });
    assert.deepEqual(treeOf(folder.path), untouched);
  });

  test("before the first schema everything is new", async () => {
    using folder = temporaryFolder();
    const root = join(folder.path, "root");
    writeTree(folder.path, { "root/README.md": "Nothing yet.\n" });
    startRepository(root);
    writeTree(folder.path, TREE);
    const report = await diffReport(["--root", "root", "--scope", "@acme"], folder.path);
    assert.deepEqual(summaryOf(report), {
      "acme.orders.v1": ["none", "package-added"],
      "acme.type.v1": ["none", "package-added"],
    });
  });
});

describe("a baseline beside the workspace", () => {
  test("two bare folders: no registry, no git, no packages, no scope", async () => {
    using folder = temporaryFolder();
    writeTree(folder.path, TREE);
    writeTree(join(folder.path, "other"), { ...TREE, ...RENAMED });
    const report = await diffReport(["--root", "other/root", "--against", "root"], folder.path);
    assert.deepEqual(summaryOf(report), { "acme.orders.v1": ["root", "field-renamed"], "acme.type.v1": ["root"] });
    assert.ok(report.packages.every((each) => !("npm" in each)));
  });

  test("the copies of the schemas that packages hold do not count, on neither side", async () => {
    using folder = temporaryFolder();
    // The module is the root itself, and the packages stand in it.
    const moved = Object.entries(TREE).map(([path, text]) => [path.replace("root/proto/", "root/"), text]);
    for (const side of ["old", "new"]) {
      writeTree(join(folder.path, side), { ...Object.fromEntries(moved), "root/buf.yaml": "version: v2\n" });
      const root = join(side, "root");
      const generated = await charter(["generate", "--root", root, "--scope", "@acme"], { cwd: folder.path });
      assert.equal(generated.status, 0, generated.stderr);
    }
    const report = await diffReport(["--root", "new/root", "--scope", "@acme", "--against", "old/root"], folder.path);
    assert.deepEqual(summaryOf(report), { "acme.orders.v1": ["old/root"], "acme.type.v1": ["old/root"] });
  });

  test("an image, and the schema.binpb of a package", async () => {
    using folder = temporaryFolder();
    writeTree(folder.path, TREE);
    const generated = await charter(["generate", ...WORKSPACE], { cwd: folder.path });
    assert.equal(generated.status, 0, generated.stderr);
    writeTree(folder.path, RENAMED);
    const image = "out/orders-v1/schema.binpb";
    const report = await diffReport(["--root", "root", "--against", image], folder.path);
    assert.deepEqual(summaryOf(report), { "acme.orders.v1": [image, "field-renamed"], "acme.type.v1": [image] });
  });
});
