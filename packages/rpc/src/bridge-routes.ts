import { type Callee, type Callees, createCaller, originOf, same } from "./bridge-caller.ts";
import { BridgedContext } from "./bridge-context.ts";
import { type FieldNames, turnFields } from "./bridge-fields.ts";
import { checkIterable, type StreamTurn, TurnedStream } from "./bridge-stream.ts";
import type { BridgedService, Handwritten, OnLoss, Route } from "./bridge-types.ts";
import type { AnyHandler, Implementation, ServiceImplementation } from "./implementation.ts";
import { compileMethods, type Method } from "./method.ts";
import { checkKeys } from "./nearest.ts";

/** What both sides of a bridge take. */
export interface BridgeOptions {
  /** Hears of each declared loss that a message meets. What it throws ends the call: so it can forbid them. */
  readonly onLoss?: OnLoss | undefined;
}

/** One version of a service whose methods call those of the other. */
export function serveByOther(
  service: BridgedService,
  callees: Callees,
  options: BridgeOptions,
  what: string,
): ServiceImplementation {
  checkKeys(options, ["onLoss"], what);
  const caller = createCaller(compileMethods(service.other), callees);
  const handlers: Record<string, AnyHandler> = {};
  for (const method of compileMethods(service.definition)) {
    const own = ownOf(service.handwritten, method.key);
    const route = ownOf(service.routes, method.key);
    const callee = route && callees.get(route.to);
    if (own !== undefined) {
      handlers[method.key] = handwrittenHandler(method, own, caller, route);
    } else if (route !== undefined && callee !== undefined) {
      checkKind(method, callee.method);
      handlers[method.key] = routeHandler(method, route, callee, options.onLoss);
    }
  }
  return service.implement(handlers as Implementation<never>);
}

/** What stands there itself: an rpc may be called `toString`. */
function ownOf<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function checkKind(method: Method, other: Method): void {
  if (method.kind !== other.kind) {
    throw new TypeError(
      `the bridge joins ${method.fullName} (${method.kind}) with ${other.fullName} (${other.kind}): write it by hand`,
    );
  }
}

function requestOf({ requestType, fullName }: Method): string {
  return requestType === "" ? fullName : requestType;
}

// Errors of a conversion speak of the fields that its own caller knows.
const ours = new WeakSet<object>();

function routeHandler(served: Method, route: Route, callee: Callee, onLoss: OnLoss | undefined): AnyHandler {
  const { method, call, complete, failure } = callee;
  const names: FieldNames = { request: requestOf(method), own: requestOf(served), fieldOf: route.fieldOf };
  const convert = (message: unknown): unknown => {
    try {
      return route.request(message as never, onLoss);
    } catch (thrown) {
      if (typeof thrown === "object" && thrown !== null) {
        ours.add(thrown);
      }
      throw thrown;
    }
  };
  const turn: StreamTurn = {
    message: (answer) => route.response(complete(answer) as never, onLoss),
    failure: (thrown) =>
      typeof thrown === "object" && thrown !== null && ours.has(thrown) ? thrown : turnFields(failure(thrown), names),
  };
  const streamsRequests = method.kind === "clientStream" || method.kind === "bidiStream";
  const input = streamsRequests
    ? (requests: unknown): unknown => turnRequests(requests as AsyncIterable<unknown>, convert)
    : convert;
  return turnHandler(
    method,
    (requests, context) => call(input(requests), new BridgedContext(context, method.fullName)),
    turn,
  );
}

function handwrittenHandler(method: Method, own: Handwritten, caller: object, route: Route | undefined): AnyHandler {
  const failure = (thrown: unknown): unknown => {
    const origin = originOf(thrown);
    if (origin === undefined) {
      return thrown;
    }
    // Of another method's request nobody has said where its fields are.
    const fieldOf = origin.key === route?.to ? route.fieldOf : (): undefined => undefined;
    return turnFields(thrown, { request: requestOf(origin), own: requestOf(method), fieldOf });
  };
  return turnHandler(
    method,
    (input, context) => own(input as never, new BridgedContext(context, context.method), caller as never),
    { message: same, failure },
  );
}

function turnRequests(requests: AsyncIterable<unknown>, message: StreamTurn["message"]): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => new TurnedStream(requests, { message, failure: same }) };
}

/** A handler whose answers and errors are turned. An answer that is there stays so: it costs no turn of the event loop. */
function turnHandler(method: Method, call: AnyHandler, turn: StreamTurn): AnyHandler {
  const streams = method.kind === "serverStream" || method.kind === "bidiStream";
  const { message, failure } = turn;
  const rejected = (thrown: unknown): never => {
    throw failure(thrown);
  };
  return (input, context) => {
    let answer: unknown;
    try {
      answer = call(input, context);
    } catch (thrown) {
      return rejected(thrown);
    }
    if (streams) {
      checkIterable(answer, method.fullName);
      return new TurnedStream(answer, turn);
    }
    return isPromise(answer) ? answer.then(message, rejected) : message(answer);
  };
}

function isPromise(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === "object" && answer !== null && typeof (answer as { then?: unknown }).then === "function";
}
