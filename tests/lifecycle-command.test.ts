import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { checkLifecycle } from "../scripts/commands/check-lifecycle.ts";
import { parseConfig } from "../scripts/core/config.ts";
import { type CliResult, charter } from "./support/cli.ts";
import { schema } from "./support/refusal.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

const SERVICE = "service ItemService { rpc Get(Item) returns (Item); rpc Find(Item) returns (Item) {} }\n";
const TREE: Readonly<Record<string, string>> = {
  "buf.yaml": "version: v2\nlint:\n  use: []\n",
  "charter.yaml": 'scope: "@acme"\n',
  "acme/shop/v1/shop.proto": schema("acme.shop.v1", `message Item { string id = 1; }\n${SERVICE}`),
  "acme/shop/v2/shop.proto": schema("acme.shop.v2", "message Item { string id = 1; }\n"),
  "lifecycle.yaml": entries("2027-07-01"),
};

function entries(sunset: string): string {
  return `entries:
  acme.shop.v1:
    deprecated: 2026-12-01
    sunset: ${sunset}
    successor: acme.shop.v2
  acme.shop.v1.ItemService.Find:
    deprecated: 2027-01-01
    successor: none
    reason: Slow; nobody, it seems, uses it.
`;
}

describe("charter lifecycle, and what charter check makes of it", () => {
  const folder = temporaryFolder();
  const git = (...args: string[]): void => {
    const who = ["-c", "user.name=test", "-c", "user.email=test@acme.example"];
    execFileSync("git", [...who, ...args], { cwd: folder.path, stdio: "ignore" });
  };
  const run = (...args: string[]): Promise<CliResult> => charter([...args, "--root", folder.path]);
  // In this process and without the rest of a check, which takes seconds; what `charter check` prints is seen once.
  const judge = (day: string): ReturnType<typeof checkLifecycle> => {
    const config = parseConfig(TREE["charter.yaml"], {});
    const workspace = { root: folder.path, out: join(folder.path, "packages"), config };
    return checkLifecycle(workspace, { kind: "git", ref: "main" }, day);
  };
  const found = async (day: string): Promise<readonly (readonly string[])[]> => {
    const { errors, warnings } = await judge(day);
    return [errors, warnings].map((each) => each.map(({ code, position }) => `${code} ${position?.line ?? ""}`));
  };
  before(() => {
    writeTree(folder.path, TREE);
    git("init", "--quiet", "--initial-branch=main");
    git("add", "--all");
    git("commit", "--quiet", "--message=all");
  });
  after(() => folder[Symbol.dispose]());

  test("the calendar as text, as JSON, and for calendars", async () => {
    const text = await run("lifecycle", "--on", "2027-01-15");
    assert.equal(
      text.stdout,
      `On 2027-01-15:
2026-12-01  deprecated  acme.shop.v1 (package, now deprecated, use acme.shop.v2)
2027-01-01  deprecated  acme.shop.v1.ItemService.Find (method, now deprecated)
2027-07-01  sunset      acme.shop.v1 (package, now deprecated, use acme.shop.v2)
`,
    );
    const json = JSON.parse((await run("lifecycle", "--on", "2027-07-01", "--format", "json")).stdout);
    assert.deepEqual([json.version, json.on, json.events.length, json.events[2].state], [1, "2027-07-01", 3, "sunset"]);
    const { stdout } = await run("lifecycle", "--on", "2027-01-15", "--format", "ics");
    const lines = stdout.split("\r\n");
    assert.deepEqual([lines[0], ...lines.slice(-2)], ["BEGIN:VCALENDAR", "END:VCALENDAR", ""]);
    assert.equal(lines.filter((line) => line === "DTSTAMP:20270115T000000Z").length, 3);
    assert.ok(lines.includes("DTSTART;VALUE=DATE:20270701"));
    // Unfolded, and each line short enough.
    assert.ok(stdout.replaceAll("\r\n ", "").includes("Slow\\; nobody\\, it seems\\, uses it."));
    assert.ok(lines.every((line) => Buffer.byteLength(line) <= 75));
  });

  test("a check warns and refuses as of a day, and says where", async () => {
    assert.deepEqual(await found("2026-11-24"), [[], ["lifecycle-deprecation-near 3"]]);
    assert.deepEqual(await found("2026-12-01"), [["lifecycle-unmarked "], []]);
    const proto = TREE["acme/shop/v1/shop.proto"] ?? "";
    const marked = proto.replace("package acme.shop.v1;", "package acme.shop.v1;\noption deprecated = true;");
    assert.notEqual(marked, proto);
    writeTree(folder.path, { "acme/shop/v1/shop.proto": marked });
    git("commit", "--all", "--quiet", "--message=marked");
    assert.deepEqual(await found("2027-06-15"), [[], ["lifecycle-sunset-near 4"]]);
  });

  test("a date that moves is refused, and permitted by charter approve", async () => {
    writeTree(folder.path, { "lifecycle.yaml": entries("2027-08-01") });
    const { errors } = await judge("2026-11-24");
    assert.deepEqual(
      errors.map(({ code, position }) => [code, position?.file, position?.line]),
      [["lifecycle-date-moved", "lifecycle.yaml", 4]],
    );
    const fingerprint = errors[0]?.args["fingerprint"] ?? "";
    const approved = await run(
      "approve",
      fingerprint,
      "--reason",
      "Asked",
      "--owner",
      "shop",
      "--expires",
      "2999-01-01",
    );
    assert.equal(approved.status, 0, approved.stderr);
    assert.match(approved.stdout, /acme\.shop\.v1: sunset 2027-07-01 is now sunset 2027-08-01\./);
    const { stdout } = await run("check", "--on", "2027-07-15", "--format", "json");
    const { findings, warnings } = JSON.parse(stdout) as Record<string, readonly { code: string }[]>;
    const isOurs = ({ code }: { code: string }): boolean => /^(?:lifecycle|approval)/.test(code);
    assert.deepEqual(findings?.filter(isOurs), []);
    assert.deepEqual(
      warnings?.map(({ code }) => code),
      ["lifecycle-sunset-near"],
    );
  });

  test("bad input: the day, and the file, with all places at once", async () => {
    for (const [command, day] of [
      ["lifecycle", "2026-12-01T00:00:00Z"],
      ["check", "2026-02-30"],
    ] as const) {
      const { status, stderr } = await run(command, "--on", day);
      assert.deepEqual([status, /\[on-date\]/.test(stderr)], [2, true], stderr);
    }
    writeTree(folder.path, { "lifecycle.yaml": "entries:\n  a.v1: { deprecated: 2026-13-01 }\n  b.v1: 1\n" });
    const { status, stderr } = await run("lifecycle");
    assert.equal(status, 1);
    const places = [...stderr.matchAll(/lifecycle\.yaml:(\d+:\d+): .*\[(.*)\]/g)].map(
      ([, place, code]) => `${place} ${code}`,
    );
    assert.deepEqual(places, ["2:23 lifecycle-date-malformed", "2:3 lifecycle-missing", "3:3 lifecycle-malformed"]);
  });
});

test("a generated package has the dates beside its marks", async () => {
  using folder = temporaryFolder();
  const marked = SERVICE.replace("{}", "{ option deprecated = true; }");
  writeTree(folder.path, {
    ...TREE,
    "acme/shop/v1/shop.proto": schema("acme.shop.v1", `message Item { string id = 1 [deprecated = true]; }\n${marked}`),
  });
  const generated = await charter(["generate", "--root", folder.path]);
  assert.equal(generated.status, 0, generated.stderr);

  const source = readFileSync(join(folder.path, "packages/shop-v1/src/gen/marks.ts"), "utf8");
  const text = /Marks = (.*);/s.exec(source)?.[1] ?? "";
  // A method has its own entry; a field has the one of its package.
  assert.deepEqual(JSON.parse(text), {
    methods: { find: { deprecated: true, dates: { since: "2027-01-01" } } },
    messages: {
      "acme.shop.v1.Item": {
        id: { deprecated: true, dates: { since: "2026-12-01", sunset: "2027-07-01", successor: "acme.shop.v2" } },
      },
    },
  });
  writeTree(folder.path, { "lifecycle.yaml": "entries: 1\n" });
  assert.equal((await charter(["generate", "--root", folder.path])).status, 2);
});
