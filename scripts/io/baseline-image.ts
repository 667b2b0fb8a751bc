import { isAbsolute, join, relative } from "node:path";
import type { BaselineSchemas } from "../core/baseline.ts";
import { FindingsError, finding, usageError } from "../core/finding.ts";
import { readImage } from "../core/image.ts";
import { renderFinding } from "../core/messages.ts";
import { readAhead, readSchema } from "../core/read-schema.ts";
import { buildImage, listProtoFiles } from "./buf.ts";
import { bufWorkspace } from "./buf-workspace.ts";
import { readHistories } from "./history-files.ts";

/** Where the workspace stands, whose baseline is read. Both absolute. */
export interface Place {
  readonly root: string;
  readonly out: string;
  /** What there is to do while buf compiles the baseline. Told its files, as they import each other. */
  readonly meanwhile?: (importPaths: ReadonlySet<string>) => void;
}

/**
 * Compiles a folder that is a baseline.
 * @param label what the findings call it.
 * @throws FindingsError with what is wrong in it: its files are not those that a person has open.
 */
export async function readFolder(folder: string, place: Place, label: string): Promise<BaselineSchemas> {
  try {
    const workspace = await bufWorkspace({ root: folder, out: packagesIn(folder, place) });
    const files = await listProtoFiles(workspace);
    if (files.length === 0) throw usageError("baseline-empty", { baseline: label });
    const meanwhile = (): void => place.meanwhile?.(new Set(files.map(({ importPath }) => importPath)));
    const image = readImage(await buildImage(workspace, meanwhile));
    const histories = await readHistories(packagesIn(folder, place), label);
    return { image, schema: readSchema(image), histories };
  } catch (error) {
    if (error instanceof FindingsError) throw inBaseline(error, label);
    throw error;
  }
}

/** Reads an image that somebody else wrote. @returns `reason` when it is none, or has nothing but what protoc brings. */
export function readBaselineImage(bytes: Uint8Array): BaselineSchemas | { readonly reason: string } {
  try {
    const image = readImage(bytes);
    const schema = readSchema(image);
    // Now, that is, where it can be told.
    readAhead(schema);
    return schema.packages.size === 0 ? { reason: "it has no schemas" } : { image, schema };
  } catch (error) {
    // Whatever does not link is no image of schemas that compile, and protobuf-es tells by all kinds of errors.
    const [told] = error instanceof FindingsError ? error.findings : [];
    return { reason: told?.args["reason"] ?? (error instanceof Error ? error.message : String(error)) };
  }
}

/** The packages stand in the baseline where they stand now. */
function packagesIn(folder: string, { root, out }: Place): string {
  const path = relative(root, out);
  return path.startsWith("..") || isAbsolute(path) ? out : join(folder, path);
}

const OWN = ["baseline-empty", "baseline-history", "buf-missing"];

function inBaseline({ findings, exitCode }: FindingsError, baseline: string): FindingsError {
  const wrapped = findings.map((each) => {
    if (OWN.includes(each.code)) return each;
    if (each.code === "no-proto-files") return finding("baseline-empty", { baseline });
    const { file = "", line, column } = each.position ?? {};
    const place = [file, line, column].filter((part) => part !== undefined && part !== "").join(":");
    const what = renderFinding(each).what.replace(/\.$/, "");
    return finding("baseline-broken", { baseline, reason: place === "" ? what : `${place}: ${what}` });
  });
  return new FindingsError(wrapped, exitCode);
}
