import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { REPOSITORY } from "./cli.ts";
import { builtPackages, PACKAGES } from "./packages.ts";
import { temporaryFolder } from "./tree.ts";

/** A folder of modules in which all our packages, and what they need beside them, are installed as npm does it. */
export function consumerFolder(): ReturnType<typeof temporaryFolder> {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, "package.json"), '{ "type": "module" }\n');
  const modules = join(folder.path, "node_modules");
  const link = (name: string, target: string): void => {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(target, join(modules, name));
  };
  for (const outside of ["@types/node", "@grpc/grpc-js"]) {
    link(outside, join(REPOSITORY, "node_modules", outside));
  }
  for (const each of builtPackages()) link(each.name, join(PACKAGES, each.folder));
  return folder;
}

/** The README of a package, by its folder. */
export function readmeOf(packageFolder: string): string {
  return readFileSync(join(PACKAGES, packageFolder, "README.md"), "utf8");
}

/** The `ts` snippets of a package's README, in their order. */
export function readmeSnippets(packageFolder: string): readonly string[] {
  return snippetsOf(readmeOf(packageFolder));
}

export function snippetsOf(readme: string): readonly string[] {
  return [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
}
