import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./cli.ts";

/** The repository's own packages, generated and by hand. They are built before the tests run. */
export const PACKAGES = join(REPOSITORY, "packages");

export interface BuiltPackage {
  readonly folder: string;
  readonly name: string;
  readonly generated: boolean;
  readonly dependencies: readonly string[];
  /** The keys of `exports` that are modules: `.`, `./server`. */
  readonly entries: readonly string[];
}

export function builtPackages(): readonly BuiltPackage[] {
  return readdirSync(PACKAGES).map((folder) => {
    const json = JSON.parse(readFileSync(join(PACKAGES, folder, "package.json"), "utf8")) as {
      name: string;
      dependencies: Record<string, string>;
      exports: Record<string, unknown>;
      charter?: { protoPackage?: string };
    };
    return {
      folder,
      name: json.name,
      generated: json.charter?.protoPackage !== undefined,
      dependencies: Object.keys(json.dependencies).sort(),
      entries: Object.keys(json.exports).filter((entry) => typeof json.exports[entry] === "object"),
    };
  });
}
