import { join, relative } from "node:path";
import { BRIDGE_FILE, type BridgeFile, newBridgeFile, parseBridgeFile } from "../core/bridge-file.ts";
import { exportedNames, HOLES_FILE, newHolesFile } from "../core/bridge-holes.ts";
import { type BridgedPair, bridgeCommitted, bridgedPair, bridgeFiles, bridgeFolder } from "../core/bridge-output.ts";
import { type BridgePlan, planBridge } from "../core/bridge-plan.ts";
import { type Finding, FindingsError, finding } from "../core/finding.ts";
import { renderGuide } from "../core/guide.ts";
import type { Naming } from "../core/names.ts";
import { MARKER, type PackageJson, renderJson } from "../core/package-json.ts";
import type { Generator } from "../core/sources.ts";
import type { TypeName } from "../core/ts-names.ts";
import { type PackagesFolder, readPackagesFolder } from "../io/packages-folder.ts";
import { listFiles, readOptional, removeOthers, writeChanged } from "../io/write-file.ts";
import type { Workspace } from "./command.ts";

/** A bridge's package, read and planned. */
export interface PlannedBridge {
  readonly folder: string;
  readonly pair: BridgedPair;
  readonly plan: BridgePlan;
  readonly json: PackageJson;
}

/** The bridges that are there, by folder. */
export function bridgesIn({ existing }: PackagesFolder): ReadonlyMap<string, PackageJson> {
  return new Map([...existing].filter(([, json]) => bridgedPair(json) !== undefined));
}

/** Makes the package of a new bridge, with the two files that are a person's; nothing when it is there. */
export async function createBridge(
  workspace: Workspace,
  pair: BridgedPair,
  { existing: all, strangers }: PackagesFolder,
): Promise<void> {
  const existing = bridgesIn({ existing: all, strangers });
  const pairs = new Map([...existing].flatMap(([folder, json]) => [[folder, bridgedPair(json) ?? pair] as const]));
  const folder = bridgeFolder(pair, workspace.config, pairs);
  if (existing.has(folder)) return;
  const path = join(workspace.out, folder);
  if (strangers.has(folder) || all.has(folder)) {
    throw new FindingsError([finding("folder-not-ours", { package: folder }, { file: path })], 2);
  }
  await writeChanged(join(path, BRIDGE_FILE), newBridgeFile(pair.old, pair.now));
  await writeChanged(join(path, HOLES_FILE), newHolesFile());
  const changelog = `# ${workspace.config.scope}/${folder}\n\n## 1.0.0\n\nThe first version.\n`;
  await writeChanged(join(path, "CHANGELOG.md"), changelog);
  // Last: by it the folder is known.
  await writeChanged(join(path, "package.json"), renderJson({ [MARKER]: { bridge: pair } }));
}

/** @throws FindingsError for files of a bridge that cannot be read, with all that is wrong in them. */
export async function planBridges(
  workspace: Workspace,
  generator: Generator,
  existing: ReadonlyMap<string, PackageJson>,
): Promise<readonly PlannedBridge[]> {
  const planned: PlannedBridge[] = [];
  const wrong: FindingsError[] = [];
  for (const [folder, json] of existing) {
    try {
      planned.push(await plan(workspace, generator, folder, json));
    } catch (error) {
      if (!(error instanceof FindingsError)) throw error;
      wrong.push(error);
    }
  }
  if (wrong.length > 0)
    throw new FindingsError(
      wrong.flatMap(({ findings }) => findings),
      2,
    );
  return planned;
}

async function plan(
  workspace: Workspace,
  generator: Generator,
  folder: string,
  json: PackageJson,
): Promise<PlannedBridge> {
  const path = join(workspace.out, folder);
  const shown = relative(workspace.root, join(path, BRIDGE_FILE));
  const [text, holes] = await Promise.all([BRIDGE_FILE, HOLES_FILE].map((name) => readOptional(join(path, name))));
  if (text === undefined) throw new FindingsError([finding("bridge-file-missing", {}, { file: shown })], 2);
  const conflict = /^(<{7}|={7}|>{7})( |$)/m.exec(holes?.toString("utf8") ?? "");
  if (conflict !== null) {
    const before = holes?.toString("utf8").slice(0, conflict.index) ?? "";
    const position = {
      file: relative(workspace.root, join(path, HOLES_FILE)),
      line: before.split("\n").length,
      column: 1,
    };
    throw new FindingsError([finding("bridge-conflict", {}, position)], 2);
  }
  const file = parseBridgeFile(text.toString("utf8"), shown);
  const [old, now] = [file.old, file.now].map((name) => generator.packages.find((each) => each.protoPackage === name));
  if (old === undefined || now === undefined) {
    const absent = old === undefined ? file.old : file.now;
    throw new FindingsError([finding("bridge-package-absent", { package: absent }, { file: shown })], 2);
  }
  const filled = exportedNames(holes?.toString("utf8") ?? "");
  const made = planBridge(old, now, file, filled, generator.nameOf);
  const wanted = new Set(made.holes.map(({ name }) => name));
  const closed = [...filled].filter((name) => !wanted.has(name));
  const holesFile = { file: relative(workspace.root, join(path, HOLES_FILE)) };
  const findings = [...made.findings, ...closed.map((name) => finding("bridge-hole-closed", { name }, holesFile))];
  return { folder, pair: { old: file.old, now: file.now }, json, plan: { ...made, findings } };
}

/** What a person has said of two versions, where there is a bridge between them. */
export async function bridgeFileOf(
  { out, root }: Pick<Workspace, "out" | "root">,
  { old, now }: BridgedPair,
): Promise<BridgeFile | undefined> {
  for (const [folder, json] of bridgesIn(await readPackagesFolder(out))) {
    const pair = bridgedPair(json);
    if (pair?.old !== old || pair.now !== now) continue;
    const path = join(out, folder, BRIDGE_FILE);
    const text = await readOptional(path);
    return text === undefined ? undefined : parseBridgeFile(text.toString("utf8"), relative(root, path));
  }
  return undefined;
}

/** The guides that follow from the bridges, by the proto package that they lead to. */
export function guidesOf(
  bridges: readonly PlannedBridge[],
  naming: Naming,
  nameOf: TypeName,
): ReadonlyMap<string, string> {
  const guides = new Map<string, string>();
  for (const { pair, plan } of bridges) {
    const { names, file } = plan;
    const text = renderGuide([names.old, names.now], file, naming, nameOf);
    const before = guides.get(pair.now);
    guides.set(pair.now, before === undefined ? text : `${before}\n${text}`);
  }
  return guides;
}

/** What a bridge leaves to a person that is no hole: losses, and mistakes in its files. Open holes do not compile. */
export function bridgeFindings({ root, out }: Workspace, { folder, plan }: PlannedBridge): readonly Finding[] {
  const file = relative(root, join(out, folder, BRIDGE_FILE));
  const undeclared = plan.undeclared.map(({ path, reason }) =>
    finding("bridge-loss-undeclared", { path, reason }, { file }),
  );
  return [...plan.findings, ...undeclared];
}

/** Puts a person's sources of a bridge where what is generated for it was written. @param out that folder of packages. */
export async function copyHandwritten(workspace: Workspace, { folder }: PlannedBridge, out: string): Promise<void> {
  const source = join(workspace.out, folder, "src");
  const own = (await listFiles(source)).filter((file) => !file.startsWith("gen/"));
  for (const file of own) {
    const content = await readOptional(join(source, file));
    if (content !== undefined) await writeChanged(join(out, folder, "src", file), content);
  }
}

/** @returns the committed files that differ from what would be written, from the folder of the packages. */
export async function staleBridge(
  { out, config }: Workspace,
  { folder, plan, json }: PlannedBridge,
): Promise<string[]> {
  const stale: string[] = [];
  for (const { path, content } of bridgeCommitted(plan, folder, config, json)) {
    const existing = await readOptional(join(out, folder, path));
    if (existing?.equals(Buffer.from(content)) !== true) stale.push(`${folder}/${path}`);
  }
  return stale;
}

/** @returns whether something changed. */
export async function applyBridge(workspace: Workspace, { folder, plan, json }: PlannedBridge): Promise<boolean> {
  const path = join(workspace.out, folder);
  const licence = await readOptional(join(workspace.root, "LICENSE"));
  const files = [
    ...bridgeFiles(plan, folder, workspace.config, json),
    ...(licence === undefined ? [] : [{ path: "LICENSE", content: licence }]),
  ];
  let changed = false;
  for (const file of files) {
    if (await writeChanged(join(path, file.path), file.content)) changed = true;
  }
  const keep = files.flatMap((file) => (file.path.startsWith("src/gen/") ? [file.path.slice("src/gen/".length)] : []));
  await removeOthers(join(path, "src", "gen"), new Set(keep));
  return changed;
}
