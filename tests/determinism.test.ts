import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { readImage } from "../scripts/core/image.ts";
import { loadGenerator } from "../scripts/core/sources.ts";
import { buildImage, runBuf } from "../scripts/io/buf.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { announceSeed, seeded } from "./support/random.ts";
import { snapshot, temporaryFolder, writeTree } from "./support/tree.ts";

/** How often a run is killed: 20 in the soak. */
const KILLS = process.env["SOAK"] === "1" ? 20 : 5;

const NAMING = { scope: "@bookstore", root: "bookstore" };

describe("generation is deterministic", () => {
  const folder = temporaryFolder();
  const root = join(folder.path, "root");
  const first = join(folder.path, "first");
  let expected: Readonly<Record<string, string>>;
  /** How long a whole run takes here, in ms: the span in which one is killed. */
  let span: number;

  before(async () => {
    // A copy, so that the outputs are all that differs.
    mkdirSync(root);
    for (const name of ["proto", "buf.yaml", "charter.yaml", "LICENSE"]) {
      cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
    }
    const started = performance.now();
    await generate(first);
    span = performance.now() - started;
    expected = snapshot(first);
    assert.ok(Object.keys(expected).length > 100);
  });

  after(() => folder[Symbol.dispose]());

  const generate = async (out: string, cwd = REPOSITORY): Promise<string> => {
    const result = await charter(["generate", "--root", root, "--out", out], { cwd });
    assert.equal(result.status, 0, result.stderr);
    return result.stdout;
  };

  test("a second run finds nothing to write", async () => {
    assert.match(await generate(first), /all unchanged/);
    assert.deepEqual(snapshot(first), expected);
  });

  test("another folder and another place to call from give the same bytes", async () => {
    const out = join(folder.path, "elsewhere", "packages");
    await generate(out, folder.path);
    assert.deepEqual(snapshot(out), expected);
  });

  test("the order of the files does not matter", async () => {
    // Files that do not import each other can come in any order.
    const many = join(folder.path, "many");
    const names = ["a", "b", "c", "d", "e"];
    const proto = (name: string): string =>
      `syntax = "proto3";\npackage acme.many.v1;\nmessage ${name.toUpperCase()} { string id = 1; }\n`;
    writeTree(many, Object.fromEntries(names.map((name) => [`${name}.proto`, proto(name)])));
    const sources = (file: readonly FileDescriptorProto[]): unknown => {
      const set = create(FileDescriptorSetSchema, { file: [...file] });
      const generator = loadGenerator(readImage(toBinary(FileDescriptorSetSchema, set)), NAMING);
      return generator.packages.map((each) => generator.sourcesOf(each));
    };
    for (const each of [root, many]) {
      const { file } = fromBinary(FileDescriptorSetSchema, await buildImage({ root: each, exclude: [] }));
      assert.deepEqual(sources([...file].reverse()), sources(file));
      assert.deepEqual(sources([...file.slice(2), ...file.slice(0, 2)]), sources(file));
    }
  });

  test("a plain `buf generate` gives the same sources", async () => {
    const out = join(folder.path, "buf");
    const result = await runBuf(REPOSITORY, ["generate", "--output", out]);
    assert.equal(result.status, 0, result.stderr);
    const ours = Object.entries(expected).filter(([path]) => path.includes("/src/gen/"));
    assert.deepEqual(snapshot(join(out, "packages")), Object.fromEntries(ours));
  });

  test("a killed run is repaired by the next", async () => {
    const random = seeded(announceSeed("killed runs"));
    const out = join(folder.path, "killed");
    let interrupted = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // Some from nothing, some over what the last run left.
      const target = kill % 2 === 0 ? join(out, String(kill)) : join(out, String(kill - 1));
      const child = spawn(
        process.execPath,
        [`scripts/${process.env["CLI"] ?? "cli.ts"}`, "generate", "--root", root, "--out", target],
        {
          cwd: REPOSITORY,
          stdio: "ignore",
        },
      );
      const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on("exit", (_, signal) => resolve(signal)));
      await sleep(span * random());
      child.kill("SIGKILL");
      if ((await ended) === "SIGKILL") interrupted++;
      await generate(target);
      assert.deepEqual(snapshot(target), expected);
    }
    assert.ok(interrupted > 0, "no run was still going when it was killed");
    assert.ok(readdirSync(out).length > 0);
  });
});
