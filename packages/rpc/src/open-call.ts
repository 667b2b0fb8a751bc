import type { CallSettings } from "./call-options.ts";
import type { Connection, WireCall } from "./connection.ts";
import { CredentialedCall } from "./credentialed-call.ts";
import type { Method } from "./method.ts";
import type { RetryBudget } from "./retry.ts";
import { RetryingCall } from "./retry-call.ts";

function isSingle({ kind }: Method): boolean {
  return kind === "unary" || kind === "clientStream";
}

/**
 * Puts what a call's settings ask for around the calls of a connection: tries, each with credentials of its own.
 * @param open makes one call on the wire. @throws what `open` throws.
 * @param several whether another try may reach another server.
 */
export function openCall(
  { target }: Connection,
  method: Method,
  settings: CallSettings,
  budget: RetryBudget,
  open: (settings: CallSettings) => WireCall,
  several = false,
): WireCall {
  const { credentials, retry } = settings;
  const openOnce =
    credentials === undefined
      ? open
      : (each: CallSettings) =>
          new CredentialedCall(each, () => credentials({ method: method.fullName, target }), open);
  return retry === undefined && !several
    ? openOnce(settings)
    : new RetryingCall(retry, budget, settings, openOnce, { several, single: isSingle(method) });
}
