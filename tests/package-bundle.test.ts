import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createFileRegistry, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { build } from "esbuild";
import { type BuiltPackage, builtPackages, PACKAGES } from "./support/packages.ts";
import { listSources } from "./support/sources.ts";

interface Bundle {
  readonly text: string;
  /** What is still imported when it runs. */
  readonly imports: readonly string[];
  /** The messages that it can encode and decode. */
  readonly messages: ReadonlySet<string>;
}

/** Bundles a program as an application would. */
async function bundle(folder: string, code: string): Promise<Bundle> {
  const result = await build({
    stdin: { contents: code, resolveDir: join(PACKAGES, folder), loader: "js" },
    bundle: true,
    format: "esm",
    platform: "node",
    minify: true,
    treeShaking: true,
    metafile: true,
    write: false,
    external: ["@grpc/grpc-js"],
  });
  const text = result.outputFiles[0]?.text ?? "";
  return {
    text,
    imports: Object.values(result.metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path)),
    messages: new Set([...text.matchAll(/\$type:"([\w.]+)"/g)].map(([, name = ""]) => name)),
  };
}

/** The messages of a generated package, those nested in others too. */
function messagesOf({ folder, manifest }: BuiltPackage): readonly DescMessage[] {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(join(PACKAGES, folder, "schema.binpb")));
  const visit = (message: DescMessage): DescMessage[] => [message, ...message.nestedMessages.flatMap(visit)];
  return [...createFileRegistry(set).files]
    .filter((file) => file.proto.package === manifest.charter?.protoPackage)
    .flatMap((file) => file.messages.flatMap(visit));
}

/** A message and what its fields hold, maps too: what its codec cannot do without. */
function closureOf(message: DescMessage, seen = new Set<string>()): Set<string> {
  if (seen.has(message.typeName)) return seen;
  seen.add(message.typeName);
  for (const field of message.fields) {
    // The entries of a map are messages of their own in the output.
    if (field.fieldKind === "map") seen.add(field.proto.typeName.slice(1));
    if (field.message !== undefined) closureOf(field.message, seen);
  }
  return seen;
}

const GENERATED = builtPackages().filter(({ generated }) => generated);

function find(folder: string): BuiltPackage {
  const found = GENERATED.find((each) => each.folder === folder);
  assert.ok(found !== undefined, folder);
  return found;
}

const all = (each: BuiltPackage): Promise<Bundle> =>
  bundle(each.folder, `import * as all from "${each.name}"; console.log(all);`);

const one = (each: BuiltPackage, name: string): Promise<Bundle> =>
  bundle(each.folder, `import { ${name} } from "${each.name}"; console.log(${name});`);

describe("a bundle has what is used", () => {
  for (const each of GENERATED) {
    test(`${each.name}: a message brings itself and what its fields hold, and no gRPC`, async () => {
      const messages = messagesOf(each);
      const whole = await all(each);
      // Each message leaves its name in a bundle, so that a missing name means a missing message.
      for (const { typeName } of messages) assert.ok(whole.messages.has(typeName), typeName);
      assert.equal(whole.imports.includes("@grpc/grpc-js"), each.entries.includes("./server"));
      for (const message of messages.filter(({ parent }) => parent === undefined)) {
        const { messages: kept, imports } = await one(each, message.name);
        assert.deepEqual([...kept].sort(), [...closureOf(message)].sort(), `with ${message.name}`);
        assert.deepEqual(imports, []);
      }
    });
  }

  // Bytes of the whole package, without the reader and the writer of protobuf, which every bundle holds.
  for (const [folder, name] of [
    ["google-protobuf", "Duration"],
    ["orders-v2", "CancelOrderRequest"],
  ] as const) {
    test(`${folder}: ${name} is under a twentieth of the package`, async () => {
      const each = find(folder);
      const wire = await bundle(
        folder,
        'import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire"; console.log(BinaryReader, BinaryWriter);',
      );
      const [small, large] = [await one(each, name), await all(each)];
      const [added, whole] = [small.text.length - wire.text.length, large.text.length - wire.text.length];
      console.log(`${name} adds ${added} bytes, all of ${each.name} ${whole}`);
      assert.ok(added < whole / 20, `${added} of ${whole} bytes`);
      assert.ok(small.text.length < large.text.length / 4, `${small.text.length} of ${large.text.length} bytes`);
    });
  }

  test("the largest package is one of those", () => {
    const size = ({ folder }: BuiltPackage): number =>
      listSources(join(PACKAGES, folder, "dist"), ".js").reduce(
        (sum, file) => sum + statSync(join(PACKAGES, folder, "dist", file)).size,
        0,
      );
    const [largest] = [...GENERATED].sort((a, b) => size(b) - size(a));
    assert.equal(largest?.folder, "google-protobuf");
  });

  test("an enum alone is only its object", async () => {
    const { text, messages, imports } = await one(find("orders-v2"), "OrderStatus");
    assert.ok(text.length < 1000, `${text.length} bytes`);
    assert.deepEqual([[...messages], imports], [[], []]);
  });
});
