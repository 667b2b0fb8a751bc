import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { worst } from "../scripts/core/change.ts";
import { run } from "../scripts/io/process.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { diffReport } from "./support/diff.ts";
import { commitAll, git, startRepository } from "./support/git.ts";
import {
  editPackages,
  type Package,
  planPackages,
  release,
  versionOf,
  writePackages,
} from "./support/many-packages.ts";
import { temporaryFolder } from "./support/tree.ts";

const COUNT = process.env["SOAK"] === undefined ? 40 : 100;

/** As npm counts. */
function bumped(version: string, bump: string): string {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (bump === "major") return `${major + 1}.0.0`;
  if (bump === "minor") return `${major}.${minor + 1}.0`;
  return bump === "patch" ? `${major}.${minor}.${patch + 1}` : version;
}

describe(`${COUNT} packages changed at once`, () => {
  const packages = planPackages(COUNT);
  const folder = temporaryFolder();
  const root = folder.path;
  /** proto package → what `charter diff` says before the release. */
  let computed: ReadonlyMap<string, string> = new Map();
  const changesets = (): readonly string[] =>
    readdirSync(join(root, ".changeset")).filter((name) => name.startsWith("charter-"));
  const call = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await charter(args, { cwd: root });
    assert.equal(status, 0, stderr);
    return stdout;
  };

  before(async () => {
    writePackages(root, packages);
    await call("generate");
    release(root, packages);
    startRepository(root);
    git(root, "tag", "released");
    editPackages(root, packages);
    await call("generate");
    const report = await diffReport(["--against", "git:released"], root);
    computed = new Map(report.packages.map((each) => [each.package, each.bump]));
  });
  after(() => folder[Symbol.dispose]());

  test("the diff computes what was done to each, and to what it needs; a break of an unstable one is a minor", () => {
    for (const { name, edit, needs } of packages) {
      // New words in another package are told there alone.
      const shown = needs?.edit === "patch" ? "none" : (needs?.edit ?? "none");
      const bump = worst([edit, shown]);
      assert.equal(computed.get(`acme.${name}`), name.includes("beta") && bump === "major" ? "minor" : bump, name);
    }
  });

  test("one run of charter changeset tells each once, and a second one has nothing to do", async () => {
    await call("changeset", "--against", "git:released");
    const demanded = [...computed.values()].filter((bump) => bump !== "none");
    assert.equal(changesets().length, demanded.length);
    const texts = changesets().map((name) => readFileSync(join(root, ".changeset", name), "utf8"));
    assert.match(await call("changeset", "--against", "git:released"), /are as the changes demand/);
    assert.deepEqual(
      changesets().map((name) => readFileSync(join(root, ".changeset", name), "utf8")),
      texts,
    );
  });

  test("changeset version gives the computed numbers, also from files that another editor saved", async () => {
    const [first = "", second = ""] = changesets();
    resave(join(root, ".changeset", first), (text) => text.replaceAll("\n", "\r\n"));
    resave(join(root, ".changeset", second), (text) => `\uFEFF${text}`);
    commitAll(root, "changed");
    const bin = join(REPOSITORY, "node_modules", "@changesets", "cli", "bin.js");
    const result = await run(process.execPath, [bin, "version"], { cwd: root });
    assert.equal(result.status, 0, `${result.stdout}${result.stderr}`);
    assert.deepEqual(changesets(), [], "all of them went into a release");
    for (const each of packages) {
      const bump = computed.get(`acme.${each.name}`) ?? "none";
      const expected = bumped(each.version, bump);
      const found = versionOf(root, each);
      // A package that nothing was computed for follows, by a patch, one that it needs and that left its range.
      const follows = bump === "none" && found === bumped(each.version, "patch");
      assert.ok(found === expected || follows, `${each.name}: ${each.version} to ${expected}, not ${found}`);
    }
  });

  test("the changelogs tell what breaks, also to those who only show a type of what broke", () => {
    for (const each of packages) {
      const text = changelogOf(each);
      if (each.edit === "major")
        assert.match(text, /^- \*\*Breaking\.\*\* The field `Item\.note` is now called `remark`/m);
      else if (each.needs?.edit === "major") assert.match(text, /^- \*\*Breaking\.\*\* .*Item\.note/m);
      else assert.doesNotMatch(text, /Breaking/);
    }
  });

  function changelogOf({ folder: name }: Package): string {
    // Its list is a part of a list, so it is indented.
    return readFileSync(join(root, "packages", name, "CHANGELOG.md"), "utf8").replace(/^ +/gm, "");
  }
});

function resave(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}
