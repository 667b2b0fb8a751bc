import type { DescExtension, DescFile } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { type Deprecation, deprecateText } from "./deprecate-text.ts";
import { type LeftBehind, planLeaving } from "./leave-behind.ts";
import { commentsOf, ProtoText } from "./proto-text.ts";
import { newPath, Rewriting, type VersionNames, versionOf } from "./rewrite-version.ts";

/** What a new version would be made of. */
export interface VersionPlan {
  readonly files: readonly { readonly importPath: string; readonly content: string }[];
  /** Full names of what the old version has and the new one has not: deprecated elements, and `reserved 8` of a message. */
  readonly left: readonly string[];
  readonly kept: LeftBehind["kept"];
  /** Places of the new files whose comments speak of a version: only a person knows what they mean. */
  readonly toRead: readonly { readonly importPath: string; readonly line: number; readonly text: string }[];
}

/**
 * The files of a package in a new version: its name in the package statement, the imports, all references, options and
 * comments; without what was reserved or deprecated.
 * @param files of the package `from`, with source info.
 * @param texts by import path.
 */
export function planVersion(
  files: readonly DescFile[],
  texts: ReadonlyMap<string, string>,
  names: VersionNames,
): VersionPlan {
  const leaving = planLeaving(files);
  const shared = new Map(files.flatMap((file) => sharedExtensions(file).map((each) => [each.typeName, each] as const)));
  // One that declares nothing else has no counterpart.
  const copied = files.filter(
    (file) => shared.size === 0 || [...nestedTypes(file)].some((type) => !shared.has(type.typeName)),
  );
  const own = new Set(copied.map((file) => file.proto.name));
  const left: string[] = [...shared.values()].map(
    ({ typeName }) => `${typeName}: an option has one number, and stays where it is`,
  );
  const written = copied.map((file) => {
    const text = new ProtoText(texts.get(file.proto.name) ?? "");
    const rewriting = new Rewriting(file, text, names, { own, leaving, shared });
    left.push(...rewriting.left);
    return { importPath: newPath(file.proto.name, names), content: rewriting.content() };
  });
  return {
    files: written,
    left: left.sort(),
    kept: leaving.kept,
    toRead: written.flatMap((each) => mentions(each, names)),
  };
}

/** The old files, on their way out. @param files of one package, with source info. @param texts by import path. */
export function planDeprecation(
  files: readonly DescFile[],
  texts: ReadonlyMap<string, string>,
): readonly (Deprecation & { readonly importPath: string })[] {
  return files.flatMap((file) => {
    const text = texts.get(file.proto.name);
    return text === undefined ? [] : [{ importPath: file.proto.name, ...deprecateText(file, text) }];
  });
}

/** Extensions of what is not the package's own, options most often: a second one could not have the same number. */
function sharedExtensions(file: DescFile): readonly DescExtension[] {
  return [...nestedTypes(file)].filter(
    (type) => type.kind === "extension" && type.extendee.file.proto.package !== file.proto.package,
  ) as DescExtension[];
}

function mentions(
  { importPath, content }: { readonly importPath: string; readonly content: string },
  { from }: VersionNames,
): VersionPlan["toRead"] {
  const version = versionOf(from);
  const number = version.replace(/^v/, "");
  const pattern = new RegExp(`\\b(?:${version}|version ${number})\\b`, "i");
  const text = new ProtoText(content);
  return commentsOf(content).flatMap((comment) => {
    const written = text.slice(comment);
    return pattern.test(written) ? [{ importPath, line: text.lineOf(comment.start), text: written.trim() }] : [];
  });
}
