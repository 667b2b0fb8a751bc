import { emptyBridgeFile } from "../core/bridge-file.ts";
import { usageError } from "../core/finding.ts";
import { renderGuide } from "../core/guide.ts";
import { readPackagesFolder } from "../io/packages-folder.ts";
import { type Command, WORKSPACE_OPTIONS } from "./command.ts";
import { loadSchemas } from "./load-schemas.ts";
import { pairOf, VERSION_ARGUMENTS } from "./version-pair.ts";
import { openWorkspace } from "./workspace.ts";
import { bridgesIn, planBridges } from "./write-bridges.ts";

export const guide: Command = {
  name: "guide",
  summary: "Say how to get from one version of an API to another.",
  details: [
    "Prints markdown: each call before and after, and what became of each field. What a bridge's file says of the two",
    "versions is in it; where there is a bridge, charter generate ships the guide as MIGRATION.md of the new package.",
  ],
  options: WORKSPACE_OPTIONS,
  positionals: VERSION_ARGUMENTS,
  examples: ["charter guide bookstore.catalog v1 v2", "charter guide catalog v1 v2 > guide.md"],
  async run(values, reporter) {
    const workspace = await openWorkspace(values);
    const { generator } = await reporter.progress("Reading the schemas …", loadSchemas(workspace));
    const names = generator.packages.map(({ protoPackage }) => protoPackage);
    const pair = pairOf(values, names, workspace.config.root);
    if (pair === undefined) throw usageError("bridge-versions");
    const bridges = await planBridges(workspace, generator, bridgesIn(await readPackagesFolder(workspace.out)));
    const bridge = bridges.find((each) => each.pair.old === pair.old && each.pair.now === pair.now);
    const file = bridge?.plan.file ?? emptyBridgeFile(pair.old, pair.now);
    const [old, now] = [pair.old, pair.now].map((name) =>
      generator.packages.find((each) => each.protoPackage === name),
    );
    if (old === undefined || now === undefined) throw new Error("a pair of versions that are there");
    reporter.result(renderGuide([old, now], file, workspace.config, generator.nameOf).trimEnd());
    return 0;
  },
};
