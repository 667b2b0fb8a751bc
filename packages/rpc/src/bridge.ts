/** Two versions of a service, each served by the other: what the generated bridges are built on. */
export { connectInProcess, type InProcessOptions } from "./bridge-channel.ts";
export { bridgeClient } from "./bridge-client.ts";
export type { BridgeOptions } from "./bridge-routes.ts";
export { bridgeServer } from "./bridge-server.ts";
export type {
  Bridge,
  BridgedService,
  Caller,
  CallerMethod,
  Convert,
  Handwritten,
  Loss,
  OnLoss,
  Route,
} from "./bridge-types.ts";
