import type { PackageSchema, Schema } from "./schema.ts";

/** Where the schema of a package came from that it is compared with. */
export interface BaselineSource {
  /** none: the package is new, or the baseline does not have it. */
  readonly kind: "npm" | "git" | "folder" | "image" | "none";
  /** `@bookstore/orders-v2@1.2.0`, `main at 1a2b3c4d5e`, `../old`; empty for none. */
  readonly from: string;
}

export const NO_SOURCE: BaselineSource = { kind: "none", from: "" };

/** A package as it was. */
export interface BaselinePackage {
  readonly schema: PackageSchema;
  readonly source: BaselineSource;
}

/** What the schemas are compared with: each package as it was, each from its own place. */
export interface Baseline {
  /** Proto package → what it was. What is not here is new. */
  readonly packages: ReadonlyMap<string, BaselinePackage>;
  /** The only package that was asked for; undefined: all. */
  readonly only: string | undefined;
}

/** All packages of one image, from one place. */
export function baselineOf({ packages }: Schema, source: BaselineSource): Baseline {
  const entries = [...packages].map(([name, schema]) => [name, { schema, source }] as const);
  return { packages: new Map(entries), only: undefined };
}

/** The baseline as one side of the diff. */
export function baselineSchema({ packages }: Baseline): Schema {
  const names = [...packages.keys()].sort();
  return { packages: new Map(names.flatMap((name) => entryOf(packages, name))) };
}

function entryOf(packages: Baseline["packages"], name: string): [string, PackageSchema][] {
  const found = packages.get(name);
  return found === undefined ? [] : [[name, found.schema]];
}
