import { type Fixture, withHints } from "./fixture.ts";

const TYPES = "message A { string a = 1; } message B { int32 b = 1; repeated string c = 2; }";

/** The service `S` with some rpcs. */
const s = (rpcs: string): string => `service S { ${rpcs} } ${TYPES}`;
const GET = "rpc Get(A) returns (B);";
const TWINS = "message C { string a = 1; } message D { string a = 1; }";

const SAME = "the two messages have the same fields; the rule does not look into them";

export const SERVICES: readonly Fixture[] = [
  {
    name: "a service more",
    before: TYPES,
    after: s(GET),
    expect: ["service-added"],
    not: ["rpc-added", "service-renamed"],
  },
  {
    name: "a service less",
    before: s(GET),
    after: TYPES,
    expect: ["service-removed"],
    not: ["rpc-removed", "service-renamed"],
  },
  {
    name: "a service with another name",
    before: s(GET),
    after: s(GET).replace("service S", "service T"),
    expect: ["service-renamed"],
    not: ["service-removed", "service-added", "rpc-renamed"],
  },
  {
    name: "a service with another name and other rpcs",
    before: s(GET),
    after: `service T { rpc Put(A) returns (B); rpc List(A) returns (stream B); } ${TYPES}`,
    expect: ["service-added", "service-removed"],
    not: ["service-renamed"],
  },
  {
    name: "a service in another file of the package",
    before: { "x.proto": s(GET), "y.proto": 'import public "acme/x/v1/x.proto";' },
    after: {
      "x.proto": TYPES,
      "y.proto": `import public "acme/x/v1/x.proto"; service S { ${GET} }`,
    },
    expect: ["file-unforwarded", "service-moved"],
    not: ["service-removed", "service-added", "service-renamed", "file-forwarded"],
  },
  {
    name: "a service in another place of its file",
    before: `service S { ${GET} } ${TYPES}`,
    after: `${TYPES} service S { ${GET} }`,
    expect: [],
    not: ["service-moved"],
  },
  {
    name: "a deprecated service",
    before: s(GET),
    after: s(`option deprecated = true; ${GET}`),
    expect: ["service-deprecated"],
    not: ["service-option-changed", "rpc-deprecated"],
  },
  {
    name: "a service that is deprecated no more",
    before: s(`option deprecated = true; ${GET}`),
    after: s(GET),
    expect: ["service-undeprecated"],
    not: ["service-option-changed", "rpc-undeprecated"],
  },
  {
    name: "another comment of a service",
    before: `\n// Books.\n${s(GET)}`,
    after: `\n// Books and more.\n${s(GET)}`,
    expect: ["service-comment-changed"],
    not: ["rpc-comment-changed", "message-comment-changed"],
  },
  {
    name: "an option of a service",
    before: withHints(s(`option (service_hint) = "x"; ${GET}`)),
    after: withHints(s(`option (service_hint) = "y"; ${GET}`)),
    expect: ["service-option-changed"],
    not: ["rpc-option-changed"],
  },
  {
    name: "an rpc more",
    before: s(GET),
    after: s(`${GET} rpc Put(B) returns (A);`),
    expect: ["rpc-added"],
    not: ["service-added", "rpc-renamed", "rpcs-reordered"],
  },
  {
    name: "an rpc less",
    before: s(`${GET} rpc Put(B) returns (A);`),
    after: s(GET),
    expect: ["rpc-removed"],
    not: ["service-removed", "rpc-renamed"],
  },
  {
    name: "an rpc with another name",
    before: s(GET),
    after: s("rpc Fetch(A) returns (B);"),
    expect: ["rpc-renamed"],
    not: ["rpc-removed", "rpc-added"],
  },
  {
    name: "an rpc gone, and another of other types",
    before: s(GET),
    after: s("rpc Put(B) returns (A);"),
    expect: ["rpc-added", "rpc-removed"],
    not: ["rpc-renamed", "rpc-request-changed", "rpc-response-changed"],
  },
  {
    name: "an rpc with another request",
    before: s(GET),
    after: s("rpc Get(B) returns (B);"),
    expect: ["rpc-request-changed"],
    not: ["rpc-response-changed", "rpc-removed"],
  },
  {
    name: "an rpc with another request of the same shape",
    before: `service S { rpc Get(C) returns (A); } ${TYPES} ${TWINS}`,
    after: `service S { rpc Get(D) returns (A); } ${TYPES} ${TWINS}`,
    expect: ["rpc-request-changed"],
    not: ["message-renamed"],
    unproven: { wire: SAME, json: SAME },
  },
  {
    name: "an rpc with another response",
    before: s(GET),
    after: s("rpc Get(A) returns (A);"),
    expect: ["rpc-response-changed"],
    not: ["rpc-request-changed"],
  },
  {
    name: "an rpc whose messages were renamed",
    before: `service S { rpc Get(A) returns (B); } ${TYPES}`,
    after:
      "service S { rpc Get(X) returns (Y); } message X { string a = 1; } message Y { int32 b = 1; repeated string c = 2; }",
    expect: ["message-renamed", "message-renamed"],
    not: ["rpc-request-changed", "rpc-response-changed", "rpc-removed"],
  },
  {
    name: "a stream of requests instead of one",
    before: s(GET),
    after: s("rpc Get(stream A) returns (B);"),
    expect: ["rpc-request-streaming-changed"],
    not: ["rpc-response-streaming-changed", "rpc-request-changed", "rpc-removed"],
  },
  {
    name: "a stream of responses instead of one",
    before: s(GET),
    after: s("rpc Get(A) returns (stream B);"),
    expect: ["rpc-response-streaming-changed"],
    not: ["rpc-request-streaming-changed", "rpc-response-changed", "rpc-removed"],
  },
  {
    name: "an rpc that may be repeated",
    before: s(GET),
    after: s("rpc Get(A) returns (B) { option idempotency_level = IDEMPOTENT; }"),
    expect: ["rpc-idempotency-strengthened"],
    not: ["rpc-option-changed", "rpc-idempotency-weakened"],
  },
  {
    name: "an rpc that only reads",
    before: s("rpc Get(A) returns (B) { option idempotency_level = IDEMPOTENT; }"),
    after: s("rpc Get(A) returns (B) { option idempotency_level = NO_SIDE_EFFECTS; }"),
    expect: ["rpc-idempotency-strengthened"],
    not: ["rpc-idempotency-weakened"],
  },
  {
    name: "an rpc that may be repeated no more",
    before: s("rpc Get(A) returns (B) { option idempotency_level = IDEMPOTENT; }"),
    after: s(GET),
    expect: ["rpc-idempotency-weakened"],
    not: ["rpc-option-changed", "rpc-idempotency-strengthened"],
  },
  {
    name: "idempotency spelled out as it is",
    before: s(GET),
    after: s("rpc Get(A) returns (B) { option idempotency_level = IDEMPOTENCY_UNKNOWN; }"),
    expect: [],
    not: ["rpc-idempotency-strengthened", "rpc-idempotency-weakened", "rpc-option-changed"],
  },
  {
    name: "a deprecated rpc",
    before: s(GET),
    after: s("rpc Get(A) returns (B) { option deprecated = true; }"),
    expect: ["rpc-deprecated"],
    not: ["rpc-option-changed", "service-deprecated"],
  },
  {
    name: "an rpc that is deprecated no more",
    before: s("rpc Get(A) returns (B) { option deprecated = true; }"),
    after: s(GET),
    expect: ["rpc-undeprecated"],
    not: ["rpc-option-changed", "service-undeprecated"],
  },
  {
    name: "another comment of an rpc",
    before: s(`\n// Gets one.\n${GET}`),
    after: s(`\n// Gets a book.\n${GET}`),
    expect: ["rpc-comment-changed"],
    not: ["service-comment-changed"],
  },
  {
    name: "an option of an rpc",
    before: withHints(s('rpc Get(A) returns (B) { option (method_hint) = "x"; }')),
    after: withHints(s('rpc Get(A) returns (B) { option (method_hint) = "y"; }')),
    expect: ["rpc-option-changed"],
    not: ["service-option-changed", "rpc-idempotency-strengthened"],
  },
  {
    name: "rpcs in another order",
    before: s(`${GET} rpc Put(B) returns (A);`),
    after: s(`rpc Put(B) returns (A); ${GET}`),
    expect: ["rpcs-reordered"],
    not: ["rpc-removed", "rpc-added", "rpc-request-changed"],
  },
  {
    name: "two rpcs that swapped their names",
    before: s(`${GET} rpc Put(B) returns (A);`),
    after: s(`rpc Put(A) returns (B); rpc Get(B) returns (A);`),
    expect: [
      "rpc-request-changed",
      "rpc-request-changed",
      "rpc-response-changed",
      "rpc-response-changed",
      "rpcs-reordered",
    ],
    not: ["rpc-renamed"],
  },
];
