import assert from "node:assert/strict";
import { test } from "node:test";
import { createChannel, createClient } from "../packages/rpc/dist/index.js";
import { parseTarget } from "../packages/rpc/src/target.ts";
import { NoteServiceDefinition } from "./rpc-fixture.ts";

const plain = { tls: false };
const tls = { tls: true };

const good: readonly [string, { readonly tls: boolean }, string][] = [
  ["http://localhost:50051", plain, "dns:localhost:50051"],
  ["http://localhost:50051/", plain, "dns:localhost:50051"],
  ["http://example.com", plain, "dns:example.com:80"],
  ["HTTP://Example.com:1", plain, "dns:Example.com:1"],
  ["http://[::1]:50051", plain, "dns:[::1]:50051"],
  ["https://example.com", tls, "dns:example.com:443"],
  ["https://localhost:8443", tls, "dns:localhost:8443"],
  ["example.com:443", tls, "dns:example.com:443"],
  ["localhost:50051", plain, "dns:localhost:50051"],
  ["LOCALHOST:50051", plain, "dns:LOCALHOST:50051"],
  ["api.localhost:50051", plain, "dns:api.localhost:50051"],
  ["127.0.0.1:50051", plain, "dns:127.0.0.1:50051"],
  ["127.8.0.1:50051", plain, "dns:127.8.0.1:50051"],
  ["128.0.0.1:50051", tls, "dns:128.0.0.1:50051"],
  ["[::1]:50051", plain, "dns:[::1]:50051"],
  ["[2001:db8::1]:50051", tls, "dns:[2001:db8::1]:50051"],
  ["localhost.example.com:1", tls, "dns:localhost.example.com:1"],
  ["dns:50051", tls, "dns:dns:50051"],
  ["unix:/run/app.sock", plain, "unix:/run/app.sock"],
  ["unix:///run/app.sock", plain, "unix:///run/app.sock"],
  ["dns:///svc.prod:50051", tls, "dns:///svc.prod:50051"],
  ["dns:svc.prod:50051", tls, "dns:svc.prod:50051"],
  ["dns://8.8.8.8/svc.prod:50051", tls, "dns://8.8.8.8/svc.prod:50051"],
  ["dns:///localhost:50051", plain, "dns:///localhost:50051"],
  ["ipv4:127.0.0.1:1,127.0.0.2:2", plain, "ipv4:127.0.0.1:1,127.0.0.2:2"],
  ["ipv4:127.0.0.1:1,10.0.0.1:2", tls, "ipv4:127.0.0.1:1,10.0.0.1:2"],
  ["ipv6:[::1]:1", plain, "ipv6:[::1]:1"],
];

for (const [target, { tls }, grpcTarget] of good) {
  test(`address ${target} is ${tls ? "TLS" : "plain"}`, () => {
    const address = parseTarget(target);
    assert.deepEqual([address.grpcTarget, address.tls], [grpcTarget, tls]);
  });
}

const bad: readonly [string, RegExp][] = [
  ["htpp://localhost:50051", /unknown scheme "htpp": did you mean "http:\/\/localhost:50051"\?/],
  ["httsp://x:1", /did you mean "https:\/\/x:1"\?/],
  ["grpc://x:1", /did you mean "http:\/\/x:1"\?/],
  ["grpcs://x:1", /did you mean "https:\/\/x:1"\?/],
  ["ftp://x:1", /unknown scheme "ftp": did you mean "http:\/\/x:1"\?/],
  ["", /is empty/],
  [" localhost:1", /spaces around/],
  ["example.com", /has no port: write "example.com:50051".*or "https:\/\/example.com"/],
  ["localhost:0", /has port 0/],
  ["localhost:65536", /has port 65536/],
  ["localhost:http", /is not host:port/],
  ["::1:50051", /in brackets/],
  ["http://", /is not host:port/],
  ["http://x:1/api", /has a path/],
  ["http://user@x:1", /is not host:port/],
  ["http://x:1?a=b", /is not host:port/],
  ["unix:", /nothing after "unix:"/],
  ["dns:", /nothing after "dns:"/],
  ["ipv4:127.0.0.1:99999", /has port 99999/],
];

for (const [target, message] of bad) {
  test(`address ${JSON.stringify(target)} is a TypeError`, () => {
    assert.throws(() => createClient(NoteServiceDefinition, target), { name: "TypeError", message });
  });
}

test("the scheme and the option tls may not contradict each other", () => {
  assert.throws(() => createChannel("http://x:1", { tls: true }), { name: "TypeError", message: /write https:\/\// });
  assert.throws(() => createChannel("https://x:1", { tls: false }), { name: "TypeError", message: /write http:\/\// });
  createChannel("dns:///x:1", { tls: false }).close();
});

test("half a key pair, a misspelt option and a strange target are TypeErrors that name the fix", () => {
  const wrong = { dedline: 5 } as object;
  assert.throws(() => createChannel("https://x:1", { tls: { privateKey: "k" } }), { message: /give both or neither/ });
  assert.throws(() => createClient(NoteServiceDefinition, "http://x:1", wrong), { message: /did you mean "deadline"/ });
  assert.throws(() => createClient(NoteServiceDefinition, {} as never), {
    name: "TypeError",
    message: /createChannel/,
  });
  assert.throws(() => createClient(NoteServiceDefinition, null as never), { name: "TypeError" });
  assert.throws(() => createClient(NoteServiceDefinition, "http://x:1", { deadline: Number.NaN }), /milliseconds/);
  const channel = createChannel("http://x:1");
  assert.throws(() => createClient(NoteServiceDefinition, channel, { tls: true }), /give it to createChannel/);
  channel.close();
});
