import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkFolders, checkRedefinitions } from "../core/check-packages.ts";
import { type Finding, FindingsError, finding } from "../core/finding.ts";
import { type Image, importedFiles, readImage } from "../core/image.ts";
import { datesByName } from "../core/lifecycle-dates.ts";
import { type Generator, loadGenerator } from "../core/sources.ts";
import { isWellKnownPath } from "../core/well-known-types.ts";
import { type BufWorkspace, buildImage, exportSources, listProtoFiles, type ProtoFile } from "../io/buf.ts";
import { bufWorkspace } from "../io/buf-workspace.ts";
import { readLifecycle } from "../io/lifecycle-yaml.ts";
import { readProtoTree } from "../io/proto-tree.ts";
import type { Workspace } from "./command.ts";

export interface Schemas {
  readonly image: Image;
  readonly generator: Generator;
  /** The text of every `.proto` file but the well-known ones, by import path. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
}

/** The compiled workspace, before anything is asked of it. */
export interface LoadedImage {
  readonly image: Image;
  /** The files that are only there because others import them. */
  readonly imported: ReadonlySet<string>;
  readonly input: BufWorkspace;
  readonly files: readonly ProtoFile[];
  readonly sources: ReadonlyMap<string, Uint8Array>;
}

/** Compiles the workspace. @throws FindingsError with what keeps it from being read. */
export async function loadImage(workspace: Pick<Workspace, "root" | "out">): Promise<LoadedImage> {
  const input = await bufWorkspace(workspace);
  const files = await listProtoFiles(input);
  const { sources, findings } = await readProtoTree(workspace.root, files);
  const listed = files.map((file) => ({ name: file.importPath }));
  const redefined = located(checkRedefinitions(listed, new Set()), files);
  const unfinished = unfinishedFolders(files).map((file) => finding("scaffold-unfinished", {}, { file }));
  const unusable = [...findings, ...redefined, ...unfinished];
  if (unusable.length > 0) throw new FindingsError(unusable, 2);
  const bytes = await buildImage(input);
  return { image: readImage(bytes), imported: importedFiles(bytes), input, files, sources };
}

/** Folders of schemas that a killed command was about to rename: buf would read what is in them. */
export function unfinishedFolders(files: readonly { readonly path: string }[]): readonly string[] {
  return [...new Set(files.flatMap(({ path }) => /^.*?\.charter-tmp(?=\/)/.exec(path)?.[0] ?? []))];
}

/** Compiles and checks the workspace. @throws FindingsError with all findings; nothing has been written by then. */
export async function loadSchemas(workspace: Workspace): Promise<Schemas> {
  const { config } = workspace;
  const { image, imported, input, files, sources } = await loadImage(workspace);
  const lifecycle = await readLifecycle(workspace.root);
  const generator = loadGenerator(image, config, datesByName(lifecycle.file));
  const own = image.files.filter((file) => sources.has(file.proto.name));
  const all = [...(config.matchFolders ? checkFolders(own) : []), ...generator.findings, ...lifecycle.findings];
  if (all.length > 0) throw new FindingsError(located(all, files), 2);
  const fromElsewhere = image.files.some((file) => imported.has(file.proto.name) && !isWellKnownPath(file.proto.name));
  return { image, generator, sources: fromElsewhere ? await withImports(input, sources) : sources };
}

async function withImports(
  input: BufWorkspace,
  own: ReadonlyMap<string, Uint8Array>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const exported = await exportSources(input);
  return new Map([...exported, ...own]);
}

/** Findings name a file as others import it; a person wants the path. */
function located(findings: readonly Finding[], files: readonly ProtoFile[]): readonly Finding[] {
  const paths = new Map(files.map((file) => [file.importPath, file.path]));
  return findings.map((each) => {
    const path = each.position === undefined ? undefined : paths.get(each.position.file);
    return each.position === undefined || path === undefined
      ? each
      : { ...each, position: { ...each.position, file: path } };
  });
}

/** The ranges under which generated packages depend on what is not in the repository: those that Charter is tested with. */
export async function externalRanges(): Promise<{ readonly protobuf: string }> {
  const text = await readFile(join(import.meta.dirname, "..", "..", "package.json"), "utf8");
  const json: { devDependencies: Record<string, string> } = JSON.parse(text);
  return { protobuf: `^${json.devDependencies["@bufbuild/protobuf"]}` };
}
