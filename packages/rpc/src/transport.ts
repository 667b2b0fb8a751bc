import type { CallSettings } from "./call-options.ts";
import type { Connection } from "./connection.ts";
import type { Method } from "./method.ts";
import { checkRequests, type Requests } from "./request-pump.ts";
import { SingleCall } from "./single-call.ts";
import { StreamCall } from "./stream-call.ts";

/** The four kinds of call, in messages: partial requests in, complete responses out. See `interceptTransport`. */
export interface Transport {
  unary(method: Method, request: unknown, settings: CallSettings): Promise<unknown>;
  clientStream(method: Method, requests: Requests, settings: CallSettings): Promise<unknown>;
  serverStream(method: Method, request: unknown, settings: CallSettings): AsyncIterable<unknown>;
  bidiStream(method: Method, requests: Requests, settings: CallSettings): AsyncIterable<unknown>;
}

/** The transport over a connection. Requests are encoded at the call, so that changing one afterwards does nothing. */
export function createTransport(connection: Connection): Transport {
  return {
    unary: (method, request, settings) =>
      new Promise((resolve, reject) => {
        const bytes = method.encodeRequest(request);
        new SingleCall(connection, method, settings, resolve, reject).sendOne(bytes);
      }),
    clientStream: (method, requests, settings) =>
      new Promise((resolve, reject) => {
        checkRequests(requests, method);
        new SingleCall(connection, method, settings, resolve, reject).sendAll(requests);
      }),
    serverStream: (method, request, settings) =>
      new StreamCall(connection, method, settings, { bytes: method.encodeRequest(request) }),
    bidiStream: (method, requests, settings) => {
      checkRequests(requests, method);
      return new StreamCall(connection, method, settings, { requests });
    },
  };
}
