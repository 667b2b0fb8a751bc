import { PartContext } from "./bridge-context.ts";
import { checkIterable, TurnedStream } from "./bridge-stream.ts";
import { Code } from "./code.ts";
import { type AnyHandler, type HandlerContext, handlerOf, type ServiceImplementation } from "./implementation.ts";
import { compileMethods, type Method } from "./method.ts";
import type { Requests } from "./request-pump.ts";
import { RpcError } from "./rpc-error.ts";

/** A method as a bridge calls it, whoever serves it. */
export interface Callee {
  readonly method: Method;
  readonly call: AnyHandler;
  /** A complete answer of what `call` gave. */
  readonly complete: (answer: unknown) => unknown;
  /** What is thrown on in place of what `call` threw. */
  readonly failure: (thrown: unknown) => unknown;
}

/** By key; a method that nobody serves is left out. */
export type Callees = ReadonlyMap<string, Callee>;

/** What passes as it is. */
export const same = (value: unknown): unknown => value;

/** The handlers of a service. */
export function handlersOf({ definition, implementation, marks }: ServiceImplementation): Callees {
  const callees = new Map<string, Callee>();
  for (const method of compileMethods(definition, marks)) {
    const call = handlerOf(implementation, method.key);
    if (call !== undefined) {
      callees.set(method.key, { method, call, complete: method.completeResponse, failure: same });
    }
  }
  return callees;
}

const origins = new WeakMap<RpcError, Method>();

/** The method of the other version that an error of a `Caller` came from; undefined for any other. */
export function originOf(thrown: unknown): Method | undefined {
  return RpcError.is(thrown) ? origins.get(thrown) : undefined;
}

/** The `Caller` of methods: as handlers of this process call them, in the context of their own call. */
export function createCaller(methods: readonly Method[], callees: Callees): object {
  return Object.fromEntries(methods.map((method) => [method.key, createMethod(method, callees.get(method.key))]));
}

function createMethod(method: Method, callee: Callee | undefined): AnyHandler {
  const failed = (thrown: unknown): unknown => {
    const error = callee === undefined ? thrown : callee.failure(thrown);
    if (RpcError.is(error)) {
      origins.set(error, method);
    }
    return error;
  };
  const begin = (input: unknown, context: HandlerContext): unknown => {
    if (callee === undefined) {
      throw new RpcError(Code.UNIMPLEMENTED, `${method.fullName} is not implemented`);
    }
    return callee.call(input, new PartContext(context, method.fullName));
  };
  const complete = callee?.complete ?? same;
  const streamsRequests = method.kind === "clientStream" || method.kind === "bidiStream";
  const turned = (input: unknown): unknown =>
    streamsRequests
      ? new TurnedStream(input as Requests, { message: method.completeRequest, failure: same })
      : method.completeRequest(input);
  if (method.kind === "unary" || method.kind === "clientStream") {
    return async (input, context) => {
      const requests = turned(input);
      let answer: unknown;
      try {
        answer = await begin(requests, context);
      } catch (thrown) {
        throw failed(thrown);
      }
      return complete(answer);
    };
  }
  return (input, context) => {
    const requests = turned(input);
    let answers: unknown;
    try {
      answers = begin(requests, context);
    } catch (thrown) {
      throw failed(thrown);
    }
    checkIterable(answers, method.fullName);
    return new TurnedStream(answers, { message: complete, failure: failed });
  };
}
