import { isAbsolute, posix, relative, sep } from "node:path";
import { markedPackage } from "../core/package-json.ts";
import type { BufWorkspace } from "./buf.ts";
import { readPackagesFolder } from "./packages-folder.ts";

/**
 * The workspace without the copies of the schemas that the packages hold: where the packages stand in a module, buf
 * would read those too, and find all things twice.
 * @param place `root` and `out`, both absolute.
 */
export async function bufWorkspace({
  root,
  out,
}: {
  readonly root: string;
  readonly out: string;
}): Promise<BufWorkspace> {
  const { existing } = await readPackagesFolder(out);
  const folder = relative(root, out).replaceAll(sep, "/");
  if (folder.startsWith("../") || isAbsolute(folder)) return { root, exclude: [] };
  const generated = [...existing].filter(([, json]) => markedPackage(json) !== undefined);
  return { root, exclude: generated.map(([name]) => posix.join(folder, name, "proto")) };
}
