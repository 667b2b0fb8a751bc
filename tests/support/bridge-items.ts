import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ProofPair } from "../../scripts/core/bridge-proof-report.ts";
import { type Image, readImage } from "../../scripts/core/image.ts";
import { buildImage } from "../../scripts/io/buf.ts";
import { temporaryFolder, writeTree } from "./tree.ts";

/** One schema in two versions: fields in another order and two of them renamed, and in each something of its own. */
function schema(version: "v1" | "v2", own: string, title: string, number: number, soon: string): string {
  const numbered = (line: string, at: number): string => `${line} = ${number + at};`;
  const fields = [
    "string id",
    `string ${title}`,
    "int32 pages",
    "int64 cents",
    "double score",
    "float weight",
    "bytes cover",
    "bool sold",
    "optional string subtitle",
    "optional int32 rank",
    "State state",
    "repeated State states",
    "repeated string tags",
    "map<string, int32> stock",
    "google.protobuf.Timestamp added",
    "google.protobuf.Int32Value copies",
    "google.protobuf.Struct notes",
    "shop.type.v1.Price price",
    "Size size",
    "repeated Part parts",
    `string ${own}`,
  ];
  return `syntax = "proto3";
package shop.items.${version};
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "shop/type/v1/price.proto";
message Item {
  ${fields.map(numbered).join("\n  ")}
  oneof key {
    string isbn = ${number + 30};
    int64 number = ${number + 31};
    Part part = ${number + 32};
  }
  message Size { int32 width = 1; int32 height = 2; }
}
message Part { string name = 1; repeated Part parts = 2; }
enum State { STATE_UNSPECIFIED = 0; STATE_NEW = 1; STATE_USED = 2; ${soon} }
message GetItemResponse { Item item = 1; }
`;
}

const FILES = {
  "buf.yaml": "version: v2\n",
  "shop/type/v1/price.proto":
    'syntax = "proto3";\npackage shop.type.v1;\nmessage Price { string currency = 1; int64 units = 2; int32 nanos = 3; }\n',
  "shop/items/v1/item.proto": schema("v1", "legacy", "title", 1, "STATE_SOON = 3;"),
  "shop/items/v2/item.proto": schema("v2", "extra", "heading", 3, ""),
};

export async function itemsImage(): Promise<Image> {
  using folder = temporaryFolder();
  writeTree(folder.path, FILES);
  return readImage(await buildImage({ root: folder.path, exclude: [] }));
}

export interface Part {
  name: string;
  parts: Part[];
}

/** What the two versions share, as protobuf-es has it. */
interface Shared {
  id: string;
  pages: number;
  cents: bigint;
  score: number;
  weight: number;
  cover: Uint8Array;
  sold: boolean;
  subtitle?: string | undefined;
  rank?: number | undefined;
  state: number;
  states: number[];
  tags: string[];
  stock: Record<string, number>;
  added?: { seconds: bigint; nanos: number } | undefined;
  copies?: number | undefined;
  notes?: Record<string, unknown> | undefined;
  price?: { currency: string; units: bigint; nanos: number } | undefined;
  size?: { width: number; height: number } | undefined;
  parts: Part[];
  key:
    | { case: "isbn"; value: string }
    | { case: "number"; value: bigint }
    | { case: "part"; value: Part }
    | { case: undefined; value?: undefined };
}

export interface OldItem extends Shared {
  title: string;
  legacy: string;
}

export interface NewItem extends Shared {
  heading: string;
  extra: string;
}

const SOON = 3;

/** A copy down to the last list, so that a fault changes the result and not what it was made of. */
function shared(item: Shared): Shared {
  return {
    id: item.id,
    pages: item.pages,
    cents: item.cents,
    score: item.score,
    weight: item.weight,
    cover: item.cover.slice(),
    sold: item.sold,
    subtitle: item.subtitle,
    rank: item.rank,
    state: item.state,
    states: [...item.states],
    tags: [...item.tags],
    stock: { ...item.stock },
    added: item.added && { seconds: item.added.seconds, nanos: item.added.nanos },
    copies: item.copies,
    notes: item.notes,
    price: item.price && { currency: item.price.currency, units: item.price.units, nanos: item.price.nanos },
    size: item.size && { width: item.size.width, height: item.size.height },
    parts: item.parts.map(part),
    key: item.key.case === "part" ? { case: "part", value: part(item.key.value) } : item.key,
  };
}

function part({ name, parts }: Part): Part {
  return { name, parts: parts.map(part) };
}

/** Right but for what cannot be kept: the field `legacy` and STATE_SOON. */
function toNew(item: OldItem): NewItem {
  const state = (number: number): number => (number === SOON ? 0 : number);
  const made = { ...shared(item), heading: item.title, extra: "" };
  return { ...made, state: state(made.state), states: made.states.map(state) };
}

/** Right but for the field `extra`. */
function toOld(item: NewItem): OldItem {
  return { ...shared(item), title: item.heading, legacy: "" };
}

export const LOSSES = [
  { path: "v1.Item.legacy", reason: "v2 has no such text" },
  { path: "v1.State.STATE_SOON", reason: "v2 knows what is there" },
  { path: "v2.Item.extra", reason: "v1 has no such text" },
];

/** What a fault does to the result of a converter, when it has been made. */
export interface Fault {
  readonly toNew?: (made: NewItem, given: OldItem) => void;
  readonly toOld?: (made: OldItem, given: NewItem) => void;
}

export function itemPairs(image: Image, fault: Fault = {}): readonly ProofPair[] {
  const desc = (name: string): DescMessage => {
    const found = image.registry.getMessage(`shop.items.${name}`);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const [oldItem, newItem] = [desc("v1.Item"), desc("v2.Item")];
  const [oldResponse, newResponse] = [desc("v1.GetItemResponse"), desc("v2.GetItemResponse")];
  const there = (item: OldItem): NewItem => {
    const made = toNew(item);
    fault.toNew?.(made, item);
    return made;
  };
  const back = (item: NewItem): OldItem => {
    const made = toOld(item);
    fault.toOld?.(made, item);
    return made;
  };
  const read = <T>(type: DescMessage, bytes: Uint8Array): T => fromBinary(type, bytes) as unknown as T;
  const write = (type: DescMessage, value: object): Uint8Array => toBinary(type, create(type, value as never));
  return [
    {
      old: oldResponse,
      now: newResponse,
      toNew: (bytes) => {
        const { item } = read<{ item?: OldItem }>(oldResponse, bytes);
        return write(newResponse, item === undefined ? {} : { item: create(newItem, there(item) as never) });
      },
      toOld: (bytes) => {
        const { item } = read<{ item?: NewItem }>(newResponse, bytes);
        return write(oldResponse, item === undefined ? {} : { item: create(oldItem, back(item) as never) });
      },
    },
    {
      old: oldItem,
      now: newItem,
      toNew: (bytes) => write(newItem, there(read(oldItem, bytes))),
      toOld: (bytes) => write(oldItem, back(read(newItem, bytes))),
    },
  ];
}
