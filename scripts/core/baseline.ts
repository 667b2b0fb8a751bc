import { type History, NO_HISTORY } from "./history.ts";
import type { Image } from "./image.ts";
import type { PackageSchema, Schema } from "./schema.ts";

/** Where the schema of a package came from that it is compared with. */
export interface BaselineSource {
  /** none: the package is new, or the baseline does not have it. */
  readonly kind: "npm" | "git" | "folder" | "image" | "version" | "none";
  /** `@bookstore/orders-v2@1.2.0`, `main at 1a2b3c4d5e`, `../old`, `bookstore.orders.v1`; empty for none. */
  readonly from: string;
}

export const NO_SOURCE: BaselineSource = { kind: "none", from: "" };

/** A package as it was. */
export interface BaselinePackage {
  readonly schema: PackageSchema;
  /** What the schema was read from: it and all that it imports. */
  readonly image: Image;
  readonly source: BaselineSource;
  /** What was published of it, by path. undefined: it was read from schemas alone. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** What it remembers of the releases before. undefined: an image does not say. */
  readonly history?: History;
}

/** What the schemas are compared with: each package as it was, each from its own place. */
export interface Baseline {
  /** Proto package → what it was. What is not here is new. */
  readonly packages: ReadonlyMap<string, BaselinePackage>;
  /** The only package that was asked for; undefined: all. */
  readonly only: string | undefined;
  /** The package by hand that all clients import, where it was published. */
  readonly runtime?: Pick<BaselinePackage, "source" | "files">;
}

/** An image, and what the diff sees of it. */
export interface BaselineSchemas {
  readonly image: Image;
  readonly schema: Schema;
  /** By package. undefined: nobody can tell. */
  readonly histories?: ReadonlyMap<string, History>;
}

/** All packages of one image, from one place. */
export function baselineOf({ schema, image, histories }: BaselineSchemas, source: BaselineSource): Baseline {
  const entries = [...schema.packages].map(([name, own]): [string, BaselinePackage] => {
    const known = histories === undefined ? {} : { history: histories.get(name) ?? NO_HISTORY };
    return [name, { schema: own, image, source, ...known }];
  });
  return { packages: new Map(entries), only: undefined };
}

/** What the packages of the baseline remember, where that is known. */
export function baselineHistories({ packages }: Baseline): ReadonlyMap<string, History> {
  return new Map([...packages].flatMap(([name, { history }]) => (history === undefined ? [] : [[name, history]])));
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
