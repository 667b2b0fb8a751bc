import { Code } from "@bookstore/rpc";
import { type Server, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";

/** What grpc-js's server lacks and does not refuse. */

/** Ends a call with one request that never comes: until it is there, nobody else looks at the call. */
export function awaitRequest(limit: number): ServerInterceptor {
  return ({ requestStream }, call) => {
    if (requestStream || !Number.isFinite(limit)) {
      return call as ServerInterceptingCall;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    return new ServerInterceptingCall(call, {
      start(next) {
        const details = `the server waits ${limit} ms for a request`;
        timer = setTimeout(() => call.sendStatus({ code: Code.DEADLINE_EXCEEDED, details }), limit);
        next({
          onReceiveHalfClose: (go) => {
            clearTimeout(timer);
            go();
          },
          onCancel: () => clearTimeout(timer),
        });
      },
    });
  };
}

/** Limits the metadata of a call, for which grpc-js has an option on the client alone. */
export function limitMetadata(server: Server, bytes: number): void {
  const common: unknown = Reflect.get(server, "commonServerOptions");
  if (typeof common === "object" && common !== null && Number.isFinite(bytes)) {
    const settings: unknown = Reflect.get(common, "settings") ?? {};
    Object.assign(common, { settings: Object.assign({}, settings, { maxHeaderListSize: bytes }) });
  }
}

/** The files of a FileDescriptorSet, each as its bytes. */
export function splitFiles(set: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; at < set.length; ) {
    // Each is field 1, after its tag and its length.
    at++;
    let [length, shift] = [0, 0];
    for (let byte = 0x80; byte >= 0x80; shift += 7) {
      byte = set[at++] ?? 0;
      length += (byte & 0x7f) * 2 ** shift;
    }
    files.push(set.subarray(at, at + length));
    at += length;
  }
  return files;
}
