import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { DescMessage } from "@bufbuild/protobuf";
import { versionedName } from "../core/bridge-compare.ts";
import { type GoldenFinding, type GoldenMessage, goldenText, parseGolden } from "../core/bridge-golden.ts";
import type { ProofInput, ProofPair } from "../core/bridge-proof-report.ts";
import { usageError } from "../core/finding.ts";
import { type Image, readImage } from "../core/image.ts";
import { readOptional, writeTogether } from "./write-file.ts";

/** The file of a bridge's package that holds its golden messages. */
export const GOLDEN_FILE = "golden.json";

/** A message type of a generated client. */
interface MessageFns {
  readonly $type: string;
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

/** What the main module of a bridge's package exports for its proof. */
interface BridgeExports {
  readonly messages: readonly {
    readonly old: MessageFns;
    readonly now: MessageFns;
    readonly toNew: (message: unknown) => unknown;
    readonly toOld: (message: unknown) => unknown;
  }[];
  readonly losses: ProofInput["losses"];
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: { readonly "."?: { readonly default?: string } };
}

/**
 * What a built bridge converts, with the descriptors that its clients ship, and the declared losses that a message can
 * show: an rpc that one version does not have is none.
 * @param folder of the bridge's package, absolute.
 * @throws FindingsError `bridge-not-built`, and `bridge-type-absent` when no client that the package depends on has a
 *   type that it converts.
 */
export async function readBridge(folder: string): Promise<Pick<ProofInput, "pairs" | "losses">> {
  const json = await readOptional(join(folder, "package.json"));
  const manifest: Manifest = json === undefined ? {} : JSON.parse(json.toString());
  const main = join(folder, manifest.exports?.["."]?.default ?? "dist/index.js");
  if ((await readOptional(main)) === undefined) throw usageError("bridge-not-built", {}, { file: folder });
  const { messages, losses }: Partial<BridgeExports> = await import(pathToFileURL(main).href);
  if (messages === undefined || losses === undefined) throw usageError("bridge-not-built", {}, { file: folder });
  const images = await clientImages(folder, manifest);
  const descOf = ({ $type: type }: MessageFns): DescMessage => {
    // An image also holds what its API imports: any that has the type will do.
    const found = images.map(({ registry }) => registry.getMessage(type)).find((desc) => desc !== undefined);
    if (found === undefined) throw usageError("bridge-type-absent", { type }, { file: join(folder, "package.json") });
    return found;
  };
  const pairs = messages.map(
    ({ old, now, toNew, toOld }): ProofPair => ({
      old: descOf(old),
      now: descOf(now),
      toNew: (bytes) => now.encode(toNew(old.decode(bytes))).finish(),
      toOld: (bytes) => old.encode(toOld(now.decode(bytes))).finish(),
    }),
  );
  const rpcs = new Set(images.flatMap(rpcPaths));
  return { pairs, losses: losses.filter(({ path }) => !rpcs.has(path)) };
}

function rpcPaths({ files }: Image): readonly string[] {
  const services = files.flatMap((file) => file.services);
  return services.flatMap((service) => service.methods.map(({ name }) => `${versionedName(service)}.${name}`));
}

async function clientImages(folder: string, { dependencies = {} }: Manifest): Promise<readonly Image[]> {
  const { resolve } = createRequire(join(folder, "package.json"));
  const images = Object.keys(dependencies).map(async (name) => {
    const path = resolvedOrNot(() => join(dirname(resolve(`${name}/package.json`)), "schema.binpb"));
    const bytes = path === undefined ? undefined : await readOptional(path);
    return bytes === undefined ? [] : [readImage(bytes)];
  });
  return (await Promise.all(images)).flat();
}

/** A dependency may not tell where its package.json is: it is no client then. */
function resolvedOrNot(resolve: () => string): string | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}

/** Empty when nothing was recorded yet. */
export async function readGolden(
  folder: string,
): Promise<readonly GoldenMessage[] | Extract<GoldenFinding, { reason: string }>> {
  const text = await readOptional(join(folder, GOLDEN_FILE));
  return text === undefined ? [] : parseGolden(text.toString());
}

export async function writeGolden(folder: string, golden: readonly GoldenMessage[]): Promise<void> {
  await writeTogether(folder, new Map([[GOLDEN_FILE, goldenText(golden)]]));
}
