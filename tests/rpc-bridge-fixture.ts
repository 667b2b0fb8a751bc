import type { Bridge, Caller, Loss, OnLoss } from "../packages/rpc/dist/bridge.js";
import type { CallOptions, Channel, ClientOf } from "../packages/rpc/dist/index.js";
import { createClient, RpcError } from "../packages/rpc/dist/index.js";
import {
  type HandlerContext,
  type Implementation,
  implement,
  type ServiceImplementation,
} from "../packages/rpc/dist/server.js";
import { collect, type Note, NoteServiceDefinition } from "./rpc-fixture.ts";

/** What a Note is in the second version. Notes have bodies that memos cannot hold, memos have authors. */
export interface Memo {
  name: string;
  amount: number;
  author: string;
  answers: Memo[];
}

function complete({ name = "", amount = 0, author = "", answers = [] }: Partial<Memo>): Memo {
  return { name, amount, author, answers: answers.map(complete) };
}

const Memo = {
  $type: "test.note.v2.Memo" as const,
  encode: (message: Memo) => ({ finish: () => new TextEncoder().encode(JSON.stringify(message)) }),
  decode: (input: Uint8Array): Memo => complete(JSON.parse(new TextDecoder().decode(input)) as Partial<Memo>),
  fromPartial: (object: { [Key in keyof Memo]?: unknown }): Memo => complete(object as Partial<Memo>),
};

const messages = { requestType: Memo, responseType: Memo } as const;

export const MemoServiceDefinition = {
  name: "MemoService",
  fullName: "test.note.v2.MemoService",
  methods: {
    fetch: { name: "Fetch", ...messages, requestStream: false, responseStream: false, options: {} },
    follow: { name: "Follow", ...messages, requestStream: false, responseStream: true, options: {} },
    gather: { name: "Gather", ...messages, requestStream: true, responseStream: false, options: {} },
    talk: { name: "Talk", ...messages, requestStream: true, responseStream: true, options: {} },
    count: { name: "Count", ...messages, requestStream: false, responseStream: false, options: {} },
  },
} as const;

export type MemoDefinition = typeof MemoServiceDefinition;
export type NoteImplementation = Implementation<typeof NoteServiceDefinition>;
export type MemoImplementation = Implementation<MemoDefinition>;

const bodyLoss: Loss = { path: "v1.Note.body", reason: "memos are names alone" };
const authorLoss: Loss = { path: "v2.Memo.author", reason: "notes have no authors" };

function toMemo({ id, count, body, replies }: Note, onLoss?: OnLoss): Memo {
  if (body !== undefined) onLoss?.(bodyLoss);
  if (id === "unconvertible") throw new TypeError("no memo has this name");
  if (id === "refused") throw invalid("refused", "replies[0].id");
  return { name: id, amount: count, author: "", answers: replies.map((reply) => toMemo(reply, onLoss)) };
}

function toNote({ name, amount, author, answers }: Memo, onLoss?: OnLoss): Note {
  if (author !== "") onLoss?.(authorLoss);
  if (name === "unconvertible") throw new TypeError("no note has this id");
  return { id: name, count: amount, total: 0n, body: undefined, replies: answers.map((each) => toNote(each, onLoss)) };
}

/** Keeps the places in lists, as generated bridges do: `answers[2].name` → `replies[2].id`. */
function turnPath(path: string, names: Readonly<Record<string, string>>): string | undefined {
  const steps = path.split(".").map((step) => {
    const [, name = "", place = ""] = /^(\w+)((?:\[\d+\])*)$/.exec(step) ?? [];
    return Object.hasOwn(names, name) ? `${names[name]}${place}` : undefined;
  });
  return steps.includes(undefined) ? undefined : steps.join(".");
}

const toNames = { id: "name", count: "amount", replies: "answers" };
const toIds = { name: "id", amount: "count", answers: "replies" };

const old = (to: string) => ({
  to,
  request: toMemo,
  response: toNote,
  fieldOf: (path: string) => turnPath(path, toIds),
});
const now = (to: string) => ({
  to,
  request: toNote,
  response: toMemo,
  fieldOf: (path: string) => turnPath(path, toNames),
});

/** Two calls of the new version for one of the old. */
async function closeBoth(note: Note, context: HandlerContext, memos: Caller<MemoDefinition>): Promise<Partial<Note>> {
  const first = await memos.fetch({ name: note.id }, context);
  const second = await memos.gather([{ name: "a" }, { name: "b" }], context);
  const talk = await collect(memos.talk([{ name: "c" }], context));
  return { id: [first, second, ...talk].map(({ name, answers }) => `${name}${answers.length}`).join("+") };
}

export const bridge: Bridge = {
  old: {
    definition: NoteServiceDefinition,
    other: MemoServiceDefinition,
    implement: (implementation) => implement(NoteServiceDefinition, implementation),
    routes: { get: old("fetch"), watch: old("follow"), record: old("gather"), chat: old("talk") },
    handwritten: { close: closeBoth },
  },
  now: {
    definition: MemoServiceDefinition,
    other: NoteServiceDefinition,
    implement: (implementation) => implement(MemoServiceDefinition, implementation),
    routes: { fetch: now("get"), follow: now("watch"), gather: now("record"), talk: now("chat") },
    handwritten: { count: undefined },
  },
};

function invalid(text: string, ...fields: readonly string[]): RpcError {
  const fieldViolations = fields.map((field, at) => ({ field, description: `${at} is wrong`, reason: "WRONG" }));
  return new RpcError("INVALID_ARGUMENT", text, {
    details: [
      { type: "google.rpc.ErrorInfo", value: { reason: "BAD", metadata: { a: "b" } } },
      { type: "google.rpc.BadRequest", value: { fieldViolations } },
      { type: "type.example.com/acme.v1.Own", value: new Uint8Array([1, 2]) },
    ],
  });
}

/** What a service does for a text, the same in both versions; `fields` are those that `bad` complains about. */
async function behave(text: string, context: HandlerContext, fields: readonly string[]): Promise<string> {
  switch (text) {
    case "metadata":
      context.sendHeaders({ "x-head": "h", "x-bytes-bin": new Uint8Array([7]) });
      context.trailers.set("x-tail", "t");
      return [...context.metadata].flatMap(([key, value]) => (key.startsWith("x-") ? [`${key}=${value}`] : [])).join();
    case "missing":
      context.trailers.set("x-tail", "t");
      throw new RpcError("NOT_FOUND", "no such text", { metadata: { "x-error": "e" } });
    case "bad":
      throw invalid("this is bad", ...fields);
    case "string":
      throw "a string";
    case "bug":
      throw new TypeError("a bug");
    case "wait":
      await new Promise((resolve) => context.signal.addEventListener("abort", () => resolve(0)));
      throw context.signal.reason;
    case "time":
      return `${context.deadline !== undefined && context.timeLeft <= 60_000 && context.timeLeft > 50_000}`;
    default:
      return `re: ${text}`;
  }
}

/** The handlers of a version, by the kinds of its methods. */
function handlers<Message>(
  read: (message: Message) => string,
  write: (text: string, count: number) => Partial<Message>,
  fields: readonly string[],
) {
  return {
    unary: async (request: Message, context: HandlerContext) => write(await behave(read(request), context, fields), 1),
    async *serverStream(request: Message, context: HandlerContext) {
      const text = await behave(read(request), context, fields);
      yield write(text, 1);
      yield write(text, 2);
      if (text === "re: late") throw invalid("late", ...fields);
    },
    async clientStream(requests: AsyncIterable<Message>, context: HandlerContext) {
      const texts: string[] = [];
      for await (const each of requests) texts.push(await behave(read(each), context, fields));
      return write(texts.join(), texts.length);
    },
    async *bidiStream(requests: AsyncIterable<Message>, context: HandlerContext) {
      let count = 0;
      for await (const each of requests) yield write(await behave(read(each), context, fields), ++count);
    },
  };
}

const v1 = handlers<Note>(
  ({ id }) => id,
  (id, count) => ({ id, count }),
  ["id", "replies[2].id", ""],
);
const v2 = handlers<Memo>(
  ({ name }) => name,
  (name, amount) => ({ name, amount }),
  ["name", "answers[2].name", ""],
);

export const noteHandlers: NoteImplementation = {
  get: v1.unary,
  watch: v1.serverStream,
  record: v1.clientStream,
  chat: v1.bidiStream,
};
export const memoHandlers: MemoImplementation = {
  fetch: v2.unary,
  follow: v2.serverStream,
  gather: v2.clientStream,
  talk: v2.bidiStream,
};
export const notes: ServiceImplementation = implement(NoteServiceDefinition, noteHandlers);
export const memos: ServiceImplementation = implement(MemoServiceDefinition, memoHandlers);

/** A client of either version, in texts. */
export interface TextClient {
  unary(text: string, options?: CallOptions): Promise<string>;
  serverStream(text: string, options?: CallOptions): Promise<string>;
  clientStream(texts: readonly string[], options?: CallOptions): Promise<string>;
  bidiStream(texts: readonly string[], options?: CallOptions): Promise<string>;
}

const showNote = ({ id, count }: Note): string => `${id}/${count}`;
const showMemo = ({ name, amount }: Memo): string => `${name}/${amount}`;
const ids = (texts: readonly string[]) => texts.map((id) => ({ id }));
const names = (texts: readonly string[]) => texts.map((name) => ({ name }));

export function noteTexts(client: ClientOf<typeof NoteServiceDefinition>): TextClient {
  return {
    unary: async (id, options) => showNote(await client.get({ id }, options)),
    serverStream: async (id, options) => (await collect(client.watch({ id }, options))).map(showNote).join(),
    clientStream: async (texts, options) => showNote(await client.record(ids(texts), options)),
    bidiStream: async (texts, options) => (await collect(client.chat(ids(texts), options))).map(showNote).join(),
  };
}

export function memoTexts(client: ClientOf<MemoDefinition>): TextClient {
  return {
    unary: async (name, options) => showMemo(await client.fetch({ name }, options)),
    serverStream: async (name, options) => (await collect(client.follow({ name }, options))).map(showMemo).join(),
    clientStream: async (texts, options) => showMemo(await client.gather(names(texts), options)),
    bidiStream: async (texts, options) => (await collect(client.talk(names(texts), options))).map(showMemo).join(),
  };
}

export const noteClient = (target: string | Channel): ClientOf<typeof NoteServiceDefinition> =>
  createClient(NoteServiceDefinition, target);
export const memoClient = (target: string | Channel): ClientOf<MemoDefinition> =>
  createClient(MemoServiceDefinition, target);
