/** Serves gRPC services, and stops without dropping a call. */
export type { ConnectionOptions, Limits, ServeOptions, ShutdownOptions, TlsFiles } from "./options.ts";
export { type Ending, type RunningServer, serve } from "./serve.ts";
