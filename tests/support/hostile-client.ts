// node hostile-client.ts PORT MILLISECONDS ATTACK…: attacks a server in turns, and prints what it did. A process of its own,
// so that its work is not the honest client's.
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import {
  CONTINUATION,
  CROWDS,
  call,
  DATA,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  headers,
  message,
  noise,
  PING,
  PREFACE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from "./hostile-frames.ts";

const [port = "", milliseconds = "", ...names] = process.argv.slice(2);
const GET = "/test.note.v1.NoteService/Get";
const RECORD = "/test.note.v1.NoteService/Record";
const start = performance.now();
const over = (): boolean => performance.now() - start > Number(milliseconds);

let connections = 0;
let hungUp = 0;
let sent = 0;

/** A connection that begins as HTTP/2 does, and writes no more than the kernel takes. */
class Connection {
  closed = false;
  #left = false;
  #wake: () => void = () => {};
  readonly #socket: net.Socket;

  /** @param first what it begins with. @param deaf whether it does not read what comes. */
  constructor(first: Uint8Array = Buffer.concat([PREFACE, frame(SETTINGS, 0, 0)]), deaf = false) {
    connections++;
    this.#socket = net.connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      if (!this.#left) hungUp++;
      this.closed = true;
      this.#wake();
    });
    this.#socket.on("drain", () => this.#wake());
    if (!deaf) this.#socket.resume();
    this.#socket.write(first);
  }

  /** @returns whether there may be more. */
  async send(bytes: Uint8Array): Promise<boolean> {
    sent += bytes.length;
    if (!this.closed && !this.#socket.write(bytes)) {
      // Neither a server that does not read nor one that hung up is waited for.
      const stop = new AbortController();
      const drained = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([drained, sleep(200, undefined, { signal: stop.signal }).catch(() => {})]);
      stop.abort();
    }
    return !this.closed && !over();
  }

  end(): void {
    this.#left = true;
    this.#socket.destroy();
  }
}

/** Writes what there is until it is over or the server hangs up; a new connection then goes on. */
async function pour(
  next: (stream: number) => Uint8Array,
  deaf = false,
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (let count = 0; !over() && count < most; ) {
    const connection = new Connection(undefined, deaf);
    for (let stream = 1; count < most; stream += 2) {
      count++;
      if (!(await connection.send(next(stream)))) break;
      if (count % 1000 === 0) await sleep(0);
    }
    if (count >= most) await hold();
    connection.end();
    await sleep(5);
  }
}

async function hold(): Promise<void> {
  while (!over()) await sleep(20);
}

/** The same on many connections. */
async function many(count: number, attack: (index: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => attack(index)));
}

const opened = (stream: number, path = GET, flags = 0): Buffer =>
  frame(HEADERS, END_HEADERS | flags, stream, call(path));

/** One call with a whole request. */
function whole(stream: number, path: string, bytes: Uint8Array): Buffer {
  return Buffer.concat([opened(stream, path), ...data(stream, bytes, true)]);
}

const window_ = Buffer.alloc(4);
window_.writeUInt32BE(1);

const attacks: Readonly<Record<string, () => Promise<void>>> = {
  "10,000 streams": () => pour((stream) => opened(stream), false, 10_000),
  "streams on 50 connections": () =>
    many(50, async () => {
      await pour((stream) => opened(stream, stream % 4 === 1 ? GET : RECORD), false, 100);
    }),
  "50,000 resets": () =>
    pour(
      (stream) => Buffer.concat([opened(stream), frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8]))]),
      false,
      50_000,
    ),
  "resets of whole calls": () =>
    pour((stream) =>
      Buffer.concat([
        whole(stream, GET, message(Buffer.from('{"id":"a","_unknownFields":[]}'))),
        frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8])),
      ]),
    ),
  "huge headers": () =>
    pour((stream) => Buffer.concat([...headers(stream, call(GET, [["x", "x".repeat(1_000_000)]]))])),
  "very many headers": () => {
    const more = Array.from({ length: 20_000 }, (_, index) => [`x-${index}`, "v"] as const);
    return pour((stream) => Buffer.concat([...headers(stream, call(GET, more))]));
  },
  "endless CONTINUATION": () =>
    pour((stream) =>
      stream === 1 ? frame(HEADERS, 0, 1, call(GET)) : frame(CONTINUATION, 0, 1, Buffer.from([0, 1, 120, 2, 118, 118])),
    ),
  "empty CONTINUATION": () => pour((stream) => frame(stream === 1 ? HEADERS : CONTINUATION, 0, 1)),
  "a slow trickle": () =>
    many(100, async () => {
      const connection = new Connection();
      await connection.send(opened(1, RECORD));
      const bytes = Buffer.concat([...data(1, message(Buffer.alloc(10_000)), false)]);
      for (let at = 0; await connection.send(bytes.subarray(at, at + 1)); at++) await sleep(50);
      connection.end();
    }),
  "a slow preface": () =>
    many(100, async () => {
      while (!over()) {
        const connection = new Connection(PREFACE.subarray(0, 1));
        for (let at = 1; at < 20 && (await connection.send(PREFACE.subarray(at, at + 1))); at++) await sleep(50);
        connection.end();
      }
    }),
  "garbage after the preface": () =>
    many(10, async () => {
      while (!over()) {
        const connection = new Connection(PREFACE);
        while (await connection.send(noise(10_000))) await sleep(0);
        connection.end();
      }
    }),
  "garbage in frames": () => pour((stream) => frame(stream % 11, stream % 256, stream, noise(50))),
  "connections that never speak": () =>
    many(500, async () => {
      while (!over()) {
        const connection = new Connection(Buffer.alloc(0));
        while (!connection.closed && !over()) await sleep(20);
        connection.end();
      }
    }),
  "a SETTINGS flood": () => {
    const flood = Buffer.concat(Array.from({ length: 500 }, () => frame(SETTINGS, 0, 0)));
    return pour(() => flood, true);
  },
  "a PING flood": () => {
    const flood = Buffer.concat(Array.from({ length: 500 }, () => frame(PING, 0, 0, Buffer.alloc(8))));
    return pour(() => flood, true);
  },
  "a flood of PINGs that are read": () => {
    const flood = Buffer.concat(Array.from({ length: 50 }, () => frame(PING, 0, 0, Buffer.alloc(8))));
    return pour(() => flood);
  },
  "a flood of empty DATA": () =>
    pour((stream) => (stream === 1 ? opened(1, RECORD) : frame(DATA, 0, 1, Buffer.alloc(0)))),
  "a flood of WINDOW_UPDATE": () => pour(() => frame(WINDOW_UPDATE, 0, 0, window_)),
  "a flood of empty messages": () => {
    const flood = Buffer.concat(Array.from({ length: 3000 }, () => message(Buffer.alloc(0))));
    return pour((stream) => (stream === 1 ? opened(1, RECORD) : frame(DATA, 0, 1, flood)));
  },
  // Of a stream whose handler is slow the rest waits in the window; of requests that are not whole every byte is kept.
  "requests that never end": () =>
    many(4, async () => {
      const bytes = message(Buffer.alloc(4 * 1024 * 1024 - 1000)).subarray(0, -1);
      await pour((stream) => Buffer.concat([opened(stream, GET), ...data(stream, bytes, false)]), false, 25);
    }),
  "small bombs of gzip": () => {
    const bomb = message(gzipSync(Buffer.alloc(16 * 1024 * 1024)), true);
    const encoded = call(GET, [["grpc-encoding", "gzip"]]);
    return pour((stream) => Buffer.concat([frame(HEADERS, END_HEADERS, stream, encoded), ...data(stream, bomb, true)]));
  },
  "requests that are no gRPC": () => pour((stream) => frame(HEADERS, END_HEADERS | END_STREAM, stream, call("/x"))),
};

for (const [name, make] of Object.entries(CROWDS)) {
  const attack = async (): Promise<void> => {
    const [path, bytes] = make();
    const framed = message(bytes);
    await pour((stream) => whole(stream, path, framed));
  };
  Object.assign(attacks, { [name]: attack });
}

await Promise.all(
  names.map((name) => {
    const attack = attacks[name];
    if (attack === undefined) throw new Error(`no attack "${name}": there are ${Object.keys(attacks).join(", ")}`);
    return attack();
  }),
);
console.log(JSON.stringify({ connections, hungUp, sent }));
process.exit();
