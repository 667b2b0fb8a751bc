/** Typed clients over gRPC: what the generated packages are built on. */
export type { AbortSignalLike, Signal } from "./abort.js";
export type { CallDefaults, CallOptions } from "./call-options.js";
export type { Channel, ChannelOptions, KeepaliveOptions, TlsOptions } from "./channel.js";
export {
  type Client,
  type ClientMethod,
  type ClientOf,
  type ClientOptions,
  createClient,
  type Target,
} from "./client.js";
export { Code, type CodeName, codeName } from "./code.js";
export { createChannel } from "./create-channel.js";
export type { Credentials, CredentialsRequest } from "./credentials.js";
export type {
  ClientMethodName,
  MessageType,
  MethodDefinition,
  RequestOf,
  ReservedMethodName,
  ResponseOf,
  ServiceDefinition,
} from "./definition.js";
export type { DeprecatedUse, OnDeprecated } from "./deprecation.js";
export type { AsyncDisposal } from "./disposal.js";
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
} from "./google-rpc.js";
export {
  type CallOf,
  type InterceptedCall,
  type Interceptor,
  isCallOf,
  type Next,
  type Reply,
  type ReplyInit,
} from "./interceptor.js";
export { type CallEnd, type CallObserver, observe } from "./interceptor-observe.js";
export type { FieldMarks, Marks } from "./marks.js";
export { Metadata, type MetadataInit, type MetadataValue, type ReadonlyMetadata } from "./metadata.js";
export type { Idempotency, MethodInfo, MethodKind } from "./method.js";
export type { PartialMessage } from "./partial-message.js";
export { redact } from "./redact.js";
export type { RetryOptions } from "./retry.js";
export { RpcError, type RpcErrorInit } from "./rpc-error.js";
export { type DurationLike, duration, nanosOf, withNanos } from "./time.js";
