import { environmentError, FindingsError, finding } from "../core/finding.ts";
import { withNotice } from "../core/lifecycle-notices.ts";
import { findTargetsBeyondLoopback } from "../core/loopback.ts";
import { readPackument, sendPackument } from "./npm-registry.ts";

export interface DeprecateOptions {
  /** Must be on this machine, as for publishing. */
  readonly registry: string;
  /** Example: "@bookstore". A package outside it is refused. */
  readonly scope: string;
  /** npm name → notice. A package that the registry does not have is left out. */
  readonly notices: ReadonlyMap<string, string>;
}

/**
 * Writes the notices at all versions of the packages, as `npm deprecate` does. What has its notice already is not sent.
 * @returns the names of those that were changed.
 */
export async function deprecatePublished({ registry, scope, notices }: DeprecateOptions): Promise<readonly string[]> {
  const outside = [...notices.keys()].filter((name) => !name.startsWith(`${scope}/`));
  const refused = [
    ...findTargetsBeyondLoopback([{ setting: "the registry to publish to", url: registry }]),
    ...outside.map((name) => finding("deprecate-outside-scope", { name, scope })),
  ];
  if (refused.length > 0) throw new FindingsError(refused, 1);
  const changed: string[] = [];
  for (const [name, notice] of notices) {
    if (await deprecate(registry, name, notice)) changed.push(name);
  }
  return changed;
}

async function deprecate(registry: string, name: string, notice: string): Promise<boolean> {
  try {
    const packument = await readPackument(registry, name);
    const changed = packument === undefined ? undefined : withNotice(packument, notice);
    if (changed === undefined) return false;
    const refusal = await sendPackument(registry, name, changed);
    if (refusal !== undefined) throw new Error(refusal);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw environmentError("deprecate-refused", { name, reason });
  }
}
