import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { writeTree } from "./tree.ts";

/** A corpus of real schemas: the npm package google-proto-files. */
const CORPUS = dirname(createRequire(import.meta.url).resolve("google-proto-files/package.json"));

/** The folders of the corpus that hold one version of an API: `google/pubsub/v1`. Sorted. */
export function versionedFolders(): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    const entries = readdirSync(join(CORPUS, folder), { withFileTypes: true });
    const versioned = /\/v\d+(?:p\d+)?(?:(?:alpha|beta)\d*)?$/.test(folder);
    if (versioned && entries.some((entry) => entry.name.endsWith(".proto"))) found.push(folder);
    for (const entry of entries) if (entry.isDirectory()) visit(`${folder}/${entry.name}`);
  };
  for (const root of ["google", "grafeas"]) visit(root);
  return found.sort();
}

/** The texts of the files of some folders, and of all that they import, by import path. */
export function googleFiles(folders: readonly string[]): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const add = (file: string): void => {
    if (files[file] !== undefined || file.startsWith("google/protobuf/")) return;
    const text = readFileSync(join(CORPUS, file), "utf8");
    files[file] = text;
    for (const [, imported] of text.matchAll(/^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"/gm)) add(imported ?? "");
  };
  for (const folder of folders) {
    for (const name of readdirSync(join(CORPUS, folder))) if (name.endsWith(".proto")) add(`${folder}/${name}`);
  }
  return files;
}

/** Writes a buf workspace with those files. */
export function writeGoogleTree(target: string, folders: readonly string[]): void {
  writeTree(target, { ...googleFiles(folders), "buf.yaml": "version: v2\n" });
}

/** The proto packages that the files of a folder name. */
export function packagesOf(folder: string): readonly string[] {
  const files = Object.entries(googleFiles([folder])).filter(([file]) => dirname(file) === folder);
  return files.map(([, text]) => /^package\s+([\w.]+)\s*;/m.exec(text)?.[1] ?? "");
}
