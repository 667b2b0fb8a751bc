import { type Given, NOTHING_GIVEN } from "./pair.ts";
import { pairTypes, type TypePairing } from "./pair-types.ts";
import type { Schema } from "./schema.ts";

/** The types of all packages that are on both sides. */
export interface PackagePairing {
  /** By package. */
  readonly pairings: ReadonlyMap<string, TypePairing>;
  /** Old full name → new one, for every type that has another one now. */
  readonly renames: ReadonlyMap<string, string>;
}

export function pairPackages(before: Schema, after: Schema, given: Given = NOTHING_GIVEN): PackagePairing {
  const pairings = new Map<string, TypePairing>();
  const renames = new Map<string, string>();
  for (const [name, old] of before.packages) {
    const now = after.packages.get(name);
    if (now === undefined) continue;
    const pairing = pairTypes(old, now, given);
    pairings.set(name, pairing);
    for (const [from, to] of pairing.renames) renames.set(from, to);
  }
  return { pairings, renames };
}
