import type { Signal } from "./abort.ts";
import type { Credentials } from "./credentials.ts";
import type { OnDeprecated } from "./deprecation.ts";
import type { Interceptor } from "./interceptor.ts";
import { Metadata, type MetadataInit, type ReadonlyMetadata } from "./metadata.ts";
import type { Method } from "./method.ts";
import { checkKeys } from "./nearest.ts";
import { type RetryOptions, type RetryPolicy, resolveRetry } from "./retry.ts";
import { LONGEST_MS } from "./timer.ts";

/** What one call may say. */
export interface CallOptions {
  /** Ends the call at once with CANCELLED, the signal's reason as cause. Aborted before the call: no call is made. */
  readonly signal?: Signal | undefined;
  /**
   * Milliseconds from the start of the call, or a moment. Default: 15000 for unary and client-streaming calls, none
   * for server-streaming and bidirectional ones. `Infinity`, or more than 24 days, is none. When it passes, the call
   * ends with DEADLINE_EXCEEDED.
   */
  readonly deadline?: number | Date | undefined;
  /** Sent with the call; a key that the client has too is replaced. */
  readonly metadata?: MetadataInit | undefined;
  /** Wait for a connection up to the deadline instead of failing with UNAVAILABLE at once. Default false. */
  readonly waitForReady?: boolean | undefined;
  /**
   * Whether a call that failed with UNAVAILABLE (or other `codes`) is tried again: `true` and an object repeat this
   * call whatever its method, `false` does not. Default: what the client says, and without that, true for methods
   * that the schema calls NO_SIDE_EFFECTS or IDEMPOTENT. The deadline is for all tries together.
   */
  readonly retry?: boolean | RetryOptions | undefined;
  /** In place of the client's. `false` for none. */
  readonly credentials?: Credentials | false | undefined;
  /** `false`: the requests of this call are not compressed, whatever the channel says. */
  readonly compression?: false | undefined;
  /** Run for this call, inside those of the client: the first is the outermost. */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /** Called once with the response headers, before the first response. What it throws ends the call. */
  readonly onHeader?: ((header: ReadonlyMetadata) => void) | undefined;
  /** Called once with the trailers, when the call has ended, however it ended. What it throws replaces the outcome. */
  readonly onTrailer?: ((trailer: ReadonlyMetadata) => void) | undefined;
}

/** What a client says for all its calls. */
export interface CallDefaults {
  /** Milliseconds for unary and client-streaming calls. Default 15000; `Infinity` for none. */
  readonly deadline?: number | undefined;
  /** Sent with every call. */
  readonly metadata?: MetadataInit | undefined;
  /** As the call option of that name. Default false. */
  readonly waitForReady?: boolean | undefined;
  /**
   * Which calls are tried again: `false` none, `true` all. An object says how it is done for the methods that the
   * schema calls NO_SIDE_EFFECTS or IDEMPOTENT, and repeats no others. Default: an object without options.
   */
  readonly retry?: boolean | RetryOptions | undefined;
  /** Gives each call, and each try of it, what it proves itself with: a token that is renewed in time, for example. */
  readonly credentials?: Credentials | undefined;
  /** Run for every call: the first is the outermost. */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /**
   * Hears of the first use of each deprecated element: the service, a method, a field of a request. Default: a
   * DeprecationWarning of the process, which `node --no-deprecation` silences. `false` for nothing.
   */
  readonly onDeprecated?: OnDeprecated | false | undefined;
}

export const callDefaultKeys: readonly (keyof CallDefaults)[] = [
  "deadline",
  "metadata",
  "waitForReady",
  "retry",
  "credentials",
  "interceptors",
  "onDeprecated",
];
const callOptionKeys: readonly (keyof CallOptions)[] = [
  "signal",
  "deadline",
  "metadata",
  "waitForReady",
  "retry",
  "credentials",
  "compression",
  "interceptors",
  "onHeader",
  "onTrailer",
];

/** Filled by Error.captureStackTrace: formatting the stack is left for the call that fails. */
export interface CallSite {
  stack?: string;
}

/** The options of one call, checked and resolved. */
export interface CallSettings {
  readonly signal: Signal | undefined;
  /** Milliseconds from the start, or the moment in milliseconds since 1970; Infinity for none. */
  readonly deadline: { readonly timeout: number } | { readonly moment: number };
  readonly metadata: Metadata | undefined;
  readonly waitForReady: boolean;
  /** Undefined for none. */
  readonly retry: RetryPolicy | undefined;
  readonly credentials: Credentials | undefined;
  /** False for requests that are not to be compressed. */
  readonly compression: boolean;
  readonly interceptors: readonly Interceptor[];
  readonly onHeader: CallOptions["onHeader"];
  readonly onTrailer: CallOptions["onTrailer"];
  /** True when onHeader may be called again, for another try. */
  readonly repeatHeader?: boolean;
  /** Hears at the end how often the call was tried. */
  readonly onAttempts?: ((attempts: number) => void) | undefined;
  readonly site: CallSite;
}

/** A client's defaults, checked once. */
export interface ResolvedDefaults {
  readonly single: CallSettings["deadline"];
  readonly stream: CallSettings["deadline"];
  readonly metadata: Metadata | undefined;
  readonly waitForReady: boolean;
  readonly retry: RetryPolicy | undefined;
  /** True when methods that may have effects are repeated, too. */
  readonly retryAll: boolean;
  readonly credentials: Credentials | undefined;
  readonly interceptors: readonly Interceptor[];
}

const DEFAULT_DEADLINE_MS = 15_000;
function timeout(value: number): { readonly timeout: number } {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(`deadline must be milliseconds or a Date, not ${String(value)}`);
  }
  // Whoever allows more than Node's longest timer, 24 days, means no deadline.
  return { timeout: value > LONGEST_MS ? Number.POSITIVE_INFINITY : value };
}

function moment(value: Date): { readonly moment: number } {
  const time = value.getTime();
  if (Number.isNaN(time)) {
    throw new TypeError("deadline is an invalid Date");
  }
  return { moment: time - Date.now() > LONGEST_MS ? Number.POSITIVE_INFINITY : time };
}

/** Checks a client's defaults. @throws TypeError for a wrong value. */
export function resolveDefaults(defaults: CallDefaults): ResolvedDefaults {
  return {
    single: timeout(defaults.deadline ?? DEFAULT_DEADLINE_MS),
    stream: { timeout: Number.POSITIVE_INFINITY },
    metadata: defaults.metadata === undefined ? undefined : new Metadata(defaults.metadata),
    waitForReady: defaults.waitForReady ?? false,
    retry: resolveRetry(defaults.retry ?? true),
    retryAll: defaults.retry === true,
    credentials: checkCredentials(defaults.credentials),
    interceptors: checkInterceptors(defaults.interceptors),
  };
}

/** Joins a call's options with the client's defaults. @throws TypeError for a misspelt key or a wrong value. */
export function resolveCall(
  method: Method,
  defaults: ResolvedDefaults,
  options: CallOptions | undefined,
  site: CallSite,
): CallSettings {
  const single = method.kind === "unary" || method.kind === "clientStream";
  const deadline = single ? defaults.single : defaults.stream;
  if (options === undefined) {
    const { metadata, waitForReady, credentials, interceptors } = defaults;
    const retry = retryOf(method, defaults, undefined);
    return {
      signal: undefined,
      deadline,
      metadata,
      waitForReady,
      retry,
      credentials,
      compression: true,
      interceptors,
      onHeader: undefined,
      onTrailer: undefined,
      site,
    };
  }
  checkKeys(options, callOptionKeys, `a call of ${method.fullName}`);
  const given = options.deadline;
  return {
    signal: options.signal,
    deadline: given === undefined ? deadline : given instanceof Date ? moment(given) : timeout(given),
    metadata: joinMetadata(defaults.metadata, options.metadata),
    waitForReady: options.waitForReady ?? defaults.waitForReady,
    retry: retryOf(method, defaults, options.retry),
    credentials:
      options.credentials === undefined ? defaults.credentials : checkCredentials(options.credentials || undefined),
    compression: checkCompression(options.compression),
    interceptors:
      options.interceptors === undefined
        ? defaults.interceptors
        : [...defaults.interceptors, ...checkInterceptors(options.interceptors)],
    onHeader: options.onHeader,
    onTrailer: options.onTrailer,
    site,
  };
}

function retryOf(
  method: Method,
  defaults: ResolvedDefaults,
  given: boolean | RetryOptions | undefined,
): RetryPolicy | undefined {
  if (given === undefined) {
    return method.idempotency !== "UNKNOWN" || defaults.retryAll ? defaults.retry : undefined;
  }
  // `true` asks for retries, not for other ones than the client has.
  return given === true && defaults.retry !== undefined ? defaults.retry : resolveRetry(given);
}

function checkCredentials(given: Credentials | undefined): Credentials | undefined {
  if (given !== undefined && typeof given !== "function") {
    throw new TypeError('credentials must be a function such as async () => ({ authorization: "Bearer …" })');
  }
  return given;
}

/** @returns whether requests may be compressed. */
function checkCompression(given: false | undefined): boolean {
  if (given !== undefined && given !== false) {
    throw new TypeError("compression of a call can only be false: which one there is, is an option of the channel");
  }
  return given !== false;
}

const noInterceptors: readonly Interceptor[] = [];

function checkInterceptors(given: readonly Interceptor[] | undefined): readonly Interceptor[] {
  if (given === undefined) {
    return noInterceptors;
  }
  if (!Array.isArray(given) || !given.every((each) => typeof each === "function")) {
    throw new TypeError("interceptors must be a list of functions");
  }
  // A copy: whoever changes the list later does not change this client.
  return [...given];
}

function joinMetadata(base: Metadata | undefined, init: MetadataInit | undefined): Metadata | undefined {
  if (init === undefined) {
    return base;
  }
  const joined = new Metadata(base);
  joined.merge(init);
  return joined;
}

/** The moment the deadline passes, in milliseconds since 1970, for a call that starts now; Infinity for none. */
export function deadlineOf(settings: CallSettings): number {
  return "moment" in settings.deadline ? settings.deadline.moment : Date.now() + settings.deadline.timeout;
}
