/** Typed handlers, and the way to a grpc-js server. */
export { type GrpcService, type ServiceOptions, toGrpcService } from "./grpc-service.js";
export {
  type Answer,
  type Answers,
  type Handler,
  type HandlerContext,
  type Implementation,
  implement,
  type ServiceImplementation,
} from "./implementation.js";
export type { OnError } from "./serve-call.js";
