import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type FakeRegistry, packTarball, startFakeRegistry, startServer } from "./support/fake-registry.ts";
import { PACKAGES } from "./support/packages.ts";
import { assertRefused, type Expected, type Files, GOOD, schema } from "./support/refusal.ts";

const DIFF = ["diff", "--root", "root", "--scope", "@acme"] as const;

describe("a baseline from a registry that cannot be read", () => {
  const A = "@acme/a-v1";
  const MANIFEST = JSON.stringify({ name: A, version: "1.0.0", charter: { protoPackage: "acme.a.v1" } });
  const schemaOf = (name: string): Buffer => readFileSync(join(PACKAGES, name, "schema.binpb"));
  const release = (files: Files) => ({ [A]: { tarball: packTarball({ "package.json": MANIFEST, ...files }) } });
  const cut = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2);
  const whole = packTarball({ "package.json": MANIFEST, "schema.binpb": schemaOf("orders-v2") });

  const cases: readonly (readonly [name: string, start: () => Promise<FakeRegistry>, code: string, what: string])[] = [
    [
      "one that answers 500",
      () => startServer((_, response) => response.writeHead(500).end("Sorry.")),
      "baseline-registry",
      "E500",
    ],
    [
      "one that answers with a page",
      () => startServer((_, response) => response.setHeader("content-type", "text/html").end("<html>Welcome</html>")),
      "baseline-registry",
      "invalid json",
    ],
    [
      "one that wants a login",
      () => startServer((_, response) => response.writeHead(401).end("{}")),
      "baseline-registry",
      "E401",
    ],
    ["one that hangs up", () => startServer((request) => request.socket.destroy()), "baseline-registry", "failed"],
    [
      "a tarball of other bytes than the registry says",
      () => startFakeRegistry({ [A]: { tarball: whole, integrity: `sha512-${"A".repeat(86)}==` } }),
      "baseline-tarball",
      "EINTEGRITY",
    ],
    ["a tarball that is cut off", () => startFakeRegistry({ [A]: { tarball: cut(whole) } }), "baseline-tarball", ""],
    [
      "a tarball that is lost",
      () => startFakeRegistry({ [A]: { tarball: whole, lost: true } }),
      "baseline-package-unknown",
      "does not know @acme/a-v1@1.0.0",
    ],
    [
      "one damaged tarball of two: which",
      () => startFakeRegistry({ [A]: { tarball: cut(whole) }, "@acme/b-v1": { tarball: whole } }),
      "baseline-tarball",
      "@acme/a-v1@1.0.0: ",
    ],
    [
      "a page instead of a tarball",
      () => startFakeRegistry({ [A]: { tarball: Buffer.from("<html>Welcome</html>") } }),
      "baseline-tarball",
      "",
    ],
    ["a tarball without schema.binpb", () => startFakeRegistry(release({})), "baseline-no-schema", "@acme/a-v1@1.0.0"],
    [
      "a schema.binpb that is cut off",
      () => startFakeRegistry(release({ "schema.binpb": cut(schemaOf("orders-v2")) })),
      "baseline-schema-damaged",
      "@acme/a-v1@1.0.0",
    ],
    [
      "a schema.binpb of another package",
      () => startFakeRegistry(release({ "schema.binpb": schemaOf("orders-v2") })),
      "baseline-schema-damaged",
      "@acme/a-v1@1.0.0",
    ],
    [
      "a package that is a stranger's",
      () => startFakeRegistry(release({ "package.json": JSON.stringify({ name: A, version: "1.0.0" }) })),
      "baseline-unmarked",
      "@acme/a-v1@1.0.0",
    ],
    [
      "a package of another proto package",
      () => startFakeRegistry(release({ "package.json": MANIFEST.replace("acme.a.v1", "acme.b.v1") })),
      "baseline-foreign",
      "made from acme.b.v1, not from acme.a.v1",
    ],
  ];
  for (const [name, start, code, what] of cases) {
    test(name, async () => {
      await using registry = await start();
      await assertRefused({
        files: { ...GOOD, "root/proto/b.proto": schema("acme.b.v1", "") },
        args: [...DIFF, "--against", "npm", "--registry", registry.url],
        finds: [["error", code, what, "--against git:REF"]],
      });
    });
  }

  let known: FakeRegistry;
  let closed = "";
  before(async () => {
    known = await startFakeRegistry(release({ "schema.binpb": schemaOf("orders-v2") }));
    const server = await startServer(() => {});
    closed = server.url;
    await server[Symbol.asyncDispose]();
  });
  after(() => known?.[Symbol.asyncDispose]());

  const more: readonly (readonly [name: string, args: () => readonly string[], ...expected: Expected])[] = [
    [
      "one that is down",
      () => ["--against", "npm", "--registry", closed],
      ...(["error", "baseline-registry", "ECONNREFUSED", "--against git:REF"] as const),
    ],
    [
      "one that is down, by default: no other answer in its place",
      () => ["--registry", closed],
      ...(["error", "baseline-registry", "ECONNREFUSED", "--against git:REF"] as const),
    ],
    [
      "a package that it does not know",
      () => ["--against", "npm:@acme/absent", "--registry", known.url],
      ...(["error", "baseline-package-unknown", "does not know @acme/absent@latest", "--against git:REF"] as const),
    ],
    [
      "a version that it does not know",
      () => ["--against", "npm:@acme/a-v1@7.0.0", "--registry", known.url],
      ...(["error", "baseline-package-unknown", "does not know @acme/a-v1@7.0.0", "--against git:REF"] as const),
    ],
    [
      "a name that is none",
      () => ["--against", "npm:orders"],
      ...(["error", "against-npm-name", "npm:orders", "npm:@acme/orders-v1"] as const),
    ],
    [
      "an address that is none",
      () => ["--against", "npm", "--registry", "npm.acme.example"],
      ...(["error", "registry-url", "npm.acme.example", "https://"] as const),
    ],
    [
      "an address that nobody asks",
      () => ["--against", "root", "--registry", closed],
      ...(["error", "registry-unused", "--against root", "Leave one of the two out"] as const),
    ],
  ];
  for (const [name, args, ...expected] of more) {
    test(name, () => assertRefused({ files: GOOD, args: [...DIFF, ...args()], finds: [expected] }));
  }

  test("a scope that leads nowhere on purpose", () =>
    assertRefused({
      files: { ...GOOD, "root/.npmrc": "@acme:registry=http://127.0.0.1:9/\n" },
      args: [...DIFF, "--against", "npm"],
      finds: [["error", "baseline-registry-unset", "npm has no registry for @acme", "@acme:registry=URL"]],
    }));

  test("no scope, so that no package has a name", () =>
    assertRefused({
      files: GOOD,
      args: ["diff", "--root", "root", "--against", "npm"],
      finds: [["error", "scope-missing", "No npm scope", "--scope @acme"]],
    }));
});
