import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { invalid } from "./invalid.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Says where the next page begins, and of which query it is one. */
export function writePageToken(start: number, query: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([start, digestOf(query), Date.now()])).toString("base64url");
}

/** @returns 0 for the first page. @throws RpcError for a token that is damaged, a day old, or of another query. */
export function readPageToken(token: string, query: readonly unknown[]): number {
  if (token === "") return 0;
  const [start, digest, time] = parse(token);
  if (typeof start !== "number" || typeof time !== "number" || !Number.isSafeInteger(start) || start < 0) {
    throw invalid("page_token", "is damaged");
  }
  if (digest !== digestOf(query)) throw invalid("page_token", "was issued for another query");
  if (Date.now() - time > DAY_MS) throw invalid("page_token", "is older than a day");
  return start;
}

function parse(token: string): readonly unknown[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

function digestOf(query: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(query)).digest("base64url").slice(0, 16);
}

/** @returns the number of items in a page. */
export function readPageSize(size: number, most: number): number {
  if (size < 0 || size > most) throw invalid("page_size", `is ${size}, not from 0 to ${most}`);
  return size === 0 ? 50 : size;
}
