import { environmentError, type Finding, FindingsError, finding } from "../core/finding.ts";
import { findTargetsBeyondLoopback } from "../core/loopback.ts";
import { findUnpublishable, type ReleaseId } from "../core/release.ts";
import { deprecatePublished } from "./npm-deprecate.ts";
import { readPublishedIntegrity, sendRelease } from "./npm-registry.ts";
import { type PackedRelease, packAll, readSource } from "./pack.ts";

export interface PublishOptions {
  /** Folders of built packages: each with its package.json and everything that it ships. */
  readonly folders: readonly string[];
  /** Must be on this machine. Example: "http://127.0.0.1:40123/". */
  readonly registry: string;
  /** Example: "@bookstore". A package outside it is refused. */
  readonly scope: string;
  /**
   * npm name → what npm is to say to whoever installs the package: see `noticesOf`. It goes to all versions that the
   * registry has, also of packages that are not published here.
   */
  readonly notices?: ReadonlyMap<string, string>;
  /** Called as each package is there. */
  readonly onPublished?: (release: PublishedRelease) => void;
}

export interface PublishedRelease extends ReleaseId {
  /** SRI of the tarball. */
  readonly integrity: string;
  /** "unchanged": the registry had this version already, with the same bytes. */
  readonly status: "published" | "unchanged";
}

/**
 * Publishes packages to a registry on this machine, and to nothing else. Every check comes before every effect:
 *
 * 1. The given registry is on loopback, and the packages can be published together.
 * 2. They are copied into a temporary workspace of their own, without any registry in their manifests.
 * 3. pnpm packs them there (`workspace:^` becomes a range), in an environment that inherits no setting.
 * 4. What pnpm would use there, and what each packed manifest says, is on loopback too.
 * 5. No version is in the registry already with other bytes.
 * 6. They are sent, by one HTTP request each, straight to the registry of step 1.
 * 7. What is deprecated is told so, all versions, as `npm deprecate` does.
 *
 * Neither `npm publish` nor `pnpm publish` does step 6: both take their address from nine or more places, of which
 * some beat the command line, and both go through a proxy that the environment names. A request that we make has no
 * address but the one we have checked, and sends nothing until its socket is connected to this machine.
 */
export async function publishPackages(options: PublishOptions): Promise<readonly PublishedRelease[]> {
  const { registry, scope } = options;
  stopIf(findTargetsBeyondLoopback([{ setting: "the registry to publish to", url: registry }]));
  const sources = await Promise.all(options.folders.map(readSource));
  stopIf(findUnpublishable(sources, scope));

  const { releases: packed, targets } = await packAll(sources, registry, scope);
  stopIf(findTargetsBeyondLoopback(targets));
  const known = await Promise.all(
    packed.map((each) => contact(registry, () => readPublishedIntegrity(registry, each.name, each.version))),
  );
  stopIf(
    packed
      .filter((each, index) => known[index] !== undefined && known[index] !== each.digests.integrity)
      .map(({ name, version }) => finding("publish-other-bytes", { name, version })),
  );
  const sent = await Promise.all(
    packed.map(async (each, index) => {
      const status = known[index] === undefined ? await send(registry, each) : "unchanged";
      const { name, version, digests } = each;
      const release: PublishedRelease = { name, version, integrity: digests.integrity, status };
      options.onPublished?.(release);
      return release;
    }),
  );
  if (options.notices !== undefined) await deprecatePublished({ registry, scope, notices: options.notices });
  return sent;
}

async function send(registry: string, release: PackedRelease): Promise<PublishedRelease["status"]> {
  const { name, version, manifest, tarball, digests } = release;
  const refusal = await sendRelease(registry, manifest, tarball, digests).catch(messageOf);
  if (refusal === undefined) return "published";
  // A reply that was lost, or another publish at the same time: what counts is what is there now.
  const there = await contact(registry, () => readPublishedIntegrity(registry, name, version));
  if (there === digests.integrity) return "published";
  throw environmentError("publish-refused", { name, version, reason: refusal });
}

async function contact<T>(registry: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw environmentError("registry-unreachable", {
      registry,
      reason: messageOf(error),
    });
  }
}

function stopIf(findings: readonly Finding[]): void {
  if (findings.length > 0) throw new FindingsError(findings, 1);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
