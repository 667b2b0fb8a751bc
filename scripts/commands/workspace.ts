import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Against, parseAgainst } from "../core/against.ts";
import { CONFIG_FILE, parseConfig } from "../core/config.ts";
import { FindingsError, usageError } from "../core/finding.ts";
import type { Naming } from "../core/names.ts";
import { isUtf8 } from "../io/proto-tree.ts";
import { readOptional } from "../io/write-file.ts";
import type { Values, Workspace } from "./command.ts";

/** Reads the configuration of the workspace that the flags name. */
export async function openWorkspace(values: Values): Promise<Workspace> {
  for (const option of ["root", "out"]) {
    // `--out "$OUT"` where nobody set it: the current folder is not what was meant.
    if (text(values, option) === "") throw usageError("option-empty", { option });
  }
  const root = rootOf(values);
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw usageError("root-missing", { root });
  const file = await readOptional(join(root, CONFIG_FILE));
  if (file !== undefined && !isUtf8(file)) throw usageError("not-utf8", {}, { file: CONFIG_FILE });
  const config = parseConfig(file?.toString("utf8"), { scope: text(values, "scope") });
  const out = text(values, "out");
  return { root, config, out: out === undefined ? resolve(root, config.out) : resolve(out) };
}

/** The folder that the findings' files are named from. */
export function rootOf(values: Values): string {
  return resolve(text(values, "root") ?? ".");
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

/**
 * The workspace where no scope is needed: its packages have no names in npm when none is configured.
 * @returns `naming` undefined in that case; the scope in `workspace` then means nothing.
 */
export async function openTree(
  values: Values,
): Promise<{ readonly workspace: Workspace; readonly naming: Naming | undefined }> {
  try {
    const workspace = await openWorkspace(values);
    return { workspace, naming: workspace.config };
  } catch (error) {
    const unscoped = error instanceof FindingsError && error.findings.every(({ code }) => code === "scope-missing");
    if (!unscoped) throw error;
    return { workspace: await openWorkspace({ ...values, scope: "@unscoped" }), naming: undefined };
  }
}

/** The baseline that `--against` names. @throws FindingsError also for a `--registry` that nothing would be read from. */
export function againstOf(values: Values): Against {
  for (const option of ["against", "registry"]) {
    if (text(values, option) === "") throw usageError("option-empty", { option });
  }
  const given = text(values, "against");
  const against = parseAgainst(given);
  if (text(values, "registry") !== undefined && (against.kind === "git" || against.kind === "path")) {
    throw usageError("registry-unused", { against: given ?? "" });
  }
  return against;
}
