import type { PartialMessage } from "./partial-message.ts";

/** google.protobuf.Duration, as the generated packages have it. */
export interface Duration {
  readonly seconds: bigint;
  /** Billionths of a second, with the sign of `seconds`. */
  readonly nanos: number;
}

/** Why a call failed, for a program: `{ reason: "STOCK_EMPTY", domain: "bookstore.example", metadata: { … } }`. */
export interface ErrorInfo {
  /** UPPER_SNAKE_CASE, unique in the domain. */
  readonly reason: string;
  /** Who defines the reason, as a rule the name of the service. */
  readonly domain: string;
  readonly metadata: { readonly [key: string]: string };
}

/** When to try again. The runtime's own retries wait that long. */
export interface RetryInfo {
  readonly retryDelay: Duration | undefined;
}

/** For the developers of the server. Do not send it to strangers. */
export interface DebugInfo {
  readonly stackEntries: readonly string[];
  readonly detail: string;
}

/** Which quota was used up. */
export interface QuotaFailure {
  readonly violations: readonly {
    readonly subject: string;
    readonly description: string;
    readonly apiService: string;
    readonly quotaMetric: string;
    readonly quotaId: string;
    readonly quotaDimensions: { readonly [key: string]: string };
    readonly quotaValue: bigint;
    readonly futureQuotaValue: bigint | undefined;
  }[];
}

/** What must be so before the call can succeed. */
export interface PreconditionFailure {
  readonly violations: readonly {
    readonly type: string;
    readonly subject: string;
    readonly description: string;
  }[];
}

/** Which fields of the request are wrong. */
export interface BadRequest {
  readonly fieldViolations: readonly {
    /** The path to the field: `items[2].sku`. */
    readonly field: string;
    readonly description: string;
    /** UPPER_SNAKE_CASE, for a program. */
    readonly reason: string;
    readonly localizedMessage: LocalizedMessage | undefined;
  }[];
}

/** The server's name for the request, to look for in its logs. */
export interface RequestInfo {
  readonly requestId: string;
  readonly servingData: string;
}

/** Which resource the call was about. */
export interface ResourceInfo {
  readonly resourceType: string;
  readonly resourceName: string;
  readonly owner: string;
  readonly description: string;
}

/** Where to read more. */
export interface Help {
  readonly links: readonly { readonly description: string; readonly url: string }[];
}

/** A text that may be shown to the user as it is. */
export interface LocalizedMessage {
  /** BCP 47: `"de-CH"`. */
  readonly locale: string;
  readonly message: string;
}

/** The details that are decoded, by the names of their messages. */
export interface KnownDetails {
  readonly "google.rpc.BadRequest": BadRequest;
  readonly "google.rpc.DebugInfo": DebugInfo;
  readonly "google.rpc.ErrorInfo": ErrorInfo;
  readonly "google.rpc.Help": Help;
  readonly "google.rpc.LocalizedMessage": LocalizedMessage;
  readonly "google.rpc.PreconditionFailure": PreconditionFailure;
  readonly "google.rpc.QuotaFailure": QuotaFailure;
  readonly "google.rpc.RequestInfo": RequestInfo;
  readonly "google.rpc.ResourceInfo": ResourceInfo;
  readonly "google.rpc.RetryInfo": RetryInfo;
}

/** The type URL of a message that is not known here: `"type.googleapis.com/acme.v1.Own"`. */
export type TypeUrl = `${string}/${string}`;

/** One detail of an error. Narrow it by `type`; a message that is not known has its URL there, and stays bytes. */
export type ErrorDetail =
  | {
      readonly [Type in keyof KnownDetails]: { readonly type: Type; readonly value: KnownDetails[Type] };
    }[keyof KnownDetails]
  | { readonly type: TypeUrl; readonly value: Uint8Array };

/** The value of a detail by the name or the URL of its type. */
export type DetailOf<Type extends string> = Type extends keyof KnownDetails
  ? KnownDetails[Type]
  : string extends Type
    ? unknown
    : Uint8Array;

/** A detail to send: a partial message, or the bytes of one, with its name or its URL. */
export type ErrorDetailInit =
  | {
      readonly [Type in keyof KnownDetails]: {
        readonly type: Type;
        readonly value: PartialMessage<KnownDetails[Type]>;
      };
    }[keyof KnownDetails]
  | { readonly type: string; readonly value: Uint8Array };
