import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CONFIG_FILE, parseConfig } from "../core/config.ts";
import { usageError } from "../core/finding.ts";
import { readOptional } from "../io/write-file.ts";
import type { Values, Workspace } from "./command.ts";

/** Reads the configuration of the workspace that the flags name. */
export async function openWorkspace(values: Values): Promise<Workspace> {
  const root = resolve(text(values, "root") ?? ".");
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw usageError("root-missing", { root });
  const file = await readOptional(join(root, CONFIG_FILE));
  const config = parseConfig(file?.toString("utf8"), { scope: text(values, "scope") });
  const out = text(values, "out");
  return { root, config, out: out === undefined ? resolve(root, config.out) : resolve(out) };
}

export function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

export function flag(values: Values, name: string): boolean {
  return values[name] === true;
}

/** The value of an option that knows a few words; the first of them when it was not given. */
export function oneOf<W extends string>(values: Values, name: string, words: readonly [W, ...W[]]): W {
  const value = text(values, name) ?? words[0];
  const word = words.find((each) => each === value);
  if (word === undefined) throw usageError("option-value", { option: name, value, words: words.join(", ") });
  return word;
}
