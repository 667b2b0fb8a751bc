import { Code, codeName } from "./code.ts";
import { isFault } from "./fault.ts";
import type { InterceptedCall, Interceptor } from "./interceptor.ts";
import { type CallEnd, observe } from "./interceptor-observe.ts";
import { toLoggable } from "./loggable.ts";
import type { MethodKind } from "./method.ts";
import { redact } from "./redact.ts";
import { RpcError } from "./rpc-error.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One call, when it has ended: plain data, for `JSON.stringify` or any logger. */
export interface CallRecord {
  readonly level: LogLevel;
  /** For people: `bookstore.catalog.v1.CatalogService/GetBook NOT_FOUND in 12.3 ms: no book 7`. */
  readonly message: string;
  /** Which end logs. */
  readonly side: "client" | "server";
  /** The method's full name. */
  readonly method: string;
  readonly kind: MethodKind;
  /** The other end. */
  readonly target: string;
  /** How the call ended: `"OK"`, `"NOT_FOUND"`. */
  readonly code: string;
  readonly elapsedMs: number;
  /** How often the call was tried: 1 without retries. */
  readonly tries: number;
  /** How many messages passed through. */
  readonly requests: number;
  readonly responses: number;
  /** The reader left a stream before its end. */
  readonly left?: true;
  /** What the call failed with. */
  readonly error?: string;
  /** With `messages`: the message, or of a stream the first ten. */
  readonly request?: unknown;
  readonly response?: unknown;
}

export interface LoggerOptions {
  /** Takes each record, once per call. What it throws is ignored: a call does not fail because of its log. */
  readonly log: (record: CallRecord) => void;
  /**
   * The level of a record; undefined leaves the call out. Default: `error` for UNKNOWN, DEADLINE_EXCEEDED,
   * UNIMPLEMENTED, INTERNAL, UNAVAILABLE and DATA_LOSS, `info` for OK and for a reader that left, `warn` for the rest.
   */
  readonly level?: ((record: Omit<CallRecord, "level">) => LogLevel | undefined) | undefined;
  /**
   * True to have the messages in the record. Fields with the option `debug_redact` are `"[redacted]"`; of bytes only
   * the number is told. Default false: messages hold what users confide.
   */
  readonly messages?: boolean | undefined;
}

// A stream may go on for days.
const MOST_MESSAGES = 10;

/**
 * Logs every call, of any kind:
 * ```ts
 * createCatalogClient(target, { interceptors: [logger({ log: (record) => console.log(JSON.stringify(record)) })] });
 * ```
 */
export function logger(options: LoggerOptions): Interceptor {
  return (call, next) => {
    const { method } = call;
    const start = performance.now();
    const requests = new Messages(options, method.requestType, call);
    const responses = new Messages(options, method.responseType, call);
    return observe(call, next, {
      onRequest: (message) => requests.add(message),
      onResponse: (message) => responses.add(message),
      onEnd: (end) => quietly(() => write(options, call, end, performance.now() - start, requests, responses)),
    });
  };
}

/** The messages of one direction: how many, and those that the record shows. */
class Messages {
  count = 0;
  readonly shown: unknown[] | undefined;
  readonly #typeName: string;
  readonly #call: InterceptedCall;

  constructor({ messages }: LoggerOptions, typeName: string, call: InterceptedCall) {
    this.shown = messages === true ? [] : undefined;
    this.#typeName = typeName;
    this.#call = call;
  }

  add(message: unknown): void {
    this.count++;
    // Copied now: whoever gets the message may change it before the end of the call.
    if (this.shown !== undefined && this.shown.length < MOST_MESSAGES) {
      const { marks } = this.#call.method;
      quietly(() => this.shown?.push(toLoggable(redact(this.#typeName, message, marks))));
    }
  }

  /** As the property of a record. */
  show<Key extends string>(key: Key, isStream: boolean): { readonly [K in Key]?: unknown } {
    if (this.shown === undefined) {
      return {};
    }
    return { [key]: isStream ? this.shown : this.shown[0] } as { readonly [K in Key]?: unknown };
  }
}

function write(
  { log, level = defaultLevel }: LoggerOptions,
  { method, side, target }: InterceptedCall,
  end: CallEnd,
  elapsed: number,
  requests: Messages,
  responses: Messages,
): void {
  const { fullName, kind } = method;
  const code = codeName(end.code);
  const elapsedMs = Math.round(elapsed * 1000) / 1000;
  const text = end.error === undefined ? undefined : textOf(end.error);
  const record = {
    message: `${fullName} ${code} in ${elapsedMs} ms${text === undefined ? "" : `: ${text}`}`,
    side,
    method: fullName,
    kind,
    target,
    code,
    elapsedMs,
    tries: end.attempts,
    requests: requests.count,
    responses: responses.count,
    ...(end.left ? { left: true as const } : {}),
    ...(text === undefined ? {} : { error: text }),
    ...requests.show("request", kind === "clientStream" || kind === "bidiStream"),
    ...responses.show("response", kind === "serverStream" || kind === "bidiStream"),
  };
  const chosen = level(record);
  if (chosen !== undefined) {
    log({ level: chosen, ...record });
  }
}

function defaultLevel({ code, left }: Omit<CallRecord, "level">): LogLevel {
  if (code === "OK" || left === true) {
    return "info";
  }
  return isFault(Code[code as keyof typeof Code]) ? "error" : "warn";
}

function textOf(error: unknown): string {
  return RpcError.is(error) ? error.rawMessage : String(error);
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // A log that fails must not fail the call.
  }
}
