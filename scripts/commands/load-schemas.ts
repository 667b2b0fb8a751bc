import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { checkFolders, checkRedefinitions } from "../core/check-packages.ts";
import { type Finding, FindingsError, finding } from "../core/finding.ts";
import { type Image, importedFiles, readImage } from "../core/image.ts";
import { markedPackage } from "../core/package-json.ts";
import { type Generator, loadGenerator } from "../core/sources.ts";
import { isWellKnownPath } from "../core/well-known-types.ts";
import { buildImage, exportSources, listProtoFiles, type ProtoFile } from "../io/buf.ts";
import { readPackagesFolder } from "../io/packages-folder.ts";
import { readProtoTree } from "../io/proto-tree.ts";
import type { Workspace } from "./command.ts";

export interface Schemas {
  readonly image: Image;
  readonly generator: Generator;
  /** The text of every `.proto` file but the well-known ones, by import path. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
}

/** Compiles and checks the workspace. @throws FindingsError with all findings; nothing has been written by then. */
export async function loadSchemas({ root, out, config }: Workspace): Promise<Schemas> {
  const files = await listProtoFiles(root);
  const { sources, findings } = await readProtoTree(root, files);
  const listed = files.map((file) => ({ name: file.importPath }));
  const redefined = located(checkRedefinitions(listed, new Set()), files);
  const unusable = [...findings, ...redefined, ...(await checkCopies({ root, out, config }, files))];
  if (unusable.length > 0) throw new FindingsError(unusable, 2);
  const bytes = await buildImage(root);
  const imported = importedFiles(bytes);
  const image = readImage(bytes);
  const generator = loadGenerator(image, config);
  const own = image.files.filter((file) => sources.has(file.proto.name));
  const all = [...(config.matchFolders ? checkFolders(own) : []), ...generator.findings];
  if (all.length > 0) throw new FindingsError(located(all, files), 2);
  const fromElsewhere = image.files.some((file) => imported.has(file.proto.name) && !isWellKnownPath(file.proto.name));
  return { image, generator, sources: fromElsewhere ? await withImports(root, sources) : sources };
}

/** When the packages stand in a module, buf reads the copies of the schemas in them too, and finds all things twice. */
async function checkCopies({ root, out }: Workspace, files: readonly ProtoFile[]): Promise<readonly Finding[]> {
  const prefix = `${relative(root, out).replaceAll(sep, "/")}/`;
  const inOut = files.filter(({ path }) => path.startsWith(prefix));
  if (inOut.length === 0) return [];
  const { existing } = await readPackagesFolder(out);
  const copy = inOut.find(({ path }) => {
    const [folder = "", own] = path.slice(prefix.length).split("/");
    const json = existing.get(folder);
    return own === "proto" && json !== undefined && markedPackage(json) !== undefined;
  });
  return copy === undefined ? [] : [finding("copies-in-module", { out: prefix.slice(0, -1) }, { file: copy.path })];
}

async function withImports(
  root: string,
  own: ReadonlyMap<string, Uint8Array>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const exported = await exportSources(root);
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
