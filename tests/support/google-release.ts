import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../scripts/io/process.ts";
import { unpackTarball } from "../../scripts/io/tar.ts";
import { writeTree } from "./tree.ts";

/** Two releases a year apart: 5,449 and 7,207 files. */
export const RELEASES = { before: "5.0.0", after: "6.0.1" } as const;

/**
 * Writes a release of google-proto-files as a buf workspace: the schemas of all of Google's APIs, less protobuf's own,
 * which buf brings. npm fetches it from the registry that it is configured for.
 * @param folder that of the workspace. The tarball stays beside what it had.
 */
export async function writeGoogleRelease(version: string, folder: string): Promise<void> {
  writeTree(folder, { "buf.yaml": "version: v2\n" });
  const packed = await run("npm", ["pack", "--json", `google-proto-files@${version}`], { cwd: folder });
  if (packed.status !== 0) throw new Error(`npm pack: ${packed.stderr}`);
  const [{ filename }] = JSON.parse(packed.stdout.toString("utf8")) as [{ filename: string }];
  const files = unpackTarball(readFileSync(join(folder, filename)));
  const schemas = [...files].filter(
    ([path]) => /^(google|grafeas)\/.*\.proto$/.test(path) && !path.startsWith("google/protobuf/"),
  );
  writeTree(folder, Object.fromEntries(schemas));
}
