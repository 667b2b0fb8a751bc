import type { Difference } from "./change.ts";

/** FNV-1a over what changed and nothing else, cut to 12 hexadecimal digits. */
export function fingerprintOf({ rule, path, before, after }: Difference): string {
  return fnv1a(new TextEncoder().encode([rule, path, before, after].join("\u0000"))).slice(0, 12);
}

/**
 * FNV-1a of 64 bits, as 16 hexadecimal digits. In two halves, for a tree has 10^4 changes and comments of 10^3 bytes:
 * BigInt takes ten times as long.
 */
export function fnv1a(bytes: Uint8Array): string {
  // The offset basis, 0xcbf29ce484222325.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    // The prime is 2^40 + 0x1b3: the low half by 0x1b3, with its carry, and the low half again, 40 bits up.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return [high, low].map((half) => half.toString(16).padStart(8, "0")).join("");
}
