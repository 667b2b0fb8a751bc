import { stabilityOf, upperFirst } from "./names.ts";
import { plural, singular } from "./plural.ts";

/** The two files that a service begins with. */
export interface ServiceSource {
  readonly protoPackage: string;
  /** The last part before the version: `gift_cards`. */
  readonly service: string;
  /** How the resource's file is imported. */
  readonly resourcePath: string;
  /** `option …;` lines of each file, sorted. */
  readonly resourceOptions: readonly string[];
  readonly serviceOptions: readonly string[];
}

/** The names in those files. */
function wordsOf(service: string): Readonly<Record<"one" | "many" | "One" | "Many" | "thing" | "things", string>> {
  const one = singular(service);
  const many = plural(one);
  return { one, many, One: pascal(one), Many: pascal(many), thing: spaced(one), things: spaced(many) };
}

/** What the service is about. */
export function resourceText({ protoPackage, service, resourceOptions }: ServiceSource): string {
  const { one, One, thing } = wordsOf(service);
  return `${head(protoPackage, ["google/protobuf/timestamp.proto"], resourceOptions)}
// One ${thing}.
message ${One} {
  // Identifier. Set by the server, and never changed.
  string ${one}_id = 1;

  // Name for people to read. Need not be unique; empty if nobody gave one.
  string display_name = 2;

  // Moment of creation. Set by the server.
  google.protobuf.Timestamp create_time = 3;
}
`;
}

/** Its rpcs: one thing, and all of them page by page. */
export function serviceText({ protoPackage, service, resourcePath, serviceOptions }: ServiceSource): string {
  const { one, many, One, Many, thing, things } = wordsOf(service);
  return `${head(protoPackage, [resourcePath], serviceOptions)}
// Knows every ${thing}.
service ${pascal(service)}Service {
  // Returns one ${thing}.
  //
  // Returns NOT_FOUND if there is no ${thing} with this identifier.
  rpc Get${One}(Get${One}Request) returns (Get${One}Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }

  // Returns all ${things}, newest first, page by page.
  //
  // Returns INVALID_ARGUMENT if the page size is not from 0 to 100, or the page token is damaged.
  rpc List${Many}(List${Many}Request) returns (List${Many}Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}

// Request of Get${One}.
message Get${One}Request {
  // Identifier of the ${thing}. Required.
  string ${one}_id = 1;
}

// Response of Get${One}.
message Get${One}Response {
  // The ${thing}.
  ${One} ${one} = 1;
}

// Request of List${Many}.
message List${Many}Request {
  // Largest number of ${things} in one page, from 1 to 100. 0 means 20.
  int32 page_size = 1;

  // \`next_page_token\` of the page before. Empty for the first page.
  string page_token = 2;
}

// Response of List${Many}.
message List${Many}Response {
  // One page of ${things}.
  repeated ${One} ${many} = 1;

  // Token of the next page. Empty on the last page.
  string next_page_token = 2;
}
`;
}

function head(protoPackage: string, imports: readonly string[], options: readonly string[]): string {
  const unstable = "// Unstable: this package may break in any release. Stable packages must not import it.\n\n";
  return [
    `${stabilityOf(protoPackage) === "unstable" ? unstable : ""}syntax = "proto3";\n`,
    `package ${protoPackage};\n`,
    ...imports.map((path) => `import "${path}";\n`),
    ...(options.length === 0 ? [] : [`${options.join("\n")}\n`]),
  ].join("\n");
}

/** `gift_cards` → `GiftCards`, as buf's rules want the names of types. */
export function pascal(name: string): string {
  return name.split(/[_-]/).map(upperFirst).join("");
}

function spaced(name: string): string {
  return name.replaceAll("_", " ");
}
