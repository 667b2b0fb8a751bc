import { ALL, behaviour, breaks, KEEP, minor, NEW_VERSION, patch, type Rule } from "./rule.ts";

/** What happens to services and their rpcs. */
export const RPC_RULES: Readonly<Record<string, Rule>> = {
  "service-added": minor("service-removed", "Nobody calls it yet."),
  "service-removed": breaks(
    ["wire", "source"],
    "service-added",
    "Its calls are answered by UNIMPLEMENTED.",
    "Deprecate it.",
  ),
  "service-renamed": breaks(["wire", "source"], "service-renamed", "The name is part of every call's path.", KEEP),
  "service-moved": patch("service-moved", "Another file of the same package: every name stays."),
  "service-deprecated": minor("service-undeprecated", "Editors strike it through."),
  "service-undeprecated": patch("service-deprecated", "The mark is taken back."),
  "service-comment-changed": patch("service-comment-changed", "The documentation is part of what is shipped."),
  "service-option-changed": patch("service-option-changed", "Custom options reach neither TypeScript nor the wire."),

  "rpc-added": minor("rpc-removed", "Nobody calls it yet, and a server that lacks it answers UNIMPLEMENTED."),
  "rpc-removed": breaks(["wire", "source"], "rpc-added", "A call of it is answered by UNIMPLEMENTED.", "Deprecate it."),
  "rpc-name-reused": breaks(
    ["wire"],
    undefined,
    "An earlier release had the name for a call of other messages: who still makes that call sends the wrong ones.",
    "Give the rpc a name that was never used.",
  ),
  "rpc-renamed": breaks(["wire", "source"], "rpc-renamed", "The name is part of the call's path.", KEEP),
  "rpc-request-changed": breaks(
    ALL,
    "rpc-request-changed",
    "The server reads another message. How alike the two are does not count: from now on each changes by itself.",
    NEW_VERSION,
  ),
  "rpc-response-changed": breaks(
    ALL,
    "rpc-response-changed",
    "The client reads another message. How alike the two are does not count: from now on each changes by itself.",
    NEW_VERSION,
  ),
  "rpc-request-streaming-changed": breaks(
    ["wire", "source"],
    "rpc-request-streaming-changed",
    "One message and a stream of them are different calls.",
    "Add an rpc beside it.",
  ),
  "rpc-response-streaming-changed": breaks(
    ["wire", "source"],
    "rpc-response-streaming-changed",
    "One message and a stream of them are different calls.",
    "Add an rpc beside it.",
  ),
  "rpc-idempotency-strengthened": minor("rpc-idempotency-weakened", "Clients may repeat the call by themselves now."),
  "rpc-idempotency-weakened": behaviour(
    "rpc-idempotency-strengthened",
    "Clients that are installed repeat the call by themselves, and it no longer bears that.",
    "Keep the rpc as safe as it was.",
  ),
  "rpc-deprecated": minor("rpc-undeprecated", "Editors strike it through."),
  "rpc-undeprecated": patch("rpc-deprecated", "The mark is taken back."),
  "rpc-comment-changed": patch("rpc-comment-changed", "The documentation is part of what is shipped."),
  "rpc-option-changed": patch("rpc-option-changed", "Custom options reach neither TypeScript nor the wire."),
  "rpcs-reordered": patch("rpcs-reordered", "Only the order of the methods in the documentation."),
};
