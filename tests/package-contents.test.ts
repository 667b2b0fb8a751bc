import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import ts from "typescript-5";
import { type PackedRelease, packAll, readSource } from "../scripts/io/pack.ts";
import { REPOSITORY } from "./support/cli.ts";
import { type BuiltPackage, builtPackages, type Manifest, PACKAGES } from "./support/packages.ts";
import { listSources } from "./support/sources.ts";

/** The resolutions that an ESM-only package does not serve: `require` without support for it, and before `exports`. */
const NOT_OURS = ["node10", "node16-cjs"];

/** The `.proto` files of a package: those of its folder in proto/. The well-known types are known to every compiler. */
function ownProtos({ manifest }: BuiltPackage): readonly string[] {
  const folder = `${manifest.charter?.protoPackage?.replaceAll(".", "/")}/`;
  return listSources(join(REPOSITORY, "proto"), ".proto").filter((file) => file.startsWith(folder));
}

/** Those to which a bridge leads. */
const GUIDED = ["catalog-v2", "orders-v2", "recommendations-v2"];

/** Every file that a package must ship, from what it is made of. */
function expectedFiles(each: BuiltPackage): readonly string[] {
  const sources = listSources(join(PACKAGES, each.folder, "src", ...(each.generated ? ["gen"] : [])), ".ts");
  const emitted = sources.flatMap((file) => {
    const entry = `dist/${file.replace(/\.ts$/, ".js")}`;
    const isEntry = each.generated || JSON.stringify(each.manifest.exports).includes(`"./${entry}"`);
    return isEntry ? [entry, entry.replace(/\.js$/, ".d.ts")] : [];
  });
  const schema = each.generated ? ["schema.binpb", ...ownProtos(each).map((file) => `proto/${file}`)] : [];
  const witness = each.generated && each.folder !== "google-protobuf" ? ["witness.ts"] : [];
  const bridge = each.manifest.charter?.bridge === undefined ? [] : ["bridge.yaml"];
  const guide = GUIDED.includes(each.folder) ? ["MIGRATION.md"] : [];
  return [
    ...emitted,
    ...schema,
    ...witness,
    ...bridge,
    ...guide,
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "package.json",
  ].sort();
}

/** The packages that the shipped modules and declarations name, in whichever form; built-ins only in declarations. */
function importedPackages(dist: string): readonly string[] {
  const found = new Set<string>();
  for (const file of [...listSources(dist, ".js"), ...listSources(dist, ".d.ts")]) {
    const info = ts.preProcessFile(readFileSync(join(dist, file), "utf8"), true, true);
    for (const { fileName } of info.typeReferenceDirectives) found.add(`@types/${fileName}`);
    for (const { fileName } of info.importedFiles) {
      if (fileName.startsWith(".") || (file.endsWith(".js") && isBuiltin(fileName))) continue;
      const parts = fileName.split("/");
      found.add(parts.slice(0, fileName.startsWith("@") ? 2 : 1).join("/"));
    }
  }
  return [...found].sort();
}

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

  for (const each of packages) {
    const { name, folder, manifest, entries } = each;

    test(`${name} holds what a consumer needs and nothing else`, () => {
      const files = createPackageFromTarballData(tarball(name))
        .listFiles()
        .map((file) => file.split(`${name}/`)[1] ?? file);
      // Of what is bundled: what several entries share, and the declarations that they lead to.
      const isPart = (file: string): boolean =>
        !each.generated &&
        /^dist\/(?:shared-\w+\.js|(?:gen\/)?[\w-]+\.d\.ts)$/.test(file) &&
        !expectedFiles(each).includes(file);
      assert.deepEqual(files.filter((file) => !isPart(file)).sort(), expectedFiles(each));
      assert.equal(manifest.type, "module");
      assert.equal(manifest.sideEffects, false);
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
      assert.deepEqual(Object.keys(analysis.entrypoints).sort(), [...entries].sort());
      const problems = analysis.problems.filter(
        (each) => !("resolutionKind" in each && NOT_OURS.includes(each.resolutionKind)),
      );
      assert.deepEqual(problems, []);
    });

    test(`${name} depends on what it imports, no more and no less`, () => {
      const { dependencies, peerDependencies = {}, optionalDependencies = {} } = manifest;
      const named = Object.keys({ ...dependencies, ...peerDependencies });
      assert.deepEqual(named.sort(), importedPackages(join(PACKAGES, folder, "dist")));
      assert.deepEqual(optionalDependencies, {});
      // What only one entry needs is asked of no one else.
      assert.deepEqual(Object.keys(peerDependencies), folder === "rpc" ? ["@opentelemetry/api"] : []);
      assert.deepEqual(
        Object.entries(manifest.peerDependenciesMeta ?? {}),
        Object.keys(peerDependencies).map((peer) => [peer, { optional: true }]),
      );
      const released = createPackageFromTarballData(tarball(name)).readFile(`/node_modules/${name}/package.json`);
      const ranges = (JSON.parse(released) as Manifest).dependencies;
      for (const [dependency, range] of Object.entries(dependencies)) {
        const ours = packages.find((other) => other.name === dependency)?.manifest;
        if (ours !== undefined) assert.equal(range, "workspace:^", dependency);
        assert.equal(ranges[dependency], ours === undefined ? range : `^${ours.version}`);
        assert.match(ranges[dependency] ?? "", /^\^\d+\.\d+\.\d+$/);
      }
    });
  }

  test("each schema is shipped by one package", () => {
    const shipped = packages.filter(({ generated }) => generated).flatMap(ownProtos);
    assert.deepEqual(shipped.sort(), listSources(join(REPOSITORY, "proto"), ".proto"));
  });

  for (const each of packages.filter(({ generated }) => generated)) {
    const { name, folder, manifest } = each;
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
      const own = set.file.filter((file) => file.package === protoPackage);
      const brought = protoPackage === "google.protobuf";
      const serves = own.some((file) => file.service.length > 0);
      assert.deepEqual(Object.keys(manifest.exports).sort(), [
        ".",
        "./package.json",
        ...(brought ? [] : ["./proto/*"]),
        "./schema",
        "./schema.binpb",
        ...(serves ? ["./server", "./testing"] : []),
      ]);
      const protos = ownProtos(each);
      if (!brought) assert.deepEqual(own.map((file) => file.name).sort(), protos);
      for (const file of protos) {
        const copy = readFileSync(join(PACKAGES, folder, "proto", file), "utf8");
        assert.equal(copy, readFileSync(join(REPOSITORY, "proto", file), "utf8"));
      }
    });
  }
});
