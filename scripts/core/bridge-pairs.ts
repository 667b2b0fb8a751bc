import type { DescEnum, DescField, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { fieldsAt, insidePackage, splitField } from "./bridge-field-path.ts";
import type { BridgeEntry, BridgeFile } from "./bridge-file.ts";
import { type EnumPair, pairEnums } from "./bridge-pair-enums.ts";
import { type Finding, finding, type Position } from "./finding.ts";
import { nearest } from "./nearest.ts";
import type { ProtoPackage } from "./packages.ts";

/** A field of the old version and what it is now; a path of several leads into messages inside. */
export interface FieldPair {
  readonly old: readonly DescField[];
  readonly now: readonly DescField[];
}

export interface MessagePair {
  readonly old: DescMessage;
  readonly now: DescMessage;
  readonly fields: readonly FieldPair[];
}

export interface MethodPair {
  readonly old: DescMethod;
  readonly now: DescMethod;
}

export interface ServicePair {
  readonly old: DescService;
  readonly now: DescService;
  readonly methods: readonly MethodPair[];
}

/** What of two versions belongs together: by name, by what the bridge's file says, and by where it is used. */
export interface BridgePairs {
  readonly messages: readonly MessagePair[];
  readonly enums: readonly EnumPair[];
  readonly services: readonly ServicePair[];
  readonly findings: readonly Finding[];
}

/** Elements of one version by their names inside the package. */
interface Side {
  readonly name: string;
  readonly messages: ReadonlyMap<string, DescMessage>;
  readonly enums: ReadonlyMap<string, DescEnum>;
  readonly services: ReadonlyMap<string, DescService>;
}

export function pairVersions(old: ProtoPackage, now: ProtoPackage, file: BridgeFile): BridgePairs {
  return new Pairing(sideOf(old), sideOf(now), file).run();
}

function sideOf({ protoPackage, files }: ProtoPackage): Side {
  const [messages, enums, services] = [
    new Map<string, DescMessage>(),
    new Map<string, DescEnum>(),
    new Map<string, DescService>(),
  ];
  for (const type of files.flatMap((file) => [...nestedTypes(file)])) {
    const name = insidePackage(type);
    if (type.kind === "message") messages.set(name, type);
    else if (type.kind === "enum") enums.set(name, type);
    else if (type.kind === "service") services.set(name, type);
  }
  return { name: protoPackage, messages, enums, services };
}

class Pairing {
  readonly #old: Side;
  readonly #now: Side;
  readonly #file: BridgeFile;
  readonly #findings: Finding[] = [];
  readonly #messages = new Map<string, readonly [DescMessage, DescMessage]>();
  readonly #enums = new Map<string, readonly [DescEnum, DescEnum]>();
  readonly #fields = new Map<string, readonly FieldPair[]>();

  constructor(old: Side, now: Side, file: BridgeFile) {
    this.#old = old;
    this.#now = now;
    this.#file = file;
  }

  run(): BridgePairs {
    this.#namedTypes();
    const services = this.#services();
    // What fields lead to may lead on.
    for (let before = -1; before < this.#messages.size; ) {
      before = this.#messages.size;
      for (const [key, [old, now]] of [...this.#messages]) {
        if (!this.#fields.has(key)) this.#fields.set(key, this.#pairFields(old, now));
      }
    }
    this.#checkFields();
    const byName = <T extends readonly [{ typeName: string }, { typeName: string }]>(pairs: Iterable<T>): T[] =>
      [...pairs].sort(([a, b], [c, d]) => (`${a.typeName} ${b.typeName}` < `${c.typeName} ${d.typeName}` ? -1 : 1));
    return {
      messages: byName(this.#messages.values()).map(([old, now]) => ({
        old,
        now,
        fields: this.#fields.get(keyOf(old, now)) ?? [],
      })),
      enums: pairEnums(byName(this.#enums.values()), this.#file.values, (name, side, names, position) =>
        this.#absent(name, side === "old" ? this.#old : this.#now, names, position),
      ),
      services,
      findings: this.#findings,
    };
  }

  #namedTypes(): void {
    const given = new Set(this.#file.types.map(({ from }) => from));
    for (const { from, to, position } of this.#file.types) {
      const [message, counterpart] = [this.#old.messages.get(from), this.#now.messages.get(to)];
      const [old, now] = [this.#old.enums.get(from), this.#now.enums.get(to)];
      if (message !== undefined && counterpart !== undefined) this.#addMessages(message, counterpart);
      else if (old !== undefined && now !== undefined) this.#addEnums(old, now);
      else {
        const known = message ?? old;
        const [side, name] = known === undefined ? [this.#old, from] : [this.#now, to];
        this.#absent(name, side, [...side.messages.keys(), ...side.enums.keys()], position);
      }
    }
    for (const [name, message] of this.#old.messages) {
      const counterpart = this.#now.messages.get(name);
      if (counterpart !== undefined && !given.has(name) && !isEntry(message)) this.#addMessages(message, counterpart);
    }
    for (const [name, old] of this.#old.enums) {
      const now = this.#now.enums.get(name);
      if (now !== undefined && !given.has(name)) this.#addEnums(old, now);
    }
  }

  #addMessages(old: DescMessage, now: DescMessage): void {
    this.#messages.set(keyOf(old, now), [old, now]);
  }

  #addEnums(old: DescEnum, now: DescEnum): void {
    this.#enums.set(keyOf(old, now), [old, now]);
  }

  #services(): readonly ServicePair[] {
    const renamed = new Map<string, BridgeEntry>();
    for (const entry of this.#file.methods) {
      const service = this.#old.services.get(entry.from.slice(0, entry.from.lastIndexOf(".")));
      const method = service?.methods.find(({ name }) => entry.from === `${service.name}.${name}`);
      if (method === undefined) this.#absent(entry.from, this.#old, methodNames(this.#old), entry.position);
      else renamed.set(entry.from, entry);
    }
    return [...this.#old.services].flatMap(([name, old]) => {
      const now = this.#now.services.get(name);
      if (now === undefined) return [];
      const methods = old.methods.flatMap((method) => {
        const entry = renamed.get(`${name}.${method.name}`);
        const counterpart = now.methods.find((each) => each.name === (entry?.to ?? method.name));
        if (entry !== undefined && counterpart === undefined) {
          this.#absent(entry.to, this.#now, methodNames(this.#now), entry.position);
        }
        // A method that streams otherwise is another one.
        if (counterpart === undefined || counterpart.methodKind !== method.methodKind) return [];
        for (const [from, to] of [
          [method.input, counterpart.input],
          [method.output, counterpart.output],
        ] as const) {
          if (this.#isOwn(from, to)) this.#addMessages(from, to);
        }
        return [{ old: method, now: counterpart }];
      });
      return [{ old, now, methods }];
    });
  }

  #isOwn(old: { readonly file: DescMessage["file"] }, now: { readonly file: DescMessage["file"] }): boolean {
    return old.file.proto.package === this.#old.name && now.file.proto.package === this.#now.name;
  }

  #pairFields(old: DescMessage, now: DescMessage): readonly FieldPair[] {
    const given = this.#entriesOf(old).flatMap((entry) => {
      const [from, to] = [fieldsAt(old, entry.path), fieldsAt(now, entry.to)];
      return from === undefined || to === undefined ? [] : [{ old: from, now: to }];
    });
    const taken = new Set(given.flatMap((pair) => [pair.old[0], pair.now[0]]));
    const named = old.fields.flatMap((field) => {
      const counterpart = now.fields.find(({ name }) => name === field.name);
      return counterpart === undefined || taken.has(field) || taken.has(counterpart)
        ? []
        : [{ old: [field], now: [counterpart] }];
    });
    const pairs = [...given, ...named];
    for (const pair of pairs) this.#follow(pair.old.at(-1), pair.now.at(-1));
    return pairs;
  }

  /** Two fields that belong together lead to types that do. */
  #follow(old: DescField | undefined, now: DescField | undefined): void {
    if (old?.message !== undefined && now?.message !== undefined && this.#isOwn(old.message, now.message)) {
      if (!isEntry(old.message) && !isEntry(now.message)) this.#addMessages(old.message, now.message);
    }
    if (old?.enum !== undefined && now?.enum !== undefined && this.#isOwn(old.enum, now.enum)) {
      this.#addEnums(old.enum, now.enum);
    }
  }

  /** What the file says of a message's fields. */
  #entriesOf(message: DescMessage): readonly (BridgeEntry & { readonly path: string })[] {
    const own = insidePackage(message);
    return this.#file.fields.flatMap((entry) => {
      const [name, path] = splitField(entry.from, this.#old.messages);
      return name === own ? [{ ...entry, path }] : [];
    });
  }

  #checkFields(): void {
    for (const entry of this.#file.fields) {
      const [name, path] = splitField(entry.from, this.#old.messages);
      const message = this.#old.messages.get(name);
      if (message === undefined || fieldsAt(message, path) === undefined) {
        const names = message === undefined ? [...this.#old.messages.keys()] : namesIn(message);
        this.#absent(entry.from, this.#old, names, entry.position);
        continue;
      }
      const targets = [...this.#messages.values()].filter(([old]) => old === message).map(([, now]) => now);
      if (!targets.some((now) => fieldsAt(now, entry.to) !== undefined)) {
        this.#absent(
          entry.to,
          this.#now,
          targets.flatMap((now) => now.fields.map((each) => each.name)),
          entry.position,
        );
      }
    }
  }

  #absent(name: string, side: Side, names: readonly string[], position: Position | undefined): void {
    const args = { name, package: side.name, nearest: nearest(name, names) ?? names[0] ?? "" };
    this.#findings.push(finding("bridge-name-absent", args, position));
  }
}

function keyOf(old: { readonly typeName: string }, now: { readonly typeName: string }): string {
  return `${old.typeName} ${now.typeName}`;
}

function isEntry(message: DescMessage): boolean {
  return message.proto.options?.mapEntry === true;
}

function methodNames({ services }: Side): readonly string[] {
  return [...services].flatMap(([name, { methods }]) => methods.map((method) => `${name}.${method.name}`));
}

function namesIn(message: DescMessage): readonly string[] {
  return message.fields.map(({ name }) => `${insidePackage(message)}.${name}`);
}
