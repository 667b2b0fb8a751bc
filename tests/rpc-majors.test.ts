import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { host } from "../examples/server/src/host.ts";
import type { RunningServer } from "../packages/rpc-server/dist/index.js";
import { type Consumer, createConsumer } from "../scripts/io/consumer.ts";
import { run } from "../scripts/io/process.ts";
import { publishPackages } from "../scripts/io/publish.ts";
import { startRegistry } from "../scripts/io/registry.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { diffReport, reportOf } from "./support/diff.ts";
import { startRepository } from "./support/git.ts";
import { release } from "./support/many-packages.ts";
import { builtPackages, type Manifest, PACKAGES } from "./support/packages.ts";
import { SCOPE } from "./support/publish.ts";
import { temporaryFolder } from "./support/tree.ts";

const SERVICE = "proto/bookstore/recommendations/v2/recommendations_service.proto";

/** What the packages are released as after the break. */
const SECOND = "2.0.0";

/** What the second copy of the runtime has in place of the newest one, so that there are two of grpc-js, too. */
const OLD_GRPC = "1.14.0";

/** Uses both majors and version 1, on a channel of each copy of the runtime. What it prints is asserted below. */
const PROGRAM = `
import * as v1 from "${SCOPE}/recommendations-v1";
import * as rpcOld from "${SCOPE}/rpc";
import * as recsNew from "recs-new";
import * as recsOld from "recs-old";
import * as rpcNew from "rpc-new";

const [address = ""] = process.argv.slice(2);
const audience = { $case: "readerId", value: "reader-7" } as const;

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => "none",
    (reason: unknown) => reason,
  );
}

/** What each copy knows the error as. */
function codesOf(error: unknown): readonly unknown[] {
  return [rpcOld.RpcError.is(error) && error.codeName, rpcNew.RpcError.is(error) && error.codeName];
}

async function use(channel: rpcOld.Channel | rpcNew.Channel): Promise<object> {
  const first = v1.createRecommendationsClient(channel);
  const older = recsOld.createRecommendationsClient(channel);
  const newer = recsNew.createRecommendationsClient(channel);

  const { items } = await first.recommend({ userId: "reader-7", limit: 1 });
  const before = await older.recommend({ audience, limit: 1 });
  const after = await newer.recommend({ audience, limit: 1 });
  // @ts-expect-error: what broke.
  void after.recommendations;
  const titles = [items[0]?.title, before.recommendations[0]?.title, after.suggestions[0]?.title];
  const dates = [before.generateTime instanceof Date, after.generateTime instanceof Date];

  const streamed: number[] = [];
  for (const client of [older, newer]) {
    for await (const { upserted } of client.streamRecommendations({ audience })) {
      streamed.push(upserted.length);
      break;
    }
  }
  const recorded: bigint[] = [];
  for (const client of [older, newer]) {
    const { rejections, acceptedCount } = await client.recordEvents([{}, {}]);
    recorded.push(BigInt(Object.keys(rejections).length) - acceptedCount);
  }

  // What one copy made goes into a client of the other: metadata of an error, an interceptor.
  const refused = await failureOf(older.recommend({}));
  if (!rpcNew.RpcError.is(refused)) throw refused;
  const seen: string[] = [];
  const watch: rpcOld.Interceptor = (call, next) =>
    rpcOld.observe(call, next, { onEnd: ({ code }) => seen.push(call.method.name + " " + code) });
  const options = { metadata: refused.metadata, interceptors: [watch] };
  await newer.recommend({ audience }, options);
  const failures = [refused, await failureOf(newer.recommend({}, options)), await failureOf(first.recommend({}))];

  newer.close();
  newer.close();
  const closed = await failureOf(newer.recommend({ audience }));
  const left = await Promise.all([first.recommend({ userId: "reader-7" }), older.recommend({ audience })]);
  channel.close();
  const ended = [await failureOf(first.recommend({ userId: "reader-7" })), await failureOf(older.recommend({ audience }))];
  return {
    titles,
    dates,
    streamed,
    recorded: recorded.map(Number),
    seen,
    failures: failures.map(codesOf),
    closed: codesOf(closed),
    left: [left[0].items.length, left[1].recommendations.length],
    ended: ended.map(codesOf),
  };
}

for (const { createChannel } of [rpcOld, rpcNew]) console.log(JSON.stringify(await use(createChannel(address))));
`;

/** The packages after a break: the response of one rpc names its field differently. */
async function makeSecondMajor(root: string): Promise<readonly string[]> {
  for (const path of [
    "charter.yaml",
    "buf.yaml",
    "LICENSE",
    "proto/bookstore/recommendations",
    "proto/bookstore/type",
  ]) {
    cpSync(join(REPOSITORY, path), join(root, path), { recursive: true });
  }
  startRepository(root);
  const source = readFileSync(join(root, SERVICE), "utf8");
  const changed = source.replace(
    "repeated Recommendation recommendations = 1;",
    "repeated Recommendation suggestions = 1;",
  );
  assert.notEqual(changed, source);
  writeFileSync(join(root, SERVICE), changed);
  const report = await diffReport(["--rules-only", "--against", "git:HEAD"], root);
  assert.equal(reportOf(report, "bookstore.recommendations.v2").bump, "major");
  await succeed("generate", "--root", root);
  const out = join(root, "packages");
  const folders = readdirSync(out);
  release(
    root,
    folders.map((folder) => ({ name: folder, folder, edit: "major", version: SECOND, needs: undefined })),
  );
  const runtime = join(out, "rpc", "package.json");
  const manifest = readFileSync(runtime, "utf8");
  writeFileSync(runtime, manifest.replace(/("@grpc\/grpc-js": )"[^"]*"/, `$1"${OLD_GRPC}"`));
  await succeed("build", "--root", root);
  return folders.map((folder) => join(out, folder));
}

async function succeed(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await charter(args);
  assert.equal(status, 0, stderr);
}

describe("two majors of a client, and another version of the API, in one process", () => {
  const started = new AsyncDisposableStack();
  let consumer: Consumer;
  let hosted: RunningServer;

  before(async () => {
    const tree = started.use(temporaryFolder());
    const registry = started.use(await startRegistry({ scope: SCOPE }));
    const first = builtPackages().map(({ folder }) => join(PACKAGES, folder));
    for (const folders of [first, await makeSecondMajor(tree.path)]) {
      await publishPackages({ folders, registry: registry.url, scope: SCOPE });
    }
    const options = {
      registry: registry.url,
      scope: SCOPE,
      dependencies: {
        [`${SCOPE}/recommendations-v1`]: "^1.0.0",
        [`${SCOPE}/rpc`]: "^1.0.0",
        "recs-old": `npm:${SCOPE}/recommendations-v2@^1.0.0`,
        "recs-new": `npm:${SCOPE}/recommendations-v2@${SECOND}`,
        "rpc-new": `npm:${SCOPE}/rpc@${SECOND}`,
      },
      files: {
        "main.ts": PROGRAM,
        "tsconfig.json": readFileSync(join(REPOSITORY, "examples", "consumer", "tsconfig.json"), "utf8"),
      },
    };
    consumer = started.use(await createConsumer(options));
    hosted = await host();
    started.defer(async () => void (await hosted.close(0)));
  });
  after(() => started.disposeAsync());

  test("each major has the copies that it asks for, of the runtime and of grpc-js", () => {
    const versionSeenBy = (folder: string, name: string): string => {
      const require = createRequire(join(consumer.folder, "node_modules", folder, "package.json"));
      return (require(`${name}/package.json`) as { version: string }).version;
    };
    const runtimes = ["recs-old", `${SCOPE}/recommendations-v1`, "recs-new"].map((folder) =>
      versionSeenBy(folder, `${SCOPE}/rpc`),
    );
    const { version } = JSON.parse(readFileSync(join(PACKAGES, "rpc", "package.json"), "utf8")) as Manifest;
    assert.deepEqual(runtimes, [version, version, SECOND]);
    assert.equal(versionSeenBy("rpc-new", "@grpc/grpc-js"), OLD_GRPC);
    assert.notEqual(versionSeenBy(`${SCOPE}/rpc`, "@grpc/grpc-js"), OLD_GRPC);
  });

  test("they compile at the strictest", async () => {
    const tsc = join(REPOSITORY, "node_modules", "typescript", "bin", "tsc");
    const { status, stdout } = await run(process.execPath, [tsc, "-p", consumer.folder, "--pretty", "false"]);
    assert.deepEqual([status, stdout.toString("utf8")], [0, ""]);
  });

  test("they share a channel of either copy, and one that is closed leaves the others", async () => {
    const { status, stdout, stderr } = await consumer.run("node", [join("dist", "main.js"), hosted.address]);
    assert.equal(status, 0, stderr);
    const answers: readonly unknown[] = stdout
      .toString("utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const title = "The Tombs of Atuan";
    const refused = ["INVALID_ARGUMENT", "INVALID_ARGUMENT"];
    const cancelled = ["CANCELLED", "CANCELLED"];
    const expected = {
      titles: [title, title, title],
      dates: [true, true],
      streamed: [9, 9],
      recorded: [2, 2],
      seen: ["Recommend 0", "Recommend 3"],
      failures: [refused, refused, refused],
      closed: cancelled,
      left: [9, 9],
      ended: [cancelled, cancelled],
    };
    assert.deepEqual(answers, [expected, expected]);
  });
});
