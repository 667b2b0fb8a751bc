import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { packageFolder } from "../scripts/core/names.ts";
import { charter } from "./support/cli.ts";
import { googleFiles, packagesOf, versionedFolders, writeGoogleTree } from "./support/google-tree.ts";
import { linkPackages } from "./support/link.ts";
import { announceSeed, draw, seeded } from "./support/random.ts";
import { temporaryFolder } from "./support/tree.ts";

const NAMING = { scope: "@acme", root: "acme" };
const SOAK = process.env["SOAK"] === "1";

/** Generates and builds a workspace. @returns the folders of its packages. */
async function makePackages(root: string, out: string): Promise<readonly string[]> {
  const flags = ["--root", root, "--scope", "@acme", "--out", out];
  for (const command of ["generate", "build"]) {
    const result = await charter([command, ...flags]);
    assert.equal(result.status, 0, `charter ${command}: ${result.stderr}`);
  }
  return readdirSync(out);
}

describe("real trees", () => {
  test("four of Google's APIs become packages, and a Pub/Sub client calls a server", async () => {
    using folder = temporaryFolder();
    const [root, out] = [join(folder.path, "root"), join(folder.path, "out")];
    const apis = ["google/pubsub/v1", "google/cloud/speech/v1", "google/firestore/v1", "google/bigtable/admin/v2"];
    writeGoogleTree(root, apis);
    const packages = await makePackages(root, out);
    for (const api of apis) assert.ok(packages.includes(api.replaceAll("/", "-")), api);
    linkPackages(out);
    await publishThroughPubSub(out);
  });

  test("versions drawn at random generate and compile at the strictest", async () => {
    const random = seeded(announceSeed("real trees"));
    const wanted = SOAK ? 150 : 10;
    using folder = temporaryFolder();
    const root = join(folder.path, "root");
    const drawn = await drawAccepted(wanted, random, folder.path);
    writeGoogleTree(root, drawn);
    const packages = await makePackages(root, join(folder.path, "out"));
    for (const name of drawn.flatMap(packagesOf)) assert.ok(packages.includes(packageFolder(name, NAMING)), name);
    assert.ok(packages.length >= wanted, `${packages.length} packages`);
  });
});

/**
 * Draws versions until `wanted` are left once those are gone that charter refuses by name, each for a reason that the
 * output says: a stable package that imports an unstable one, or two names that are one in TypeScript.
 */
async function drawAccepted(wanted: number, random: () => number, folder: string): Promise<readonly string[]> {
  const candidates = draw(versionedFolders(), wanted * 2, random);
  const root = join(folder, "candidates");
  writeGoogleTree(root, candidates);
  const result = await charter(["generate", "--root", root, "--scope", "@acme", "--out", join(folder, "refused")]);
  const refused = new Set<string>();
  if (result.status !== 0) {
    for (const line of result.stderr.split("\n").filter((each) => !each.startsWith(" ") && each !== "")) {
      const [, file, code] = /([\w./-]+\.proto):\d+:\d+: .* \[([\w-]+)\]$/.exec(line) ?? [];
      assert.ok(code === "stable-imports-unstable" || code === "name-clash" || code === "package-cycle", line);
      console.log(`refused: ${line}`);
      refused.add(String(file).replace(/^.*?candidates\//, ""));
    }
  }
  const left = candidates.filter((each) => !Object.keys(googleFiles([each])).some((file) => refused.has(file)));
  return left.slice(0, wanted);
}

interface PublisherClient {
  publish(request: object): Promise<{ messageIds: string[] }>;
  close(): void;
}

async function publishThroughPubSub(out: string): Promise<void> {
  const load = async (entry: string): Promise<Record<string, unknown>> =>
    await import(join(out, "google-pubsub-v1", "dist", `${entry}.js`));
  const { createPublisherClient } = await load("index");
  const { implementPublisher } = await load("server");
  const { toGrpcService } = await import(join(out, "rpc", "dist", "server.js"));
  const publisher = (implementPublisher as (handlers: object) => unknown)({
    publish: (request: { topic: string; messages: { data: Uint8Array; attributes: object }[] }) => ({
      messageIds: request.messages.map(({ data }, index) => `${request.topic}/${index}/${data.length}`),
    }),
  });
  const service = toGrpcService(publisher) as {
    definition: Parameters<Server["addService"]>[0];
    implementation: UntypedServiceImplementation;
  };
  const server = new Server();
  server.addService(service.definition, service.implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const client = (createPublisherClient as (target: string) => PublisherClient)(`http://127.0.0.1:${port}`);
  try {
    const messages = [{ data: Uint8Array.of(1, 2, 3), attributes: { origin: "test" } }, { orderingKey: "k" }];
    const response = await client.publish({ topic: "projects/p/topics/t", messages });
    assert.deepEqual(response.messageIds, ["projects/p/topics/t/0/3", "projects/p/topics/t/1/0"]);
  } finally {
    client.close();
    server.forceShutdown();
  }
}
