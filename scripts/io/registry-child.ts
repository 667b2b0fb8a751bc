import { rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { runServer } from "verdaccio";

/** What the parent sends once, to start. */
export interface RegistrySettings {
  /** Verdaccio's configuration, as its config.yaml would hold it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Removed when the registry ends; undefined: nothing is. */
  readonly temporaryFolder: string | undefined;
}

/** What this process answers, once. */
export type RegistryAnswer = { readonly port: number } | { readonly reason: string };

let temporaryFolder: string | undefined;

// The channel closes when the parent closes it, exits, crashes or is killed: whatever happens, this process ends too.
process.on("disconnect", () => {
  if (temporaryFolder !== undefined) rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
});
// Ctrl-C reaches the whole group. The parent decides when the registry ends; if it dies of it, see above.
process.on("SIGINT", () => {});

process.once("message", (settings: RegistrySettings) => {
  temporaryFolder = settings.temporaryFolder;
  start(settings.config).then(
    (port) => answer({ port }),
    (error: unknown) => answer({ reason: error instanceof Error ? error.message : String(error) }),
  );
});

async function start(config: RegistrySettings["config"]): Promise<number> {
  const server: Server = await runServer(config as unknown as Parameters<typeof runServer>[0]);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // Port 0: the system picks a free one. 127.0.0.1 and never a name: no other machine can reach it.
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function answer(message: RegistryAnswer): void {
  process.send?.(message);
}
