import type { MethodDefinition, RequestOf, ResponseOf, ServiceDefinition } from "./definition.ts";
import type { HandlerContext, Implementation, ServiceImplementation } from "./implementation.ts";
import type { PartialMessage } from "./partial-message.ts";

/** What one version has and the other cannot hold, as it was declared. */
export interface Loss {
  /** The version and the element: `v1.Book.stock`. It is lost on the way to the other version. */
  readonly path: string;
  readonly reason: string;
}

/** Hears of each declared loss that a message meets: a field that is set, an enum value that has no counterpart. */
export type OnLoss = (loss: Loss) => void;

/** Makes a message of one version from that of the other. */
export type Convert<From, To> = (message: From, onLoss?: OnLoss) => To;

/** A service in process: its methods take requests and the context of the call that they serve, and give complete answers. */
export type Caller<D extends ServiceDefinition> = {
  readonly [Key in keyof D["methods"]]: CallerMethod<D["methods"][Key]>;
};

type Requests<M extends MethodDefinition> =
  | Iterable<PartialMessage<RequestOf<M>>>
  | AsyncIterable<PartialMessage<RequestOf<M>>>;

export type CallerMethod<M extends MethodDefinition> = M["requestStream"] extends true
  ? M["responseStream"] extends true
    ? (requests: Requests<M>, context: HandlerContext) => AsyncIterable<ResponseOf<M>>
    : (requests: Requests<M>, context: HandlerContext) => Promise<ResponseOf<M>>
  : M["responseStream"] extends true
    ? (request: PartialMessage<RequestOf<M>>, context: HandlerContext) => AsyncIterable<ResponseOf<M>>
    : (request: PartialMessage<RequestOf<M>>, context: HandlerContext) => Promise<ResponseOf<M>>;

/** A method that the other version has too: same kind of rpc, requests and answers converted. */
export interface Route {
  /** Its key in the other version. */
  readonly to: string;
  readonly request: Convert<never, unknown>;
  readonly response: Convert<never, unknown>;
  /**
   * A field of the other version's request as this version's clients know it, both in proto names
   * (`contributors.name` → `authors`), places in lists and maps kept (`lines[2].cost` → `items[2].price`); undefined
   * for one that they do not have.
   */
  readonly fieldOf: (path: string) => string | undefined;
}

/** A method that a person wrote, by calls of the other version. */
export type Handwritten = (input: never, context: HandlerContext, other: never) => unknown;

/** One version of a service, served by calling the other. */
export interface BridgedService {
  readonly definition: ServiceDefinition;
  readonly other: ServiceDefinition;
  readonly implement: (implementation: Implementation<never>) => ServiceImplementation;
  /**
   * By key. What is written by hand goes before a route, which then only says where the fields of an error are. A method
   * that is in neither answers UNIMPLEMENTED.
   */
  readonly routes: Readonly<Record<string, Route>>;
  readonly handwritten: Readonly<Record<string, Handwritten | undefined>>;
}

/** A service in two versions, each served by the other. */
export interface Bridge {
  readonly old: BridgedService;
  readonly now: BridgedService;
}
