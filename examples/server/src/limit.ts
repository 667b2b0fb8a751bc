import { RpcError } from "@bookstore/rpc";

/** The number of books to return, as both versions of the API have it: from 1 to 100, 0 means 10. */
export function readLimit(limit: number): number {
  if (limit < 0 || limit > 100) throw new RpcError("INVALID_ARGUMENT", `limit is ${limit}, not from 0 to 100`);
  return limit === 0 ? 10 : limit;
}
