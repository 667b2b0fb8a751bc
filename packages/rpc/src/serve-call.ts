import type { Signal } from "./abort.ts";
import { Code } from "./code.ts";
import { fitText } from "./details.ts";
import type { AnyHandler, HandlerContext } from "./implementation.ts";
import { Metadata, type MetadataInit, type ReadonlyMetadata } from "./metadata.ts";
import type { Method } from "./method.ts";
import { RpcError } from "./rpc-error.ts";

/** How a handler's call ends. */
export interface Outcome {
  readonly code: number;
  readonly details: string;
  readonly trailers: Metadata;
  /** What the handler threw, for a log or a test; never sent. */
  readonly cause?: unknown;
}

/** The server's end of one call in bytes: what grpc-js and the fake both are to a handler. */
export interface ServerCall {
  readonly peer: string;
  /** Milliseconds since 1970, Infinity for none. */
  readonly deadline: number;
  readonly metadata: () => ReadonlyMetadata;
  sendHeaders(headers: Metadata): void;
  /** Sends one response. A promise means: the client is slow, send the next when it settles. */
  send(bytes: Uint8Array): Promise<void> | undefined;
  end(outcome: Outcome): void;
  /** True when the client has left or the deadline passed before the end, or the server stopped it. */
  readonly cancelled: boolean;
  /** Why the server stopped it; undefined when it did not. */
  readonly stopped?: RpcError | undefined;
  /** Calls back once when the client has left or the deadline passed; at once when it already has. */
  onCancel(listener: () => void): void;
}

/**
 * Hears of what a handler threw that was no RpcError, and of errors of its clean-up after the client left.
 * @param id what the client was told in place of it: `internal error 3f2a9c01`.
 */
export type OnError = (error: unknown, context: HandlerContext, id: string) => void;

// Made when asked for: a module that is only loaded should make nothing.
let never: Signal | undefined;

/** The context of one call. */
export class CallContext implements HandlerContext {
  readonly method: string;
  readonly trailers: Metadata = new Metadata();
  caller: unknown;
  readonly #call: ServerCall;
  readonly #closing: Signal | undefined;
  #controller: AbortController | undefined;
  #metadata: ReadonlyMetadata | undefined;
  #headersSent = false;

  constructor(method: Method, call: ServerCall, closing?: Signal) {
    this.method = method.fullName;
    this.#closing = closing;
    this.#call = call;
  }

  get closing(): Signal {
    never ??= new AbortController().signal;
    return this.#closing ?? never;
  }

  // Made when asked for: most unary handlers never look, and an AbortController is dear.
  get signal(): Signal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      this.#call.onCancel(() => controller.abort(this.#reason()));
    }
    return this.#controller.signal;
  }

  get deadline(): Date | undefined {
    return Number.isFinite(this.#call.deadline) ? new Date(this.#call.deadline) : undefined;
  }

  get timeLeft(): number {
    return Math.max(this.#call.deadline - Date.now(), 0);
  }

  get peer(): string {
    return this.#call.peer;
  }

  get metadata(): ReadonlyMetadata {
    this.#metadata ??= this.#call.metadata();
    return this.#metadata;
  }

  sendHeaders(headers: MetadataInit): void {
    if (this.#headersSent) {
      throw new Error(`${this.method} sent its headers already: they go out once, before the first response`);
    }
    this.#headersSent = true;
    this.#call.sendHeaders(new Metadata(headers));
  }

  #reason(): RpcError {
    if (this.#call.stopped !== undefined) {
      return this.#call.stopped;
    }
    const late = Date.now() >= this.#call.deadline;
    const text = late ? "the deadline passed" : "the client left";
    return new RpcError(late ? Code.DEADLINE_EXCEEDED : Code.CANCELLED, text, { method: this.method });
  }
}

/**
 * Runs one call through its handler: the answer is sent, what is thrown becomes a status. It never throws and never
 * rejects.
 * @param input the decoded request, or the async iterable of them.
 */
export function serveCall(
  method: Method,
  handler: AnyHandler | undefined,
  input: unknown,
  call: ServerCall,
  onError: OnError,
): void {
  runHandler(method, handler, input, call, new CallContext(method, call), onError);
}

/** As `serveCall`, in a context that is there already. */
export function runHandler(
  method: Method,
  handler: AnyHandler | undefined,
  input: unknown,
  call: ServerCall,
  context: CallContext,
  onError: OnError,
): void {
  if (handler === undefined) {
    const details = `${method.fullName} is not implemented`;
    call.end({ code: Code.UNIMPLEMENTED, details, trailers: context.trailers });
    return;
  }
  if (method.kind === "unary" || method.kind === "clientStream") {
    answerOnce(method, handler, input, context, call, onError);
  } else {
    answerMany(method, handler, input, context, call, onError);
  }
}

function finish(call: ServerCall, context: CallContext): void {
  call.end({ code: Code.OK, details: "OK", trailers: context.trailers });
}

/** Ends a call with what was thrown. */
export function fail(call: ServerCall, context: CallContext, thrown: unknown, onError: OnError): void {
  const { trailers } = context;
  if (RpcError.is(thrown) && thrown.code !== Code.OK) {
    trailers.merge(thrown.metadata);
    call.end({ code: thrown.code, details: fitText(thrown.rawMessage), trailers, cause: thrown });
    return;
  }
  const id = report(onError, thrown, context);
  call.end({ code: Code.INTERNAL, details: `internal error ${id}`, trailers, cause: thrown });
}

/** @returns by which a person finds it in the log. */
function report(onError: OnError, thrown: unknown, context: HandlerContext): string {
  const id = Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
  try {
    onError(thrown, context, id);
  } catch {
    // A logger that fails must not take the server down.
  }
  return id;
}

function answerOnce(
  method: Method,
  handler: AnyHandler,
  input: unknown,
  context: CallContext,
  call: ServerCall,
  onError: OnError,
): void {
  // A handler that stops because its client left has done right: there is nothing to report, and no one to answer.
  const failed = (thrown: unknown): void => {
    if (!call.cancelled) {
      fail(call, context, thrown, onError);
    }
  };
  const answered = (answer: unknown): void => {
    try {
      if (!call.cancelled) {
        call.send(method.encodeResponse(answer));
        finish(call, context);
      }
    } catch (thrown) {
      failed(thrown);
    }
  };
  try {
    const answer = handler(input, context);
    // An answer that is there goes out at once: waiting for it would cost a turn of the microtask queue.
    if (isPromise(answer)) {
      answer.then(answered, failed);
    } else {
      answered(answer);
    }
  } catch (thrown) {
    failed(thrown);
  }
}

function isPromise(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === "object" && answer !== null && typeof (answer as { then?: unknown }).then === "function";
}

function iterate(answers: unknown, method: Method): AsyncIterator<unknown> | Iterator<unknown> {
  if (typeof answers === "object" && answers !== null) {
    const iterable = answers as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
    const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.();
    if (iterator !== undefined) {
      return iterator;
    }
  }
  throw new TypeError(
    `the handler of ${method.fullName} must give an (async) iterable, for example be an async generator`,
  );
}

async function answerMany(
  method: Method,
  handler: AnyHandler,
  input: unknown,
  context: CallContext,
  call: ServerCall,
  onError: OnError,
): Promise<void> {
  let left = false;
  let iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  const release = async (): Promise<void> => {
    const leaving = iterator;
    iterator = undefined;
    try {
      await leaving?.return?.();
    } catch (thrown) {
      report(onError, thrown, context);
    }
  };
  call.onCancel(() => {
    left = true;
    release();
  });
  try {
    iterator = iterate(handler(input, context), method);
    // What the loop reads is a constant: release() may have taken the variable away while we awaited.
    const answers = iterator;
    while (!left) {
      const step = await answers.next();
      if (left) {
        return;
      }
      if (step.done === true) {
        iterator = undefined;
        finish(call, context);
        return;
      }
      await call.send(encode(method, step.value, release));
    }
  } catch (thrown) {
    iterator = undefined;
    if (!left) {
      fail(call, context, thrown, onError);
    }
  }
}

/** An answer that cannot be encoded ends the generator too, so that its `finally` runs. */
function encode(method: Method, answer: unknown, release: () => void): Uint8Array {
  try {
    return method.encodeResponse(answer);
  } catch (error) {
    release();
    throw error;
  }
}
