import assert from "node:assert/strict";
import http2 from "node:http2";
import net from "node:net";
import { after, test } from "node:test";
import { type ClientOptions, createClient, RpcError } from "../packages/rpc/dist/index.js";
import { caught, NoteServiceDefinition, serveNotes } from "./rpc-fixture.ts";
import { kinds } from "./rpc-retry-fixture.ts";
import { identity, type Listening, listen } from "./support/listening.ts";

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

const localhost = identity("localhost");
const HEAD = { ":status": 200, "content-type": "application/grpc" };

/** A message as gRPC sends it. */
function frame(content: string, flags = 0, length = content.length): Buffer {
  const head = Buffer.from([flags, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, Buffer.from(content)]);
}

const note = (id: string): string => JSON.stringify({ id, _unknownFields: [] });

/** Listens until it is stopped, and then with its connections. */
function hold(server: net.Server): Promise<Listening> {
  const sockets: net.Socket[] = [];
  server.on("connection", (each: net.Socket) => sockets.push(each.on("error", () => {})));
  return listen(server, () => sockets.map((each) => each.destroy()));
}

/** A server that does the same to every call. */
function answering(act: (stream: http2.ServerHttp2Stream) => void): Promise<Listening> {
  const server = http2.createServer();
  server.on("session", (session) => session.on("error", () => {}));
  server.on("stream", (stream) => act(stream.on("error", () => {}).resume()));
  return hold(server);
}

const secure = (): Promise<Listening> => hold(http2.createSecureServer(localhost));

/** One that sends these bytes and ends well, or with these trailers. */
function sending(bytes: Buffer, trailers: http2.OutgoingHttpHeaders = { "grpc-status": "0" }): Promise<Listening> {
  return answering((stream) => {
    stream.respond(HEAD, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.end(bytes);
  });
}

const page = (status: number): Promise<Listening> =>
  answering((stream) => {
    stream.respond({ ":status": status, "content-type": "text/html" });
    stream.end("<html>a page</html>");
  });

const socket = (act: (socket: net.Socket) => void): Promise<Listening> => hold(net.createServer(act));

async function nobody(): Promise<Listening> {
  const gone = await listen(net.createServer());
  gone.stop();
  return { ...gone, stop: () => {} };
}

interface Row {
  readonly start: () => Promise<Listening>;
  readonly scheme?: "https";
  readonly host?: string;
  readonly options?: ClientOptions;
  /** The name of the code. Of two, the second is that of a call with a stream of responses. */
  readonly code: string | readonly [single: string, stream: string];
}

const fast = { time: 20, timeout: 20 };
const tls = { rootCertificates: localhost.cert };

const rows: Readonly<Record<string, Row>> = {
  "nobody is there": { start: nobody, code: "UNAVAILABLE" },
  "a host that nobody knows": { start: nobody, host: "no-such-host.invalid", code: "UNAVAILABLE" },
  "one that speaks plain text where TLS is meant": {
    start: () => sending(frame(note("a,b"))),
    scheme: "https",
    options: { tls },
    code: "UNAVAILABLE",
  },
  "one that speaks TLS where plain text is meant": {
    start: secure,
    code: "UNAVAILABLE",
  },
  "a certificate that is not trusted": {
    start: secure,
    scheme: "https",
    code: "UNAVAILABLE",
  },
  "one that hangs up": { start: () => socket((each) => each.destroy()), code: "UNAVAILABLE" },
  "one that speaks something else": { start: () => socket((each) => each.end("SSH-2.0\r\n")), code: "UNAVAILABLE" },
  "one that never says a word": {
    start: () => socket(() => {}),
    options: { deadline: 50 },
    code: "DEADLINE_EXCEEDED",
  },
  "one that takes the call and never answers": {
    start: () => answering(() => {}),
    options: { keepalive: fast, deadline: 50 },
    code: "DEADLINE_EXCEEDED",
  },
  "a page with 200": { start: () => page(200), code: "RESOURCE_EXHAUSTED" },
  "a page with 401": { start: () => page(401), code: "UNAUTHENTICATED" },
  "a page with 404": { start: () => page(404), code: "UNIMPLEMENTED" },
  "a proxy's page with 502": { start: () => page(502), code: "UNAVAILABLE" },
  "a response of bytes that are no message": { start: () => sending(frame("\u0000garbage")), code: "INTERNAL" },
  "a response that is cut off": { start: () => sending(frame(note("a,b"), 0, 4000)), code: ["UNIMPLEMENTED", "OK"] },
  "a response compressed by nobody knows what": { start: () => sending(frame("zz", 1)), code: "INTERNAL" },
  "a response over the limit": {
    start: () => sending(frame(note("x".repeat(5000)))),
    options: { maxReceiveBytes: 1000 },
    code: "RESOURCE_EXHAUSTED",
  },
  "a response without an end": {
    start: () =>
      answering((stream) => {
        stream.respond(HEAD);
        stream.end(frame(note("a,b")));
      }),
    code: "INTERNAL",
  },
  "trailers that have no status": { start: () => sending(frame(note("a")), { other: "x" }), code: "UNKNOWN" },
  "a status that does not exist": {
    start: () => sending(Buffer.alloc(0), { "grpc-status": "77", "grpc-message": "what" }),
    code: "CODE_77",
  },
  "a stream that is reset": {
    start: () => answering((stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)),
    code: "INTERNAL",
  },
  "a call that is cancelled from the other side": {
    start: () => answering((stream) => stream.close(http2.constants.NGHTTP2_CANCEL)),
    code: "CANCELLED",
  },
  "a connection that breaks in the middle": {
    start: () =>
      answering((stream) => {
        stream.respond(HEAD);
        stream.write(frame(note("a")).subarray(0, 7), () => stream.session?.destroy());
      }),
    code: "UNAVAILABLE",
  },
  "a GOAWAY, and the end": {
    start: () =>
      answering((stream) => {
        stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR);
        setTimeout(() => stream.session?.destroy(), 20);
      }),
    code: "UNAVAILABLE",
  },
};

for (const [name, { start, scheme = "http", host = "localhost", options, code }] of Object.entries(rows)) {
  for (const [kind, call] of kinds) {
    test(`${name}: a ${kind} call ends with an RpcError`, async () => {
      const { port, stop } = await start();
      const client = createClient(NoteServiceDefinition, `${scheme}://${host}:${port}`, { retry: false, ...options });
      const streams = kind === "server stream" || kind === "bidi stream";
      const expected = typeof code === "string" ? code : code[streams ? 1 : 0];
      const deadline = streams ? options?.deadline : undefined;
      const outcome = call(client, deadline === undefined ? {} : { deadline });
      if (expected === "OK") await outcome;
      else {
        const error = await caught(outcome);
        assert.ok(RpcError.is(error), String(error));
        assert.equal(error.codeName, expected, error.message);
        assert.match(error.stack ?? "", /rpc-retry-fixture\.ts/);
      }
      client.close();
      stop();
    });
  }
}

test("after all that, a good server is called as ever", async () => {
  await using served = await serveNotes({ get: ({ id }) => ({ id }) });
  assert.equal((await served.client.get({ id: "a" })).id, "a");
});
