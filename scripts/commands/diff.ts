import { assembleReport, FAIL_ON, fails } from "../core/diff-report.ts";
import type { Position } from "../core/finding.ts";
import { renderDiffMarkdown } from "../core/render-diff-markdown.ts";
import { renderDiffText } from "../core/render-diff-text.ts";
import { placeOf } from "../io/reporter.ts";
import { type Command, WORKSPACE_OPTIONS } from "./command.ts";
import { compareVersions, versionsOf } from "./compare-versions.ts";
import { loadChanges } from "./load-changes.ts";
import { againstOf, flag, oneOf, openTree, text } from "./workspace.ts";

export const diff: Command = {
  name: "diff",
  summary: "What changed in the schemas, who notices, and which bump it is.",
  details: [
    "Compares each proto package with what was published last, where npm has a registry for the scope and the registry",
    "knows the package; else with the merge base. --against names another baseline: npm, npm:@acme/orders-v1@1.2.0,",
    "git:REF, a folder with schemas, or an image that `buf build -o` wrote. It writes nothing.",
    "The rules are one opinion. The compiler is the other: a consumer of each package as it was is compiled against the",
    "package as it would be, and what it finds alone is told as `compiler-disagrees`.",
  ],
  options: {
    ...WORKSPACE_OPTIONS,
    against: { type: "string", value: "BASELINE", help: "what to compare with (default: npm, else the merge base)" },
    registry: { type: "string", value: "URL", help: "where published packages are (default: as npm is configured)" },
    "rules-only": { type: "boolean", help: "do not ask the compiler, nor look at what was published: quicker" },
    format: { type: "string", value: "FORMAT", help: "text, json or markdown (default: text)" },
    from: {
      type: "string",
      value: "PACKAGE",
      help: "with --to: compare two versions of an API, such as acme.shop.v1 …",
    },
    to: { type: "string", value: "PACKAGE", help: "… and acme.shop.v2" },
    "fail-on": {
      type: "string",
      value: "LEVEL",
      help: "exit with 1 from patch, minor, major or break on (default: none)",
    },
  },
  examples: [
    "charter diff",
    "charter diff --against git:v1.0.0 --fail-on major",
    "charter diff --against npm --registry https://npm.acme.example/ --format markdown",
    "charter diff --root new --against old --format json",
    "charter diff --from bookstore.catalog.v1 --to bookstore.catalog.v2",
  ],
  async run(values, reporter) {
    const format = oneOf(values, "format", ["text", "json", "markdown"]);
    const limit = oneOf(values, "fail-on", FAIL_ON);
    const against = againstOf(values);
    const { workspace, naming } = await openTree(values);
    const rulesOnly = flag(values, "rules-only");
    const versions = versionsOf(values);
    const loading =
      versions === undefined
        ? loadChanges({ workspace, naming, against, registry: text(values, "registry"), rulesOnly })
        : compareVersions(workspace, versions);
    const loaded = await reporter.progress("Comparing the schemas with the baseline …", loading);
    const name = versions?.from ?? text(values, "against") ?? "default";
    const report = assembleReport({ ...loaded, against: name, naming });
    if (format === "json") reporter.json(report);
    else if (format === "markdown") reporter.result(renderDiffMarkdown(report));
    else {
      // A file that is gone has no place from here: it is named as others imported it.
      const files = new Set(loaded.paths.values());
      const rootOf = ({ file }: Position): string => (files.has(file) ? workspace.root : process.cwd());
      reporter.result(renderDiffText(report, (position) => placeOf({ position }, rootOf(position))));
    }
    return fails(report, limit) ? 1 : 0;
  },
};
