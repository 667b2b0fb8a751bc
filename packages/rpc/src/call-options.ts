import type { Signal } from "./abort.js";
import { Metadata, type MetadataInit, type ReadonlyMetadata } from "./metadata.js";
import type { Method } from "./method.js";
import { checkKeys } from "./nearest.js";

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
}

export const callDefaultKeys: readonly (keyof CallDefaults)[] = ["deadline", "metadata", "waitForReady"];
const callOptionKeys: readonly (keyof CallOptions)[] = [
  "signal",
  "deadline",
  "metadata",
  "waitForReady",
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
  readonly onHeader: CallOptions["onHeader"];
  readonly onTrailer: CallOptions["onTrailer"];
  readonly site: CallSite;
}

/** A client's defaults, checked once. */
export interface ResolvedDefaults {
  readonly single: CallSettings["deadline"];
  readonly stream: CallSettings["deadline"];
  readonly metadata: Metadata | undefined;
  readonly waitForReady: boolean;
}

const DEFAULT_DEADLINE_MS = 15_000;
// Node's longest timer. Whoever allows more than 24 days means no deadline.
const LONGEST_MS = 2 ** 31 - 1;

function timeout(value: number): { readonly timeout: number } {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(`deadline must be milliseconds or a Date, not ${String(value)}`);
  }
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
    const { metadata, waitForReady } = defaults;
    return { signal: undefined, deadline, metadata, waitForReady, onHeader: undefined, onTrailer: undefined, site };
  }
  checkKeys(options, callOptionKeys, `a call of ${method.fullName}`);
  const given = options.deadline;
  return {
    signal: options.signal,
    deadline: given === undefined ? deadline : given instanceof Date ? moment(given) : timeout(given),
    metadata: joinMetadata(defaults.metadata, options.metadata),
    waitForReady: options.waitForReady ?? defaults.waitForReady,
    onHeader: options.onHeader,
    onTrailer: options.onTrailer,
    site,
  };
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
