import { Code } from "@bookstore/rpc";
import { Countdown } from "@bookstore/rpc/server";
import type * as grpc from "@grpc/grpc-js";
import type { Server, ServerInterceptingCall, ServerInterceptor } from "@grpc/grpc-js";

type InterceptedCall = Parameters<ServerInterceptor>[1];
type Listener = Parameters<InterceptedCall["start"]>[0];
type Waiting = Countdown<InterceptedCall>;

/** What grpc-js's server lacks and does not refuse. */

/** Ends a call with one request that never comes: until it is there, nobody else looks at the call. */
export function awaitRequest(limit: number): ServerInterceptor {
  const details = `the server waits ${limit} ms for a request`;
  const waiting: Waiting = new Countdown(limit, (call) => call.sendStatus({ code: Code.DEADLINE_EXCEEDED, details }));
  return ({ requestStream }, call) => {
    const awaited = requestStream || !Number.isFinite(limit) ? call : new AwaitedCall(call, waiting);
    return awaited as ServerInterceptingCall;
  };
}

/** Not a ServerInterceptingCall of grpc-js, which costs more for each message and status than all else that we do. */
class AwaitedCall implements InterceptedCall {
  readonly #call: InterceptedCall;
  readonly #waiting: Waiting;

  constructor(call: InterceptedCall, waiting: Waiting) {
    this.#call = call;
    this.#waiting = waiting;
  }

  start(listener: Listener): void {
    this.#waiting.add(this.#call);
    this.#call.start(new AwaitedListener(listener, this.#call, this.#waiting));
  }

  sendMetadata(metadata: grpc.Metadata): void {
    this.#call.sendMetadata(metadata);
  }

  sendMessage(message: unknown, sent: () => void): void {
    this.#call.sendMessage(message, sent);
  }

  sendStatus(status: Parameters<InterceptedCall["sendStatus"]>[0]): void {
    this.#call.sendStatus(status);
  }

  startRead(): void {
    this.#call.startRead();
  }

  getPeer(): string {
    return this.#call.getPeer();
  }

  getDeadline(): grpc.Deadline {
    return this.#call.getDeadline();
  }

  getHost(): string {
    return this.#call.getHost();
  }

  getAuthContext(): ReturnType<InterceptedCall["getAuthContext"]> {
    return this.#call.getAuthContext();
  }

  getConnectionInfo(): ReturnType<InterceptedCall["getConnectionInfo"]> {
    return this.#call.getConnectionInfo();
  }

  getMetricsRecorder(): ReturnType<InterceptedCall["getMetricsRecorder"]> {
    return this.#call.getMetricsRecorder();
  }
}

class AwaitedListener implements Listener {
  readonly #listener: Listener;
  readonly #call: InterceptedCall;
  readonly #waiting: Waiting;

  constructor(listener: Listener, call: InterceptedCall, waiting: Waiting) {
    this.#listener = listener;
    this.#call = call;
    this.#waiting = waiting;
  }

  onReceiveMetadata(metadata: grpc.Metadata): void {
    this.#listener.onReceiveMetadata(metadata);
  }

  onReceiveMessage(message: unknown): void {
    this.#listener.onReceiveMessage(message);
  }

  onReceiveHalfClose(): void {
    this.#waiting.delete(this.#call);
    this.#listener.onReceiveHalfClose();
  }

  onCancel(): void {
    this.#waiting.delete(this.#call);
    this.#listener.onCancel();
  }
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
