import { join, relative } from "node:path";
import { type Finding, usageError } from "../core/finding.ts";
import { nearest } from "../core/nearest.ts";
import { markedPackage, type PackageJson } from "../core/package-json.ts";
import { emitPackage } from "../io/emit.ts";
import { readPackagesFolder } from "../io/packages-folder.ts";
import { type CheckedPackage, typecheckPackages } from "../io/typecheck.ts";
import { type Command, WORKSPACE_OPTIONS, type Workspace } from "./command.ts";
import { openWorkspace, text } from "./workspace.ts";

export const build: Command = {
  name: "build",
  summary: "Turn the packages' sources into JavaScript and declarations, and check the types.",
  details: [
    "Writes dist/ of every package in the folder of packages, generated or by hand: a .js and a .d.ts for each source.",
    "Then TypeScript checks all of them at its strictest, each as a consumer sees the others.",
  ],
  options: {
    ...WORKSPACE_OPTIONS,
    package: { type: "string", value: "PACKAGE", help: "emit only this proto package; all types are checked" },
  },
  examples: ["charter build", "charter build --root ../schemas --scope @acme --out ../clients"],
  async run(values, reporter) {
    const workspace = await openWorkspace(values);
    const building = buildPackages(workspace, text(values, "package"));
    const findings = await reporter.progress("Compiling the packages and checking their types …", building);
    reporter.findings(findings, workspace.root);
    if (findings.length > 0) return 1;
    reporter.result(`Built ${relative(process.cwd(), workspace.out) || "."}: the types are right.`);
    return 0;
  },
};

/** Emits, then checks. @returns what is wrong; the emitted files are there all the same, to be looked at. */
export async function buildPackages(workspace: Workspace, only?: string): Promise<readonly Finding[]> {
  const emitted = await emitPackages(workspace, only);
  return emitted.length > 0 ? emitted : await checkTypes(workspace);
}

/** Checks what was emitted before. */
export async function checkTypes(workspace: Workspace): Promise<readonly Finding[]> {
  return await typecheckPackages(await checkedPackages(workspace));
}

export async function emitPackages({ out, root }: Workspace, only?: string): Promise<readonly Finding[]> {
  const { existing } = await readPackagesFolder(out);
  if (existing.size === 0) throw usageError("not-generated", {}, { file: relative(root, out) || "." });
  const names = [...existing.values()].flatMap((json) => markedPackage(json) ?? []);
  if (only !== undefined && !names.includes(only)) {
    throw usageError("package-unknown", { package: only, nearest: nearest(only, names) });
  }
  const findings: Finding[] = [];
  for (const [folder, json] of existing) {
    if (only === undefined || markedPackage(json) === only) findings.push(...(await emitPackage(join(out, folder))));
  }
  return findings;
}

/** What was built in a folder of packages, as others import it. */
export async function checkedPackages({ out }: Pick<Workspace, "out">): Promise<readonly CheckedPackage[]> {
  const { existing } = await readPackagesFolder(out);
  return [...existing].map(([folder, json]) => ({
    folder: join(out, folder),
    npm: String(json["name"]),
    entries: typedEntries(json),
  }));
}

function typedEntries(json: PackageJson): readonly { readonly entry: string; readonly types: string }[] {
  return Object.entries(json["exports"] ?? {}).flatMap(([entry, target]: [string, unknown]) =>
    typeof target === "object" && target !== null && "types" in target ? [{ entry, types: String(target.types) }] : [],
  );
}
