/** A schema with a place (`/* … *\/`) for an addition of every kind. `#` is the next free number. */
export const SHELF = `
enum Status { STATUS_UNSPECIFIED = 0; STATUS_ACTIVE = 1; /*value*/ }
message Book {
  string title = 1;
  optional int64 size = 2;
  repeated Part parts = 3;
  map<string, Part> by_name = 4;
  Status status = 5;
  oneof choice { string text = 6; Part part = 7; /*member*/ }
  google.protobuf.Timestamp time = 8;
  bytes data = 9;
  acme.shared.v1.Money price = 10;
  google.protobuf.Duration length = 11;
  map<int64, string> by_number = 12;
  int32 pages = 13;
  double weight = 14;
  /*response*/
}
message Part { string id = 1; /*nested*/ }
message Empty { /*empty*/ }
message GetBookRequest { string id = 1; google.protobuf.FieldMask mask = 2; /*request*/ }
message GetBookResponse { Book book = 1; }
/*type*/
service BookService {
  rpc GetBook(GetBookRequest) returns (GetBookResponse);
  rpc WatchBook(GetBookRequest) returns (stream Book);
  rpc SendBooks(stream Book) returns (GetBookResponse);
  rpc Chat(stream Book) returns (stream Book);
  rpc Ping(Empty) returns (Empty);
  /*rpc*/
}
service IdleService { /*idle*/ }
`;

/** Each a name and what is written where: a place of the schema, or a text of it that is replaced. */
export type Addition = readonly [name: string, ...edits: readonly (readonly [place: string, text: string])[]];

/** Names of globals, of helpers and of variables that the generated code uses. */
const USED_NAMES = (
  "Uint8Array String BigInt Promise Partial Map DeepPartial Builtin MessageFns BinaryWriter BinaryReader isSet " +
  "isObject toTimestamp globalThis undefined Timestamp Duration Money Object Array Function Date Record Number " +
  "Error Iterable AsyncIterable ReadonlyArray Client Target CallOptions PartialMessage parseInt bytesFromBase64 " +
  "keyof infer readonly unique class any never message writer reader object obj base tag end length list buf key " +
  "value e v acc entry entry1 end2 rpc testing server protobufPackage"
).split(" ");

const FIELDS =
  "constructor to_string has_own_property value_of __proto__ class then _unknown_fields unknown_fields message writer".split(
    " ",
  );

const SCALARS = (
  "double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes Status " +
  "Part Book acme.shared.v1.Money acme.shared.v1.Mode google.protobuf.Timestamp google.protobuf.Duration " +
  "google.protobuf.Struct google.protobuf.Value google.protobuf.ListValue google.protobuf.Any " +
  "google.protobuf.FieldMask google.protobuf.Int64Value google.protobuf.StringValue google.protobuf.BytesValue"
).split(" ");

const KEYS = "string int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool".split(" ");

/** Fields of every type and cardinality. */
function everyField(prefix: string): string {
  const singular = SCALARS.map((type, index) => `${type} ${prefix}_s${index} = #;`);
  const optional = SCALARS.map((type, index) => `optional ${type} ${prefix}_o${index} = #;`);
  const repeated = SCALARS.map((type, index) => `repeated ${type} ${prefix}_r${index} = #;`);
  const keys = KEYS.map((type, index) => `map<${type}, Part> ${prefix}_k${index} = #;`);
  const values = SCALARS.map((type, index) => `map<string, ${type}> ${prefix}_v${index} = #;`);
  const members = SCALARS.map((type, index) => `${type} ${prefix}_m${index} = #;`);
  const oneof = `oneof ${prefix}_oneof { ${members.join(" ")} }`;
  return [...singular, ...optional, ...repeated, ...keys, ...values, oneof].join(" ");
}

/** What protobuf takes for harmless. Every one must leave an old consumer, an old server and an old fake compiling. */
export const ADDITIONS: readonly Addition[] = [
  ["request field", ["request", "string filter = #; Status status = #; repeated string tags = #;"]],
  ["response field", ["response", "string subtitle = #; bool sold = #;"]],
  ["field of every type in a request", ["request", everyField("in")]],
  ["field of every type in a response", ["response", everyField("out")]],
  ["first field of a message", ["empty", "string note = #;"]],
  ["recursive field", ["response", "Book sequel = #; map<string, Book> series = #; GetBookRequest origin = #;"]],
  ["oneof member", ["member", "int64 number = #; Book book = #; google.protobuf.Struct more = #;"]],
  ["new oneof", ["response", "oneof extra { string note = #; Empty none = #; }"]],
  ["field of a nested message", ["nested", "message Detail { string a = #; } Detail detail = #;"]],
  ["fields with names that objects have", ["response", FIELDS.map((name) => `string ${name} = #;`).join(" ")]],
  ["enum value", ["value", "STATUS_SOLD = #;"]],
  ["enum value with a digit", ["value", "STATUS_3DS = #;"]],
  ["enum value UNRECOGNIZED", ["value", "STATUS_UNRECOGNIZED = #;"]],
  ["enum value minus one", ["value", "STATUS_MINUS = -1;"]],
  ["enum value without the prefix", ["value", "SOLD_OUT = #;"]],
  ["enum values with names of TypeScript", ["value", "STATUS_class = #; STATUS_toString = #; STATUS_keyof = #;"]],
  ["enum value that is its enum", ["value", "STATUS_Status = #;"]],
  ["enum alias", ["STATUS_ACTIVE = 1;", "option allow_alias = true; STATUS_ACTIVE = 1; STATUS_LIVE = 1;"]],
  ["nested types", ["nested", "message Nested { string a = #; enum Kind { KIND_NONE = 0; } Kind kind = #; }"]],
  ["top level types", ["type", "message Author { string name = #; } enum Format { FORMAT_NONE = 0; }"]],
  ...USED_NAMES.map(
    (name): Addition => [
      `message called ${name}`,
      ["type", `message ${name} { string a = #; v1.${name} again = #; } message Has${name}1 { v1.${name} one = #; }`],
    ],
  ),
  ["nested messages called like globals", ["nested", "message Uint8Array { string a = #; } message String {}"]],
  ["enum called like a global", ["type", "enum Set { SET_NONE = 0; } message UsesSet { Set set = #; }"]],
  ["unary rpc", ["rpc", "rpc ListBooks(GetBookRequest) returns (GetBookResponse);"]],
  ["server streaming rpc", ["rpc", "rpc StreamOut(GetBookRequest) returns (stream Book);"]],
  ["client streaming rpc", ["rpc", "rpc StreamIn(stream Book) returns (Empty);"]],
  ["bidi rpc", ["rpc", "rpc StreamBoth(stream Book) returns (stream Book);"]],
  ["rpc with types of others", ["rpc", "rpc Pay(acme.shared.v1.Money) returns (google.protobuf.Any);"]],
  [
    "rpcs with names that a client has",
    ["rpc", "rpc Close(Empty) returns (Empty); rpc Then(Empty) returns (stream Empty);"],
    ["rpc", "rpc Calls(stream Empty) returns (Empty); rpc Constructor(Empty) returns (Empty);"],
    ["rpc", "rpc ToString(Empty) returns (Empty); rpc Delete(Empty) returns (Empty);"],
  ],
  ["first rpc of a service", ["idle", "rpc Wake(Empty) returns (Empty);"]],
  ["service", ["type", "service ShelfService { rpc Get(Empty) returns (Book); }"]],
  ["services with odd names", ["type", "service crate { rpc get(Empty) returns (Book); } service Rpc {}"]],
  ["deprecated field", ["string title = 1;", "string title = 1 [deprecated = true];"]],
  ["deprecated message", ["message Part {", "message Part { option deprecated = true;"]],
  ["deprecated enum", ["enum Status {", "enum Status { option deprecated = true;"]],
  ["deprecated enum value", ["STATUS_UNSPECIFIED = 0", "STATUS_UNSPECIFIED = 0 [deprecated = true]"]],
  [
    "deprecated rpc",
    ["rpc Ping(Empty) returns (Empty);", "rpc Ping(Empty) returns (Empty) { option deprecated = true; }"],
  ],
  ["deprecated service", ["service BookService {", "service BookService { option deprecated = true;"]],
  ["deprecated file", ["\nenum Status {", "\noption deprecated = true;\nenum Status {"]],
  [
    "idempotent rpc",
    [
      "rpc GetBook(GetBookRequest) returns (GetBookResponse);",
      "rpc GetBook(GetBookRequest) returns (GetBookResponse) { option idempotency_level = NO_SIDE_EFFECTS; }",
    ],
  ],
  ["comments", ["message Empty", "// Nothing.\nmessage Empty"]],
  ["reservations", ["nested", "reserved 900 to 910; reserved 'gone';"]],
];

/** The schema with some additions. */
export function withAdditions(additions: readonly Addition[]): string {
  let text = SHELF;
  for (const [place, added] of additions.flatMap(([, ...edits]) => edits)) {
    const mark = `/*${place}*/`;
    const [found, put] = text.includes(mark) ? [mark, `${added} ${mark}`] : [place, added];
    if (!text.includes(found)) throw new Error(`the schema has no ${place}`);
    text = text.replace(found, () => put);
  }
  let next = 100;
  return text.replaceAll(" = #", () => ` = ${next++}`);
}
