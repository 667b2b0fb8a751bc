/** Typed handlers, and the way to a grpc-js server. */

export type { CallGate, OpenCall } from "./call-gate.ts";
export { Countdown } from "./countdown.ts";
export { deprecatedFields } from "./deprecation.ts";
export { type GrpcService, logError, type ServiceOptions, toGrpcService } from "./grpc-service.ts";
export {
  type Answer,
  type Answers,
  type Handler,
  type HandlerContext,
  type Implementation,
  implement,
  type ServiceImplementation,
} from "./implementation.ts";
export { checkKeys } from "./nearest.ts";
export type { OnError } from "./serve-call.ts";
