import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { LensFinding } from "../scripts/core/lens.ts";
import { comparePairs, look, makePackages, type Pair, witnessesOf } from "./support/lens.ts";
import { SHELF } from "./support/lens-additions.ts";
import { schema } from "./support/refusal.ts";
import { temporaryFolder, writeTree } from "./support/tree.ts";

/** What is replaced in the schema, and where the old consumer then fails. */
type Row = readonly [name: string, edits: Readonly<Record<string, string>>, ...paths: readonly string[]];

const GET = "rpc GetBook(GetBookRequest) returns (GetBookResponse);";
const WATCH = "rpc WatchBook(GetBookRequest) returns (stream Book);";
const SEND = "rpc SendBooks(stream Book) returns (GetBookResponse);";
const CHAT = "rpc Chat(stream Book) returns (stream Book);";
const PING = "rpc Ping(Empty) returns (Empty);";

const SEEN: readonly Row[] = [
  ["field renamed", { "string title": "string name" }, "Book.title"],
  ["field removed", { "string title = 1;": "" }, "Book.title"],
  ["field removed and reserved", { "string title = 1;": "reserved 1; reserved 'title';" }, "Book.title"],
  ["two fields removed", { "string title = 1;": "", "bytes data = 9;": "" }, "Book.data", "Book.title"],
  ["field of a request renamed", { "string id = 1; google": "string key = 1; google" }, "GetBookRequest.id"],
  ["field of a nested list renamed", { "message Part { string id": "message Part { string key" }, "Part.id"],
  ["string to int32", { "string title": "int32 title" }, "Book.title"],
  ["string to bytes", { "string title": "bytes title" }, "Book.title"],
  ["int64 to int32", { "optional int64 size": "optional int32 size" }, "Book.size"],
  ["enum to int32", { "Status status": "int32 status" }, "Book.status"],
  ["enum to another enum with more values", { "Status status": "Other status", "/*type*/": OTHER() }, "Book.status"],
  ["message to string", { "repeated Part parts": "repeated string parts" }, "Book.parts"],
  ["message to another message", { "repeated Part parts": "repeated Empty parts" }, "Book.parts"],
  ["message of another package to another", { "acme.shared.v1.Money price": "Empty price" }, "Book.price"],
  ["type of another package", { "google.protobuf.Duration length": "acme.shared.v1.Money length" }, "Book.length"],
  ["int32 to int64", { "int32 pages": "int64 pages" }, "Book.pages"],
  ["double to bool", { "double weight": "bool weight" }, "Book.weight"],
  ["Timestamp to int64", { "google.protobuf.Timestamp time": "int64 time" }, "Book.time"],
  ["jstype", { "optional int64 size = 2;": "optional int64 size = 2 [jstype = JS_STRING];" }, "Book.size"],
  ["made optional", { "string title": "optional string title" }, "Book.title"],
  ["made repeated", { "string title": "repeated string title" }, "Book.title"],
  ["list made singular", { "repeated Part parts": "Part parts" }, "Book.parts"],
  ["list made a map", { "repeated Part parts": "map<string, Part> parts" }, "Book.parts"],
  ["map's key retyped", { "map<int64, string>": "map<string, string>" }, "Book.by_number"],
  ["map's value retyped", { "map<string, Part>": "map<string, string>" }, "Book.by_name"],
  ["moved into a new oneof", { "string title = 1;": "oneof label { string title = 1; }" }, "Book.title"],
  ["moved into an old oneof", { "string title = 1;": "", "/*member*/": "string title = 1;" }, "Book.title"],
  ["moved out of a oneof", { "string text = 6;": "", "bytes data": "string text = 6; bytes data" }, "Book.text"],
  ["oneof member removed", { "string text = 6;": "" }, "Book.text"],
  ["oneof member renamed", { "string text = 6;": "string words = 6;" }, "Book.text"],
  ["oneof member retyped", { "string text = 6;": "int32 text = 6;" }, "Book.text"],
  // Its members are written through it.
  ["oneof renamed", { "oneof choice": "oneof pick" }, "Book.choice", "Book.part", "Book.text"],
  ["enum value removed", { "STATUS_ACTIVE = 1;": "" }, "Status.STATUS_ACTIVE"],
  ["enum value renamed", { STATUS_ACTIVE: "STATUS_LIVE" }, "Status.STATUS_ACTIVE"],
  [
    "enum renamed",
    { "enum Status": "enum State", "Status status": "State status", STATUS_: "STATE_" },
    "Status",
    "Status.STATUS_ACTIVE",
    "Status.STATUS_UNSPECIFIED",
  ],
  [
    "message renamed",
    {
      "message Part {": "message Piece {",
      "repeated Part": "repeated Piece",
      "string, Part": "string, Piece",
      "Part part": "Piece part",
    },
    "Part",
  ],
  [
    "message removed",
    {
      "message Part {": "message Piece {",
      "repeated Part parts = 3;": "",
      "map<string, Part> by_name = 4;": "",
      "Part part = 7;": "",
    },
    "Book.by_name",
    "Book.part",
    "Book.parts",
    "Part",
  ],
  ["rpc removed", { [PING]: "" }, "BookService.Ping"],
  ["two rpcs removed", { [PING]: "", [CHAT]: "" }, "BookService.Chat", "BookService.Ping"],
  ["rpc renamed", { "rpc Ping": "rpc Pong" }, "BookService.Ping"],
  ["request type swapped", { [GET]: GET.replace("GetBookRequest", "Part") }, "BookService.GetBook"],
  ["request type made less", { [GET]: GET.replace("GetBookRequest", "Empty") }, "BookService.GetBook"],
  ["response type swapped", { [GET]: GET.replace("GetBookResponse", "Part") }, "BookService.GetBook"],
  ["streamed request swapped", { [SEND]: SEND.replace("Book)", "Part)") }, "BookService.SendBooks"],
  ["streamed response swapped", { [WATCH]: WATCH.replace("stream Book", "stream Part") }, "BookService.WatchBook"],
  [
    "unary to server streaming",
    { [GET]: GET.replace("(GetBookResponse", "(stream GetBookResponse") },
    "BookService.GetBook",
  ],
  [
    "unary to client streaming",
    { [GET]: GET.replace("(GetBookRequest", "(stream GetBookRequest") },
    "BookService.GetBook",
  ],
  ["server streaming to unary", { [WATCH]: WATCH.replace("stream ", "") }, "BookService.WatchBook"],
  ["client streaming to unary", { [SEND]: SEND.replace("stream ", "") }, "BookService.SendBooks"],
  ["bidi to client streaming", { [CHAT]: CHAT.replace("returns (stream ", "returns (") }, "BookService.Chat"],
  ["empty unary to client streaming", { [PING]: PING.replace("(Empty", "(stream Empty") }, "BookService.Ping"],
  ["service renamed", { "service BookService": "service ShelfService" }, "BookService"],
  ["service removed", { "service IdleService { /*idle*/ }": "" }, "IdleService"],
];

const UNSEEN: readonly Row[] = [
  ["nothing", {}],
  ["field renumbered", { "string title = 1;": "string title = 99;" }],
  ["two fields swap numbers", { "string title = 1;": "string title = 9;", "bytes data = 9;": "bytes data = 1;" }],
  ["int32 to uint32", { "int32 pages": "uint32 pages" }],
  ["int32 to sint32", { "int32 pages": "sint32 pages" }],
  ["int32 to float", { "int32 pages": "float pages" }],
  ["type of another package with one shape", { "acme.shared.v1.Money price": "Coin price", "/*type*/": COIN() }],
  ["json_name", { "string title = 1;": 'string title = 1 [json_name = "heading"];' }],
  ["optional dropped from a scalar", { "optional int64 size": "int64 size" }],
  ["int64 to another of 64 bits", { "optional int64 size": "optional sfixed64 size" }],
  ["optional put on a message", { "google.protobuf.Timestamp time": "optional google.protobuf.Timestamp time" }],
  [
    "enum values swap numbers",
    { "STATUS_UNSPECIFIED = 0; STATUS_ACTIVE = 1;": "STATUS_ACTIVE = 0; STATUS_UNSPECIFIED = 1;" },
  ],
  ["enum value renumbered", { "STATUS_ACTIVE = 1": "STATUS_ACTIVE = 7" }],
  [
    "alias before the old name",
    { "STATUS_ACTIVE = 1;": "option allow_alias = true; STATUS_LIVE = 1; STATUS_ACTIVE = 1;" },
  ],
  ["order of fields", { "string title = 1;": "", "/*response*/": "string title = 1;" }],
  ["order of rpcs", { [PING]: "", "/*rpc*/": PING }],
  [
    "message of one shape",
    { "repeated Part parts": "repeated Twin parts", "/*type*/": "message Twin { string id = 1; }" },
  ],
  ["request with more in it", { [GET]: GET.replace("GetBookRequest", "More"), "/*type*/": MORE() }],
  ["reserved name taken back", { "/*nested*/": "reserved 12;" }],
  ["idempotency", { [PING]: "rpc Ping(Empty) returns (Empty) { option idempotency_level = IDEMPOTENT; }" }],
];

function OTHER(): string {
  return "enum Other { OTHER_UNSPECIFIED = 0; OTHER_ONE = 1; OTHER_TWO = 2; }";
}

function COIN(): string {
  return "message Coin { string currency = 1; int64 units = 2; }";
}

function MORE(): string {
  return "message More { string id = 1; google.protobuf.FieldMask mask = 2; string more = 3; }";
}

/** Every place where a text is found: the names of types occur in several. */
function edited(edits: Readonly<Record<string, string>>): string {
  let text = SHELF;
  for (const [from, to] of Object.entries(edits)) {
    assert.ok(text.includes(from), `the schema has no ${from}`);
    text = text.replaceAll(from, () => to);
  }
  return text;
}

describe("what the compiler sees, and what it does not", () => {
  const folder = temporaryFolder();
  let found: ReadonlyMap<string, readonly LensFinding[]>;

  before(async () => {
    const pairs: readonly Pair[] = [...SEEN, ...UNSEEN].map(([name, edits]) => {
      return { name, before: SHELF, after: edited(edits) };
    });
    found = await comparePairs(pairs, folder.path);
  });
  after(() => folder[Symbol.dispose]());

  for (const [name, , ...paths] of [...SEEN, ...UNSEEN]) {
    test(name, () => {
      const findings = found.get(name) ?? [];
      const at = [...new Set(findings.map(({ path }) => path))].sort();
      assert.deepEqual(at, paths, JSON.stringify(findings, null, 2));
      for (const { message } of findings) assert.ok(!message.includes(folder.path), message);
    });
  }

  test("a package that is gone is one finding of the package", async () => {
    using other = temporaryFolder();
    const [old, now] = [join(other.path, "before"), join(other.path, "after")];
    const text = "message One { string id = 1; } service OneService { rpc Get(One) returns (One); }\n";
    writeTree(old, { "buf.yaml": "version: v2\n", "a.proto": schema("acme.a.v1", text) });
    writeTree(now, { "buf.yaml": "version: v2\n", "a.proto": schema("acme.a.v2", text) });
    await makePackages(now, join(other.path, "out"));
    const findings = await look(await witnessesOf(old), join(other.path, "out"));
    assert.deepEqual(
      findings.map(({ path, use, number }) => ({ path, use, number })),
      [{ path: "acme.a.v1", use: "import", number: "2307" }],
    );
  });
});
