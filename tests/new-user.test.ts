import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { run } from "../scripts/io/process.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { startRepository } from "./support/git.ts";
import { linkPackages } from "./support/link.ts";
import { temporaryFolder } from "./support/tree.ts";

const SOAK = process.env["SOAK"] === "1";
const GUIDE = readFileSync(join(REPOSITORY, "docs", "new-version.md"), "utf8");

/** The commands of the guide, in their order, up to the day on which the old version goes. */
const COMMANDS = [...(GUIDE.split("## 7.")[0] ?? "").matchAll(/^npx -y pnpm@12 (.+)$/gm)].map(([, line]) => line ?? "");

/** What a person edits behind a command, as the guide says. */
const EDITS: Readonly<Record<number, readonly [file: string, from: string, to: string]>> = {
  0: [
    "proto/bookstore/recommendations/v3/recommendations_service.proto",
    "  int32 limit = 3;",
    "  int32 max_results = 3;",
  ],
  2: [
    "packages/recommendations-v2-v3-bridge/bridge.yaml",
    "fields: {}",
    "fields:\n  RecommendRequest.limit: max_results",
  ],
};

const SERVE = `
import assert from "node:assert/strict";
import { createRecommendationsClient as createV2 } from "@bookstore/recommendations-v2";
import { recommendationsBridge } from "@bookstore/recommendations-v2-v3-bridge";
import { createRecommendationsClient as createV3 } from "@bookstore/recommendations-v3";
import { implementRecommendations } from "@bookstore/recommendations-v3/server";
import { bridgeServer } from "@bookstore/rpc/bridge";
import { serve } from "@bookstore/rpc-server";

const shelf = ["a", "b", "c"].map((bookId) => ({ bookId }));
const v3 = implementRecommendations({
  recommend: ({ maxResults }) => ({ recommendations: shelf.slice(0, maxResults) }),
});
const server = await serve({ address: "127.0.0.1:0", services: [v3, bridgeServer(v3, recommendationsBridge)] });
const [old, now] = [createV2(server.address), createV3(server.address)];
for (const response of [await old.recommend({ limit: 2 }), await now.recommend({ maxResults: 2 })]) {
  assert.deepEqual(response.recommendations.map(({ bookId }) => bookId), ["a", "b"]);
}
old.close();
now.close();
assert.equal(await server.close(), "clean");
console.log("served");
`;

test("a new user follows the guide: from a clone to v3 served beside v2", async () => {
  using folder = temporaryFolder();
  const root = folder.path;
  const listed = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: REPOSITORY });
  const files = listed.stdout.toString().trim().split("\n");
  for (const file of files.filter((each) => /^(proto|packages|\.changeset)\/|^[^/]+$/.test(each))) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(REPOSITORY, file), join(root, file));
  }
  startRepository(root);
  assert.equal(COMMANDS.length, 10, COMMANDS.join("\n"));
  for (const [index, line] of COMMANDS.entries()) {
    const [command = "", ...args] = line.replace(/^charter /, "").split(" ");
    if (command === "install") install(join(root, "packages"));
    else if (SOAK || (command !== "check" && command !== "changeset")) {
      const { status, stdout, stderr } = await charter([command, ...args], { cwd: root });
      // Holes are open until the first edit of the bridge.
      assert.equal(status, index === 2 ? 1 : 0, `${line}: ${stdout}${stderr}`);
      assertTold(stdout);
    }
    const [file, from, to] = EDITS[index] ?? [];
    if (file === undefined || from === undefined || to === undefined) continue;
    const text = readFileSync(join(root, file), "utf8");
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(join(root, file), text.replace(from, to));
  }
  writeFileSync(join(root, "packages", "main.mjs"), SERVE);
  const served = await run(process.execPath, ["main.mjs"], { cwd: join(root, "packages") });
  assert.equal(served.stdout.toString(), "served\n", served.stderr.toString());
});

/** As pnpm would, without asking a registry. */
function install(out: string): void {
  linkPackages(out);
  for (const name of ["@grpc/proto-loader", "@grpc/reflection", "grpc-health-check"]) {
    symlinkSync(join(REPOSITORY, "packages", "rpc-server", "node_modules", name), join(out, "node_modules", name));
  }
}

/** What the guide shows of a command's output is what it says: each of its lines, in full. */
function assertTold(stdout: string): void {
  const [first = ""] = stdout.split("\n");
  const shown = [...GUIDE.matchAll(/```text\n([\s\S]*?)```/g)].map(([, text]) => text ?? "");
  const block = shown.find(
    (text) =>
      text.startsWith(`${first}\n`) && text.split("\n").every((line) => line.trim() === "…" || stdout.includes(line)),
  );
  const isShown = shown.some((text) => text.startsWith(`${first}\n`));
  assert.ok(!isShown || block !== undefined, `the guide shows otherwise:\n${stdout}`);
}
