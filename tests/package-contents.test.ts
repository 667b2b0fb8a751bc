import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { type PackedRelease, packAll, readSource } from "../scripts/io/pack.ts";
import { REPOSITORY } from "./support/cli.ts";
import { builtPackages, PACKAGES } from "./support/packages.ts";
import { listSources } from "./support/sources.ts";

/** The resolutions that an ESM-only package does not serve: `require` without support for it, and before `exports`. */
const NOT_OURS = ["node10", "node16-cjs"];

describe("what is published", () => {
  const packages = builtPackages();
  const packed = new Map<string, PackedRelease>();

  before(async () => {
    const sources = await Promise.all(packages.map(({ folder }) => readSource(join(PACKAGES, folder))));
    const { releases } = await packAll(sources, "http://127.0.0.1:9/", "@bookstore");
    for (const release of releases) packed.set(release.name, release);
  });

  const tarball = (name: string): Buffer => {
    const release = packed.get(name);
    assert.ok(release !== undefined, name);
    return release.tarball;
  };

  for (const { name, folder, generated, dependencies } of packages) {
    test(`${name} holds what a consumer needs and nothing else`, () => {
      const files = createPackageFromTarballData(tarball(name))
        .listFiles()
        .map((file) => file.split(`${name}/`)[1] ?? file);
      const allowed = generated
        ? /^(dist\/.+\.(js|d\.ts)|proto\/.+\.proto|schema\.binpb|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/
        : /^(dist\/.+\.(js|d\.ts)|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
      for (const file of files) assert.match(file, allowed);
      const wanted = ["dist/index.js", "dist/index.d.ts", "README.md", "CHANGELOG.md", "LICENSE", "package.json"];
      if (generated) wanted.push("schema.binpb");
      for (const file of wanted) assert.ok(files.includes(file), `${file} is missing from ${files.join(", ")}`);
    });

    test(`${name} passes publint and attw`, async () => {
      const bytes = tarball(name);
      const archive = new Uint8Array(bytes).buffer;
      const { messages, pkg } = await publint({ strict: true, pack: { tarball: archive } });
      assert.deepEqual(
        messages.map((message) => formatMessage(message, pkg, { color: false })),
        [],
      );
      const analysis = await checkPackage(createPackageFromTarballData(bytes), {
        // Files for other languages and tools, which are no modules.
        excludeEntrypoints: ["./schema.binpb", /^\.\/proto\//, "./package.json"],
      });
      assert.ok(analysis.types);
      const problems = analysis.problems.filter(
        (each) => !("resolutionKind" in each && NOT_OURS.includes(each.resolutionKind)),
      );
      assert.deepEqual(problems, []);
    });

    test(`${name} depends on what it imports, no more and no less`, () => {
      const dist = join(PACKAGES, folder, "dist");
      const imported = new Set<string>();
      for (const file of listSources(dist, ".js").concat(listSources(dist, ".d.ts"))) {
        for (const [, from = ""] of readFileSync(join(dist, file), "utf8").matchAll(
          /^(?:import|export)\b[^;]*?\bfrom ["']([^"'.][^"']*)["']/gms,
        )) {
          imported.add(
            from
              .split("/")
              .slice(0, from.startsWith("@") ? 2 : 1)
              .join("/"),
          );
        }
      }
      assert.deepEqual([...imported].sort(), dependencies);
    });
  }

  for (const { name, folder } of packages.filter(({ generated }) => generated)) {
    test(`${name} carries its schema, whole and equal in each form`, async () => {
      const bytes = readFileSync(join(PACKAGES, folder, "schema.binpb"));
      const set = fromBinary(FileDescriptorSetSchema, bytes);
      // Throws when a file that is needed is missing.
      createFileRegistry(set);
      const { fileDescriptorSet, protoPackage } = (await import(join(PACKAGES, folder, "dist", "schema.js"))) as {
        fileDescriptorSet(): Uint8Array;
        protoPackage: string;
      };
      assert.ok(bytes.equals(fileDescriptorSet()));
      const own = set.file.filter((file) => file.package === protoPackage).map((file) => file.name);
      // The well-known types are known to every compiler.
      const protos = protoPackage === "google.protobuf" ? [] : listSources(join(PACKAGES, folder, "proto"), ".proto");
      if (protoPackage !== "google.protobuf") assert.deepEqual(protos, [...own].sort());
      for (const file of protos) {
        const copy = readFileSync(join(PACKAGES, folder, "proto", file), "utf8");
        assert.equal(copy, readFileSync(join(REPOSITORY, "proto", file), "utf8"));
      }
    });
  }
});
