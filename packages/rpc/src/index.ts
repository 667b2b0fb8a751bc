/** Typed clients over gRPC: what the generated packages are built on. */
export type { AbortSignalLike, Signal } from "./abort.ts";
export type { CallDefaults, CallOptions } from "./call-options.ts";
export type { Channel, ChannelOptions, KeepaliveOptions, TlsOptions } from "./channel.ts";
export {
  type Client,
  type ClientMethod,
  type ClientOf,
  type ClientOptions,
  createClient,
  type Target,
} from "./client.ts";
export { Code, type CodeName, codeName } from "./code.ts";
export { createChannel } from "./create-channel.ts";
export type { Credentials, CredentialsRequest } from "./credentials.ts";
export type {
  ClientMethodName,
  MessageType,
  MethodDefinition,
  RequestOf,
  ReservedMethodName,
  ResponseOf,
  ServiceDefinition,
} from "./definition.ts";
export type { DeprecatedUse, OnDeprecated } from "./deprecation.ts";
export type { AsyncDisposal } from "./disposal.ts";
export type {
  BadRequest,
  DebugInfo,
  DetailOf,
  Duration,
  ErrorDetail,
  ErrorDetailInit,
  ErrorInfo,
  Help,
  KnownDetails,
  LocalizedMessage,
  PreconditionFailure,
  QuotaFailure,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
  TypeUrl,
} from "./google-rpc.ts";
export {
  type CallOf,
  type InterceptedCall,
  type Interceptor,
  isCallOf,
  type Next,
  type Reply,
  type ReplyInit,
} from "./interceptor.ts";
export { type CallEnd, type CallObserver, observe } from "./interceptor-observe.ts";
export type { Dates, FieldMarks, Marks } from "./marks.ts";
export {
  Metadata,
  type MetadataConstructor,
  type MetadataInit,
  type MetadataValue,
  type ReadonlyMetadata,
} from "./metadata.ts";
export type { Idempotency, MethodInfo, MethodKind } from "./method.ts";
export type { PartialMessage } from "./partial-message.ts";
export { redact } from "./redact.ts";
export type { RetryOptions } from "./retry.ts";
export { RpcError, type RpcErrorInit } from "./rpc-error.ts";
export { type DurationLike, duration, nanosOf, withNanos } from "./time.ts";
