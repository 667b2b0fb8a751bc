import type { DescEnum, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { insidePackage } from "./bridge-field-path.ts";
import type { BridgePairs } from "./bridge-pairs.ts";
import { packageAlias } from "./client-source.ts";
import { lowerFirst, serviceNames, serviceStem, upperFirst } from "./names.ts";
import { nearest } from "./nearest.ts";
import type { ProtoPackage } from "./packages.ts";
import type { TypeName } from "./ts-names.ts";

/** From the old version to the new one, or back. */
export type Way = "toNow" | "toOld";

/** What everything of a bridge is called. */
export class BridgeNames {
  readonly old: ProtoPackage;
  readonly now: ProtoPackage;
  readonly #nameOf: TypeName;
  readonly #converters = new Map<string, string>();
  /** Whose a hole's name is. */
  readonly #holes = new Map<string, string>();
  /** Packages beside the two whose types are made. */
  readonly foreign = new Set<string>();

  constructor(old: ProtoPackage, now: ProtoPackage, nameOf: TypeName, pairs: BridgePairs) {
    this.old = old;
    this.now = now;
    this.#nameOf = nameOf;
    const taken = new Set<string>();
    for (const kind of [pairs.messages, pairs.enums]) {
      for (const way of ["toNow", "toOld"] as const) {
        const oriented = kind.map((pair) => (way === "toNow" ? [pair.old, pair.now] : [pair.now, pair.old]) as Types);
        for (const [from, to] of oriented) {
          const alone = oriented.filter(([each]) => each === from).length === 1;
          const target = upperFirst(this.word(way === "toNow" ? "now" : "old"));
          const plain = `${lowerFirst(this.#plain(from))}To${alone ? target : this.#plain(to)}`;
          let name = plain;
          for (let count = 2; taken.has(name); count++) name = `${plain}${count}`;
          taken.add(name);
          this.#converters.set(`${from.typeName} ${to.typeName}`, name);
        }
      }
    }
  }

  /** `v1`, by which a version's types are imported. */
  word(side: "old" | "now"): string {
    const { protoPackage } = this[side];
    return protoPackage.slice(protoPackage.lastIndexOf(".") + 1);
  }

  #wordOf(protoPackage: string): string {
    if (protoPackage === this.old.protoPackage) return this.word("old");
    if (protoPackage === this.now.protoPackage) return this.word("now");
    return packageAlias(protoPackage);
  }

  aliasOf(protoPackage: string): string {
    return packageAlias(protoPackage);
  }

  messageConverter(from: DescMessage, to: DescMessage): string | undefined {
    return this.#converters.get(`${from.typeName} ${to.typeName}`);
  }

  enumConverter(from: DescEnum, to: DescEnum): string | undefined {
    return this.#converters.get(`${from.typeName} ${to.typeName}`);
  }

  /** `v1.Book_State`. */
  typeOf(desc: DescMessage | DescEnum): string {
    const { package: protoPackage } = desc.file.proto;
    const word = this.#wordOf(protoPackage);
    if (word !== this.word("old") && word !== this.word("now")) this.foreign.add(protoPackage);
    return `${word}.${this.#nameOf(desc)}`;
  }

  /** `v1.Book.State.code`: how a file of a bridge, and a report, name an element. */
  pathOf(parent: DescMessage | DescEnum, name: string): string {
    return `${this.#wordOf(parent.file.proto.package)}.${insidePackage(parent)}.${name}`;
  }

  /** All that a loss or a format can be said of. */
  paths(): ReadonlySet<string> {
    return new Set(
      [this.old, this.now].flatMap(({ files }) =>
        files
          .flatMap((file) => [...nestedTypes(file)])
          .flatMap((type) => {
            if (type.kind === "message") return type.fields.map(({ name }) => this.pathOf(type, name));
            if (type.kind === "enum") return type.values.map(({ name }) => this.pathOf(type, name));
            if (type.kind !== "service") return [];
            const word = this.#wordOf(type.file.proto.package);
            return type.methods.map(({ name }) => `${word}.${type.name}.${name}`);
          }),
      ),
    );
  }

  /** Whether no message can be written without it: proto2's \`required\`. */
  isRequired(path: string): boolean {
    const messages = [this.old, this.now].flatMap(({ files }) => files.flatMap((file) => [...nestedTypes(file)]));
    return messages.some(
      (type) =>
        type.kind === "message" &&
        type.fields.some(
          (field) =>
            field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED && this.pathOf(type, field.name) === path,
        ),
    );
  }

  nearestPath(path: string): string {
    const all = [...this.paths()];
    return nearest(path, all) ?? all[0] ?? "";
  }

  fieldHole(from: DescMessage, to: DescMessage, member: string): string {
    const target = upperFirst(this.#wordOf(to.file.proto.package));
    const converter = this.messageConverter(from, to) ?? "";
    // Where a message becomes several, its converter's name says which.
    const alone = converter.endsWith(`To${target}`);
    const name = alone ? `${lowerFirst(this.#plain(from))}${camel(member)}To${target}` : `${converter}${camel(member)}`;
    // `FooBar.baz` and `Foo.bar_baz` are one name; of two the second says where its message ends.
    const key = `${from.typeName} ${to.typeName} ${member}`;
    const owner = this.#holes.get(name) ?? key;
    this.#holes.set(name, owner);
    return owner === key ? name : `${converter}_${member}`;
  }

  valueHole(from: DescEnum, member: string, way: Way): string {
    const target = upperFirst(this.word(way === "toNow" ? "now" : "old"));
    return `${lowerFirst(this.#plain(from))}${camel(member.toLowerCase())}To${target}`;
  }

  methodHole(method: DescMethod, side: "old" | "now"): string {
    const services = this[side].services.length > 1 ? serviceStem(method.parent.name) : "";
    return `serve${upperFirst(this.word(side))}${services}${method.name}`;
  }

  handlerType(method: DescMethod, side: "old" | "now", other: DescService): string {
    const [request, response] = [this.typeOf(method.input), this.typeOf(method.output)];
    const streamsIn = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
    const streamsOut = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
    const input = streamsIn ? `requests: AsyncIterable<${request}>` : `request: ${request}`;
    const counterpart = side === "old" ? "now" : "old";
    const caller = `Caller<typeof ${this.word(counterpart)}Server.${serviceNames(other.name).definition}>`;
    return `(${input}, context: HandlerContext, ${this.word(counterpart)}: ${caller}) => ${streamsOut ? "Answers" : "Answer"}<${response}>`;
  }

  /** `Book_State` → `BookState`. */
  #plain(desc: DescMessage | DescEnum): string {
    return this.#nameOf(desc).split("_").map(upperFirst).join("");
  }
}

type Types = readonly [DescMessage | DescEnum, DescMessage | DescEnum];

/** `page_size` → `PageSize`. */
function camel(name: string): string {
  return name.split("_").map(upperFirst).join("");
}

/** A message of a third package needs no conversion. */
export function sameType(a: DescMessage, b: DescMessage): string | undefined {
  return a.typeName === b.typeName ? "same" : undefined;
}
