import type { Registry } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { counterparts, type Encoding, oldNumber } from "./identity.ts";
import { type Field, fieldsOf, type Item, isImplicit, read, type Said } from "./reading.ts";

/** One way of a message: who wrote it, who reads it, and how it was sent. */
export interface Way {
  readonly encoding: Encoding;
  /** `forth`: from the old schema to the new one. */
  readonly direction: "forth" | "back";
  readonly writer: Registry;
  readonly reader: Registry;
}

/** How what was read differs from what was written, in the terms of the old schema; undefined when it does not. */
export function difference(written: ReflectMessage, got: ReflectMessage, way: Way): string | undefined {
  const [own, others] = [fieldsOf(written.desc, way.writer), fieldsOf(got.desc, way.reader)];
  for (const field of own) {
    const said = read(written, field);
    const targets = counterparts(field, own, others, way.encoding);
    if (targets.length === 0) {
      // What is new says nothing in the old terms. What is old is kept by binary readers that do not know it.
      if (way.direction === "back" || isNothing(said)) continue;
      const kept = way.encoding === "wire" && got.getUnknown()?.some(({ no }) => no === field.number);
      if (!kept) return `${field.name} is lost`;
    }
    for (const target of targets) {
      const heard = read(got, target);
      const [old, now] = way.direction === "forth" ? [said, heard] : [heard, said];
      const found = compareSaid(old, now, way.direction === "forth" ? field : target, way);
      if (found !== undefined) return `${field.name} → ${target.name}: ${found}`;
    }
  }
  return undefined;
}

function isNothing(said: Said): boolean {
  return said.kind === "one" ? !said.set : said.kind === "list" ? said.items.length === 0 : said.entries.size === 0;
}

function compareSaid(old: Said, now: Said, oldField: Field, way: Way): string | undefined {
  if (old.kind === "map" && now.kind === "map") {
    if (old.entries.size !== now.entries.size) return `${now.entries.size} entries, not ${old.entries.size}`;
    for (const [key, item] of old.entries) {
      const found = compareItems(item, now.entries.get(key), way);
      if (found !== undefined) return `at ${key}: ${found}`;
    }
    return undefined;
  }
  if (old.kind === "map" || now.kind === "map") return isNothing(old) && isNothing(now) ? undefined : "map and no map";
  if (old.kind === "one" && now.kind === "one") {
    // Where the old schema cannot tell whether a field was set, what is read is all that counts.
    if (isImplicit(oldField) && old.item !== undefined && now.item !== undefined) {
      if (!old.set && !now.set && isZero(old.item) && isZero(now.item)) return undefined;
      return compareItems(old.item, now.item, way);
    }
    if (old.set !== now.set) return `${setWord(now.set)}, was ${setWord(old.set)}`;
    return old.set ? compareItems(old.item, now.item, way) : undefined;
  }
  const [before, after] = [itemsOf(old), itemsOf(now)];
  if (before.length !== after.length) return `${after.length} values, not ${before.length}`;
  for (const [index, item] of before.entries()) {
    const found = compareItems(item, after[index], way);
    if (found !== undefined) return `at ${index}: ${found}`;
  }
  return undefined;
}

/** What each type has for nothing. */
function isZero(item: Item): boolean {
  return item.kind === "enum" ? item.number === 0 : item.kind === "scalar" && /^(?:0|x)$/.test(item.text);
}

function setWord(set: boolean): string {
  return set ? "set" : "not set";
}

function itemsOf(said: Said): readonly Item[] {
  if (said.kind === "list") return said.items;
  return said.kind === "one" && said.set && said.item !== undefined ? [said.item] : [];
}

function compareItems(old: Item | undefined, now: Item | undefined, way: Way): string | undefined {
  if (old === undefined || now === undefined) return old === now ? undefined : "nothing";
  if (old.kind === "message" && now.kind === "message") {
    return way.direction === "forth"
      ? difference(old.message, now.message, way)
      : difference(now.message, old.message, way);
  }
  if (old.kind === "message" || now.kind === "message") return "a message and none";
  const heard =
    old.kind === "enum" && now.kind === "enum"
      ? oldNumber(now.number, now.type, old.type)
      : now.kind === "enum"
        ? now.number
        : now.text;
  const said = old.kind === "enum" ? old.number : old.text;
  return String(heard) === String(said) ? undefined : `${heard ?? "another value"}, was ${said}`;
}
