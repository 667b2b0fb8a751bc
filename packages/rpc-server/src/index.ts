/** Serves gRPC services, and stops without dropping a call. */
export {
  type CountDeprecatedOptions,
  countDeprecated,
  type DeprecatedCalls,
  type DeprecatedCounter,
} from "./count-deprecated.ts";
export type { ConnectionOptions, Limits, ServeOptions, ShutdownOptions, TlsFiles } from "./options.ts";
export { type Ending, type RunningServer, serve } from "./serve.ts";
export { type CheckRequest, validateRequests } from "./validate-requests.ts";
