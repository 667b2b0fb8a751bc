import { type ChannelOptions, Server, ServerCredentials } from "@grpc/grpc-js";
import { type ClientOf, createClient } from "../packages/rpc/dist/index.js";
import { type Implementation, implement, type OnError, toGrpcService } from "../packages/rpc/dist/server.js";

/** The message of every method here. Its codec is JSON: what is tested is the runtime, not protobuf. */
export interface Note {
  id: string;
  count: number;
  total: bigint;
  body: { $case: "text"; value: string } | { $case: "note"; value: Note } | undefined;
  replies: Note[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export type PartialNote = { [K in keyof Note]?: unknown };

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });

function complete(partial: PartialNote): Note {
  return {
    id: (partial.id ?? "") as string,
    count: (partial.count ?? 0) as number,
    total: BigInt((partial.total ?? 0n) as bigint),
    body: partial.body as Note["body"],
    replies: ((partial.replies ?? []) as PartialNote[]).map(complete),
  };
}

/** A codec in ts-proto's shape. An id of "unencodable" or "undecodable" makes it throw. */
export const Note = {
  $type: "test.note.v1.Note" as const,

  encode(message: Note): { finish(): Uint8Array } {
    if (message.id === "unencodable") {
      throw new RangeError("value provided for field id is out of range");
    }
    const unknown = Object.keys(message._unknownFields ?? {});
    const json = JSON.stringify({ ...message, _unknownFields: unknown }, (_, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    );
    return { finish: () => utf8.encode(json) };
  },
  decode(input: Uint8Array): Note {
    const json = JSON.parse(text.decode(input)) as PartialNote & { _unknownFields: string[] };
    if (json.id === "undecodable") {
      throw new RangeError("index out of range");
    }
    const unknown = Object.fromEntries(json._unknownFields.map((key) => [key, [new Uint8Array([1])]]));
    return { ...complete(json), _unknownFields: unknown };
  },
  fromPartial(object: PartialNote): Note {
    return complete(object);
  },
};

/** A service with all four kinds, and an rpc whose name a client needs for itself. */
export const NoteServiceDefinition = {
  name: "NoteService",
  fullName: "test.note.v1.NoteService",
  methods: {
    get: {
      name: "Get",
      requestType: Note as typeof Note,
      requestStream: false,
      responseType: Note as typeof Note,
      responseStream: false,
      options: { idempotencyLevel: "NO_SIDE_EFFECTS" },
    },
    watch: {
      name: "Watch",
      requestType: Note as typeof Note,
      requestStream: false,
      responseType: Note as typeof Note,
      responseStream: true,
      options: {},
    },
    record: {
      name: "Record",
      requestType: Note as typeof Note,
      requestStream: true,
      responseType: Note as typeof Note,
      responseStream: false,
      options: {},
    },
    chat: {
      name: "Chat",
      requestType: Note as typeof Note,
      requestStream: true,
      responseType: Note as typeof Note,
      responseStream: true,
      options: {},
    },
    close: {
      name: "Close",
      requestType: Note as typeof Note,
      requestStream: false,
      responseType: Note as typeof Note,
      responseStream: false,
      options: {},
    },
  },
} as const;

export type NoteDefinition = typeof NoteServiceDefinition;
export type NoteClient = ClientOf<NoteDefinition>;

export interface Served extends AsyncDisposable {
  readonly target: string;
  readonly client: NoteClient;
  readonly server: Server;
}

/** A real server on a free port of loopback, and a client of it. Disposing ends both. */
export async function serveNotes(
  implementation: Implementation<NoteDefinition>,
  onError?: OnError,
  options?: ChannelOptions,
): Promise<Served> {
  const server = new Server(options);
  const service = toGrpcService(implement(NoteServiceDefinition, implementation), { onError });
  server.addService(service.definition, service.implementation);
  const port = await bind(server);
  const target = `http://127.0.0.1:${port}`;
  const client = createClient(NoteServiceDefinition, target);
  return {
    target,
    client,
    server,
    [Symbol.asyncDispose]: async () => {
      client.close();
      server.forceShutdown();
    },
  };
}

/** @param port of loopback; a free one when it is left out. */
export function bind(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

/** A promise to be settled from outside. */
export interface Gate<T> {
  readonly promise: Promise<T>;
  readonly open: (value: T) => void;
}

export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

/** What a promise was rejected with. */
export async function caught(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}

/** All of an async iterable. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of iterable) {
    all.push(item);
  }
  return all;
}
