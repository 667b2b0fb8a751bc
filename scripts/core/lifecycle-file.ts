import { isMap, isNode, isScalar, LineCounter, type Pair, parseDocument } from "yaml";
import { isDate, yamlReason } from "./approval.ts";
import { addPeriod, type Day, type Period, parsePeriod } from "./calendar-day.ts";
import { type Finding, finding, type Position } from "./finding.ts";
import { nearest } from "./nearest.ts";

/** The one place, at the root, for what is to go and when: docs/lifecycle.md. */
export const LIFECYCLE_FILE = "lifecycle.yaml";

/** How long what is deprecated must stay, unless the file says otherwise. */
export const DEFAULT_NOTICE = "6 months";

/** Written where nothing takes the place of what goes: silence could be an oversight. */
export const NO_SUCCESSOR = "none";

/** What is said of one element: a package, a type, a field, an enum value, a service or a method. */
export interface LifecycleEntry {
  /** The full name: `bookstore.catalog.v1`, `bookstore.orders.v1.OrdersService.GetOrderStatus`. */
  readonly name: string;
  /** The first day on which it is deprecated. */
  readonly deprecated: Day;
  /** The first day on which it may be gone. undefined: nobody has set one yet. */
  readonly sunset: Day | undefined;
  /** The full name of what to use instead; undefined for what says `none`. */
  readonly successor: string | undefined;
  readonly reason: string | undefined;
  /** Of each key of the entry, for findings about its value. */
  readonly positions: Readonly<Record<"name" | "deprecated" | "sunset" | "successor", Position>>;
}

export interface LifecycleFile {
  /** As it is written: `6 months`. */
  readonly notice: string;
  readonly period: Period;
  readonly noticePosition: Position;
  /** In the order of the file. */
  readonly entries: readonly LifecycleEntry[];
}

const TOP_KEYS = ["notice", "entries"] as const;
const ENTRY_KEYS = ["deprecated", "sunset", "successor", "reason"] as const;
type EntryKey = (typeof ENTRY_KEYS)[number];

interface Value {
  readonly text: string;
  readonly position: Position;
}

/** @returns the file, and every mistake in it; an entry with a mistake is left out. */
export function parseLifecycle(
  text: string,
  fileName: string = LIFECYCLE_FILE,
): { readonly file: LifecycleFile; readonly findings: readonly Finding[] } {
  const reading = new Reading(text, fileName);
  return { file: reading.file(), findings: reading.findings };
}

class Reading {
  readonly findings: Finding[] = [];
  readonly #name: string;
  readonly #lines = new LineCounter();
  readonly #document: ReturnType<typeof parseDocument>;

  constructor(text: string, name: string) {
    this.#name = name;
    // Of an entry that stands there twice we say it ourselves, with the place of the first.
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: false });
  }

  file(): LifecycleFile {
    const { errors, contents } = this.#document;
    for (const error of errors) this.#malformed(yamlReason(error), this.#at(error.pos[0]));
    const start = this.#at(0);
    if (errors.length > 0 || contents === null) return this.#fileOf(undefined, start, []);
    const top = this.#pairs(contents, TOP_KEYS, "the file", start);
    const notice = top.get("notice");
    const given = notice === undefined ? undefined : this.#value(notice, "notice");
    const period = given === undefined ? undefined : parsePeriod(given.text);
    if (given !== undefined && period === undefined) {
      this.findings.push(finding("lifecycle-notice-malformed", { notice: given.text }, given.position));
    }
    const valid = period === undefined ? undefined : given?.text;
    const read = this.#fileOf(valid, given?.position ?? start, []);
    const entries = top.get("entries");
    return entries === undefined ? read : { ...read, entries: this.#entries(entries, read) };
  }

  #fileOf(notice: string | undefined, noticePosition: Position, entries: readonly LifecycleEntry[]): LifecycleFile {
    const text = notice ?? DEFAULT_NOTICE;
    return { notice: text, period: parsePeriod(text) ?? { months: 6, days: 0 }, noticePosition, entries };
  }

  #entries(pair: Pair, file: LifecycleFile): readonly LifecycleEntry[] {
    const { value } = pair;
    if (value === null || (isScalar(value) && value.value === null)) return [];
    if (!isMap(value)) {
      this.#malformed("entries must hold names with their dates", this.#placeOf(pair));
      return [];
    }
    const seen = new Map<string, Position>();
    const entries: LifecycleEntry[] = [];
    for (const each of value.items) {
      const name = keyOf(each);
      const position = this.#placeOf(each);
      const first = seen.get(name);
      if (first !== undefined) {
        this.findings.push(finding("lifecycle-twice", { name, line: String(first.line) }, position));
        continue;
      }
      seen.set(name, position);
      const entry = this.#entry(name, each, position);
      if (entry === undefined) continue;
      const problem = datesOf(entry, file);
      if (problem === undefined) entries.push(entry);
      else this.findings.push(problem);
    }
    return entries;
  }

  #entry(name: string, pair: Pair, position: Position): LifecycleEntry | undefined {
    const before = this.findings.length;
    const pairs = this.#pairs(pair.value, ENTRY_KEYS, name, position);
    const values = new Map<EntryKey, Value>();
    for (const [key, each] of pairs) {
      const value = this.#value(each, key);
      if (value !== undefined) values.set(key, value);
    }
    for (const key of ["deprecated", "sunset"] as const) {
      const value = values.get(key);
      if (value !== undefined && !isDate(value.text)) this.findings.push(dateFinding(value));
    }
    for (const key of ["deprecated", "successor"] as const) {
      // Of a key that is there and wrong, or misspelt, enough was said.
      const told = pairs.has(key) || !isMap(pair.value) || pair.value.items.some((each) => isMeant(keyOf(each), key));
      if (!told) this.findings.push(finding("lifecycle-missing", { name, key }, position));
    }
    const [successor, reason] = [values.get("successor"), values.get("reason")?.text];
    if (successor?.text === NO_SUCCESSOR && reason === undefined && !pairs.has("reason")) {
      this.findings.push(finding("lifecycle-reason-missing", { name }, successor.position));
    }
    if (this.findings.length > before) return undefined;
    const place = (key: EntryKey): Position => values.get(key)?.position ?? position;
    return {
      name,
      deprecated: values.get("deprecated")?.text ?? "",
      sunset: values.get("sunset")?.text,
      successor: successor?.text === NO_SUCCESSOR ? undefined : successor?.text,
      reason,
      positions: {
        name: position,
        deprecated: place("deprecated"),
        sunset: place("sunset"),
        successor: place("successor"),
      },
    };
  }

  /** The pairs of a map by their keys, but those with a key that is not known or stands there twice. */
  #pairs<K extends string>(node: unknown, keys: readonly K[], where: string, at: Position): ReadonlyMap<K, Pair> {
    const found = new Map<K, Pair>();
    if (!isMap(node)) {
      this.#malformed(`${where} must hold keys and values`, at);
      return found;
    }
    for (const pair of node.items) {
      const name = keyOf(pair);
      const key = keys.find((each) => each === name);
      const position = this.#placeOf(pair);
      if (key === undefined) {
        const args = { key: name, where, nearest: nearest(name, keys), keys: keys.join(", ") };
        this.findings.push(finding("lifecycle-key-unknown", args, position));
      } else if (found.has(key)) this.#malformed(`${key} stands there twice`, position);
      else found.set(key, pair);
    }
    return found;
  }

  /** As it is written: YAML would make a number of `2026`. */
  #value(pair: Pair, key: string): Value | undefined {
    const { value } = pair;
    const text = isScalar(value) ? String(value.source ?? value.value ?? "").trim() : undefined;
    const position = isNode(value) && value.range != null ? this.#at(value.range[0]) : this.#placeOf(pair);
    if (text !== undefined && text !== "") return { text, position };
    this.#malformed(text === undefined ? `${key} must be a text` : `${key} is empty`, this.#placeOf(pair));
    return undefined;
  }

  #malformed(reason: string, position: Position): void {
    this.findings.push(finding("lifecycle-malformed", { reason }, position));
  }

  #placeOf({ key }: Pair): Position {
    return this.#at(isNode(key) ? key.range?.[0] : undefined);
  }

  #at(offset: number | undefined): Position {
    const { line, col } = this.#lines.linePos(offset ?? 0);
    return { file: this.#name, line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.source ?? key.value) : String(key);
}

/** Whether an unknown key is a misspelling of this one. */
function isMeant(word: string, key: EntryKey): boolean {
  return !ENTRY_KEYS.some((each) => each === word) && nearest(word, ENTRY_KEYS) === key;
}

function dateFinding({ text, position }: Value): Finding {
  // What begins as a day and goes on has a time or a zone, which is another mistake than a 30th of February.
  if (/^\d{4}-\d{2}-\d{2}[T ]/.test(text)) return finding("lifecycle-date-time", { date: text }, position);
  return finding("lifecycle-date-malformed", { date: text }, position);
}

/** What is wrong with two dates beside each other. */
function datesOf({ name, deprecated, sunset, positions }: LifecycleEntry, file: LifecycleFile): Finding | undefined {
  if (sunset === undefined) return undefined;
  if (sunset < deprecated) {
    return finding("lifecycle-sunset-first", { name, deprecated, sunset }, positions.sunset);
  }
  const earliest = addPeriod(deprecated, file.period);
  if (sunset >= earliest) return undefined;
  const { notice } = file;
  return finding("lifecycle-notice-short", { name, deprecated, sunset, notice, earliest }, positions.sunset);
}
