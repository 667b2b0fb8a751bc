import type { Break, Change, Difference } from "./change.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { stabilityOf } from "./names.ts";
import { ruleOf } from "./rules.ts";

/** A difference with the verdict that its rule has for a package of that stability. */
export function judge(difference: Difference): Change {
  const rule = ruleOf(difference.rule);
  const unstable = stabilityOf(difference.package) === "unstable";
  const bump = unstable && rule.bump === "major" ? "minor" : rule.bump;
  return { ...difference, breaks: rule.breaks, bump, fingerprint: fingerprintOf(difference) };
}

/** Whether somebody who used the schema as it was must do something. Also on an unstable package. */
export function isBreak({ rule, breaks }: { readonly rule: string; readonly breaks: readonly Break[] }): boolean {
  return breaks.length > 0 || ruleOf(rule).bump === "major";
}
