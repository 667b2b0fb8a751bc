import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { REPOSITORY } from "./cli.ts";

/**
 * Gives a folder of packages a node_modules, so that they find each other and what they need from outside, as an
 * install would.
 */
export function linkPackages(out: string): void {
  const link = (name: string, target: string): void => {
    const path = join(out, "node_modules", name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  };
  for (const outside of ["@bufbuild/protobuf", "@grpc/grpc-js", "@types/node"]) {
    link(outside, join(REPOSITORY, "node_modules", outside));
  }
  for (const folder of readdirSync(out)) {
    if (folder === "node_modules") continue;
    const json: { name: string } = JSON.parse(readFileSync(join(out, folder, "package.json"), "utf8"));
    link(json.name, join(out, folder));
  }
}
