import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChangeReport, DiffReport } from "../../scripts/core/diff-report.ts";
import { charter } from "./cli.ts";
import { diffReport, reportOf } from "./diff.ts";
import { commitAll, git, startRepository } from "./git.ts";
import { schema } from "./refusal.ts";
import { temporaryFolder, writeTree } from "./tree.ts";

const PACKAGE = "acme.orders.v1";
export const PROTO = "proto/acme/orders/v1/order.proto";
export const HISTORY = "packages/orders-v1/history.json";

export const order = (...fields: readonly string[]): string =>
  schema(PACKAGE, `message Order {\n${fields.map((field) => `  ${field}\n`).join("")}}\n`);

/** What the first release has. */
export const FIELDS = ["string id = 1;", "string note = 3;", "int32 count = 4;"];
export const [ID = "", NOTE = "", COUNT = ""] = FIELDS;
/** What the next release has. */
export const WITHOUT_NOTE = ['reserved 3;\n  reserved "note";', ID, COUNT];

/** What is remembered of the note. */
export const LINE = `  {"message": "acme.orders.v1.Order", "number": 3, "name": "note", "type": "string"},`;
export const historyOf = (...lines: readonly string[]): string =>
  `[\n${[...lines, '  {"version": 1}', "]"].join("\n")}\n`;

/** A repository whose `main` is what was released last. */
export class Repository {
  readonly folder = temporaryFolder();

  async start(attributes = ""): Promise<void> {
    writeTree(this.root, {
      "buf.yaml": "version: v2\nmodules:\n  - path: proto\nlint:\n  use: [MINIMAL]\n",
      "charter.yaml": 'scope: "@acme"\nlicense: MIT\n',
      ".gitignore": "packages/*/src\npackages/*/proto\npackages/*/*.binpb\npackages/*/witness.ts\npackages/*/LICENSE\n",
      ".gitattributes": attributes,
      ".changeset/config.json": "{}\n",
    });
    this.write(...FIELDS);
    await this.run("generate");
    startRepository(this.root);
  }

  get root(): string {
    return join(this.folder.path, "root");
  }

  write(...fields: readonly string[]): void {
    writeTree(this.root, { [PROTO]: order(...fields) });
  }

  async run(...args: readonly string[]): Promise<string> {
    const result = await charter([...args, "--root", this.root]);
    assert.equal(result.status, 0, `${args.join(" ")}: ${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  get history(): string | undefined {
    const file = join(this.root, HISTORY);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  set history(text: string) {
    writeFileSync(join(this.root, HISTORY), text);
  }

  branch(name: string): void {
    git(this.root, "switch", "--quiet", "--create", name, "main");
  }

  /** The branch becomes what was released last. */
  async merge(): Promise<void> {
    await this.run("generate");
    commitAll(this.root, "release");
    const commit = git(this.root, "rev-parse", "HEAD");
    git(this.root, "switch", "--quiet", "main");
    git(this.root, "merge", "--quiet", commit);
  }

  /** The codes of what `changeset --check` says of histories. */
  async findings(): Promise<readonly string[]> {
    const { stderr } = await charter(["changeset", "--check", "--root", this.root]);
    return [...stderr.matchAll(/\[(history-\w+)\]/g)].map(([, code]) => code ?? "");
  }

  async changes(...args: readonly string[]): Promise<readonly ChangeReport[]> {
    return changesOf(await diffReport(["--root", this.root, ...args], this.folder.path));
  }
}

export function changesOf(report: DiffReport): readonly ChangeReport[] {
  return reportOf(report, PACKAGE).changes;
}

export const rulesOf = (changes: readonly ChangeReport[]): readonly string[] => changes.map(({ rule }) => rule);
