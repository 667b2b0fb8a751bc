import type { BaselinePackage } from "../core/baseline.ts";
import { type Finding, FindingsError, finding } from "../core/finding.ts";
import { type Naming, npmName } from "../core/names.ts";
import { markedPackage } from "../core/package-json.ts";
import { isRecord } from "../core/release.ts";
import { readBaselineImage } from "./baseline-image.ts";
import { downloadTarballs, findLatest, type NpmRegistry } from "./npm-client.ts";
import { readTarball } from "./tar.ts";

/** A proto package as its published npm package has it. */
export interface PublishedPackage extends BaselinePackage {
  readonly protoPackage: string;
}

/**
 * What was published last of each proto package.
 * @returns by proto package; without those that the registry does not know.
 * @throws FindingsError when the registry does not answer, or for all packages that are not what they should be.
 */
export async function readPublished(
  protoPackages: readonly string[],
  naming: Naming,
  registry: NpmRegistry,
): Promise<ReadonlyMap<string, BaselinePackage>> {
  const byName = new Map(protoPackages.map((each) => [npmName(each, naming), each]));
  const latest = await findLatest([...byName.keys()], registry);
  const specs = [...latest].map(([name, version]) => `${name}@${version}`);
  const tarballs = await downloadTarballs(specs, registry);
  const found = new Map<string, BaselinePackage>();
  const findings: Finding[] = [];
  for (const [name, version] of latest) {
    const read = readPackage(`${name}@${version}`, tarballs.get(name), byName.get(name));
    if ("code" in read) findings.push(read);
    else found.set(read.protoPackage, read);
  }
  if (findings.length > 0) throw new FindingsError(findings, 2);
  return found;
}

/** One published package, which must be there. @param spec `@bookstore/orders-v2@latest`. */
export async function readPublishedOne(spec: string, registry: NpmRegistry): Promise<PublishedPackage> {
  const tarballs = await downloadTarballs([spec], registry);
  const read = readPackage(spec, [...tarballs.values()][0], undefined);
  if ("code" in read) throw new FindingsError([read], 2);
  return read;
}

/** @param expected the proto package; undefined: whichever it was made from. */
function readPackage(
  spec: string,
  tarball: Uint8Array | undefined,
  expected: string | undefined,
): PublishedPackage | Finding {
  try {
    if (tarball === undefined) return finding("baseline-tarball", { reason: `${spec} did not arrive` });
    const manifest = parseManifest(readTarball(tarball, "package.json"));
    const protoPackage = markedPackage(manifest);
    if (protoPackage === undefined) return finding("baseline-unmarked", { package: spec });
    if (protoPackage !== (expected ?? protoPackage)) {
      return finding("baseline-foreign", { package: spec, found: protoPackage, expected: expected ?? "" });
    }
    const image = readTarball(tarball, "schema.binpb");
    if (image === undefined) return finding("baseline-no-schema", { package: spec });
    const schema = readBaselineImage(image)?.packages.get(protoPackage);
    if (schema === undefined) return finding("baseline-schema-damaged", { package: spec });
    const from = `${String(manifest["name"])}@${String(manifest["version"])}`;
    return { protoPackage, schema, source: { kind: "npm", from } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return finding("baseline-tarball", { reason: `${spec}: ${reason}` });
  }
}

function parseManifest(bytes: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  const manifest: unknown = JSON.parse(new TextDecoder().decode(bytes) || "{}");
  return isRecord(manifest) ? manifest : {};
}
