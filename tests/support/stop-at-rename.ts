import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * Makes a command end where the n-th file or folder below its own folder would get its final name: `killed` without a
 * chance to clean up, or `refused` by the system.
 * @returns the environment for it, which loads this file first.
 */
export function stopAtRename(at: number, how: "killed" | "refused"): NodeJS.ProcessEnv {
  const preload = pathToFileURL(import.meta.filename).href;
  return { NODE_OPTIONS: `--import ${preload}`, STOP_AT: String(at), STOP_HOW: how };
}

const stopAt = process.env["STOP_AT"];

if (stopAt !== undefined) {
  const { rename } = promises;
  let left = Number(stopAt);
  promises.rename = async (from, to) => {
    if (String(to).startsWith(process.cwd()) && --left === 0) {
      if (process.env["STOP_HOW"] === "killed") process.kill(process.pid, "SIGKILL");
      throw Object.assign(new Error("EACCES: permission denied, rename"), { code: "EACCES", path: String(to) });
    }
    return await rename(from, to);
  };
  syncBuiltinESMExports();
}
