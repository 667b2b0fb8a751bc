import {
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  fromBinary,
  fromJson,
  type Message,
  ScalarType,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Encoding } from "./identity.ts";
import { difference, type Way } from "./meaning.ts";
import { fieldsOf, isLaxString } from "./reading.ts";
import { samples } from "./samples.ts";

/** What was seen to break: a message, or a call, that is lost, altered or refused. */
export interface Evidence {
  /** The full name of the message or the service, as the old schema has it. */
  readonly type: string;
  readonly encoding: Encoding;
  readonly what: string;
}

interface Trial {
  readonly old: FileRegistry;
  readonly now: FileRegistry;
  /** What the full names of the case begin with. */
  readonly prefix: string;
  /** Old full name → new one, of messages that are the same but for their names. */
  readonly renames: ReadonlyMap<string, string>;
  readonly random: () => number;
}

/** Tries every message and every call of the old schema with the new one, and the other way round. */
export function tryAll(trial: Trial): readonly Evidence[] {
  const found = new Map<string, Evidence>();
  for (const type of trial.old) {
    if (!type.typeName.startsWith(trial.prefix)) continue;
    const note: Note = (encoding, what) => {
      const key = `${type.typeName} ${encoding}`;
      if (what !== undefined && !found.has(key)) found.set(key, { type: type.typeName, encoding, what });
    };
    if (type.kind === "message") {
      const now = trial.now.getMessage(trial.renames.get(type.typeName) ?? type.typeName);
      if (now !== undefined) tryMessages(type, now, trial, note);
      tryAny(type, trial, note);
    }
    if (type.kind === "service") for (const method of type.methods) tryCall(method, trial, note);
  }
  return [...found.values()];
}

type Note = (encoding: Encoding, what: string | undefined) => void;

function tryMessages(old: DescMessage, now: DescMessage, trial: Trial, note: Note): void {
  const { old: before, now: after, random } = trial;
  const forth = { direction: "forth", writer: before, reader: after } as const;
  const back = { direction: "back", writer: after, reader: before } as const;
  for (const { message } of samples(old, undefined, { registry: before, terms: undefined, random })) {
    note("wire", sendBytes(toBinary(old, message), old, now, { ...forth, encoding: "wire" }));
    note("json", sendJson(message, old, now, { ...forth, encoding: "json" }));
  }
  for (const { message } of samples(now, old, { registry: after, terms: before, random })) {
    note("wire", sendBytes(toBinary(now, message), now, old, { ...back, encoding: "wire" }));
    note("json", sendJson(message, now, old, { ...back, encoding: "json" }));
  }
  for (const bytes of laxTexts(old, now, trial, before)) {
    note("wire", sendBytes(bytes, old, now, { ...forth, encoding: "wire" }));
  }
  for (const bytes of laxTexts(now, old, trial, after)) {
    note("wire", sendBytes(bytes, now, old, { ...back, encoding: "wire" }));
  }
}

/** Strings that are no UTF-8, where the writer's schema allows that. */
function laxTexts(
  desc: DescMessage,
  reader: DescMessage,
  { random }: Trial,
  registry: FileRegistry,
): readonly Uint8Array[] {
  const [start] = samples(desc, undefined, { registry, terms: undefined, random });
  const rest = start === undefined ? new Uint8Array() : toBinary(desc, start.message);
  // Bytes take them as they are, and a string of JavaScript cannot hold them, so that there is nothing to compare.
  const takesBytes = (number: number): boolean =>
    reader.fields.some((each) => each.number === number && each.scalar === ScalarType.BYTES);
  const part = (number: number, content: Uint8Array): Uint8Array =>
    new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(content).finish();
  return fieldsOf(desc, registry)
    .filter((field) => isLaxString(field) && !takesBytes(field.number))
    .map((field) => {
      const raw = Uint8Array.of(0xff);
      const isKey = field.fieldKind === "map" && field.mapKey === ScalarType.STRING;
      const content = field.fieldKind === "map" ? part(isKey ? 1 : 2, raw) : raw;
      return Uint8Array.from([...rest, ...part(field.number, content)]);
    });
}

function sendBytes(bytes: Uint8Array, writer: DescMessage, reader: DescMessage, way: Way): string | undefined {
  return attempt(bytes.toString(), () => {
    const got = fromBinary(reader, bytes);
    // What lacks a required field is refused at the latest when it is written.
    toBinary(reader, got);
    return difference(reflect(writer, fromBinary(writer, bytes)), reflect(reader, got), way);
  });
}

function sendJson(message: Message, writer: DescMessage, reader: DescMessage, way: Way): string | undefined {
  const json = toJson(writer, message, { registry: way.writer });
  return attempt(JSON.stringify(json), () => {
    const read = (desc: DescMessage, registry: FileRegistry): Message =>
      fromJson(desc, json, { registry, ignoreUnknownFields: true });
    const got = read(reader, way.reader as FileRegistry);
    toJson(reader, got, { registry: way.reader });
    return difference(reflect(writer, read(writer, way.writer as FileRegistry)), reflect(reader, got), way);
  });
}

/** @returns what is wrong with what was sent. */
function attempt(sent: string, send: () => string | undefined): string | undefined {
  try {
    const found = send();
    return found === undefined ? undefined : `${sent}: ${found}`;
  } catch (error) {
    return `${sent} is refused: ${error instanceof Error ? error.message : error}`;
  }
}

/** An Any names the type that it holds: a reader must have one of that name. */
function tryAny(type: DescMessage, { old, now, random }: Trial, note: Note): void {
  const [content] = samples(type, undefined, { registry: old, terms: undefined, random });
  if (content === undefined) return;
  const any = anyPack(type, content.message);
  note(
    "wire",
    attempt(`an Any of ${type.typeName}`, () => (anyUnpack(any, now) === undefined ? "cannot be opened" : undefined)),
  );
  const json = toJson(AnySchema, any, { registry: old });
  note(
    "json",
    attempt(JSON.stringify(json), () => {
      fromJson(AnySchema, json, { registry: now, ignoreUnknownFields: true });
      return undefined;
    }),
  );
}

/** A call goes to a path; there must be somebody who takes the same messages in the same number. */
function tryCall(method: DescMethod, trial: Trial, note: Note): void {
  const path = `${method.parent.typeName}/${method.name}`;
  const now = trial.now.getService(method.parent.typeName)?.methods.find(({ name }) => name === method.name);
  if (now === undefined) {
    note("wire", `nobody answers ${path}`);
    return;
  }
  if (now.methodKind !== method.methodKind) note("wire", `${path} is ${now.methodKind}, was ${method.methodKind}`);
  for (const [old, other] of [
    [method.input, now.input],
    [method.output, now.output],
  ] as const) {
    // A message that has another name now is tried for itself.
    if ((trial.renames.get(old.typeName) ?? old.typeName) !== other.typeName) tryMessages(old, other, trial, note);
  }
}
