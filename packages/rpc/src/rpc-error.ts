import { Code, type CodeName, codeName } from "./code.ts";
import { detailsOf, encodeStatus, STATUS_DETAILS_KEY } from "./details.ts";
import type { DetailOf, ErrorDetail, ErrorDetailInit } from "./google-rpc.ts";
import { tidy } from "./hint.ts";
import { Metadata, type MetadataInit, type ReadonlyMetadata } from "./metadata.ts";

// Registered globally, so that an error made by one installed copy of this package is known to another.
const brand = Symbol.for("charter.rpc.RpcError");

/** What else an RpcError can carry. A handler gives `details`, `metadata` and `cause`; the runtime the rest. */
export interface RpcErrorInit {
  /**
   * What a program can read of the failure, 16 KiB at most (the last are left out above that; peers in other languages
   * often take no more than 8): `[{ type: "google.rpc.ErrorInfo", value: { reason: "STOCK_EMPTY" } }]`. */
  readonly details?: readonly ErrorDetailInit[] | undefined;
  /** Trailers: those that came with the status; thrown by a handler, those to send with it. */
  readonly metadata?: MetadataInit | undefined;
  readonly cause?: unknown;
  /** `bookstore.catalog.v1.CatalogService/GetBook`. */
  readonly method?: string | undefined;
  /** The address as the client was given it. */
  readonly target?: string | undefined;
  /** How often the call was tried. */
  readonly attempts?: number | undefined;
  /** Milliseconds since the call began. */
  readonly elapsed?: number | undefined;
  /** What likely causes the failure, in words. */
  readonly hint?: string | undefined;
}

function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** `Service/Method at http://host:1: UNAVAILABLE: text. Likely: hint (3 tries, 4.2 s)`; what is not known is left out. */
function compose(name: string, text: string, { method, target, hint, attempts, elapsed }: RpcErrorInit): string {
  const where = [method, target].filter((part) => part !== undefined).join(" at ");
  const sentence = hint === undefined ? text : `${tidy(text)}. Likely: ${hint}`;
  const tries = attempts === undefined || attempts === 1 ? [] : [`${attempts} tries`];
  const times = elapsed === undefined ? tries : [...tries, duration(elapsed)];
  const parts = [where, name, sentence].filter((part) => part !== "");
  return `${parts.join(": ")}${times.length === 0 ? "" : ` (${times.join(", ")})`}`;
}

function withDetails(code: number, message: string, init: RpcErrorInit): ReadonlyMetadata {
  if (init.details === undefined || init.details.length === 0) {
    return init.metadata instanceof Metadata ? init.metadata : new Metadata(init.metadata);
  }
  const metadata = new Metadata(init.metadata);
  metadata.set(STATUS_DETAILS_KEY, encodeStatus(code, message, init.details));
  return metadata;
}

// No private member: see Metadata.
const DECODED = new WeakMap<RpcError, readonly ErrorDetail[]>();

/**
 * The one error that a call ends with.
 *
 * On the client `message` says method, address, code, text, how often and how long:
 * `bookstore.catalog.v1.CatalogService/GetBook at http://localhost:50051: UNAVAILABLE: busy (3 tries, 4.2 s)`.
 * A handler throws one to choose the status: `throw new RpcError("NOT_FOUND", "no book 7")`.
 *
 * `instanceof` fails when two copies of this package are installed: ask `RpcError.is(error)`.
 */
export class RpcError extends Error {
  /** The status code as a number, as it came: compare with `Code.NOT_FOUND`. */
  readonly code: number;
  /** The status code by name, `"NOT_FOUND"`; `"CODE_99"` for a number that has none. */
  readonly codeName: string;
  /** The text of the status alone, without method, address, code, hint and times. */
  readonly rawMessage: string;
  /** The method that was called, `package.Service/Method`, or undefined. */
  readonly method: string | undefined;
  /** The address that was called, or undefined. */
  readonly target: string | undefined;
  /** How often the call was tried; 1 without retries. */
  readonly attempts: number;
  /** Milliseconds from the start of the call to its end; undefined for an error that was not made by a call. */
  readonly elapsed: number | undefined;
  /** What likely causes the failure and what to do, in words; undefined when there is no good guess. */
  readonly hint: string | undefined;
  /** The trailers that came with the status; empty when there were none. */
  readonly metadata: ReadonlyMetadata;

  static {
    RpcError.prototype.name = "RpcError";
    Object.defineProperty(RpcError.prototype, brand, { value: true });
  }

  /** @throws TypeError that names the field, for a detail with a wrong value. */
  constructor(code: number | CodeName, message: string, init: RpcErrorInit = {}) {
    const number = typeof code === "number" ? code : Code[code];
    const name = codeName(number);
    super(compose(name, message, init), init.cause === undefined ? undefined : { cause: init.cause });
    this.code = number;
    this.codeName = name;
    this.rawMessage = message;
    this.method = init.method;
    this.target = init.target;
    this.attempts = init.attempts ?? 1;
    this.elapsed = init.elapsed;
    this.hint = init.hint;
    this.metadata = withDetails(number, message, init);
  }

  /** The google.rpc details of the status. Empty when it has none and when their bytes are damaged; never throws. */
  get details(): readonly ErrorDetail[] {
    const details = DECODED.get(this) ?? detailsOf(this.metadata);
    DECODED.set(this, details);
    return details;
  }

  /** The first detail of a type: `error.detail("google.rpc.ErrorInfo")?.reason`. Bytes for a type not known here. */
  detail<const Type extends string>(type: Type): DetailOf<Type> | undefined {
    const found = this.details.find((detail) => detail.type === type || detail.type.endsWith(`/${type}`));
    return found?.value as DetailOf<Type> | undefined;
  }

  /** True for an RpcError of this or any other installed copy of the package. */
  static is(value: unknown): value is RpcError {
    return typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === true;
  }
}
