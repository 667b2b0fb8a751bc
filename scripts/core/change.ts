import type { Position } from "./finding.ts";

/** What a change does to somebody who uses the schema as it was. */
export type Break = "wire" | "json" | "source";

export type Bump = "none" | "patch" | "minor" | "major";

/** Ordered: a greater one includes what a smaller one promises. */
export const BUMPS: readonly Bump[] = ["none", "patch", "minor", "major"];

export function worse(a: Bump, b: Bump): Bump {
  return BUMPS.indexOf(a) > BUMPS.indexOf(b) ? a : b;
}

export function worst(bumps: Iterable<Bump>): Bump {
  let result: Bump = "none";
  for (const each of bumps) result = worse(result, each);
  return result;
}

/**
 * One difference between two schemas, before anybody has judged it: what differ.ts finds.
 * `before` and `after` are the texts that a person would compare, empty where there is nothing.
 */
export interface Difference {
  /** A row of rules.ts. */
  readonly rule: string;
  /** The proto package to which the change belongs: where it is now, or was. */
  readonly package: string;
  /** The full name of what changed, as it was, or as it is when it is new: `bookstore.orders.v2.Order.order_id`. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** In the new schema; in the old one for what is gone. */
  readonly position: Position | undefined;
}

/** A difference with its verdict. */
export interface Change extends Difference {
  readonly breaks: readonly Break[];
  readonly bump: Bump;
  /**
   * Depends on the rule, the path, and the two texts, and on nothing else: neither on the place in the file, nor on
   * other changes, nor on the commit. 12 hexadecimal digits.
   */
  readonly fingerprint: string;
}
