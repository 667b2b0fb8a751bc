import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { proveBridge } from "../scripts/core/bridge-proof.ts";
import type {
  ChangedFinding,
  ProofFinding,
  ProofInput,
  ProofReport,
  ThrewFinding,
} from "../scripts/core/bridge-proof-report.ts";
import type { Image } from "../scripts/core/image.ts";
import { renderProof } from "../scripts/core/render-proof.ts";
import { type Fault, itemPairs, itemsImage, LOSSES, type NewItem, type Part } from "./support/bridge-items.ts";
import { announceSeed } from "./support/random.ts";

const SEED = announceSeed("bridge proof");

let image: Image;

before(async () => {
  image = await itemsImage();
});

/** Of an item alone: what holds one costs the time of two. */
function prove(fault: Fault = {}, input: Partial<ProofInput> = {}): ProofReport {
  const pairs = itemPairs(image, fault).filter(({ old }) => old.name === "Item");
  return proveBridge({ pairs, losses: LOSSES, seed: SEED, count: 400, ...input });
}

const isFailure = (found: ProofFinding): found is ChangedFinding | ThrewFinding =>
  found.kind === "changed" || found.kind === "threw";

const told = ({ findings }: ProofReport): readonly string[] =>
  findings.map(({ kind, path }) => `${kind} ${path}`).sort();

/** What a fault keeps between calls. */
const scratch: string[] = [];

/** A fault of an otherwise right converter to v2, the field that it spoils, and the smallest message of v1 that shows it. */
const FAULTS: readonly {
  readonly what: string;
  readonly plant: NonNullable<Fault["toNew"]>;
  readonly field: string;
  readonly kind?: "threw";
  readonly shrunk?: object;
}[] = [
  {
    what: "a dropped field",
    plant: (made) => {
      made.id = "";
    },
    field: "id",
    shrunk: { id: "a" },
  },
  {
    what: "two fields swapped",
    plant: (made) => {
      [made.id, made.heading] = [made.heading, made.id];
    },
    field: "id",
    shrunk: { id: "a" },
  },
  {
    what: "off by one",
    plant: (made) => {
      made.pages = (made.pages + 1) | 0;
    },
    field: "pages",
    shrunk: {},
  },
  {
    what: "negative to zero",
    plant: (made) => {
      made.pages = Math.max(made.pages, 0);
    },
    field: "pages",
    shrunk: { pages: -1 },
  },
  {
    what: "another value of an enum",
    plant: (made) => {
      made.state = made.state === 2 ? 1 : made.state;
    },
    field: "state",
    shrunk: { state: "STATE_USED" },
  },
  {
    what: "an unknown number of an enum to 0",
    plant: (made) => {
      made.state = made.state > 3 || made.state < 0 ? 0 : made.state;
    },
    field: "state",
  },
  {
    what: "a value of an enum in a list",
    plant: (made) => {
      made.states = made.states.map((state) => (state === 1 ? 0 : state));
    },
    field: "states",
    shrunk: { states: ["STATE_NEW"] },
  },
  {
    what: "set to default becomes unset",
    plant: (made) => {
      made.subtitle ||= undefined;
    },
    field: "subtitle",
    shrunk: { subtitle: "" },
  },
  {
    what: "unset becomes default",
    plant: (made) => {
      made.rank ??= 0;
    },
    field: "rank",
    shrunk: {},
  },
  {
    what: "a wrapper's zero becomes unset",
    plant: (made) => {
      made.copies ||= undefined;
    },
    field: "copies",
    shrunk: { copies: 0 },
  },
  {
    what: "a list the other way round",
    plant: (made) => void made.tags.reverse(),
    field: "tags",
    shrunk: { tags: ["", "a"] },
  },
  {
    what: "a list cut short",
    plant: (made) => void made.tags.splice(2),
    field: "tags",
    shrunk: { tags: ["", "", ""] },
  },
  {
    what: "a list without repetition",
    plant: (made) => {
      made.tags = [...new Set(made.tags)];
    },
    field: "tags",
  },
  {
    what: "a dropped key of a map",
    plant: (made) => {
      const [first, second] = Object.keys(made.stock);
      if (first !== undefined && second !== undefined) delete made.stock[first];
    },
    field: "stock",
  },
  {
    what: "a value of a map",
    plant: (made) => {
      for (const key of Object.keys(made.stock)) made.stock[key] = Math.min(made.stock[key] ?? 0, 2 ** 16);
    },
    field: "stock",
    shrunk: { stock: { "": 65_537 } },
  },
  {
    what: "another member of a oneof",
    plant: (made) => {
      if (made.key.case === "number") made.key = { case: "isbn", value: String(made.key.value) };
    },
    field: "number",
    shrunk: { number: "0" },
  },
  {
    what: "a dropped member of a oneof",
    plant: (made) => {
      if (made.key.case === "isbn") made.key = { case: undefined };
    },
    field: "isbn",
    shrunk: { isbn: "" },
  },
  {
    what: "an int64 in 32 bits",
    plant: (made) => {
      made.cents = BigInt.asIntN(32, made.cents);
    },
    field: "cents",
  },
  {
    what: "an int64 through a number",
    plant: (made) => {
      made.cents = BigInt.asIntN(64, BigInt(Number(made.cents)));
    },
    field: "cents",
  },
  {
    what: "a double in 24 bits",
    plant: (made) => {
      made.score = Math.fround(made.score);
    },
    field: "score",
  },
  {
    what: "NaN to zero",
    plant: (made) => {
      made.score = Number.isNaN(made.score) ? 0 : made.score;
    },
    field: "score",
    shrunk: { score: "NaN" },
  },
  {
    what: "a float to a whole number",
    plant: (made) => {
      made.weight = Number.isFinite(made.weight) ? Math.round(made.weight) : made.weight;
    },
    field: "weight",
  },
  {
    what: "a trimmed text",
    plant: (made) => {
      made.heading = made.heading.trim();
    },
    field: "title",
  },
  {
    what: "a text in small letters",
    plant: (made) => {
      made.heading = made.heading.toLowerCase();
    },
    field: "title",
  },
  {
    what: "a text cut to 20 letters",
    plant: (made) => {
      made.heading = made.heading.slice(0, 20);
    },
    field: "title",
    shrunk: { title: "a".repeat(21) },
  },
  {
    what: "a time written as it is not",
    plant: (made) => {
      if (/^\d{4}-.*T.*Z$/.test(made.id)) made.id = made.id.replace(/\.\d+Z$/, "Z");
    },
    field: "id",
  },
  {
    what: "bytes cut short",
    plant: (made) => {
      made.cover = made.cover.subarray(0, 3);
    },
    field: "cover",
    shrunk: { cover: "AAAAAA==" },
  },
  {
    what: "a time a millisecond late",
    plant: ({ added }) => {
      if (added !== undefined && added.nanos < 999_000_000) added.nanos += 1_000_000;
    },
    field: "added",
    shrunk: { added: "1970-01-01T00:00:00Z" },
  },
  {
    what: "a time without what is below its millisecond",
    plant: ({ added }) => {
      if (added !== undefined) added.nanos -= added.nanos % 1_000_000;
    },
    field: "added",
    shrunk: { added: "1970-01-01T00:00:00.000000001Z" },
  },
  {
    what: "a foreign message in part",
    plant: ({ price }) => {
      if (price !== undefined) price.nanos = 0;
    },
    field: "price",
    shrunk: { price: { nanos: 1 } },
  },
  {
    what: "a Struct that is lost",
    plant: (made) => {
      made.notes = undefined;
    },
    field: "notes",
    shrunk: { notes: {} },
  },
  {
    what: "a sub-message that nobody converts",
    plant: (made) => {
      made.size = made.size && { width: 0, height: 0 };
    },
    field: "Size.width",
    shrunk: { size: { width: 1 } },
  },
  {
    what: "a sub-message where there was none",
    plant: (made) => {
      made.size ??= { width: 0, height: 0 };
    },
    field: "size",
    shrunk: {},
  },
  {
    what: "a fault three messages deep",
    plant: ({ parts }) => {
      const deep = (part: Part | undefined): Part | undefined => part?.parts[0];
      const third = deep(deep(parts[0]));
      if (third !== undefined) third.name = third.name.toUpperCase();
    },
    field: "../Part.name",
  },
  {
    what: "an error for an empty message",
    plant: ({ id, pages, tags }) => {
      if (id === "" && pages === 0 && tags.length === 0) throw new TypeError("nothing there");
    },
    field: "",
    kind: "threw",
    shrunk: {},
  },
  {
    what: "an error for one member of a oneof",
    plant: ({ key }) => {
      if (key.case === "part") throw new RangeError("no parts, please");
    },
    field: "part",
    kind: "threw",
    shrunk: { part: {} },
  },
  {
    what: "an error for a number that is too large",
    plant: ({ cents }) => {
      if (cents > 2n ** 53n) throw new RangeError(`${cents} is too large`);
    },
    field: "cents",
    kind: "threw",
    shrunk: { cents: "9007199254740993" },
  },
  {
    what: "a list that is kept between calls",
    plant: (made: NewItem) => {
      scratch.push(...made.tags);
      if (scratch.length > 50) scratch.length = 0;
      made.tags = [...scratch];
    },
    field: "tags",
  },
];

describe("the proof of a bridge", () => {
  test("right converters keep all but the declared losses", () => {
    const report = prove({}, { pairs: itemPairs(image) });
    assert.deepEqual(report.findings, []);
    assert.equal(report.counts.length, 4);
    for (const { direction, messages, lossy, changed, threw } of report.counts) {
      assert.deepEqual([messages, changed, threw], [400, 0, 0], direction);
      assert.ok(lossy > 30 && lossy < 370, `${direction}: ${lossy} with losses`);
    }
    const text = renderProof(report);
    assert.ok(text.startsWith(`Seed ${SEED}, 400 messages for each type and direction:\n`), text);
    assert.match(text, /^ {2}v1\.Item → v2\.Item → v1\.Item: \d+ kept, \d+ with declared losses$/m);
    assert.ok(text.endsWith("\n\nNothing is lost that is not declared."), text);
  });

  for (const { what, plant, field, kind = "changed", shrunk } of FAULTS) {
    test(`finds ${what}`, () => {
      const report = prove({ toNew: plant });
      const failures = report.findings.filter(isFailure);
      assert.deepEqual(failures, report.findings);
      const path = field.startsWith("../") ? `v1.${field.slice(3)}` : field === "" ? "v1.Item" : `v1.Item.${field}`;
      const found = failures.find((each) => each.path === path);
      assert.ok(found !== undefined, `${path} is not among ${told(report).join(", ")}`);
      assert.deepEqual([found.kind, found.direction, found.seed], [kind, "old-now-old", SEED]);
      if (shrunk !== undefined) assert.deepEqual(JSON.parse(found.shrunk), shrunk);
      const text = renderProof(report);
      assert.ok(text.includes(path) && text.includes(found.message), text);
    });
  }

  test("a fault on the way back is found in both directions, and told once for all that hold an item", () => {
    const toOld: Fault["toOld"] = (made) => {
      made.sold = false;
    };
    const report = prove({}, { pairs: itemPairs(image, { toOld }) });
    assert.deepEqual(told(report), ["changed v1.Item.sold", "changed v2.Item.sold"]);
    const [found] = report.findings;
    assert.ok(found?.kind === "changed");
    assert.deepEqual([found.type, found.alsoIn, found.alone], ["v1.Item", ["v1.GetItemResponse"], true]);
    const { shrunk, before: was, between, after: is } = found;
    assert.deepEqual([shrunk, was, between, is], ['{"sold":true}', '{"sold":true}', '{"sold":true}', "{}"]);
  });

  test("what is lost and not declared is named, with the lines that declare it", () => {
    const report = prove({}, { losses: [] });
    assert.deepEqual(told(report), [
      "changed v1.Item.legacy",
      "changed v1.Item.state",
      "changed v1.Item.states",
      "changed v2.Item.extra",
    ]);
    const text = renderProof(report);
    assert.ok(text.includes("\n    - path: v1.Item.legacy\n      reason: …"), text);
    assert.ok(text.includes("\n    - path: v1.State.STATE_SOON\n      reason: …"), text);
    assert.ok(text.endsWith("\n\n4 findings."), text);
  });

  test("a loss of one value excuses no other, and one of a field no other field", () => {
    const toNew: Fault["toNew"] = (made) => {
      made.state = 0;
      made.id = "";
    };
    assert.deepEqual(told(prove({ toNew })), [
      "changed v1.Item.id",
      "changed v1.Item.state",
      "changed v2.Item.id",
      "changed v2.Item.state",
    ]);
  });

  test("a declared loss that never happens, or that is not there, is a finding", () => {
    const losses = [
      ...LOSSES,
      { path: "v1.Item.title", reason: "why not" },
      { path: "v2.State.STATE_USED", reason: "why not" },
      { path: "v1.Item.lagacy", reason: "mistyped" },
      { path: "Item.title", reason: "of no version" },
    ];
    const report = prove({}, { losses });
    assert.deepEqual(report.findings, [
      { kind: "loss-never-happens", path: "v1.Item.title", reason: "why not", nearest: "v1.Item.title" },
      { kind: "loss-never-happens", path: "v2.State.STATE_USED", reason: "why not", nearest: "v2.State.STATE_USED" },
      { kind: "loss-unknown", path: "v1.Item.lagacy", reason: "mistyped", nearest: "v1.Item.legacy" },
      { kind: "loss-unknown", path: "Item.title", reason: "of no version", nearest: "v1.Item.title" },
    ]);
    const text = renderProof(report);
    assert.match(text, /^v1\.Item\.title: the declared loss never happens \(why not\)\.$/m);
    assert.match(text, /did you mean v1\.Item\.legacy\?$/m);
  });

  test("a fault that needs an earlier message is told as that", () => {
    let calls = 0;
    const toNew: Fault["toNew"] = () => {
      if (++calls === 100) throw new Error("enough");
    };
    const [found, ...others] = prove({ toNew }).findings;
    assert.deepEqual(others, []);
    assert.ok(found?.kind === "threw");
    assert.deepEqual([found.alone, found.step, found.error, found.index], [false, "toNew", "enough", 99]);
    assert.equal(found.shrunk, found.message);
    assert.match(renderProof(prove({ toNew })), /^Seed /);
  });

  test("one seed gives one report, and another seed other messages", () => {
    const toNew: Fault["toNew"] = (made) => {
      made.heading = made.heading.toLowerCase();
    };
    const [first, again, other] = [SEED, SEED, SEED + 1].map((seed) => prove({ toNew }, { seed }));
    assert.deepEqual(again, first);
    assert.notDeepEqual(other?.findings, first?.findings);
    assert.deepEqual(other && told(other), first && told(first));
  });
});
