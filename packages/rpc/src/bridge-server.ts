import { handlersOf } from "./bridge-caller.ts";
import { type BridgeOptions, serveByOther } from "./bridge-routes.ts";
import type { Bridge } from "./bridge-types.ts";
import type { ServiceImplementation } from "./implementation.ts";

/**
 * Serves the old version of a service by the handlers of the new one:
 * ```ts
 * const v2 = implementCatalog({ … });
 * await serve({ services: [v2, bridgeServer(v2, catalogBridge)] });
 * ```
 * A handler cannot tell such a call from one of its own version: it has its own method's name, and the signal,
 * deadline, metadata, headers and trailers of the call. Streams are converted one message at a time, as they are read.
 *
 * An error goes on as it is, but the fields that its BadRequest names are those of the old version. A field that the old
 * version does not have is named by the full name of its message: `bookstore.catalog.v2.ListBooksRequest.filter.max_price`.
 *
 * A method whose counterpart was left out answers UNIMPLEMENTED under its own name, as one that has none does.
 *
 * @param implementation of the new version.
 * @throws TypeError for an implementation of another service.
 */
export function bridgeServer(
  implementation: ServiceImplementation,
  bridge: Bridge,
  options: BridgeOptions = {},
): ServiceImplementation {
  const expected = bridge.old.other.fullName;
  const { fullName } = implementation.definition;
  if (fullName !== expected) {
    throw new TypeError(`bridgeServer takes an implementation of ${expected}, not of ${fullName}`);
  }
  return serveByOther(bridge.old, handlersOf(implementation), options, "bridgeServer");
}
