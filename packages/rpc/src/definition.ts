/**
 * The codec of one message, as ts-proto generates it: `encode(message).finish()` gives bytes, `decode(bytes)` a
 * complete message, `fromPartial` fills in defaults. Parameters are `never` because a definition holds codecs of
 * many types; only the runtime calls them.
 */
export interface MessageType<out Message = unknown> {
  /** The message's full name: `"bookstore.catalog.v1.Book"`. */
  readonly $type?: string;
  encode(message: never): { finish(): Uint8Array };
  decode(input: Uint8Array): Message;
  fromPartial(object: never): Message;
}

/** One rpc, as ts-proto's `generic-definitions` describe it. */
export interface MethodDefinition {
  /** The rpc's name in the schema: `"GetBook"`. */
  readonly name: string;
  readonly requestType: MessageType;
  readonly requestStream: boolean;
  readonly responseType: MessageType;
  readonly responseStream: boolean;
  /** `idempotencyLevel` is read; other method options are let be. */
  readonly options: { readonly [option: string]: unknown };
}

/** One service: `{ name: "CatalogService", fullName: "bookstore.catalog.v1.CatalogService", methods: {…} }`. */
export interface ServiceDefinition {
  readonly name: string;
  readonly fullName: string;
  readonly methods: { readonly [key: string]: MethodDefinition };
}

/** The complete request message of a method. */
export type RequestOf<M extends MethodDefinition> = M["requestType"] extends MessageType<infer T> ? T : never;

/** The complete response message of a method. */
export type ResponseOf<M extends MethodDefinition> = M["responseType"] extends MessageType<infer T> ? T : never;

/** Names that a client object needs for itself. An rpc of that name gets a dollar sign: `close$`. */
export type ReservedMethodName = "close" | "then" | "calls";

/** The property under which a client offers the method `Key`. */
export type ClientMethodName<Key> = Key extends ReservedMethodName ? `${Key}$` : Key;

const reserved: ReadonlySet<string> = new Set<ReservedMethodName>(["close", "then", "calls"]);

/** The property under which a client offers the method: the key, or `close$`, `then$`, `calls$`. */
export function clientMethodName(key: string): string {
  return reserved.has(key) ? `${key}$` : key;
}
