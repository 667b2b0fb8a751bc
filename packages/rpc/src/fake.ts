import { type CallDefaults, callDefaultKeys } from "./call-options.ts";
import { assembleClient, type ClientOf, prepareService } from "./client.ts";
import type { RequestOf, ServiceDefinition } from "./definition.ts";
import { handlerOf, type Implementation } from "./implementation.ts";
import type { Marks } from "./marks.ts";
import { MemoryConnection } from "./memory-connection.ts";
import type { ReadonlyMetadata } from "./metadata.ts";
import type { Method } from "./method.ts";
import { checkKeys } from "./nearest.ts";

/** One call that a fake received. Narrow it by `method` to type its requests. */
export type RecordedCall<D extends ServiceDefinition> = {
  readonly [Key in keyof D["methods"]]: {
    /** The method's name on the client. */
    readonly method: Key;
    /** The requests as they arrived, decoded and complete: one, or as many as a stream has sent by now. */
    readonly requests: readonly RequestOf<D["methods"][Key]>[];
    /** What was sent with the call. */
    readonly metadata: ReadonlyMetadata;
  };
}[keyof D["methods"]];

/** A fake: the client itself, and what it was called with. */
export type FakeOf<D extends ServiceDefinition> = ClientOf<D> & {
  /** Every call so far, in the order they began. */
  readonly calls: readonly RecordedCall<D>[];
};

/** As a client has them: deadline, metadata, waitForReady, retry, interceptors, onDeprecated. */
export type FakeOptions = CallDefaults;

interface Recording {
  readonly method: string;
  readonly requests: unknown[];
  readonly metadata: ReadonlyMetadata;
}

/**
 * Makes a client whose server is `implementation`, in memory: no port, no socket, everything else as in production.
 *
 * Requests and responses are encoded and decoded, defaults filled in, deadlines and aborts end calls, errors arrive as
 * RpcError, a slow reader holds the handler back. A method left out answers UNIMPLEMENTED. What a handler threw that
 * was no RpcError arrives as INTERNAL, as from a real server, but with the error itself as `cause`. Interceptors run
 * as in a client; an interceptor that answers by itself makes no call that would be recorded.
 *
 * @param marks as of `createClient`.
 */
export function createFake<D extends ServiceDefinition>(
  definition: D,
  implementation: Implementation<D> = {},
  options: FakeOptions = {},
  marks: Marks = {},
): FakeOf<D> {
  checkKeys(options, callDefaultKeys, "createFake");
  const service = prepareService(definition, options, marks);
  const calls: Recording[] = [];
  const connection = new MemoryConnection(
    // Looked up at each call, so that a test can replace a handler of an object that it keeps.
    (method) => handlerOf(implementation, method.key),
    (method: Method, metadata: ReadonlyMetadata) => {
      const requests: unknown[] = [];
      calls.push({ method: method.key, requests, metadata });
      return (request) => requests.push(request);
    },
  );
  const client = assembleClient(service, connection, () => connection.close());
  return Object.assign(client, { calls }) as unknown as FakeOf<D>;
}
