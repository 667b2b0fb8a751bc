import type { InterceptedCall, Interceptor, Next, Reply, ReplyInit } from "./interceptor.ts";
import { Metadata } from "./metadata.ts";
import type { MethodInfo } from "./method.ts";

/**
 * Takes a call through interceptors, on either side: the first is the outermost, behind the last comes `end`. Each has
 * a copy of the call, so that what one puts into the metadata is not there a second time when another calls again.
 * @returns what the outermost gave. It rejects with what one of them, or `end`, threw.
 */
export async function runInterceptors(
  interceptors: readonly Interceptor[],
  given: InterceptedCall,
  end: (call: InterceptedCall) => Promise<Reply>,
): Promise<Reply> {
  const [interceptor, ...others] = interceptors;
  if (interceptor === undefined) {
    return end(given);
  }
  const { method } = given;
  const next = (call: InterceptedCall): Promise<Reply> => {
    const reply = runInterceptors(others, copyCall(call, method), end);
    // An interceptor that does not wait for it must not end the process by it.
    reply.catch(() => {});
    return reply;
  };
  return completeReply(await interceptor(given, next as Next), method);
}

function copyCall(call: InterceptedCall, method: MethodInfo): InterceptedCall {
  if (typeof call !== "object" || call === null) {
    throw new TypeError(`an interceptor of ${method.fullName} called next without the call: write next(call)`);
  }
  return { ...call, metadata: new Metadata(call.metadata) };
}

function completeReply(reply: ReplyInit, method: MethodInfo): Reply {
  if (typeof reply !== "object" || reply === null || !("response" in reply)) {
    throw new TypeError(`an interceptor of ${method.fullName} gave no reply: return what next(call) gave`);
  }
  const streams = method.kind === "serverStream" || method.kind === "bidiStream";
  const response = streams ? iterate(reply.response, method) : reply.response;
  return { response, header: reply.header ?? new Metadata(), trailer: reply.trailer ?? new Metadata() };
}

/** An interceptor that answers by itself may give an array. */
function iterate(response: unknown, method: MethodInfo): AsyncIterable<unknown> {
  if (typeof response === "object" && response !== null) {
    if (Symbol.asyncIterator in response) {
      return response as AsyncIterable<unknown>;
    }
    if (Symbol.iterator in response) {
      const items = response as Iterable<unknown>;
      return (async function* () {
        yield* items;
      })();
    }
  }
  throw new TypeError(`an interceptor of ${method.fullName} gave a response that is no (async) iterable`);
}
