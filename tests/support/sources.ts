import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** The files below a folder with an ending, as paths from it with `/`, sorted. */
export function listSources(folder: string, ending: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}
