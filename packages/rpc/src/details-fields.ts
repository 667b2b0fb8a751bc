import type { KnownDetails } from "./google-rpc.ts";

/**
 * How a field is written: a scalar, a message, a list of either in brackets. `int64?` is one with presence, `map` is
 * a map from string to string. These are all that google.rpc has.
 */
export type Kind = "string" | "bytes" | "int32" | "int64" | "int64?" | "map" | Fields | readonly [Kind];

/** The fields of a message by name, in the order of their numbers, which begin at 1 and leave none out. */
export interface Fields {
  readonly [name: string]: Kind;
}

/** Wire types of protobuf. */
export const Wire = { VARINT: 0, BIT64: 1, DELIMITED: 2, GROUP: 3, GROUP_END: 4, BIT32: 5 } as const;

/** The wire type that fields of a kind have. */
export function wireTypeOf(kind: Kind): number {
  return kind === "int32" || kind === "int64" || kind === "int64?" ? Wire.VARINT : Wire.DELIMITED;
}

/** What an absent field has. */
export function defaultOf(kind: Kind): unknown {
  switch (kind) {
    case "string":
      return "";
    case "bytes":
      return new Uint8Array();
    case "int32":
      return 0;
    case "int64":
      return 0n;
    case "map":
      return {};
    default:
      return Array.isArray(kind) ? [] : undefined;
  }
}

/** One entry of a map. */
export const mapEntry: Fields = { key: "string", value: "string" };

/** google.rpc.Status, with google.protobuf.Any inside. */
export const status: Fields = {
  code: "int32",
  message: "string",
  details: [{ typeUrl: "string", value: "bytes" }],
};

const localizedMessage: Fields = { locale: "string", message: "string" };

/** The messages that a status can carry and that are decoded. */
export const knownDetails: { readonly [Name in keyof KnownDetails]: Fields } = {
  "google.rpc.BadRequest": {
    fieldViolations: [{ field: "string", description: "string", reason: "string", localizedMessage }],
  },
  "google.rpc.DebugInfo": { stackEntries: ["string"], detail: "string" },
  "google.rpc.ErrorInfo": { reason: "string", domain: "string", metadata: "map" },
  "google.rpc.Help": { links: [{ description: "string", url: "string" }] },
  "google.rpc.LocalizedMessage": localizedMessage,
  "google.rpc.PreconditionFailure": { violations: [{ type: "string", subject: "string", description: "string" }] },
  "google.rpc.QuotaFailure": {
    violations: [
      {
        subject: "string",
        description: "string",
        apiService: "string",
        quotaMetric: "string",
        quotaId: "string",
        quotaDimensions: "map",
        quotaValue: "int64",
        futureQuotaValue: "int64?",
      },
    ],
  },
  "google.rpc.RequestInfo": { requestId: "string", servingData: "string" },
  "google.rpc.ResourceInfo": { resourceType: "string", resourceName: "string", owner: "string", description: "string" },
  "google.rpc.RetryInfo": { retryDelay: { seconds: "int64", nanos: "int32" } },
};
