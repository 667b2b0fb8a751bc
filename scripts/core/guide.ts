import type { DescEnum, DescField, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { insidePackage } from "./bridge-field-path.ts";
import type { BridgeFile } from "./bridge-file.ts";
import { type BridgePairs, type FieldPair, type MessagePair, pairVersions } from "./bridge-pairs.ts";
import { type Naming, serviceNames } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";
import { methodSnippet } from "./readme-snippets.ts";
import { enumMembers, methodName, propertyOf, type TypeName } from "./ts-names.ts";

/** The file of the new version's package that says how to get there from the old one. */
export const GUIDE = "MIGRATION.md";

/** What somebody needs who leaves one version of an API for another, as markdown. */
export function renderGuide(
  [old, now]: readonly [ProtoPackage, ProtoPackage],
  file: BridgeFile,
  naming: Naming,
  nameOf: TypeName,
): string {
  const pairs = pairVersions(old, now, file);
  const guide = new Guide(old, now, file, pairs, naming, nameOf);
  return `${guide.sections().join("\n\n")}\n`;
}

class Guide {
  readonly #old: ProtoPackage;
  readonly #now: ProtoPackage;
  readonly #pairs: BridgePairs;
  readonly #naming: Naming;
  readonly #nameOf: TypeName;
  readonly #reasons: ReadonlyMap<string, string>;

  constructor(
    old: ProtoPackage,
    now: ProtoPackage,
    file: BridgeFile,
    pairs: BridgePairs,
    naming: Naming,
    nameOf: TypeName,
  ) {
    this.#old = old;
    this.#now = now;
    this.#pairs = pairs;
    this.#naming = naming;
    this.#nameOf = nameOf;
    this.#reasons = new Map(file.losses.map(({ path, reason }) => [path, reason]));
  }

  sections(): readonly string[] {
    const messages = this.#pairs.messages.flatMap((pair) => this.#message(pair));
    const enums = this.#pairs.enums.flatMap(({ old, now, toNow }) => this.#enum(old, now, toNow));
    return [
      `# From ${this.#old.npm} to ${this.#now.npm}`,
      `\`\`\`sh
npm install ${this.#now.npm}
\`\`\`

Both packages can be used at once, on one channel: a program can move call by call.`,
      ...this.#pairs.services.flatMap(({ old, now, methods }) => this.#service(old, now, methods)),
      ...this.#alone("gone", this.#old, this.#now),
      ...this.#alone("new", this.#now, this.#old),
      ...(messages.length === 0 ? [] : ["## Messages", ...messages]),
      ...(enums.length === 0 ? [] : ["## Enums", ...enums]),
    ];
  }

  /** Services that only one version has. */
  #alone(word: string, side: ProtoPackage, other: ProtoPackage): readonly string[] {
    return side.services
      .filter(({ name }) => !other.services.some((each) => each.name === name))
      .map(({ name, methods }) => {
        const calls = methods.map((method) => code(methodName(method))).join(", ");
        return `## ${code(serviceNames(name).client)} is ${word}\n\n${calls === "" ? "It has no methods." : `It has ${calls}.`}`;
      });
  }

  #word(side: ProtoPackage): string {
    return side.protoPackage.slice(side.protoPackage.lastIndexOf(".") + 1);
  }

  #reason(side: ProtoPackage, path: string): string {
    return this.#reasons.get(`${this.#word(side)}.${path}`) ?? "";
  }

  #service(
    old: DescService,
    now: DescService,
    methods: readonly { readonly old: DescMethod; readonly now: DescMethod }[],
  ): readonly string[] {
    const gone = old.methods.filter((method) => !methods.some((pair) => pair.old === method));
    const added = now.methods.filter((method) => !methods.some((pair) => pair.now === method));
    const rows = [
      ...methods.map((pair) => [code(methodName(pair.old)), code(methodName(pair.now)), ""]),
      ...gone.map((method) => [code(methodName(method)), "", this.#reason(this.#old, `${old.name}.${method.name}`)]),
      ...added.map((method) => ["", code(methodName(method)), "new"]),
    ];
    const calls = methods.map((pair) => {
      const [before, after] = [methodName(pair.old), methodName(pair.now)];
      const head = before === after ? `\`${before}\`` : `\`${before}\` → \`${after}\``;
      return `### ${head}\n\nBefore:\n\n${this.#snippet(this.#old, old, pair.old)}\n\nAfter:\n\n${this.#snippet(this.#now, now, pair.now)}`;
    });
    return [
      `## Calls of \`${serviceNames(now.name).client}\`\n\n${table([this.#word(this.#old), this.#word(this.#now), ""], rows)}`,
      ...calls,
    ];
  }

  #snippet(candidate: ProtoPackage, service: DescService, method: DescMethod): string {
    return methodSnippet({ candidate, service, naming: this.#naming, nameOf: this.#nameOf }, method);
  }

  #message(pair: MessagePair): readonly string[] {
    const { old, now, fields } = pair;
    const [before, after] = [insidePackage(old), insidePackage(now)];
    const rows = [
      ...fields.filter((each) => !this.#isSame(each)).map((each) => this.#moved(each)),
      ...old.fields
        .filter((field) => !fields.some((each) => each.old[0] === field))
        .map((field) => [member([field], this.#nameOf), "", this.#reason(this.#old, `${before}.${field.name}`)]),
      ...now.fields
        .filter((field) => !fields.some((each) => each.now[0] === field))
        .map((field) => ["", member([field], this.#nameOf), "new"]),
    ];
    if (rows.length === 0 && before === after) return [];
    const head = before === after ? code(this.#nameOf(old)) : `${code(this.#nameOf(old))} → ${code(this.#nameOf(now))}`;
    const same = fields
      .filter((each) => this.#isSame(each))
      .map(({ old: path }) => code(propertyOf(path[0]?.name ?? "")));
    const unchanged = same.length === 0 ? "" : `\n\nAs before: ${same.join(", ")}.`;
    const listed = rows.length === 0 ? "" : `\n\n${table([this.#word(this.#old), this.#word(this.#now), ""], rows)}`;
    return [`### ${head}${listed}${unchanged}`];
  }

  /** One name, one type, one place: nothing to be told. */
  #isSame({ old, now }: FieldPair): boolean {
    const [a, b] = [old[0], now[0]];
    if (old.length > 1 || now.length > 1 || a === undefined || b === undefined) return false;
    const place = (field: DescField): string => field.oneof?.name ?? "";
    return a.name === b.name && place(a) === place(b) && typeOf(a, this.#nameOf) === typeOf(b, this.#nameOf);
  }

  #moved({ old, now }: FieldPair): readonly string[] {
    const [first, last] = [old[0], now[0]];
    const [path, target] = [first, last].map((field) =>
      field === undefined ? "" : `${insidePackage(field.parent)}.${field.name}`,
    );
    const reasons = [this.#reason(this.#old, path ?? ""), this.#reason(this.#now, target ?? "")];
    return [member(old, this.#nameOf), member(now, this.#nameOf), reasons.filter((text) => text !== "").join(" ")];
  }

  #enum(old: DescEnum, now: DescEnum, toNow: ReadonlyMap<string, string>): readonly string[] {
    const [before, after] = [enumMembers(old), enumMembers(now)];
    const rows = [
      ...old.values.flatMap(({ name }) => {
        const target = toNow.get(name);
        const [own, other] = [before.get(name) ?? name, target === undefined ? "" : (after.get(target) ?? target)];
        if (own === other) return [];
        return [[code(own), other === "" ? "" : code(other), this.#reason(this.#old, `${insidePackage(old)}.${name}`)]];
      }),
      ...now.values
        .filter(({ name }) => ![...toNow.values()].includes(name))
        .map(({ name }) => ["", code(after.get(name) ?? name), "new"]),
    ];
    if (rows.length === 0) return [];
    return [`### ${code(this.#nameOf(now))}\n\n${table([this.#word(this.#old), this.#word(this.#now), ""], rows)}`];
  }
}

/** `editions.price: Money`, as a program reads it. */
function member(path: readonly DescField[], nameOf: TypeName): string {
  const last = path.at(-1);
  if (last === undefined) return "";
  const names = path.flatMap((field) => [
    ...(field.oneof === undefined ? [] : [propertyOf(field.oneof.name)]),
    propertyOf(field.name),
  ]);
  return code(`${names.join(".")}: ${typeOf(last, nameOf)}`);
}

const SCALARS = ["", "number", "number", "bigint", "bigint", "number", "bigint", "number", "boolean", "string"];

function typeOf(field: DescField, nameOf: TypeName): string {
  const one = elementName(field, nameOf);
  if (field.fieldKind === "list") return `${one}[]`;
  return field.fieldKind === "map" ? `map of ${one}` : one;
}

function elementName(field: DescField, nameOf: TypeName): string {
  const type: DescMessage | DescEnum | undefined = field.message ?? field.enum;
  if (type?.typeName === "google.protobuf.Timestamp") return "Date";
  if (type !== undefined) return nameOf(type);
  const { scalar = 9 } = field;
  if (scalar === 12) return "Uint8Array";
  return SCALARS[scalar] ?? (scalar === 16 || scalar === 18 ? "bigint" : "number");
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
