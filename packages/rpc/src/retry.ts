import { Code, type CodeName } from "./code.ts";
import { retryDelayOf } from "./details.ts";
import type { ReadonlyMetadata } from "./metadata.ts";
import { checkKeys, nearest } from "./nearest.ts";

/** How a failed call is repeated. What is left out has its default. */
export interface RetryOptions {
  /** How often a call is tried at most, the first try included. Default 4; an integer from 1 on, 1 is no retry. */
  readonly attempts?: number | undefined;
  /** Milliseconds: the first wait is a random part of it. Default 100. */
  readonly initialBackoff?: number | undefined;
  /** Milliseconds: no wait is longer, unless the server asks for it. Default 5000. */
  readonly maxBackoff?: number | undefined;
  /** Each further wait is a random part of so many times the one before. Default 2; at least 1. */
  readonly multiplier?: number | undefined;
  /** The codes that are worth another try. Default `["UNAVAILABLE"]`. */
  readonly codes?: readonly CodeName[] | undefined;
}

/** Retry options, checked and complete. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly initialBackoff: number;
  readonly maxBackoff: number;
  readonly multiplier: number;
  readonly codes: ReadonlySet<number>;
}

const keys: readonly (keyof RetryOptions)[] = ["attempts", "initialBackoff", "maxBackoff", "multiplier", "codes"];

export const DEFAULT_POLICY: RetryPolicy = {
  attempts: 4,
  initialBackoff: 100,
  maxBackoff: 5000,
  multiplier: 2,
  codes: new Set([Code.UNAVAILABLE]),
};

function atLeast(least: number, value: number, name: keyof RetryOptions): number {
  if (typeof value !== "number" || !(value >= least)) {
    throw new TypeError(`retry.${name} must be a number from ${least} on, not ${String(value)}`);
  }
  return value;
}

function codeOf(name: CodeName): number {
  const code = Object.hasOwn(Code, name) ? Code[name] : undefined;
  if (code === undefined || code === Code.OK) {
    const meant = nearest(String(name), Object.keys(Code).slice(1)) ?? "UNAVAILABLE";
    throw new TypeError(`retry.codes has ${JSON.stringify(name)}, which is no code of a failure: try "${meant}"`);
  }
  return code;
}

/** Checks a `retry` option. `false` gives undefined: no retries. @throws TypeError that names what is wrong. */
export function resolveRetry(retry: boolean | RetryOptions): RetryPolicy | undefined {
  if (typeof retry === "boolean") {
    return retry ? DEFAULT_POLICY : undefined;
  }
  if (typeof retry !== "object" || retry === null) {
    throw new TypeError(`retry must be true, false or an object such as { attempts: 3 }, not ${String(retry)}`);
  }
  checkKeys(retry, keys, "retry");
  const attempts = atLeast(1, retry.attempts ?? DEFAULT_POLICY.attempts, "attempts");
  if (!Number.isInteger(attempts)) {
    throw new TypeError(`retry.attempts must be an integer, not ${attempts}`);
  }
  return attempts === 1
    ? undefined
    : {
        attempts,
        initialBackoff: atLeast(0, retry.initialBackoff ?? DEFAULT_POLICY.initialBackoff, "initialBackoff"),
        maxBackoff: atLeast(0, retry.maxBackoff ?? DEFAULT_POLICY.maxBackoff, "maxBackoff"),
        multiplier: atLeast(1, retry.multiplier ?? DEFAULT_POLICY.multiplier, "multiplier"),
        codes: retry.codes === undefined ? DEFAULT_POLICY.codes : new Set(retry.codes.map(codeOf)),
      };
}

/**
 * Milliseconds to wait after a failed try, undefined when the server forbids another.
 *
 * A random part of a span that grows from try to try ("full jitter"), so that clients that failed together do not
 * come back together. The server's `grpc-retry-pushback-ms` is taken as it is, RetryInfo's delay as the least.
 * @param tries how many there were, the failed one included.
 */
export function backoff(policy: RetryPolicy, tries: number, trailers: ReadonlyMetadata): number | undefined {
  const pushback = trailers.get("grpc-retry-pushback-ms");
  if (pushback !== undefined) {
    return /^\d+$/.test(pushback) ? Number(pushback) : undefined;
  }
  const span = Math.min(policy.initialBackoff * policy.multiplier ** (tries - 1), policy.maxBackoff);
  return Math.max(retryDelayOf(trailers) ?? 0, 0) + Math.random() * span;
}

const MAX_TOKENS = 10;
const TOKENS_BACK = 0.1;

/**
 * How many retries a channel has left, as gRPC's proposal A6 has it: each failure takes one token of ten, each success
 * gives a tenth back, and there are no retries while half or less is left. So a server that is down gets about as many
 * calls as without retries.
 */
export class RetryBudget {
  #tokens = MAX_TOKENS;

  /** False while calls must not be repeated. */
  get open(): boolean {
    return this.#tokens > MAX_TOKENS / 2;
  }

  failed(): void {
    this.#tokens = Math.max(this.#tokens - 1, 0);
  }

  succeeded(): void {
    this.#tokens = Math.min(this.#tokens + TOKENS_BACK, MAX_TOKENS);
  }
}
