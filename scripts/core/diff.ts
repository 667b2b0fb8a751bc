import { type Break, type Change, worst } from "./change.ts";
import { diffDependents } from "./diff-dependents.ts";
import { diffEnum } from "./diff-enums.ts";
import { diffExtension, type ReplacementBreaks } from "./diff-fields.ts";
import { diffHistory } from "./diff-history.ts";
import { diffMessage } from "./diff-messages.ts";
import { diffService } from "./diff-services.ts";
import { collector, type Differ, diffOptions } from "./differ.ts";
import type { Position } from "./finding.ts";
import type { History } from "./history.ts";
import { judge } from "./judge.ts";
import { compare } from "./packages.ts";
import { type Given, NOTHING_GIVEN, type Pairing } from "./pair.ts";
import { pairPackages } from "./pair-packages.ts";
import type { TypePairing } from "./pair-types.ts";
import { ruleOf } from "./rules.ts";
import { type FieldType, type FileSchema, type PackageSchema, type Schema, typeOf } from "./schema.ts";

/**
 * Every difference between two schemas, judged: sorted by package, then the worst first, then by path.
 * The diff of a schema with itself is empty.
 * @param given what belongs together although nothing in the schemas says so.
 * @param histories what the packages of `before` remember of earlier releases, by name.
 */
export function diff(
  before: Schema,
  after: Schema,
  histories: ReadonlyMap<string, History> = new Map(),
  given: Given = NOTHING_GIVEN,
): readonly Change[] {
  const names = new Set([...before.packages.keys(), ...after.packages.keys()]);
  const { pairings, renames } = pairPackages(before, after, given);
  const replacement = replacementBreaks(before, after, renames);
  const differences = [...names].flatMap((name) => {
    const differ = collector(name, renames, histories.get(name), given);
    const [old, now, pairing] = [before.packages.get(name), after.packages.get(name), pairings.get(name)];
    if (old !== undefined && now !== undefined && pairing !== undefined) {
      diffPackage(differ, old, now, pairing, replacement);
    } else if (old !== undefined) differ.report("package-removed", name, name, "", old.files[0]?.position);
    else if (now !== undefined) differ.report("package-added", name, "", name, now.files[0]?.position);
    return differ.found;
  });
  const own = differences.map(judge);
  return [...own, ...diffDependents(before, after, own)].sort(inOrder);
}

/** By package, then the worst first, then by path. */
export function inOrder(a: Change, b: Change): number {
  if (a.package !== b.package) return compare(a.package, b.package);
  if (a.bump !== b.bump) return worst([a.bump, b.bump]) === a.bump ? -1 : 1;
  return compare(`${a.path} ${a.rule}`, `${b.path} ${b.rule}`);
}

/** What messages, enums and services have in common; extensions too. */
interface Type {
  readonly path: string;
  readonly file: string;
  readonly position: Position;
}

function diffPackage(
  differ: Differ,
  before: PackageSchema,
  after: PackageSchema,
  pairing: TypePairing,
  replacement: ReplacementBreaks,
): void {
  const { messages, enums, services, carried } = pairing;
  const kinds: readonly (readonly [kind: string, types: Pairing<Type>])[] = [
    ["message", messages],
    ["enum", enums],
    ["service", services],
  ];
  for (const [kind, { pairs, removed, added }] of kinds) {
    for (const [old, now] of pairs) {
      if (old.path !== now.path && !carried.has(old.path)) {
        differ.report(`${kind}-renamed`, old.path, old.path, now.path, now.position);
      }
      if (old.file !== now.file) differ.report(`${kind}-moved`, old.path, old.file, now.file, now.position);
    }
    for (const type of outermost(removed)) differ.report(`${kind}-removed`, type.path, type.path, "", type.position);
    for (const type of outermost(added)) differ.report(`${kind}-added`, type.path, "", type.path, type.position);
  }
  for (const [old, now] of messages.pairs) diffMessage(differ, old, now, replacement);
  for (const [old, now] of enums.pairs) diffEnum(differ, old, now);
  for (const [old, now] of services.pairs) diffService(differ, old, now);
  diffHistory(differ, before, after, pairing);
  diffFiles(differ, before, after, [
    ...kinds.flatMap(([, { pairs }]) => pairs),
    ...diffExtensions(differ, before, after),
  ]);
}

/** A type that is declared in another of the list goes and comes with it. */
function outermost(types: readonly Type[]): readonly Type[] {
  const paths = new Set(types.map(({ path }) => path));
  return types.filter(({ path }) => !paths.has(path.slice(0, path.lastIndexOf("."))));
}

/** @returns those that are on both sides. */
function diffExtensions(
  differ: Differ,
  before: PackageSchema,
  after: PackageSchema,
): readonly (readonly [before: Type, after: Type])[] {
  const pairs: (readonly [before: Type, after: Type])[] = [];
  for (const [path, old] of before.extensions) {
    const now = after.extensions.get(path);
    if (now === undefined) {
      differ.report("extension-removed", path, path, "", old.position);
      continue;
    }
    diffExtension(differ, old, now);
    const [from, to] = [old.position.file, now.position.file];
    if (from !== to) differ.report("extension-moved", path, from, to, now.position);
    pairs.push([
      { ...old, file: from },
      { ...now, file: to },
    ]);
  }
  for (const [path, now] of after.extensions) {
    if (!before.extensions.has(path)) differ.report("extension-added", path, "", path, now.position);
  }
  return pairs;
}

function diffFiles(
  differ: Differ,
  before: PackageSchema,
  after: PackageSchema,
  types: readonly (readonly [before: Type, after: Type])[],
): void {
  const now = new Map(after.files.map((file) => [file.path, file]));
  const old = new Map(before.files.map((file) => [file.path, file]));
  for (const file of before.files) {
    const same = now.get(file.path);
    if (same === undefined) {
      differ.report("file-removed", file.path, file.path, "", file.position);
      continue;
    }
    if (file.syntax !== same.syntax) {
      differ.report("file-syntax-changed", file.path, file.syntax, same.syntax, same.position);
    }
    diffOptions(differ, "file", file, same);
    const [gave, gives] = [givenFiles(file, old), givenFiles(same, now)];
    // What others get by importing the path: of what is on both sides, and of other packages whole files.
    const lost = types.filter(([from, to]) => gave.has(from.file) && !gives.has(to.file)).map(([type]) => type.path);
    const won = types.filter(([from, to]) => !gave.has(from.file) && gives.has(to.file)).map(([, type]) => type.path);
    const foreign = (files: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] =>
      [...files].filter((path) => !others.has(path) && !old.has(path) && !now.has(path));
    const [less, more] = [
      [...lost, ...foreign(gave, gives)],
      [...won, ...foreign(gives, gave)],
    ];
    if (less.length > 0) differ.report("file-unforwarded", file.path, less.sort().join(", "), "", same.position);
    if (more.length > 0) differ.report("file-forwarded", file.path, "", more.sort().join(", "), same.position);
  }
  for (const file of after.files) {
    if (!old.has(file.path)) differ.report("file-added", file.path, "", file.path, file.position);
  }
}

/** The files whose types one gives to those that import it: itself, and what it forwards, through others too. */
function givenFiles(file: FileSchema, files: ReadonlyMap<string, FileSchema>): ReadonlySet<string> {
  const found = new Set([file.path]);
  const visit = (paths: readonly string[]): void => {
    for (const path of paths) {
      if (found.has(path)) continue;
      found.add(path);
      visit(files.get(path)?.publicImports ?? []);
    }
  };
  visit(file.publicImports);
  return found;
}

/** What breaks on the wire and in JSON when a field refers to another message or enum: what their difference breaks. */
function replacementBreaks(before: Schema, after: Schema, renames: ReadonlyMap<string, string>): ReplacementBreaks {
  const underWay = new Set<string>();
  const compareTypes = (old: FieldType, now: FieldType): readonly Break[] => {
    const key = `${old.name} ${now.name}`;
    // A type that refers to itself adds nothing that its other fields do not.
    if (underWay.has(key)) return [];
    const [from, to] = [typeOf(before, old.name), typeOf(after, now.name)];
    // A well-known type is in no package here.
    if (from === undefined || to === undefined) return old.name === now.name ? [] : ["wire", "json"];
    underWay.add(key);
    const differ = collector("", renames);
    if ("fields" in from && "fields" in to) diffMessage(differ, from, to, compareTypes);
    else if ("values" in from && "values" in to) diffEnum(differ, from, to);
    underWay.delete(key);
    return [...new Set(differ.found.flatMap(({ rule }) => ruleOf(rule).breaks))];
  };
  return compareTypes;
}
