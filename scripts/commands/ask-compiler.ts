import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Baseline } from "../core/baseline.ts";
import type { Change } from "../core/change.ts";
import type { Config } from "../core/config.ts";
import type { Image } from "../core/image.ts";
import { unannounced } from "../core/lens.ts";
import { RUNTIME } from "../core/names.ts";
import { OldConsumers } from "../core/old-consumers.ts";
import { assembleOutput } from "../core/output.ts";
import type { ProtoPackage } from "../core/packages.ts";
import { differingOutput, outputChange, type PackageFiles } from "../core/published-output.ts";
import { type Generator, loadGenerator } from "../core/sources.ts";
import { emitPackage } from "../io/emit.ts";
import { compileWitnesses } from "../io/lens.ts";
import { writePackage } from "../io/packages-folder.ts";
import { temporaryFolder } from "../io/temporary-folder.ts";
import type { CheckedPackage } from "../io/typecheck.ts";
import { listFiles, writeChanged } from "../io/write-file.ts";
import { checkedPackages } from "./build.ts";
import { externalRanges } from "./load-schemas.ts";
import { writeRuntime } from "./runtime.ts";

export interface CompilerQuestion {
  readonly config: Config;
  readonly image: Image;
  readonly baseline: Baseline;
  /** What the rules found. */
  readonly changes: readonly Change[];
}

/**
 * The second opinion: the consumers of the baseline's packages are compiled against the packages that would come out
 * now, and what was published is compared with what would be. The tree stays as it is.
 * @returns what the rules did not tell; undefined where no packages would come out: `generate` says why.
 */
export async function askCompiler(question: CompilerQuestion): Promise<readonly Change[] | undefined> {
  const { config, image, baseline, changes } = question;
  const changed = new Set(changes.map((change) => change.package));
  const published = baseline.runtime !== undefined || [...baseline.packages.values()].some(({ files }) => files);
  // Of a large tree, reading it as packages is most of the work.
  if (changed.size === 0 && !published) return [];
  const generator = loadGenerator(image, config);
  if (generator.findings.length > 0) return undefined;
  const watched = generator.packages.filter(({ protoPackage }) => {
    const old = baseline.packages.get(protoPackage);
    return old !== undefined && (changed.has(protoPackage) || old.files !== undefined);
  });
  if (watched.length === 0 && baseline.runtime === undefined) return [];
  await using folder = await temporaryFolder("charter-lens-");
  const built = await buildCandidates(withDependencies(watched, generator), generator, config, folder.path);
  const differing = await findDiffering(watched, baseline, folder.path);
  const runtime = baseline.runtime?.files;
  const inRuntime = runtime === undefined ? [] : differingOutput(runtime, await readFiles(join(folder.path, RUNTIME)));
  const old = new OldConsumers(baseline, config);
  const asked = watched.filter(({ protoPackage }) => changed.has(protoPackage) || differing.has(protoPackage));
  const witnesses = asked.flatMap(({ protoPackage }) => old.witnessOf(protoPackage) ?? []);
  const findings = await compileWitnesses(witnesses, built);
  const schemas = new Map([...baseline.packages].map(([name, { schema }]) => [name, schema]));
  const broken = new Set(findings.map((each) => each.package));
  // Where a schema changed, its own changes release the package.
  const silent = [...differing].filter(([name]) => !changed.has(name) && !broken.has(name));
  const extended = await findExtended(
    silent.map(([name]) => name),
    { baseline, old, built },
  );
  return [
    ...unannounced(findings, changes, schemas),
    ...silent.map(([name, files]) => outputChange(name, files, extended.has(name))),
    // Whether it gives more is for its authors to say: no schema promises what it has.
    ...(inRuntime.length === 0 ? [] : [outputChange(RUNTIME, inRuntime, false)]),
  ];
}

/** Some packages with all whose types they show, which they import. */
function withDependencies(some: readonly ProtoPackage[], { packages }: Generator): readonly ProtoPackage[] {
  const byName = new Map(packages.map((each) => [each.protoPackage, each]));
  const found = new Set<ProtoPackage>();
  const visit = (each: ProtoPackage | undefined): void => {
    if (each === undefined || found.has(each)) return;
    found.add(each);
    for (const name of each.dependencies) visit(byName.get(name));
  };
  some.forEach(visit);
  return [...found];
}

async function buildCandidates(
  packages: readonly ProtoPackage[],
  generator: Generator,
  config: Config,
  out: string,
): Promise<readonly CheckedPackage[]> {
  const existing = new Map<string, never>();
  const input = {
    generator,
    config,
    external: await externalRanges(),
    existing,
    sources: new Map(),
    licence: undefined,
    guides: new Map(),
  };
  await Promise.all(packages.map((each) => writePackage(out, assembleOutput(each, input))));
  await writeRuntime({ root: out, out, config }, { existing, strangers: new Set() });
  const built = await checkedPackages({ out });
  // What cannot be emitted is told by `charter build`; here it counts as whatever the compiler makes of it.
  await Promise.all(built.map(({ folder }) => emitPackage(folder)));
  return built;
}

/** What was published of some packages and would be other now, by proto package. */
async function findDiffering(
  packages: readonly ProtoPackage[],
  baseline: Baseline,
  out: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const differing = new Map<string, readonly string[]>();
  for (const { protoPackage, folder } of packages) {
    const published = baseline.packages.get(protoPackage)?.files;
    if (published === undefined) continue;
    const found = differingOutput(published, await readFiles(join(out, folder)));
    if (found.length > 0) differing.set(protoPackage, found);
  }
  return differing;
}

async function readFiles(folder: string): Promise<PackageFiles> {
  const paths = (await listFiles(folder)).filter((path) => path === "package.json" || path.startsWith("dist/"));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)));
}

/** Of a tarball, which may name any path, what the compiler reads. */
const DECLARATIONS = /^(package\.json|dist\/(?!.*\.\.).*\.d\.ts)$/;

/** The packages whose consumer of today, of the old schema, does not compile against what was published: it is promised more. */
async function findExtended(
  names: readonly string[],
  { baseline, old, built }: { baseline: Baseline; old: OldConsumers; built: readonly CheckedPackage[] },
): Promise<ReadonlySet<string>> {
  const witnesses = names.flatMap((name) => old.generate(name) ?? []);
  if (witnesses.length === 0) return new Set();
  await using folder = await temporaryFolder("charter-published-");
  for (const [index, { files = new Map<string, Uint8Array>() }] of [...baseline.packages.values()].entries()) {
    for (const [path, content] of files) {
      if (DECLARATIONS.test(path)) {
        await writeChanged(join(folder.path, String(index), path), content);
      }
    }
  }
  const published = await checkedPackages({ out: folder.path });
  const others = built.filter(({ npm }) => !published.some((each) => each.npm === npm));
  const findings = await compileWitnesses(witnesses, [...published, ...others]);
  return new Set(findings.map((each) => each.package));
}
