import type { DescExtension, DescFile } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";
import { deprecationOf } from "./deprecate-text.ts";
import type { LeftBehind, Removable } from "./leave-behind.ts";
import { type Comment, commentsOf, type Edit, type ProtoText, withComments } from "./proto-text.ts";
import { referencesIn } from "./references.ts";
import { sourcePathOf } from "./source-path.ts";

export interface VersionNames {
  /** The proto packages. */
  readonly from: string;
  readonly to: string;
}

/** `bookstore/orders/v1/order.proto` → `bookstore/orders/v2/order.proto`; a path without the version gets it in its name. */
export function newPath(importPath: string, { from, to }: VersionNames): string {
  const [old, now] = [versionOf(from), versionOf(to)];
  const parts = importPath.split("/");
  const at = parts.lastIndexOf(old);
  if (at >= 0) return parts.with(at, now).join("/");
  return importPath.replace(/\.proto$/, `_${now}.proto`);
}

/** The last part of a proto package. */
export function versionOf(protoPackage: string): string {
  return protoPackage.slice(protoPackage.lastIndexOf(".") + 1);
}

export interface Surroundings {
  /** The import paths that have a counterpart. */
  readonly own: ReadonlySet<string>;
  readonly leaving: LeftBehind;
  /** By full name. */
  readonly shared: ReadonlyMap<string, DescExtension>;
}

/** One file on its way into the new version. */
export class Rewriting {
  readonly left: string[] = [];
  readonly #file: DescFile;
  readonly #text: ProtoText;
  readonly #names: VersionNames;
  readonly #comments: readonly Comment[];
  readonly #edits: Edit[] = [];
  // By path.
  readonly #locations = new Map<string, SourceCodeInfo_Location[]>();

  constructor(file: DescFile, text: ProtoText, names: VersionNames, { own, leaving, shared }: Surroundings) {
    this.#file = file;
    this.#text = text;
    this.#names = names;
    this.#comments = commentsOf(text.text);
    for (const location of file.proto.sourceCodeInfo?.location ?? []) {
      const path = location.path.join(".");
      this.#locations.set(path, [...(this.#locations.get(path) ?? []), location]);
    }
    this.#replace("2", names.from, names.to);
    file.proto.dependency.forEach((imported, index) => {
      if (own.has(imported)) this.#replace(`3.${index}`, imported, newPath(imported, names));
    });
    this.#renameReferences();
    this.#keepOptions(shared);
    this.#renameInOptions();
    this.#renameInComments();
    this.#removeDeprecation();
    this.#remove(leaving.removed);
    this.#removeAliases(leaving.removed);
    this.#removeReserved();
    this.#removeExtensions(shared);
  }

  content(): string {
    return this.#text.edited(this.#edits);
  }

  #replace(path: string, old: string, now: string): void {
    for (const location of this.#locations.get(path) ?? []) {
      const span = this.#text.spanOf(location);
      this.#edits.push({ ...span, text: this.#text.slice(span).replace(old, () => now) });
    }
  }

  /** Those that name the version: `v1.Order`, `orders.v1.Order`, `.bookstore.orders.v1.Order`. */
  #renameReferences(): void {
    for (const [path, type] of referencesIn(this.#file)) {
      const own = type === this.#names.from || type.startsWith(`${this.#names.from}.`);
      if (own) this.#renameIn(path);
    }
  }

  /** The package's own options stay with the old version: they are named in full, and its file is imported. */
  #keepOptions(shared: ReadonlyMap<string, DescExtension>): void {
    const imported = new Set<string>();
    for (const [path, locations] of this.#locations) {
      if (!isCustomOption(path)) continue;
      for (const location of locations) {
        const span = this.#text.spanOf(location);
        const text = this.#text.slice(span);
        const renamed = text.replace(/^(\(\s*)\.?([\w.]+)/, (whole, open: string, name: string) => {
          const option = [...shared.values()].find(
            ({ typeName }) => typeName === name || typeName.endsWith(`.${name}`),
          );
          if (option === undefined) return whole;
          imported.add(option.file.proto.name);
          return `${open}${option.typeName}`;
        });
        if (renamed !== text) this.#edits.push({ ...span, text: renamed });
      }
    }
    const [statement] = this.#locations.get("2") ?? [];
    if (imported.size === 0 || statement === undefined) return;
    const { end } = this.#text.spanOf(statement);
    const lines = [...imported]
      .filter((path) => path === this.#file.proto.name || !this.#file.proto.dependency.includes(path))
      .map((path) => `\nimport "${path}";`);
    this.#edits.push({ start: end, end, text: lines.join("") });
  }

  #renameIn(path: string): void {
    const [old, now] = [versionOf(this.#names.from), versionOf(this.#names.to)];
    const parents = this.#names.from.split(".").slice(0, -1);
    for (const location of this.#locations.get(path) ?? []) {
      const span = this.#text.spanOf(location);
      const written = this.#text.slice(span);
      // A dotted name that ends its package part in the version, with as much of the package before it as was written.
      const renamed = written.replace(/\.?[A-Za-z_][\w.]*/g, (name) => {
        const parts = name.replace(/^\./, "").split(".");
        const at = parts.findIndex((part, index) => part === old && isTail(parts.slice(0, index), parents));
        return at < 0 ? name : (name.startsWith(".") ? "." : "") + parts.with(at, now).join(".");
      });
      if (renamed !== written) this.#edits.push({ ...span, text: renamed });
    }
  }

  /** Strings of the file's options, such as `go_package`: they name the version after some name of their language. */
  #renameInOptions(): void {
    const [old, now] = [versionOf(this.#names.from), versionOf(this.#names.to)];
    const pattern = new RegExp(`(?<![0-9])${old}(?![0-9A-Za-z])`, "gi");
    for (const [path, locations] of this.#locations) {
      if (!/^8\.\d/.test(path)) continue;
      for (const location of locations) {
        const span = this.#text.spanOf(location);
        const text = this.#text.slice(span);
        const renamed = text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, (string) =>
          string.replace(pattern, (found) => (found[0] === "V" ? upper(now) : now)),
        );
        if (renamed !== text) this.#edits.push({ ...span, text: renamed });
      }
    }
  }

  #renameInComments(): void {
    const { from, to } = this.#names;
    for (const comment of this.#comments) {
      const text = this.#text.slice(comment);
      const renamed = text.replace(new RegExp(`(?<![\\w.])${from.replaceAll(".", "\\.")}(?![\\w])`, "g"), () => to);
      if (renamed !== text) this.#edits.push({ start: comment.start, end: comment.end, text: renamed });
    }
  }

  /** The old version is on its way out, and not what takes its place. */
  #removeDeprecation(): void {
    const statement = deprecationOf(this.#file, this.#text);
    if (statement === undefined || !this.#file.deprecated) return;
    this.#edits.push({ ...withComments(this.#text.text, statement, this.#comments), text: "" });
    this.left.push(`${this.#file.proto.name}: option deprecated`);
  }

  #remove(removed: ReadonlySet<Removable>): void {
    for (const desc of removed) {
      if (fileOf(desc) !== this.#file) continue;
      for (const location of this.#locations.get(sourcePathOf(desc).join(".")) ?? []) {
        this.#edits.push({ ...withComments(this.#text.text, this.#text.spanOf(location), this.#comments), text: "" });
      }
      this.left.push(nameOf(desc));
    }
  }

  /** `allow_alias` is an error where no number has two names any more. */
  #removeAliases(removed: ReadonlySet<Removable>): void {
    for (const type of nestedTypes(this.#file)) {
      if (type.kind !== "enum" || type.proto.options?.allowAlias !== true) continue;
      const numbers = type.values.filter((value) => !removed.has(value)).map(({ number }) => number);
      if (new Set(numbers).size < numbers.length) continue;
      for (const location of this.#locations.get(`${sourcePathOf(type).join(".")}.3.2`) ?? []) {
        this.#edits.push({ ...withComments(this.#text.text, this.#text.spanOf(location), []), text: "" });
      }
    }
  }

  /** A statement `extend` whose extensions are all shared: one of the package's own messages is in a statement of its own. */
  #removeExtensions(shared: ReadonlyMap<string, DescExtension>): void {
    for (const extension of shared.values()) {
      if (extension.file !== this.#file) continue;
      const path = sourcePathOf(extension).slice(0, -1).join(".");
      const own = (this.#locations.get(sourcePathOf(extension).join(".")) ?? []).map((each) => this.#text.spanOf(each));
      const statements = (this.#locations.get(path) ?? []).map((each) => this.#text.spanOf(each));
      for (const { start, end } of own) {
        const around = statements.find((each) => each.start <= start && each.end >= end);
        if (around !== undefined)
          this.#edits.push({ ...withComments(this.#text.text, around, this.#comments), text: "" });
      }
    }
  }

  #removeReserved(): void {
    for (const type of nestedTypes(this.#file)) {
      if (type.kind !== "message" && type.kind !== "enum") continue;
      const path = sourcePathOf(type).join(".");
      const numbers = type.kind === "message" ? [9, 10] : [4, 5];
      for (const location of numbers.flatMap((number) => this.#locations.get(`${path}.${number}`) ?? [])) {
        const span = this.#text.spanOf(location);
        const statement = this.#text.slice(span).replace(/\s+/g, " ").replace(/;$/, "");
        this.#edits.push({ ...withComments(this.#text.text, span, this.#comments), text: "" });
        this.left.push(`${type.typeName}: ${statement}`);
      }
    }
  }
}

function upper(version: string): string {
  return version.toUpperCase();
}

/** Whether some parts are the last of others. */
function isTail(parts: readonly string[], of: readonly string[]): boolean {
  return parts.length <= of.length && parts.every((part, index) => part === of[of.length - parts.length + index]);
}

function isCustomOption(path: string): boolean {
  return /\.(?:8|7|4|3)\.\d{4,}$/.test(path) || /^8\.\d{4,}$/.test(path);
}

function fileOf(desc: Removable): DescFile {
  switch (desc.kind) {
    case "message":
    case "enum":
      return desc.file;
    default:
      return desc.parent.file;
  }
}

function nameOf(desc: Removable): string {
  return desc.kind === "message" || desc.kind === "enum" ? desc.typeName : `${desc.parent.typeName}.${desc.name}`;
}
