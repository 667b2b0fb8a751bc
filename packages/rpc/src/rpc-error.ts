import { Code, type CodeName, codeName } from "./code.js";
import { Metadata, type MetadataInit, type ReadonlyMetadata } from "./metadata.js";

// Registered globally, so that an error made by one installed copy of this package is known to another.
const brand = Symbol.for("charter.rpc.RpcError");

/** What else an RpcError can carry. */
export interface RpcErrorInit {
  /** `bookstore.catalog.v1.CatalogService/GetBook`; the runtime fills it in on the client. */
  readonly method?: string | undefined;
  /** The address as the client was given it; the runtime fills it in on the client. */
  readonly target?: string | undefined;
  /** Trailers: those that came with the status; thrown by a handler, those to send with it. */
  readonly metadata?: MetadataInit | undefined;
  readonly cause?: unknown;
}

/**
 * The one error that a call ends with.
 *
 * On the client `message` says method, address, code and text:
 * `bookstore.catalog.v1.CatalogService/GetBook at http://localhost:50051: NOT_FOUND: no book 7`.
 * A handler throws one to choose the status: `throw new RpcError("NOT_FOUND", "no book 7")`.
 *
 * `instanceof` fails when two copies of this package are installed: ask `RpcError.is(error)`.
 */
export class RpcError extends Error {
  /** The status code as a number, as it came: compare with `Code.NOT_FOUND`. */
  readonly code: number;
  /** The status code by name, `"NOT_FOUND"`; `"CODE_99"` for a number that has none. */
  readonly codeName: string;
  /** The text of the status alone, without method, address and code. */
  readonly rawMessage: string;
  /** The method that was called, `package.Service/Method`, or undefined. */
  readonly method: string | undefined;
  /** The address that was called, or undefined. */
  readonly target: string | undefined;
  /** The trailers that came with the status; empty when there were none. */
  readonly metadata: ReadonlyMetadata;

  static {
    RpcError.prototype.name = "RpcError";
    Object.defineProperty(RpcError.prototype, brand, { value: true });
  }

  constructor(code: number | CodeName, message: string, init: RpcErrorInit = {}) {
    const number = typeof code === "number" ? code : Code[code];
    const name = codeName(number);
    const where = [init.method, init.target].filter((part) => part !== undefined).join(" at ");
    super(
      `${where === "" ? "" : `${where}: `}${name}${message === "" ? "" : `: ${message}`}`,
      "cause" in init && init.cause !== undefined ? { cause: init.cause } : undefined,
    );
    this.code = number;
    this.codeName = name;
    this.rawMessage = message;
    this.method = init.method;
    this.target = init.target;
    this.metadata = init.metadata instanceof Metadata ? init.metadata : new Metadata(init.metadata);
  }

  /** True for an RpcError of this or any other installed copy of the package. */
  static is(value: unknown): value is RpcError {
    return typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === true;
  }
}
