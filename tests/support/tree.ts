import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder under the system's temp folder that is gone at the end of the scope: `using folder = temporaryFolder()`. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "charter-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes files by their paths below a folder. */
export function writeTree(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** Every file and link below a folder with a digest of what it holds: two equal snapshots are two equal trees. */
export function snapshot(
  folder: string,
  skip: readonly string[] = ["node_modules", ".git"],
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = (path: string, prefix: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const name = `${prefix}${entry.name}`;
      const full = join(path, entry.name);
      if (skip.includes(entry.name)) continue;
      if (entry.isDirectory()) visit(full, `${name}/`);
      else if (entry.isSymbolicLink()) found[name] = `link to ${readlinkSync(full)}`;
      else found[name] = createHash("sha256").update(readFileSync(full)).digest("hex");
    }
  };
  visit(folder, "");
  return found;
}
