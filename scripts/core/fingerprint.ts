import type { Difference } from "./change.ts";

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/** FNV-1a over what changed and nothing else, cut to 12 hexadecimal digits. */
export function fingerprintOf({ rule, path, before, after }: Difference): string {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode([rule, path, before, after].join("\u0000"))) {
    hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  }
  return hash.toString(16).padStart(16, "0").slice(0, 12);
}
