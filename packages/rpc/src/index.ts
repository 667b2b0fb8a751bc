/** Typed clients over gRPC: what the generated packages are built on. */
export type { AbortSignalLike, Signal } from "./abort.js";
export type { CallDefaults, CallOptions } from "./call-options.js";
export type { Channel, ChannelOptions, TlsOptions } from "./channel.js";
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
export type {
  ClientMethodName,
  MessageType,
  MethodDefinition,
  RequestOf,
  ReservedMethodName,
  ResponseOf,
  ServiceDefinition,
} from "./definition.js";
export type { AsyncDisposal } from "./disposal.js";
export { Metadata, type MetadataInit, type MetadataValue, type ReadonlyMetadata } from "./metadata.js";
export type { PartialMessage } from "./partial-message.js";
export { RpcError, type RpcErrorInit } from "./rpc-error.js";
