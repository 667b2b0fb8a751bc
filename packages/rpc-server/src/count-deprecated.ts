import type { InterceptedCall, Interceptor } from "@bookstore/rpc";
import { observe } from "@bookstore/rpc";
import { deprecatedFields } from "@bookstore/rpc/server";

/** How often a client used something that the schema says is deprecated. */
export interface DeprecatedCalls {
  /** Who called, as the option `client` says. */
  readonly client: string;
  readonly kind: "method" | "field";
  /** The full name: `bookstore.orders.v1.OrdersService/PlaceOrder`, `bookstore.catalog.v1.Book.isbn10`. */
  readonly name: string;
  /** Calls; for a field, requests that held it. */
  readonly count: number;
}

export interface CountDeprecatedOptions {
  /** Who calls. Default: the first word of the `user-agent`. Each is counted by itself, so let there be few. */
  readonly client?: ((call: InterceptedCall) => string) | undefined;
}

/** Counts what is deprecated and still used, so that it can be removed when nobody is left. */
export interface DeprecatedCounter {
  /** For `interceptors` of `serve`. */
  readonly interceptor: Interceptor;
  /** Since the start, the most used first. */
  counts(): readonly DeprecatedCalls[];
}

/** Makes a counter of deprecated uses. */
export function countDeprecated({ client = userAgent }: CountDeprecatedOptions = {}): DeprecatedCounter {
  const counts = new Map<string, DeprecatedCalls>();
  const count = (who: string, kind: DeprecatedCalls["kind"], name: string): void => {
    const key = `${who}\n${kind}\n${name}`;
    counts.set(key, { client: who, kind, name, count: (counts.get(key)?.count ?? 0) + 1 });
  };
  return {
    interceptor(call, next) {
      const who = client(call);
      if (call.method.deprecated || call.method.marks.deprecated === true) {
        count(who, "method", call.method.fullName);
      }
      return observe(call, next, {
        onRequest: (request) => {
          for (const field of deprecatedFields(call.method, request)) {
            count(who, "field", field);
          }
        },
      });
    },
    counts: () => [...counts.values()].sort((a, b) => b.count - a.count),
  };
}

/** `shop/3.1 grpc-node-js/1.14.7` is a shop. */
function userAgent({ metadata }: InterceptedCall): string {
  const [first = ""] = (metadata.get("user-agent") ?? "").split(" ");
  return first === "" ? "unknown" : first;
}
