import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./cli.ts";
import { schema } from "./refusal.ts";
import { writeTree } from "./tree.ts";

/** What is done to a package: nothing, or the bump that it asks of a stable one. */
export type Edit = "none" | "patch" | "minor" | "major";

/** One of the many. */
export interface Package {
  /** `p007.v1`, below `acme`; of an unstable one `p009.v1beta1`. */
  readonly name: string;
  /** Its folder in `packages`. */
  readonly folder: string;
  readonly edit: Edit;
  /** What it was released as before the edit. */
  readonly version: string;
  /** A package that one of its fields takes a type from. */
  readonly needs: Package | undefined;
}

/** The last of them stay as they are, so that what happens to them comes from what they need. */
const UNTOUCHED = 5;

/** Every tenth is unstable, every tenth needs the one before it; the edits take turns. */
export function planPackages(count: number): readonly Package[] {
  const packages: Package[] = [];
  for (let index = 0; index < count; index++) {
    const version = index % 10 === 9 ? "v1beta1" : "v1";
    const id = `p${String(index).padStart(3, "0")}`;
    const edits = ["minor", "patch", "major"] as const;
    const untouched = index >= count - UNTOUCHED;
    // What stays as it is needs a package that was changed in each way.
    const needed = untouched ? packages[index % edits.length] : index % 10 === 4 ? packages[index - 1] : undefined;
    packages.push({
      name: `${id}.${version}`,
      folder: `${id}-${version}`,
      edit: untouched ? "none" : (edits[index % edits.length] ?? "none"),
      version: version === "v1" ? `${1 + (index % 3)}.${index % 7}.${index % 5}` : `0.${1 + (index % 4)}.${index % 5}`,
      needs: needed,
    });
  }
  return packages;
}

/** A tree of them, before any edit. `charter generate` then writes the packages, and `release` gives them versions. */
export function writePackages(root: string, packages: readonly Package[]): void {
  writeTree(root, {
    "buf.yaml": "version: v2\nmodules:\n  - path: proto\nlint:\n  use: [MINIMAL]\n",
    "charter.yaml": 'scope: "@acme"\nlicense: MIT\n',
    ".gitignore": ["node_modules", "src", "proto", "schema.binpb", "LICENSE", "witness.ts"]
      .map((each) => (each === "node_modules" ? "node_modules\n" : `packages/*/${each}\n`))
      .join(""),
    // What `changeset version` asks of a monorepo.
    "package.json": '{ "name": "many", "private": true, "workspaces": ["packages/*"] }\n',
    "package-lock.json": '{ "name": "many", "lockfileVersion": 3, "packages": {} }\n',
    ".changeset/config.json": readFileSync(join(REPOSITORY, ".changeset", "config.json")),
    ...Object.fromEntries(packages.map((each) => [pathOf(each), sourceOf(each, "none")])),
  });
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
}

/** Gives each package the version that it was released as. */
export function release(root: string, packages: readonly Package[]): void {
  for (const { folder, version } of packages) {
    const file = join(root, "packages", folder, "package.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"version": "[^"]*"/, `"version": "${version}"`));
  }
}

/** Does to each package what is planned. */
export function editPackages(root: string, packages: readonly Package[]): void {
  writeTree(root, Object.fromEntries(packages.map((each) => [pathOf(each), sourceOf(each, each.edit)])));
}

export function versionOf(root: string, { folder }: Package): string {
  const json: { version: string } = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"));
  return json.version;
}

function pathOf({ name }: Package): string {
  return `proto/acme/${name.replace(".", "/")}/${name.split(".")[0]}.proto`;
}

/** A service with two rpcs, and messages for them: about what a small package has. */
function sourceOf({ name, needs }: Package, edit: Edit): string {
  const other = needs === undefined ? "" : `  acme.${needs.name}.Item other = 4;\n`;
  const body = `// The things of ${name}.
service ItemService {
  // One of them.
  rpc GetItem(GetItemRequest) returns (Item);
  // All of them.
  rpc ListItems(ListItemsRequest) returns (stream Item);
}

message GetItemRequest {
  string id = 1;
}

message ListItemsRequest {
  int32 page_size = 1;
  repeated Kind kinds = 2;
}

// ${edit === "patch" ? "A thing, in better words." : "A thing."}
message Item {
  string id = 1;
  string ${edit === "major" ? "remark" : "note"} = 2;
  map<string, int64> counts = 3;
${other}${edit === "minor" ? "  bool gift = 5;\n" : ""}}

enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_SMALL = 1;
  KIND_LARGE = 2;
}
`;
  return schema(`acme.${name}`, body, ...(needs === undefined ? [] : [pathOf(needs).replace("proto/", "")]));
}
