import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type DescMessage, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { readImage } from "../scripts/core/image.ts";
import { type Generator, loadGenerator } from "../scripts/core/sources.ts";
import { enumMembers } from "../scripts/core/ts-names.ts";
import { buildImage } from "../scripts/io/buf.ts";
import { charter, REPOSITORY } from "./support/cli.ts";
import { linkPackages } from "./support/link.ts";
import { announceSeed, seeded } from "./support/random.ts";
import { randomMessage } from "./support/random-message.ts";
import { temporaryFolder } from "./support/tree.ts";

/** What ts-proto makes of a message. */
interface Codec {
  readonly $type: string;
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  fromPartial(object: unknown): unknown;
  fromJSON(object: unknown): unknown;
  toJSON(message: unknown): unknown;
}

const TREE = join(REPOSITORY, "tests", "fixtures", "any-tree");
const NAMING = { scope: "@acme", root: "acme" };

// A tree with every habit that is not ours: see the comments in tests/fixtures/any-tree.
describe("any tree", () => {
  const folder = temporaryFolder();
  const out = join(folder.path, "out");
  let generator: Generator;

  before(async () => {
    const flags = ["--root", TREE, "--scope", "@acme", "--out", out];
    for (const command of ["generate", "build"]) {
      const result = await charter([command, ...flags]);
      assert.equal(result.status, 0, `charter ${command}: ${result.stderr}`);
    }
    linkPackages(out);
    generator = loadGenerator(readImage(await buildImage({ root: TREE, exclude: [] })), NAMING);
  });

  after(() => folder[Symbol.dispose]());

  const load = async (folderName: string, entry = "index"): Promise<Record<string, unknown>> =>
    await import(join(out, folderName, "dist", `${entry}.js`));

  const messages = (): readonly { folder: string; desc: DescMessage }[] =>
    generator.packages.flatMap((each) =>
      each.files
        .flatMap((file) => [...nestedTypes(file)])
        .filter((type) => type.kind === "message")
        .map((desc) => ({ folder: each.folder, desc })),
    );

  test("every message goes through our codec unchanged, and keeps its own name", async () => {
    const random = seeded(announceSeed("any tree"));
    let compared = 0;
    for (const { folder: folderName, desc } of messages()) {
      const codec = (await load(folderName))[generator.nameOf(desc)] as Codec;
      assert.equal(codec.$type, desc.typeName);
      const sent = randomMessage(desc, random);
      const received = fromBinary(desc, codec.encode(codec.decode(toBinary(desc, sent))).finish());
      assert.ok(equals(desc, sent, received), desc.typeName);
      compared++;
    }
    assert.ok(compared > 90, `${compared} messages`);
  });

  test("names that TypeScript or ts-proto needs get a dollar sign", async () => {
    const names = await load("names-v1");
    for (const name of ["String$", "Uint8Array$", "Map$", "isSet$", "Timestamp$", "class$", "rpc$", "DateMessage"]) {
      assert.equal(typeof (names[name] as Codec | undefined)?.decode, "function", name);
    }
    assert.deepEqual(Object.keys(names["Status"] as object).slice(0, 11), [
      "UNSPECIFIED",
      "_3DS",
      "UNRECOGNIZED$",
      "MINUS",
      "class$",
      "string$",
      "_",
      "toString",
      "constructor",
      "undefined$",
      "UNRECOGNIZED",
    ]);
    const twice = (await load("legacy-v1"))["Twice"] as Record<string, number>;
    assert.deepEqual({ FIRST: twice["FIRST"], FIRST$: twice["FIRST$"] }, { FIRST: 2, FIRST$: 3 });
    assert.deepEqual({ SECOND: twice["SECOND"], SECOND$: twice["SECOND$"] }, { SECOND: 4, SECOND$: 5 });
  });

  test("every enum has the members that the rule says, each with its own number", async () => {
    for (const each of generator.packages) {
      const enums = each.files.flatMap((file) => [...nestedTypes(file)]).filter((type) => type.kind === "enum");
      for (const desc of enums) {
        const members = enumMembers(desc);
        const expected = desc.values.map((value) => [members.get(value.name), value.number]);
        const { UNRECOGNIZED: _, ...found } = (await load(each.folder))[generator.nameOf(desc)] as object & {
          UNRECOGNIZED: number;
        };
        assert.deepEqual(Object.entries(found), expected, desc.typeName);
      }
    }
  });

  test("a renamed name is the schema's own on the wire and in JSON", async () => {
    const names = await load("names-v1");
    const definition = names["ThingsServiceDefinition"] as {
      fullName: string;
      methods: Record<string, { name: string }>;
    };
    assert.equal(definition.fullName, "acme.names.v1.ThingsService");
    const paths = Object.entries(definition.methods).map(([key, { name }]) => `${key}=${name}`);
    assert.deepEqual(paths, [
      "close$=Close",
      "then$=Then",
      "constructor$=Constructor",
      "toString$=ToString",
      "calls$=Calls",
      "delete=Delete",
      "options=Options",
      "request=request",
    ]);
    const enums = names["UsesEnums"] as Codec;
    const read = enums.fromJSON({ status: "STATUS_UNRECOGNIZED", statuses: ["STATUS_3DS", "STATUS_class"] });
    assert.deepEqual(enums.toJSON(read), { status: "STATUS_UNRECOGNIZED", statuses: ["STATUS_3DS", "STATUS_class"] });
  });

  test("what every object inherits is no field of a message", async () => {
    const fields = (await load("names-v1"))["Fields"] as Codec;
    assert.deepEqual(fields.toJSON(fields.fromJSON({})), {});
    assert.equal(fields.encode(fields.fromPartial({})).finish().length, 0);
    const json = { constructor: "c", toString: "t", valueOf: { toString: "inner" } };
    assert.deepEqual(fields.toJSON(fields.fromJSON(json)), json);
  });

  test("a client of a service with awkward methods is called and closed", async () => {
    const { createThingsFake } = await load("names-v1", "testing");
    const create = createThingsFake as (
      implementation: object,
    ) => Record<string, (input?: unknown) => Promise<unknown>>;
    const fake = create({
      close$: (request: { a: string }) => ({ a: undefined, b: { a: new Date(request.a.length) } }),
    });
    assert.deepEqual(await fake["close$"]?.({ a: "four" }), { a: undefined, b: { a: new Date(4), b: undefined } });
    fake["close"]?.();
  });

  test("presence of an edition's fields is kept", async () => {
    const codec = (await load("editions-v1"))["New"] as Codec;
    const message = codec.fromPartial({ explicit: "", implicit: "" });
    // Field 1, length 0: set though empty. Field 2 has no presence, so an empty string is not written.
    assert.deepEqual([...codec.encode(message).finish()], [0x0a, 0x00]);
    assert.equal((codec.decode(new Uint8Array()) as { explicit?: string }).explicit, undefined);
  });
});
