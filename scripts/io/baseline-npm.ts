import type { Baseline, BaselinePackage } from "../core/baseline.ts";
import { type Finding, FindingsError, finding } from "../core/finding.ts";
import { HISTORY, NO_HISTORY, parseHistory } from "../core/history.ts";
import { type Naming, npmName, runtimePackage } from "../core/names.ts";
import { markedPackage, type PackageJson } from "../core/package-json.ts";
import { isRecord } from "../core/release.ts";
import { readBaselineImage } from "./baseline-image.ts";
import { downloadTarballs, findLatest, type NpmRegistry } from "./npm-client.ts";
import { unpackTarball } from "./tar.ts";

/** A proto package as its published npm package has it. */
export interface PublishedPackage extends BaselinePackage {
  readonly protoPackage: string;
}

/** What a registry has of the packages of a tree. */
export type Published = Pick<Baseline, "packages" | "runtime">;

/**
 * What was published last of each proto package, and of the runtime.
 * @returns by proto package; without those that the registry does not know.
 * @throws FindingsError when the registry does not answer, or for all packages that are not what they should be.
 */
export async function readPublished(
  protoPackages: readonly string[],
  naming: Naming,
  registry: NpmRegistry,
): Promise<Published> {
  const byName = new Map(protoPackages.map((each) => [npmName(each, naming), each]));
  const runtimeName = runtimePackage(naming);
  const latest = await findLatest([...byName.keys(), runtimeName], registry);
  const specs = [...latest].map(([name, version]) => `${name}@${version}`);
  const tarballs = await downloadTarballs(specs, registry);
  const found = new Map<string, BaselinePackage>();
  const findings: Finding[] = [];
  let runtime: Published["runtime"];
  for (const [name, version] of latest) {
    const spec = `${name}@${version}`;
    if (name === runtimeName) {
      const read = unpack(spec, tarballs.get(name));
      if ("code" in read) findings.push(read);
      else runtime = { source: { kind: "npm", from: spec }, files: read.files };
      continue;
    }
    const read = readPackage(spec, tarballs.get(name), byName.get(name));
    if ("code" in read) findings.push(read);
    else found.set(read.protoPackage, read);
  }
  if (findings.length > 0) throw new FindingsError(findings, 2);
  return { packages: found, ...(runtime === undefined ? {} : { runtime }) };
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
  const unpacked = unpack(spec, tarball);
  if ("code" in unpacked) return unpacked;
  const { files, manifest } = unpacked;
  const protoPackage = markedPackage(manifest);
  if (protoPackage === undefined) return finding("baseline-unmarked", { package: spec });
  if (protoPackage !== (expected ?? protoPackage)) {
    return finding("baseline-foreign", { package: spec, found: protoPackage, expected: expected ?? "" });
  }
  const bytes = files.get("schema.binpb");
  if (bytes === undefined) return finding("baseline-no-schema", { package: spec });
  const read = readBaselineImage(bytes);
  if ("reason" in read) return finding("baseline-schema-damaged", { package: spec, reason: read.reason });
  const schema = read.schema.packages.get(protoPackage);
  if (schema === undefined) {
    return finding("baseline-schema-damaged", { package: spec, reason: `it lacks ${protoPackage}` });
  }
  const past = files.get(HISTORY);
  const parsed = past === undefined ? { history: NO_HISTORY } : parseHistory(new TextDecoder().decode(past));
  if ("reason" in parsed) {
    return finding("baseline-history", { package: protoPackage, baseline: spec, reason: parsed.reason });
  }
  const from = `${String(manifest["name"])}@${String(manifest["version"])}`;
  const source = { kind: "npm", from } as const;
  return { protoPackage, schema, image: read.image, source, files, history: parsed.history };
}

interface Unpacked {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly manifest: PackageJson;
}

function unpack(spec: string, tarball: Uint8Array | undefined): Unpacked | Finding {
  try {
    if (tarball === undefined) return finding("baseline-tarball", { reason: `${spec} did not arrive` });
    const files = unpackTarball(tarball);
    const manifest: unknown = JSON.parse(new TextDecoder().decode(files.get("package.json")) || "{}");
    return { files, manifest: isRecord(manifest) ? manifest : {} };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return finding("baseline-tarball", { reason: `${spec}: ${reason}` });
  }
}
