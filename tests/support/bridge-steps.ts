/** An edit of v2 that a team makes, and what follows from it for the bridge to v1. */
export interface BridgeStep {
  readonly name: string;
  readonly edit: readonly (readonly [from: string, to: string])[];
  /** The holes that it opens. */
  readonly opens: readonly string[];
  /** The losses that it brings. */
  readonly undeclared?: readonly string[];
  /** What a person then says in bridge.yaml. */
  readonly declare?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly losses?: readonly string[];
  /** What a person then writes. */
  readonly code?: string;
}

export const SHOP_V1 = `syntax = "proto3";

// A shop.
package acme.shop.v1;

// Sells items.
service ShopService {
  // Gives one item.
  rpc GetItem(GetItemRequest) returns (GetItemResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }

  // Gives all items.
  rpc ListItems(ListItemsRequest) returns (ListItemsResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}

// Request of GetItem.
message GetItemRequest {
  // Which.
  string item_id = 1;
}

// Response of GetItem.
message GetItemResponse {
  // The item.
  Item item = 1;
}

// Request of ListItems.
message ListItemsRequest {}

// Response of ListItems.
message ListItemsResponse {
  // All of them.
  repeated Item items = 1;
}

// Something to be sold.
message Item {
  // Its identifier.
  string item_id = 1;

  // What it is called.
  string name = 2;

  // Hundredths of the currency.
  int64 price_cents = 3;

  // The currency.
  string currency = 4;

  // How many there are.
  int32 stock = 5;

  // Where it comes from.
  Maker maker = 6;

  // When it was added, as RFC 3339.
  string added = 7;

  // Millimetres.
  int32 width = 8;

  // Millimetres.
  int32 height = 9;

  // For the staff.
  string note = 10;

  // A word: "new" or "used".
  string state = 11;

  // What kind of item.
  Kind kind = 12;
}

// Who makes items.
message Maker {
  // First and last name.
  string full_name = 1;

  // Where to write to.
  string email = 2;

  // Where to call.
  string phone = 3;
}

// Kinds of items.
enum Kind {
  // Not known.
  KIND_UNSPECIFIED = 0;

  // To be read.
  KIND_BOOK = 1;

  // To be listened to.
  KIND_DISC = 2;
}
`;

export const BRIDGE_STEPS: readonly BridgeStep[] = [
  {
    name: "a field is renamed",
    edit: [["string name = 2;", "string title = 2;"]],
    opens: ["v2.Item.title", "v1.Item.name"],
    declare: { fields: { "Item.name": "title" } },
  },
  {
    name: "a number is widened",
    edit: [["int32 stock = 5;", "int64 stock = 5;"]],
    opens: [],
    undeclared: ["v2.Item.stock"],
  },
  {
    name: "a text becomes a time",
    edit: [
      ["string added = 7;", "google.protobuf.Timestamp added = 7;"],
      ["package acme.shop.v2;\n", 'package acme.shop.v2;\n\nimport "google/protobuf/timestamp.proto";\n'],
    ],
    opens: ["v2.Item.added", "v1.Item.added"],
    declare: { formats: { "v1.Item.added": "rfc3339" } },
  },
  {
    name: "one field is split",
    edit: [
      [
        "  // First and last name.\n  string full_name = 1;\n",
        "  // First name.\n  string first_name = 1;\n\n  // Last name.\n  string last_name = 4;\n",
      ],
    ],
    opens: ["v2.Maker.first_name", "v2.Maker.last_name", "v1.Maker.full_name"],
    losses: ["v2.Maker.first_name", "v2.Maker.last_name", "v1.Maker.full_name"],
    code: `
import type * as open from "./gen/holes.ts";

export const makerFirstNameToV2: open.MakerFirstNameToV2 = ({ fullName }) => fullName.split(" ")[0] ?? "";

export const makerLastNameToV2: open.MakerLastNameToV2 = ({ fullName }) => fullName.split(" ").slice(1).join(" ");

export const makerFullNameToV1: open.MakerFullNameToV1 = ({ firstName, lastName }) =>
  lastName === "" ? firstName : \`\${firstName} \${lastName}\`;
`,
  },
  {
    name: "two fields become one message",
    edit: [
      [
        "  // Hundredths of the currency.\n  int64 price_cents = 3;\n\n  // The currency.\n  string currency = 4;\n",
        "  // What it costs.\n  Price price = 3;\n",
      ],
      [
        "// Who makes items.",
        "// An amount.\nmessage Price {\n  // Hundredths of the currency.\n  int64 cents = 1;\n\n  // The currency.\n  string currency = 2;\n}\n\n// Who makes items.",
      ],
    ],
    opens: ["v2.Item.price", "v1.Item.price_cents", "v1.Item.currency"],
    declare: { fields: { "Item.price_cents": "price.cents", "Item.currency": "price.currency" } },
  },
  {
    name: "a list gets pages",
    edit: [
      [
        "message ListItemsRequest {}",
        "message ListItemsRequest {\n  // How many at a time. 0 means all.\n  int32 page_size = 1;\n\n  // Where to go on.\n  string page_token = 2;\n}",
      ],
      [
        "  repeated Item items = 1;\n",
        "  repeated Item items = 1;\n\n  // Where to go on; empty at the end.\n  string next_page_token = 2;\n",
      ],
    ],
    opens: ["v2.ListItemsRequest.page_size", "v2.ListItemsRequest.page_token", "v2.ListItemsResponse.next_page_token"],
    losses: ["v2.ListItemsRequest.page_size", "v2.ListItemsRequest.page_token", "v2.ListItemsResponse.next_page_token"],
  },
  {
    name: "two fields go into a oneof",
    edit: [
      [
        "  // Where to write to.\n  string email = 2;\n\n  // Where to call.\n  string phone = 3;\n",
        "  // How to reach them.\n  oneof contact {\n    // Where to write to.\n    string email = 2;\n\n    // Where to call.\n    string phone = 3;\n  }\n",
      ],
    ],
    opens: [],
    undeclared: ["v1.Maker.phone", "v2.Maker.email", "v2.Maker.phone"],
  },
  {
    name: "a field is dropped",
    edit: [["  // For the staff.\n  string note = 10;\n\n", '  reserved 10;\n  reserved "note";\n\n']],
    opens: ["v1.Item.note"],
    losses: ["v1.Item.note"],
  },
  {
    name: "a word becomes a value",
    edit: [
      ['  // A word: "new" or "used".\n  string state = 11;\n', "  // Whether somebody had it.\n  State state = 11;\n"],
      [
        "// Kinds of items.",
        "// Whether somebody had an item.\nenum State {\n  // Not known.\n  STATE_UNSPECIFIED = 0;\n\n  // Nobody had it.\n  STATE_NEW = 1;\n\n  // Somebody had it.\n  STATE_USED = 2;\n}\n\n// Kinds of items.",
      ],
    ],
    opens: ["v2.Item.state", "v1.Item.state"],
    losses: ["v1.Item.state", "v2.Item.state"],
    code: `
import * as v2 from "@acme/shop-v2";

export const itemStateToV2: open.ItemStateToV2 = ({ state }) =>
  state === "new" ? v2.State.NEW : state === "used" ? v2.State.USED : v2.State.UNSPECIFIED;

export const itemStateToV1: open.ItemStateToV1 = ({ state }) =>
  state === v2.State.NEW ? "new" : state === v2.State.USED ? "used" : "";
`,
  },
  {
    name: "fields move into a message",
    edit: [
      [
        "  // Millimetres.\n  int32 width = 8;\n\n  // Millimetres.\n  int32 height = 9;\n",
        "  // How large it is.\n  Size size = 8;\n",
      ],
      [
        "// Who makes items.",
        "// Millimetres.\nmessage Size {\n  // From left to right.\n  int32 width = 1;\n\n  // From top to bottom.\n  int32 height = 2;\n}\n\n// Who makes items.",
      ],
    ],
    opens: ["v2.Item.size", "v1.Item.width", "v1.Item.height"],
    declare: { fields: { "Item.width": "size.width", "Item.height": "size.height" } },
  },
  {
    name: "an rpc and its messages are renamed",
    edit: [
      [
        "rpc GetItem(GetItemRequest) returns (GetItemResponse)",
        "rpc FetchItem(FetchItemRequest) returns (FetchItemResponse)",
      ],
      ["// Request of GetItem.\nmessage GetItemRequest", "// Request of FetchItem.\nmessage FetchItemRequest"],
      ["// Response of GetItem.\nmessage GetItemResponse", "// Response of FetchItem.\nmessage FetchItemResponse"],
    ],
    opens: ["v1.ShopService.GetItem", "v2.ShopService.FetchItem"],
    declare: { methods: { "ShopService.GetItem": "FetchItem" } },
  },
  {
    name: "a value of an enum is renamed",
    edit: [["KIND_BOOK = 1;", "KIND_PRINT = 1;"]],
    opens: ["v1.Kind.KIND_BOOK", "v2.Kind.KIND_PRINT"],
    declare: { values: { "Kind.KIND_BOOK": "KIND_PRINT" } },
  },
];
