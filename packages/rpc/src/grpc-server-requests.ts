import type { ServerDuplexStream, ServerReadableStream } from "@grpc/grpc-js";
import { Code } from "./code.ts";
import { RpcError } from "./rpc-error.ts";

type Incoming = ServerReadableStream<unknown, Uint8Array> | ServerDuplexStream<unknown, Uint8Array>;

/**
 * The requests of a call as a handler reads them. A handler that leaves the loop early can still answer; one that
 * reads on after the client left gets an RpcError CANCELLED.
 */
export function requestsOf(call: Incoming): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => new Requests(call) };
}

class Requests implements AsyncIterator<unknown, undefined> {
  readonly #call: Incoming;
  readonly #inner: AsyncIterator<unknown, undefined>;

  constructor(call: Incoming) {
    this.#call = call;
    // Destroying a duplex call on return would take the response stream with it, and the client would wait for ever.
    this.#inner = call.iterator({ destroyOnReturn: false });
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    try {
      return await this.#inner.next();
    } catch (cause) {
      throw this.#call.cancelled ? new RpcError(Code.CANCELLED, "the client left", { cause }) : cause;
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    await this.#inner.return?.();
    return { done: true, value: undefined };
  }
}
