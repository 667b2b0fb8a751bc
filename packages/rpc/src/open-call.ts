import type { CallSettings } from "./call-options.js";
import type { Connection, WireCall } from "./connection.js";
import { CredentialedCall } from "./credentialed-call.js";
import type { Method } from "./method.js";
import type { RetryBudget } from "./retry.js";
import { RetryingCall } from "./retry-call.js";

/**
 * Puts what a call's settings ask for around the calls of a connection: tries, each with credentials of its own.
 * @param open makes one call on the wire. @throws what `open` throws.
 */
export function openCall(
  { target }: Connection,
  method: Method,
  settings: CallSettings,
  budget: RetryBudget,
  open: (settings: CallSettings) => WireCall,
): WireCall {
  const { credentials, retry } = settings;
  const openOnce =
    credentials === undefined
      ? open
      : (each: CallSettings) =>
          new CredentialedCall(each, () => credentials({ method: method.fullName, target }), open);
  return retry === undefined ? openOnce(settings) : new RetryingCall(retry, budget, settings, openOnce);
}
