import type { InterceptedCall, Interceptor } from "@bookstore/rpc";

/**
 * Checks a complete request before its handler sees it.
 * @throws what the client is to get: an RpcError INVALID_ARGUMENT, with a google.rpc.BadRequest that names the field.
 */
export type CheckRequest = (request: unknown, call: InterceptedCall) => void | Promise<void>;

/** An interceptor that checks each request, of all four kinds: those of a stream as they come. */
export function validateRequests(check: CheckRequest): Interceptor {
  return async (call, next) => {
    const { kind } = call.method;
    if (kind === "unary" || kind === "serverStream") {
      await check(call.request, call);
      return next(call);
    }
    return next({ ...call, request: checkEach(call.request as AsyncIterable<unknown>, call, check) });
  };
}

async function* checkEach(
  requests: AsyncIterable<unknown>,
  call: InterceptedCall,
  check: CheckRequest,
): AsyncGenerator<unknown> {
  for await (const request of requests) {
    await check(request, call);
    yield request;
  }
}
