import { diffVersions } from "../core/cross-version.ts";
import type { DiffInput } from "../core/diff-report.ts";
import { usageError } from "../core/finding.ts";
import { NO_HISTORY } from "../core/history.ts";
import { nearest } from "../core/nearest.ts";
import { readSchema } from "../core/read-schema.ts";
import type { Values, Workspace } from "./command.ts";
import { loadImage } from "./load-schemas.ts";
import { text } from "./workspace.ts";
import { bridgeFileOf } from "./write-bridges.ts";

/** Two proto packages of one workspace. */
export interface Versions {
  readonly from: string;
  readonly to: string;
}

/** @returns undefined when no versions are asked for. @throws FindingsError for half a question, or two at once. */
export function versionsOf(values: Values): Versions | undefined {
  const [from, to] = [text(values, "from"), text(values, "to")];
  if (from === undefined && to === undefined) return undefined;
  const other = ["against", "registry"].some((name) => text(values, name) !== undefined);
  if (from === undefined || to === undefined || other) throw usageError("versions-together");
  if (from === to) throw usageError("versions-same", { package: from });
  return { from, to };
}

/** One version of an API beside another, as a report has it. No compiler is asked: nobody upgrades from one to the other. */
export async function compareVersions(
  workspace: Workspace,
  { from, to }: Versions,
): Promise<Omit<DiffInput, "against" | "naming">> {
  const { image, files } = await loadImage(workspace);
  for (const name of [from, to]) {
    if (!image.ownPackages.includes(name)) {
      throw usageError("package-absent", {
        package: name,
        nearest: nearest(name, image.ownPackages) ?? image.ownPackages[0] ?? "",
      });
    }
  }
  const schema = readSchema(image);
  const old = schema.packages.get(from);
  if (old === undefined) throw new Error(`${from} was not read`);
  const source = { kind: "version", from } as const;
  return {
    baseline: { packages: new Map([[to, { schema: old, image, source, history: NO_HISTORY }]]), only: to },
    compiler: "left-out",
    changes: diffVersions(schema, from, to, await bridgeFileOf(workspace, { old: from, now: to })).map((change) => ({
      ...change,
      package: to,
    })),
    protoPackages: [to],
    paths: new Map(files.map((file) => [file.importPath, file.path])),
  };
}
