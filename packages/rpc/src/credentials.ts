import type { MetadataInit } from "./metadata.ts";

/** What credentials are asked for. */
export interface CredentialsRequest {
  /** `package.Service/Method`. */
  readonly method: string;
  /** The address as it was given. */
  readonly target: string;
}

/**
 * Gives what is sent with a call to say who calls, `{ authorization: "Bearer …" }`: at once, or by a promise. It is asked
 * before each try of each call, so keep a token until shortly before it ends. Waiting for it counts against the deadline.
 *
 * Where it fails the call ends with UNAUTHENTICATED, or with the code of an RpcError that it throws; the error is the
 * `cause`. Only TLS, and what does not leave this machine, may carry credentials: else they are a TypeError.
 */
export type Credentials = (request: CredentialsRequest) => MetadataInit | Promise<MetadataInit>;
