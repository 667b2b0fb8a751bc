import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is gone when its block ends. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** A file that nobody else may read. */
  write(name: string, content: string | Uint8Array): Promise<void>;
}

export async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  return {
    path,
    write: (name, content) => writeFile(join(path, name), content, { mode: 0o600 }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}
