import type { ReadonlyMetadata } from "./metadata.ts";

// By the trailers of the call, which stay the same object however often an interceptor copies its reply.
const known = new WeakMap<ReadonlyMetadata, number>();

/** Notes how often the call with these trailers was tried. */
export function noteAttempts(trailer: ReadonlyMetadata, attempts: number): void {
  known.set(trailer, attempts);
}

/** How often the call with these trailers was tried: 1 unless it was noted. */
export function attemptsOf(trailer: ReadonlyMetadata): number {
  return known.get(trailer) ?? 1;
}
