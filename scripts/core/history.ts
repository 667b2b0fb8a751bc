import { compare } from "./packages.ts";
import { derivedJsonName, type PastField, type PastMember, type PastRpc, parseType } from "./past.ts";
import { isRecord } from "./release.ts";

/** The file in which a package keeps its history, in its folder and in what is published of it. */
export const HISTORY = "history.json";

/**
 * What releases of a proto package had and the schema has no more, or has otherwise: what must not come back as something
 * else. By the full names of the messages, enums and services, also of those that are gone.
 */
export interface History {
  readonly fields: ReadonlyMap<string, readonly PastField[]>;
  /** Of other messages, by the name of what they extend; each is called by its full name. */
  readonly extensions: ReadonlyMap<string, readonly PastField[]>;
  readonly values: ReadonlyMap<string, readonly PastMember[]>;
  readonly rpcs: ReadonlyMap<string, readonly PastRpc[]>;
}

export const NO_HISTORY: History = { fields: new Map(), extensions: new Map(), values: new Map(), rpcs: new Map() };

export function isEmpty({ fields, extensions, values, rpcs }: History): boolean {
  return fields.size + extensions.size + values.size + rpcs.size === 0;
}

/**
 * A line for each element, and each line whole: what two branches remember can be put together line by line, in any
 * order, which is what `merge=union` of git does. So the version stands last, as the one line without a comma.
 */
export function renderHistory(history: History): string {
  return `[\n${entriesOf(history)
    .map((entry) => `  ${entry},\n`)
    .join("")}  {"version": 1}\n]\n`;
}

/** The lines of the file, sorted, without what is the same in each. */
export function entriesOf({ fields, extensions, values, rpcs }: History): readonly string[] {
  const field = ({ number, name, type, jsonName, now }: PastField): Entry => {
    const json = jsonName === derivedJsonName(name) ? {} : { json: jsonName };
    return { number, name, type, ...json, ...(now === undefined ? {} : { now }) };
  };
  const entries = [
    ...lines(fields, (message, each) => ({ message, ...field(each) })),
    ...lines(extensions, (extend, each) => ({ extend, ...field(each) })),
    ...lines(values, (path, { number, name, now }) => ({
      enum: path,
      number,
      name,
      ...(now === undefined ? {} : { now }),
    })),
    ...lines(rpcs, (service, { name, request, response }) => ({ service, rpc: name, request, response })),
  ];
  return [...new Set(entries)];
}

type Entry = Readonly<Record<string, string | number>>;

function lines<T extends { readonly name: string; readonly number?: number }>(
  members: ReadonlyMap<string, readonly T[]>,
  toEntry: (path: string, member: T) => Entry,
): readonly string[] {
  return [...members]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([path, all]) =>
      all
        .map((member) => ({ number: member.number ?? 0, text: renderEntry(toEntry(path, member)) }))
        .sort((a, b) => a.number - b.number || compare(a.text, b.text))
        .map(({ text }) => text),
    );
}

function renderEntry(entry: Entry): string {
  const pairs = Object.entries(entry).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{${pairs.join(", ")}}`;
}

/** @returns the history, or why the text holds none: a clause. */
export function parseHistory(text: string): { readonly history: History } | { readonly reason: string } {
  if (/^(<{7}|>{7}) /m.test(text)) return { reason: "it holds the marks of a merge that nobody finished" };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return {
      reason: `it is no JSON: ${(error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ")}`,
    };
  }
  if (!Array.isArray(json)) return { reason: "it must hold a list" };
  const fields = new Map<string, PastField[]>();
  const extensions = new Map<string, PastField[]>();
  const values = new Map<string, PastMember[]>();
  const rpcs = new Map<string, PastRpc[]>();
  let version: unknown;
  for (const entry of json) {
    if (isRecord(entry) && "version" in entry) version = entry["version"];
    else {
      const isKnown =
        isRecord(entry) &&
        (readField(entry, "message", fields) ||
          readField(entry, "extend", extensions) ||
          readValue(entry, values) ||
          readRpc(entry, rpcs));
      if (!isKnown) return { reason: `${JSON.stringify(entry)} is no field, extension, enum value or rpc` };
    }
  }
  if (version !== 1)
    return { reason: version === undefined ? "it has no version" : `its version is ${String(version)}, not 1` };
  return { history: { fields, extensions, values, rpcs } };
}

type Json = Readonly<Record<string, unknown>>;

function readField(entry: Json, kind: "message" | "extend", fields: Map<string, PastField[]>): boolean {
  const { [kind]: message, number, name, type, json, now } = entry;
  if (!isText(message) || !isNumber(number) || !isText(name) || !isText(type)) return false;
  if (!isOptionalText(json) || !isOptionalText(now) || parseType(type) === undefined) return false;
  add(fields, message, { number, name, type, jsonName: json ?? derivedJsonName(name), now });
  return true;
}

function readValue({ enum: path, number, name, now }: Json, values: Map<string, PastMember[]>): boolean {
  if (!isText(path) || !isNumber(number) || !isText(name) || !isOptionalText(now)) return false;
  add(values, path, { number, name, now });
  return true;
}

function readRpc({ service, rpc, request, response }: Json, rpcs: Map<string, PastRpc[]>): boolean {
  if (!isText(service) || !isText(rpc) || !isText(request) || !isText(response)) return false;
  add(rpcs, service, { name: rpc, request, response });
  return true;
}

function add<T>(members: Map<string, T[]>, path: string, member: T): void {
  const found = members.get(path);
  if (found === undefined) members.set(path, [member]);
  else found.push(member);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}

function isNumber(value: unknown): value is number {
  return Number.isInteger(value);
}
