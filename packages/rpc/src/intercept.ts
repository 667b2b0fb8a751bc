import type { CallSettings } from "./call-options.ts";
import { InterceptedRun } from "./intercept-run.ts";
import { InterceptedStream } from "./intercept-stream.ts";
import { Metadata } from "./metadata.ts";
import type { Method } from "./method.ts";
import { checkRequests, type Requests } from "./request-pump.ts";
import { RpcError } from "./rpc-error.ts";
import type { Transport } from "./transport.ts";

/**
 * A transport whose calls go through the interceptors of their settings. Requests are completed at the call, so that
 * changing one afterwards does nothing, here as without interceptors.
 */
export function interceptTransport(inner: Transport, target: string): Transport {
  return {
    unary: (method, request, settings) => callOnce(inner, method, target, settings, method.completeRequest(request)),
    clientStream: (method, requests, settings) =>
      callOnce(inner, method, target, settings, completeRequests(requests, method)),
    serverStream: (method, request, settings) =>
      new InterceptedStream(inner, method, target, settings, method.completeRequest(request)),
    bidiStream: (method, requests, settings) =>
      new InterceptedStream(inner, method, target, settings, completeRequests(requests, method)),
  };
}

/** A call with one response. */
function callOnce(
  inner: Transport,
  method: Method,
  target: string,
  settings: CallSettings,
  request: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let ended = false;
    const end = (tell: () => void): void => {
      if (!ended) {
        ended = true;
        run.end();
        try {
          tell();
        } catch (thrown) {
          reject(thrown);
        }
      }
    };
    const fail = (error: unknown): void =>
      end(() => {
        settings.onTrailer?.(RpcError.is(error) ? error.metadata : new Metadata());
        reject(error);
      });
    const run = new InterceptedRun(inner, method, target, settings, fail);
    run.start(request).then(
      ({ response, header, trailer }) =>
        end(() => {
          run.tellHeader(header);
          settings.onTrailer?.(trailer);
          resolve(response);
        }),
      fail,
    );
  });
}

/** The caller's requests, each completed when it is asked for. */
function completeRequests(requests: Requests, method: Method): AsyncIterable<unknown> {
  checkRequests(requests, method);
  return { [Symbol.asyncIterator]: () => new CompletedRequests(requests, method) };
}

class CompletedRequests implements AsyncIterator<unknown, undefined> {
  readonly #method: Method;
  readonly #source: AsyncIterator<unknown> | Iterator<unknown>;

  constructor(requests: Requests, method: Method) {
    this.#method = method;
    this.#source = Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    const step = await this.#source.next();
    if (step.done === true) {
      return { done: true, value: undefined };
    }
    try {
      return { done: false, value: this.#method.completeRequest(step.value) };
    } catch (error) {
      // As a generator that throws, the source has then ended. Its own error comes second.
      await this.return().catch(() => {});
      throw error;
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }
}
