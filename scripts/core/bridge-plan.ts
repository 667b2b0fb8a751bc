import type { DescEnum, DescField, DescMessage, DescMethod, DescOneof, DescService } from "@bufbuild/protobuf";
import { defaultOf, elementOf, FORMATS, type Format } from "./bridge-convert.ts";
import { convertField, type FieldContext, type FieldValue, readPath } from "./bridge-fields.ts";
import type { BridgeFile } from "./bridge-file.ts";
import type { Hole } from "./bridge-holes.ts";
import { BridgeNames, type Way } from "./bridge-names.ts";
import { type BridgePairs, type EnumPair, insidePackage, type MessagePair, pairVersions } from "./bridge-pairs.ts";
import { type Finding, finding, type Position } from "./finding.ts";
import type { ProtoPackage } from "./packages.ts";
import { enumMembers, propertyOf, type TypeName } from "./ts-names.ts";

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

export interface EnumConverter {
  readonly name: string;
  readonly way: Way;
  readonly from: DescEnum;
  readonly to: DescEnum;
  /** Value → an expression of its counterpart. */
  readonly cases: readonly { readonly from: string; readonly to: string; readonly lost: string | undefined }[];
}

/** A method of one version that is served by the other. */
export interface PlannedRoute {
  readonly method: DescMethod;
  readonly other: DescMethod;
  readonly request: string;
  readonly response: string;
  /** The table of the paths of the other version's request. */
  readonly paths: string | undefined;
}

export interface PlannedService {
  readonly old: DescService;
  readonly now: DescService;
  /** By which version is served. */
  readonly routes: Readonly<Record<"old" | "now", readonly PlannedRoute[]>>;
  readonly handwritten: Readonly<
    Record<"old" | "now", readonly { readonly method: DescMethod; readonly hole: Hole }[]>
  >;
}

/** Whether a message of one version can be made from the other's without a person, field by field. */
export interface Coverage {
  readonly fields: number;
  readonly mapped: number;
}

export interface BridgePlan {
  readonly file: BridgeFile;
  readonly names: BridgeNames;
  readonly converters: readonly Converter[];
  readonly enums: readonly EnumConverter[];
  readonly services: readonly PlannedService[];
  readonly holes: readonly Hole[];
  /** Losses that the bridge has and nobody has declared. */
  readonly undeclared: readonly { readonly path: string; readonly reason: string }[];
  readonly coverage: Coverage;
  /** Lines of `fields` that a person may mean: a field that is gone and one that is new, of one number and type. */
  readonly suggestions: readonly string[];
  /** What is wrong with the file. */
  readonly findings: readonly Finding[];
}

/** @param filled what the person's file exports. */
export function planBridge(
  old: ProtoPackage,
  now: ProtoPackage,
  file: BridgeFile,
  filled: ReadonlySet<string>,
  nameOf: TypeName,
): BridgePlan {
  const pairs = pairVersions(old, now, file);
  return new Planner(old, now, file, filled, pairs, nameOf).plan();
}

class Planner {
  readonly #file: BridgeFile;
  readonly #filled: ReadonlySet<string>;
  readonly #pairs: BridgePairs;
  readonly #names: BridgeNames;
  readonly #known: ReadonlySet<string>;
  readonly #declared: ReadonlySet<string>;
  readonly #formats = new Map<string, Format>();
  readonly #holes: Hole[] = [];
  readonly #needed = new Map<string, string>();
  readonly #findings: Finding[];
  #fields = 0;
  #mapped = 0;

  constructor(
    old: ProtoPackage,
    now: ProtoPackage,
    file: BridgeFile,
    filled: ReadonlySet<string>,
    pairs: BridgePairs,
    nameOf: TypeName,
  ) {
    this.#file = file;
    this.#filled = filled;
    this.#pairs = pairs;
    this.#names = new BridgeNames(old, now, nameOf, pairs);
    this.#findings = [...pairs.findings];
    this.#known = this.#names.paths();
    this.#declared = new Set(file.losses.map(({ path }) => path));
    for (const { path, position } of file.losses) {
      this.#checkPath(path, position);
      if (this.#names.isRequired(path)) this.#findings.push(finding("bridge-loss-required", { path }, position));
    }
    for (const { from, to, position } of file.formats) {
      this.#checkPath(from, position);
      const format = FORMATS.find((each) => each === to);
      if (format === undefined) {
        this.#findings.push(finding("bridge-format-unknown", { format: to, formats: FORMATS.join(", ") }, position));
      } else this.#formats.set(from, format);
    }
  }

  #checkPath(path: string, position: Position): void {
    if (this.#known.has(path)) return;
    const nearest = this.#names.nearestPath(path);
    this.#findings.push(finding("bridge-path-absent", { path, nearest }, position));
  }

  plan(): BridgePlan {
    const ways = ["toNow", "toOld"] as const;
    const converters = this.#pairs.messages.flatMap((pair) => ways.map((way) => this.#converter(pair, way)));
    const enums = this.#pairs.enums.flatMap((pair) => ways.map((way) => this.#enum(pair, way)));
    const services = this.#pairs.services.map(({ old, now, methods }): PlannedService => {
      const routes = methods.flatMap((pair) => {
        const to = [this.#route(pair.old, pair.now), this.#route(pair.now, pair.old)];
        return to[0] === undefined || to[1] === undefined ? [] : [[to[0], to[1]] as const];
      });
      const routed = new Set(routes.flatMap((pair) => pair.map(({ method }) => method)));
      const isWritten = (method: DescMethod, side: "old" | "now"): boolean =>
        this.#filled.has(this.#names.methodHole(method, side));
      const left = (service: DescService, side: "old" | "now") =>
        service.methods
          .filter((method) => !routed.has(method) || isWritten(method, side))
          .map((method) => ({ method, hole: this.#methodHole(method, side, service === old ? now : old) }));
      return {
        old,
        now,
        // Also of what is written by hand: errors speak of the fields that its clients know.
        routes: { old: routes.map(([first]) => first), now: routes.map(([, second]) => second) },
        handwritten: { old: left(old, "old"), now: left(now, "now") },
      };
    });
    const undeclared = [...this.#needed].filter(([path]) => !this.#declared.has(path));
    return {
      file: this.#file,
      names: this.#names,
      converters,
      enums,
      services,
      holes: this.#holes,
      undeclared: undeclared.map(([path, reason]) => ({ path, reason })),
      coverage: { fields: this.#fields, mapped: this.#mapped },
      suggestions: this.#pairs.messages.flatMap(suggest),
      findings: this.#findings,
    };
  }

  #converter(pair: MessagePair, way: Way): Converter {
    const [from, to] = way === "toNow" ? [pair.old, pair.now] : [pair.now, pair.old];
    const fields = pair.fields.map(({ old, now }) =>
      way === "toNow" ? { from: old, to: now } : { from: now, to: old },
    );
    const oneofs = new Set<DescOneof>();
    const members = to.fields.flatMap((field): readonly Member[] => {
      const { oneof } = field;
      if (oneof === undefined) return [{ property: propertyOf(field.name), text: this.#value(field, from, fields) }];
      if (oneofs.has(oneof)) return [];
      oneofs.add(oneof);
      return [{ property: propertyOf(oneof.name), text: this.#oneof(oneof, from, fields) }];
    });
    const lost = from.fields.flatMap((field) => {
      const path = this.#names.pathOf(from, field.name);
      const reading = readPath([field]);
      // Of a field that has a counterpart some values are lost, and which cannot be told from here.
      const isPaired = fields.some((each) => each.from[0] === field);
      if (!this.#declared.has(path) || reading === undefined || isPaired) return [];
      return [{ path, when: reading.isSet }];
    });
    const paths = fields.flatMap((each) => {
      const [first, last] = [each.from[0], each.to.at(-1)];
      if (first === undefined || each.from.length > 1) return [];
      const inner = elementOf(first);
      const outer = last === undefined ? undefined : elementOf(last);
      const then =
        inner.kind === "message" && outer?.kind === "message"
          ? (sameType(inner.desc, outer.desc) ?? this.#names.messageConverter(inner.desc, outer.desc))
          : undefined;
      return [{ name: first.name, to: each.to.map(({ name }) => name).join("."), then }];
    });
    // What became several fields has no single path.
    const single = paths.filter(({ name }) => paths.filter((each) => each.name === name).length === 1);
    return { name: this.#names.messageConverter(from, to) ?? "", way, from, to, members, lost, paths: single };
  }

  /** @param fields of the pair, from here to there. */
  #value(field: DescField, from: DescMessage, fields: readonly Oriented[]): string {
    this.#fields++;
    const sources = fields.filter((each) => each.to[0] === field);
    const whole = sources.length === 1 && sources[0]?.to.length === 1 ? sources[0] : undefined;
    const name = this.#names.fieldHole(from, field.parent, field.name);
    // What a person has written goes before what could be made.
    const found = this.#filled.has(name)
      ? undefined
      : whole === undefined
        ? this.#assembled(sources, from, fields)
        : this.#convert(whole, from, fields);
    if (found !== undefined) {
      this.#mapped++;
      return found.text;
    }
    const hole = this.#hole(name, this.#names.pathOf(field.parent, field.name), () => {
      const type = `${this.#names.typeOf(field.parent)}["${propertyOf(field.name)}"]`;
      return `(from: ${this.#names.typeOf(from)}, onLoss?: OnLoss) => ${type}`;
    });
    if (hole.filled || hole.required) return `${hole.name}(from, onLoss)`;
    this.#mapped++;
    return defaultOf(field);
  }

  #convert({ from, to }: Oriented, message: DescMessage, fields: readonly Oriented[]): FieldValue | undefined {
    const [reading, target] = [readPath(from), to.at(-1)];
    if (reading === undefined || target === undefined) return undefined;
    const value = convertField(reading, target, this.#context(fields));
    for (const reason of value?.losses ?? []) this.#need(this.#names.pathOf(message, from[0]?.name ?? ""), reason);
    return value;
  }

  #context(fields: readonly Oriented[]): FieldContext {
    // The message that a mask speaks of is the one beside it: AIP-134.
    const messages = fields.flatMap(({ from, to }) => {
      const [first, last] = [from[0], to[0]];
      const single =
        from.length === 1 && to.length === 1 && first?.fieldKind === "message" && last?.fieldKind === "message";
      return single ? (this.#names.messageConverter(first.message, last.message) ?? []) : [];
    });
    return {
      types: {
        message: (a, b) => this.#names.messageConverter(a, b),
        enum: (a, b) => this.#names.enumConverter(a, b),
      },
      formatOf: (field) => this.#formats.get(this.#names.pathOf(field.parent, field.name)),
      maskTable: messages.length === 1 ? `"${messages[0]}"` : undefined,
    };
  }

  /** A message that is put together from several fields of the other version. */
  #assembled(sources: readonly Oriented[], from: DescMessage, fields: readonly Oriented[]): FieldValue | undefined {
    const holder = sources[0]?.to[0];
    if (holder?.fieldKind !== "message" || sources.some(({ to }) => to.length !== 2)) return undefined;
    const parts = sources.map((each) => ({ field: each.to[1], value: this.#convert(each, from, fields) }));
    const texts = parts.flatMap(({ field, value }) =>
      field === undefined || value === undefined || field.oneof !== undefined
        ? []
        : [{ property: propertyOf(field.name), ...value }],
    );
    if (texts.length < parts.length) return undefined;
    const isWhole = holder.message.fields.length === parts.length;
    const reason = isWhole ? "that it was set with nothing in it" : "what else it holds";
    this.#need(this.#names.pathOf(holder.parent, holder.name), reason);
    const given = texts.map(({ property, text }) => `${property}: ${text}`).join(", ");
    const set = texts.map((each) => each.isSet).join(" || ");
    const made = `${this.#names.typeOf(holder.message)}.fromPartial({ ${given} })`;
    return { text: `${set} ? ${made} : undefined`, isSet: set, given: made, losses: [] };
  }

  #oneof(oneof: DescOneof, from: DescMessage, fields: readonly Oriented[]): string {
    const property = propertyOf(oneof.name);
    const cases: string[] = [];
    const open: DescField[] = [];
    let plain = 0;
    for (const field of oneof.fields) {
      this.#fields++;
      const sources = fields.filter(({ to }) => to[0] === field);
      const [source] = sources;
      const value =
        source === undefined || sources.length > 1 || source.to.length > 1
          ? undefined
          : this.#convert(source, from, fields);
      if (source === undefined || value?.given === undefined) {
        if (!this.#declared.has(this.#names.pathOf(field.parent, field.name))) open.push(field);
        else this.#mapped++;
        continue;
      }
      this.#mapped++;
      const isMember = source.from[0]?.oneof !== undefined;
      if (!isMember && plain++ > 0)
        this.#need(this.#names.pathOf(from, source.from[0]?.name ?? ""), "where another is set too");
      cases.push(`${value.isSet}\n        ? { $case: "${propertyOf(field.name)}", value: ${value.given} }\n        : `);
    }
    const found = `${cases.join("")}undefined`;
    const path = this.#names.pathOf(oneof.parent, open[0]?.name ?? oneof.fields[0]?.name ?? "");
    const type = `${this.#names.typeOf(oneof.parent)}["${property}"]`;
    const name = this.#names.fieldHole(from, oneof.parent, oneof.name);
    const typeText = (): string => `(from: ${this.#names.typeOf(from)}, found: ${type}, onLoss?: OnLoss) => ${type}`;
    if (open.length === 0 && !this.#filled.has(name)) return found;
    const hole = this.#hole(name, path, typeText, open.length > 0);
    return `${hole.name}(from, ${found}, onLoss)`;
  }

  #enum(pair: EnumPair, way: Way): EnumConverter {
    const [from, to] = way === "toNow" ? [pair.old, pair.now] : [pair.now, pair.old];
    const [forth, back] = way === "toNow" ? [pair.toNow, pair.toOld] : [pair.toOld, pair.toNow];
    const members = enumMembers(to);
    const type = this.#names.typeOf(to);
    const seen = new Set<number>();
    const cases = from.values.flatMap((value) => {
      // Another name of the same number.
      if (seen.has(value.number)) return [];
      seen.add(value.number);
      const path = this.#names.pathOf(from, value.name);
      const target = forth.get(value.name);
      const own = enumMembers(from).get(value.name) ?? value.name;
      const written = `${this.#names.typeOf(from)}.${own}`;
      if (target !== undefined) {
        if (back.get(target) !== value.name) this.#need(path, "the other version has one value for several");
        const lost = this.#declared.has(path) ? path : undefined;
        return [{ from: written, to: `${type}.${members.get(target) ?? target}`, lost }];
      }
      const hole = this.#hole(this.#names.valueHole(from, own, way), path, () => type);
      const none = `${type}.${members.get(to.values[0]?.name ?? "") ?? ""}`;
      return [
        {
          from: written,
          to: hole.filled || hole.required ? hole.name : none,
          lost: this.#declared.has(path) ? path : undefined,
        },
      ];
    });
    return { name: this.#names.enumConverter(from, to) ?? "", way, from, to, cases };
  }

  #route(method: DescMethod, other: DescMethod): PlannedRoute | undefined {
    const request = this.#names.messageConverter(method.input, other.input) ?? sameType(method.input, other.input);
    const response = this.#names.messageConverter(other.output, method.output) ?? sameType(other.output, method.output);
    if (request === undefined || response === undefined) return undefined;
    const paths = this.#names.messageConverter(other.input, method.input);
    return { method, other, request, response, paths };
  }

  #methodHole(method: DescMethod, side: "old" | "now", other: DescService): Hole {
    const path = `${this.#names.word(side)}.${method.parent.name}.${method.name}`;
    return this.#hole(this.#names.methodHole(method, side), path, () => this.#names.handlerType(method, side, other));
  }

  #hole(name: string, path: string, typeOf: () => string, required = !this.#declared.has(path)): Hole {
    const hole = { name, type: typeOf(), path, required, filled: this.#filled.has(name) };
    this.#holes.push(hole);
    return hole;
  }

  #need(path: string, reason: string): void {
    const before = this.#needed.get(path);
    if (before === undefined) this.#needed.set(path, reason);
    else if (!before.includes(reason)) this.#needed.set(path, `${before}; ${reason}`);
  }
}

interface Oriented {
  readonly from: readonly DescField[];
  readonly to: readonly DescField[];
}

/** A number is given away anew by a new version, so that this is a question and no pair. */
function suggest({ old, now, fields }: MessagePair): readonly string[] {
  const [gone, added] = [old, now].map(({ fields: all }) =>
    all.filter((field) => !fields.some((pair) => pair.old[0] === field || pair.now[0] === field)),
  );
  const kindOf = ({ fieldKind, scalar, message, enum: values }: DescField): string =>
    [fieldKind, scalar, message?.name, values?.name].join(" ");
  return (gone ?? []).flatMap((field) => {
    const twin = added?.find((each) => each.number === field.number && kindOf(each) === kindOf(field));
    return twin === undefined ? [] : [`${insidePackage(old)}.${field.name}: ${twin.name}`];
  });
}

/** A message of a third package needs no conversion. */
function sameType(a: DescMessage, b: DescMessage): string | undefined {
  return a.typeName === b.typeName ? "same" : undefined;
}
