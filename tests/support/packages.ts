import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./cli.ts";

/** The repository's own packages, generated and by hand. They are built before the tests run. */
export const PACKAGES = join(REPOSITORY, "packages");

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly charter?: { readonly protoPackage?: string; readonly bridge?: object };
}

export interface BuiltPackage {
  readonly folder: string;
  readonly name: string;
  readonly generated: boolean;
  readonly manifest: Manifest;
  /** The keys of `exports` that are modules: `.`, `./server`. */
  readonly entries: readonly string[];
  /** The same as they are imported: `@bookstore/orders-v2/server`. */
  readonly specifiers: readonly string[];
}

export function builtPackages(): readonly BuiltPackage[] {
  return readdirSync(PACKAGES).map((folder) => {
    const manifest = JSON.parse(readFileSync(join(PACKAGES, folder, "package.json"), "utf8")) as Manifest;
    const entries = Object.keys(manifest.exports).filter((entry) => typeof manifest.exports[entry] === "object");
    return {
      folder,
      name: manifest.name,
      generated: manifest.charter?.protoPackage !== undefined,
      manifest,
      entries,
      specifiers: entries.map((entry) => manifest.name + entry.slice(1)),
    };
  });
}
