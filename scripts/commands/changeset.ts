import { checkChangesets, demandsOf, planChangesets } from "../core/changeset.ts";
import { FindingsError } from "../core/finding.ts";
import { tellChanges } from "../core/tell-changes.ts";
import { applyChangesetEdits, readChangesets } from "../io/changeset-folder.ts";
import { readPackagesFolder } from "../io/packages-folder.ts";
import { type Command, WORKSPACE_OPTIONS } from "./command.ts";
import { applyHistories, planHistories } from "./histories.ts";
import { loadChanges } from "./load-changes.ts";
import { againstOf, flag, openWorkspace, text } from "./workspace.ts";

export const changeset: Command = {
  name: "changeset",
  summary: "Write the changesets that the changes of the schemas demand.",
  details: [
    "Compares as `charter diff` does, and writes one file for each package under .changeset, with the bump and what a",
    "consumer must know. Called again, it brings its own part up to date: what was taken back is no longer told, and",
    "nothing is told twice. What a person wrote around that part stays, and so does a bump that a person raised.",
    "What a package no longer has it keeps in mind in its history.json, so that nothing comes back as something else.",
  ],
  options: {
    ...WORKSPACE_OPTIONS,
    against: { type: "string", value: "BASELINE", help: "what to compare with (default: npm, else the merge base)" },
    registry: { type: "string", value: "URL", help: "where published packages are (default: as npm is configured)" },
    check: { type: "boolean", help: "write nothing; exit with 1 when a changeset or a history is not as it should be" },
  },
  examples: ["charter changeset", "charter changeset --check", "charter changeset --against git:v1.0.0"],
  async run(values, reporter) {
    const against = againstOf(values);
    const workspace = await openWorkspace(values);
    const { root, config, out } = workspace;
    const existing = await readChangesets(root);
    const loading = loadChanges({ workspace, naming: config, against, registry: text(values, "registry") });
    const { changes, baseline, schema } = await reporter.progress("Comparing the schemas with the baseline …", loading);
    const { existing: packages } = await readPackagesFolder(out);
    const known = new Set([...packages.values()].map((json) => String(json["name"])));
    const demands = demandsOf(changes, config, known);
    const findings = checkChangesets(demands, existing, known);
    const histories = await planHistories(workspace, { baseline, schema });
    if (flag(values, "check")) {
      const all = [...findings, ...histories.flatMap((each) => each.finding ?? [])];
      reporter.findings(all, root);
      if (all.length === 0) reporter.result("The changesets ask for what the changes demand.");
      return all.length === 0 ? 0 : 1;
    }
    const edits = planChangesets(demands, existing, tellChanges);
    const removed = new Set(edits.filter(({ text: content }) => content === undefined).map(({ file }) => file));
    // Our own file for a package that was taken back goes with it; a person's is for a person to correct.
    const unknown = findings.filter(
      ({ code, position }) => code === "changeset-unknown-package" && !removed.has(position?.file ?? ""),
    );
    if (unknown.length > 0) throw new FindingsError(unknown, 2);
    await applyChangesetEdits(root, edits);
    const remembered = await applyHistories(workspace, histories);
    for (const { file, text: content } of edits)
      reporter.result(`${content === undefined ? "Removed" : "Wrote"} ${file}.`);
    if (edits.length === 0) reporter.result("The changesets are as the changes demand.");
    for (const line of remembered) reporter.result(line);
    return 0;
  },
};
