import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { defaultOf, elementOf } from "./bridge-convert.ts";
import { convertField, type FieldContext, type FieldValue, readPath } from "./bridge-fields.ts";
import type { Ledger } from "./bridge-ledger.ts";
import { sameType, type Way } from "./bridge-names.ts";
import type { MessagePair } from "./bridge-pairs.ts";
import { propertyOf } from "./ts-names.ts";

/** A property of the message that is made, and the expression of its value. */
export interface Member {
  readonly property: string;
  readonly text: string;
}

/** The function that makes a message of one version from that of the other. */
export interface Converter {
  readonly name: string;
  readonly way: Way;
  readonly from: DescMessage;
  readonly to: DescMessage;
  readonly members: readonly Member[];
  /** What is told to somebody who listens: the declared loss, and an expression of whether it is met. */
  readonly lost: readonly { readonly path: string; readonly when: string }[];
  /** Field of the other version → path in this one, for masks and errors; `then` goes on in the message inside: `same`. */
  readonly paths: readonly { readonly name: string; readonly to: string; readonly then: string | undefined }[];
}

export function planConverter(ledger: Ledger, pair: MessagePair, way: Way): Converter {
  return new MessagePlanner(ledger, pair, way).plan();
}

interface Oriented {
  readonly from: readonly DescField[];
  readonly to: readonly DescField[];
}

class MessagePlanner {
  readonly #ledger: Ledger;
  readonly way: Way;
  readonly from: DescMessage;
  readonly to: DescMessage;
  /** Of the pair, from here to there. */
  readonly fields: readonly Oriented[];

  constructor(ledger: Ledger, { old, now, fields }: MessagePair, way: Way) {
    this.#ledger = ledger;
    this.way = way;
    [this.from, this.to] = way === "toNow" ? [old, now] : [now, old];
    this.fields = fields.map((pair) =>
      way === "toNow" ? { from: pair.old, to: pair.now } : { from: pair.now, to: pair.old },
    );
  }

  plan(): Converter {
    const { way, from, to, fields } = this;
    const oneofs = new Set<DescOneof>();
    const members = to.fields.flatMap((field): readonly Member[] => {
      const { oneof } = field;
      if (oneof === undefined) return [{ property: propertyOf(field.name), text: this.#value(field) }];
      if (oneofs.has(oneof)) return [];
      oneofs.add(oneof);
      return [{ property: propertyOf(oneof.name), text: this.#oneof(oneof) }];
    });
    const lost = from.fields.flatMap((field) => {
      const path = this.#ledger.names.pathOf(from, field.name);
      const reading = readPath([field]);
      // Of a field that has a counterpart some values are lost, and which cannot be told from here.
      const isPaired = fields.some((each) => each.from[0] === field);
      if (!this.#ledger.isDeclared(path) || reading === undefined || isPaired) return [];
      return [{ path, when: reading.isSet }];
    });
    const paths = fields.flatMap((each) => {
      const [first, last] = [each.from[0], each.to.at(-1)];
      if (first === undefined || each.from.length > 1) return [];
      const inner = elementOf(first);
      const outer = last === undefined ? undefined : elementOf(last);
      const then =
        inner.kind === "message" && outer?.kind === "message"
          ? (sameType(inner.desc, outer.desc) ?? this.#ledger.names.messageConverter(inner.desc, outer.desc))
          : undefined;
      return [{ name: first.name, to: each.to.map(({ name }) => name).join("."), then }];
    });
    // What became several fields has no single path.
    const single = paths.filter(({ name }) => paths.filter((each) => each.name === name).length === 1);
    return { name: this.#ledger.names.messageConverter(from, to) ?? "", way, from, to, members, lost, paths: single };
  }

  #value(field: DescField): string {
    const { from, fields } = this;
    this.#ledger.fields++;
    const sources = fields.filter((each) => each.to[0] === field);
    const whole = sources.length === 1 && sources[0]?.to.length === 1 ? sources[0] : undefined;
    const name = this.#ledger.names.fieldHole(from, field.parent, field.name);
    // What a person has written goes before what could be made.
    const found = this.#ledger.isFilled(name)
      ? undefined
      : whole === undefined
        ? this.#assembled(sources)
        : this.#convert(whole);
    if (found !== undefined) {
      this.#ledger.mapped++;
      return found.text;
    }
    const { names } = this.#ledger;
    const type = `(from: ${names.typeOf(from)}, onLoss?: OnLoss) => ${names.typeOf(field.parent)}["${propertyOf(field.name)}"]`;
    const hole = this.#ledger.hole(name, names.pathOf(field.parent, field.name), type);
    if (hole.filled || hole.required) return `${hole.name}(from, onLoss)`;
    this.#ledger.mapped++;
    return defaultOf(field);
  }

  #convert({ from, to }: Oriented): FieldValue | undefined {
    const [reading, target] = [readPath(from), to.at(-1)];
    if (reading === undefined || target === undefined) return undefined;
    const value = convertField(reading, target, this.#context());
    for (const reason of value?.losses ?? [])
      this.#ledger.need(this.#ledger.names.pathOf(this.from, from[0]?.name ?? ""), reason);
    return value;
  }

  #context(): FieldContext {
    // The message that a mask speaks of is the one beside it: AIP-134.
    const messages = this.fields.flatMap(({ from, to }) => {
      const [first, last] = [from[0], to[0]];
      const single =
        from.length === 1 && to.length === 1 && first?.fieldKind === "message" && last?.fieldKind === "message";
      return single ? (this.#ledger.names.messageConverter(first.message, last.message) ?? []) : [];
    });
    return {
      types: {
        message: (a, b) => this.#ledger.names.messageConverter(a, b),
        enum: (a, b) => this.#ledger.names.enumConverter(a, b),
      },
      formatOf: (field) => this.#ledger.formatOf(field),
      maskTable: messages.length === 1 ? `"${messages[0]}"` : undefined,
    };
  }

  /** A message that is put together from several fields of the other version. */
  #assembled(sources: readonly Oriented[]): FieldValue | undefined {
    const holder = sources[0]?.to[0];
    if (holder?.fieldKind !== "message" || sources.some(({ to }) => to.length !== 2)) return undefined;
    const parts = sources.map((each) => ({ field: each.to[1], value: this.#convert(each) }));
    const texts = parts.flatMap(({ field, value }) =>
      field === undefined || value === undefined || field.oneof !== undefined
        ? []
        : [{ property: propertyOf(field.name), ...value }],
    );
    if (texts.length < parts.length) return undefined;
    const isWhole = holder.message.fields.length === parts.length;
    const reason = isWhole ? "that it was set with nothing in it" : "what else it holds";
    this.#ledger.need(this.#ledger.names.pathOf(holder.parent, holder.name), reason);
    const given = texts.map(({ property, text }) => `${property}: ${text}`).join(", ");
    const set = texts.map((each) => each.isSet).join(" || ");
    const made = `${this.#ledger.names.typeOf(holder.message)}.fromPartial({ ${given} })`;
    return { text: `${set} ? ${made} : undefined`, isSet: set, given: made, losses: [] };
  }

  #oneof(oneof: DescOneof): string {
    const { from, fields } = this;
    const property = propertyOf(oneof.name);
    const cases: string[] = [];
    const open: DescField[] = [];
    let plain = 0;
    for (const field of oneof.fields) {
      this.#ledger.fields++;
      const sources = fields.filter(({ to }) => to[0] === field);
      const [source] = sources;
      const value =
        source === undefined || sources.length > 1 || source.to.length > 1 ? undefined : this.#convert(source);
      if (source === undefined || value?.given === undefined) {
        if (!this.#ledger.isDeclared(this.#ledger.names.pathOf(field.parent, field.name))) open.push(field);
        else this.#ledger.mapped++;
        continue;
      }
      this.#ledger.mapped++;
      const isMember = source.from[0]?.oneof !== undefined;
      if (!isMember && plain++ > 0)
        this.#ledger.need(this.#ledger.names.pathOf(from, source.from[0]?.name ?? ""), "where another is set too");
      cases.push(`${value.isSet}\n        ? { $case: "${propertyOf(field.name)}", value: ${value.given} }\n        : `);
    }
    const found = `${cases.join("")}undefined`;
    const path = this.#ledger.names.pathOf(oneof.parent, open[0]?.name ?? oneof.fields[0]?.name ?? "");
    const type = `${this.#ledger.names.typeOf(oneof.parent)}["${property}"]`;
    const name = this.#ledger.names.fieldHole(from, oneof.parent, oneof.name);
    const typeText = `(from: ${this.#ledger.names.typeOf(from)}, found: ${type}, onLoss?: OnLoss) => ${type}`;
    if (open.length === 0 && !this.#ledger.isFilled(name)) return found;
    const hole = this.#ledger.hole(name, path, typeText, open.length > 0);
    return `${hole.name}(from, ${found}, onLoss)`;
  }
}
