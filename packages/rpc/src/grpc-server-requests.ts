import type { ServerDuplexStream, ServerReadableStream } from "@grpc/grpc-js";
import { Code } from "./code.ts";
import { RpcError } from "./rpc-error.ts";

type Incoming = ServerReadableStream<unknown, Uint8Array> | ServerDuplexStream<unknown, Uint8Array>;

/**
 * The requests of a call as a handler reads them, decoded then. A handler that leaves the loop early can still answer; one that
 * reads on after the client left gets an RpcError CANCELLED.
 */
export function requestsOf(call: Incoming, decode: (bytes: Buffer) => unknown): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => new Requests(call, decode) };
}

class Requests implements AsyncIterator<unknown, undefined> {
  readonly #call: Incoming;
  readonly #decode: (bytes: Buffer) => unknown;
  readonly #inner: AsyncIterator<Buffer, undefined>;

  constructor(call: Incoming, decode: (bytes: Buffer) => unknown) {
    this.#call = call;
    this.#decode = decode;
    // Destroying a duplex call on return would take the response stream with it, and the client would wait for ever.
    this.#inner = call.iterator({ destroyOnReturn: false });
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    let step: IteratorResult<Buffer, undefined>;
    try {
      step = await this.#inner.next();
    } catch (cause) {
      throw this.#call.cancelled ? new RpcError(Code.CANCELLED, "the client left", { cause }) : cause;
    }
    return step.done === true ? step : { done: false, value: this.#decode(step.value) };
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    await this.#inner.return?.();
    return { done: true, value: undefined };
  }
}
