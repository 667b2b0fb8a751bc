import type { AnyHandler, HandlerContext } from "./implementation.ts";
import { runInterceptors } from "./intercept-chain.ts";
import type { InterceptedCall, Interceptor, Reply } from "./interceptor.ts";
import { Metadata, type MetadataInit } from "./metadata.ts";
import type { Method } from "./method.ts";

/**
 * A handler behind interceptors. The headers that a handler of a single answer sends wait for the interceptors, so that
 * they can be changed; those of a stream go out at once.
 */
export function interceptHandler(
  handler: AnyHandler,
  method: Method,
  interceptors: readonly Interceptor[],
): AnyHandler {
  const streams = method.kind === "serverStream" || method.kind === "bidiStream";
  return streams ? interceptStream(handler, method, interceptors) : interceptSingle(handler, method, interceptors);
}

function interceptSingle(handler: AnyHandler, method: Method, interceptors: readonly Interceptor[]): AnyHandler {
  return async (input, context) => {
    const header = new Metadata();
    const end = async (call: InterceptedCall): Promise<Reply> => {
      const own = contextOf(context, call, (headers) => header.merge(headers));
      const response = method.completeResponse(await handler(call.request, own));
      return { response, header, trailer: context.trailers };
    };
    const reply = await runInterceptors(interceptors, callOf(method, input, context), end);
    tellTrailer(context, reply);
    if (reply.header[Symbol.iterator]().next().done !== true) {
      context.sendHeaders(reply.header);
    }
    return reply.response;
  };
}

function interceptStream(handler: AnyHandler, method: Method, interceptors: readonly Interceptor[]): AnyHandler {
  return async function* (input, context) {
    const header = new Metadata();
    const end = async (call: InterceptedCall): Promise<Reply> => {
      const own = contextOf(context, call, (headers) => {
        header.merge(headers);
        context.sendHeaders(headers);
      });
      const answers = handler(call.request, own) as AsyncIterable<unknown> | Iterable<unknown>;
      return { response: complete(answers, method), header, trailer: context.trailers };
    };
    const reply = await runInterceptors(interceptors, callOf(method, input, context), end);
    yield* reply.response as AsyncIterable<unknown>;
    tellTrailer(context, reply);
  };
}

async function* complete(answers: AsyncIterable<unknown> | Iterable<unknown>, method: Method): AsyncGenerator<unknown> {
  for await (const answer of answers) {
    yield method.completeResponse(answer);
  }
}

function callOf(method: Method, request: unknown, context: HandlerContext): InterceptedCall {
  return {
    side: "server",
    method,
    target: context.peer,
    metadata: new Metadata(context.metadata),
    signal: context.signal,
    deadline: context.deadline,
    request,
  };
}

/** What the handler sees: its call, as the interceptors changed it. */
function contextOf(
  context: HandlerContext,
  { metadata, signal, deadline }: InterceptedCall,
  sendHeaders: (headers: MetadataInit) => void,
): HandlerContext {
  const { method, peer, closing, caller, trailers } = context;
  let sent = false;
  return {
    method,
    peer,
    closing,
    caller,
    trailers,
    metadata,
    signal,
    deadline,
    get timeLeft() {
      return deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(deadline.getTime() - Date.now(), 0);
    },
    sendHeaders(headers) {
      if (sent) {
        throw new Error(`${method} sent its headers already: they go out once, before the first response`);
      }
      sent = true;
      sendHeaders(headers);
    },
  };
}

function tellTrailer(context: HandlerContext, { trailer }: Reply): void {
  if (trailer !== context.trailers) {
    context.trailers.merge(trailer);
  }
}
