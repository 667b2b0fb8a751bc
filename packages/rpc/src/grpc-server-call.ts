import type { EventEmitter } from "node:events";
import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from "@grpc/grpc-js";
import { Code } from "./code.ts";
import { fromGrpcMetadata, toBuffer, toGrpcMetadata } from "./grpc-metadata.ts";
import type { Metadata, ReadonlyMetadata } from "./metadata.ts";
import type { Outcome, ServerCall } from "./serve-call.ts";

type SingleCall = ServerUnaryCall<unknown, Uint8Array> | ServerReadableStream<unknown, Uint8Array>;
type StreamCall = ServerWritableStream<unknown, Uint8Array> | ServerDuplexStream<unknown, Uint8Array>;

/** What a call is to both kinds of answer. */
abstract class GrpcServerCall<Call extends SingleCall | StreamCall> implements ServerCall {
  protected readonly call: Call;
  protected ended = false;

  constructor(call: Call) {
    this.call = call;
  }

  get peer(): string {
    return this.call.getPeer();
  }

  get deadline(): number {
    const deadline = this.call.getDeadline();
    return deadline instanceof Date ? deadline.getTime() : deadline;
  }

  readonly metadata = (): ReadonlyMetadata => fromGrpcMetadata(this.call.metadata);

  sendHeaders(headers: Metadata): void {
    this.call.sendMetadata(toGrpcMetadata(headers));
  }

  get cancelled(): boolean {
    return this.call.cancelled;
  }

  onCancel(listener: () => void): void {
    if (this.call.cancelled) {
      listener();
      return;
    }
    (this.call as EventEmitter).once("cancelled", () => {
      // grpc-js says "cancelled" after every call, also one that ended well.
      if (!this.ended) {
        listener();
      }
    });
  }

  abstract send(bytes: Uint8Array): Promise<void> | undefined;
  abstract end(outcome: Outcome): void;
}

/** The status as grpc-js takes it. A lone surrogate would make it throw out of reach. */
function toStatus(outcome: Outcome): { code: number; details: string; metadata: ReturnType<typeof toGrpcMetadata> } {
  return {
    code: outcome.code,
    details: outcome.details.replace(/\p{Surrogate}/gu, "\ufffd"),
    metadata: toGrpcMetadata(outcome.trailers),
  };
}

/** A call that is answered once: unary and client-streaming. */
export class SingleServerCall extends GrpcServerCall<SingleCall> {
  readonly #callback: sendUnaryData<Uint8Array>;
  #answer: Uint8Array | undefined;

  constructor(call: SingleCall, callback: sendUnaryData<Uint8Array>) {
    super(call);
    this.#callback = callback;
  }

  send(bytes: Uint8Array): undefined {
    this.#answer = bytes;
  }

  end(outcome: Outcome): void {
    this.ended = true;
    if (outcome.code === Code.OK && this.#answer !== undefined) {
      this.#callback(null, this.#answer, toGrpcMetadata(outcome.trailers));
    } else {
      this.#callback(toStatus(outcome));
    }
  }
}

/** A call that is answered by a stream. It holds the handler back while the client's window is full. */
export class StreamServerCall extends GrpcServerCall<StreamCall> {
  #wake: (() => void) | undefined;

  constructor(call: StreamCall) {
    super(call);
    call.on("drain", () => this.#wake?.());
    call.once("cancelled", () => this.#wake?.());
  }

  send(bytes: Uint8Array): Promise<void> | undefined {
    if (this.call.write(toBuffer(bytes)) || this.call.cancelled) {
      return undefined;
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  end(outcome: Outcome): void {
    this.ended = true;
    if (outcome.code === Code.OK) {
      this.call.end(toGrpcMetadata(outcome.trailers));
    } else {
      // grpc-js's way to end a stream with a status: it lets go out what was written before.
      this.call.emit("error", toStatus(outcome));
    }
  }
}
