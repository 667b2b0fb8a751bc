import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { type Finding, FindingsError, finding, type Position } from "./finding.ts";
import type { Naming } from "./names.ts";
import { nearest } from "./nearest.ts";

/** The file at the root that a team edits once: docs/configuration.md. */
export const CONFIG_FILE = "charter.yaml";

export interface Config extends Naming {
  /** The folder of the generated packages, from the root. Default: `packages`. */
  readonly out: string;
  /** The `license` of new packages, an SPDX expression. Default: `UNLICENSED`. */
  readonly license: string;
  /** The `author` of new packages. */
  readonly author: string | undefined;
  /** The `repository.url` of new packages; `repository.directory` is added. */
  readonly repository: string | undefined;
  /** Refuse a proto package that stands in another folder than its own. Default: false. */
  readonly matchFolders: boolean;
}

type Key = keyof Config;

/** The keys of charter.yaml, each with the type of its value. */
export const CONFIG_KEYS: Readonly<Record<Key, "string" | "boolean">> = {
  scope: "string",
  root: "string",
  out: "string",
  license: "string",
  author: "string",
  repository: "string",
  matchFolders: "boolean",
};

/** An npm scope: `@` and what a URL takes as it is. */
const SCOPE = /^@[a-z0-9][a-z0-9._-]*$/;

/**
 * @param text of charter.yaml; undefined when there is none.
 * @param flags from the command line; they win.
 * @throws FindingsError with every mistake in the file and the flags at once.
 */
export function parseConfig(text: string | undefined, flags: { readonly [K in Key]?: Config[K] | undefined }): Config {
  const findings: Finding[] = [];
  const file = text === undefined ? {} : readKeys(text, findings);
  const chosen = { ...file, ...definedOf(flags) };
  const scope = chosen.scope;
  if (scope === undefined) findings.push(finding("scope-missing"));
  else if (typeof scope !== "string" || !SCOPE.test(scope)) {
    findings.push(finding("scope-invalid", { scope: String(scope) }));
  }
  if (findings.length > 0 || typeof scope !== "string") throw new FindingsError(findings, 2);
  const string = (key: Key, fallback: string): string => {
    const value = chosen[key];
    return typeof value === "string" ? value : fallback;
  };
  return {
    scope,
    root: string("root", scope.slice(1)),
    out: string("out", "packages"),
    license: string("license", "UNLICENSED"),
    author: typeof chosen.author === "string" ? chosen.author : undefined,
    repository: typeof chosen.repository === "string" ? chosen.repository : undefined,
    matchFolders: chosen.matchFolders === true,
  };
}

type Values = { [K in Key]?: string | boolean };

function definedOf(flags: { readonly [K in Key]?: Config[K] | undefined }): Values {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function readKeys(text: string, findings: Finding[]): Values {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number | undefined): Position => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { file: CONFIG_FILE, line, column: col };
  };
  for (const error of document.errors) {
    const [first = error.code] = error.message.split("\n");
    // What follows a semicolon is advice to a programmer.
    const reason = first.replace(/ at line \d+, column \d+:?$/, "").replace(/; please use .*$/, "");
    findings.push(finding("config-syntax", { reason }, at(error.pos[0])));
  }
  if (document.errors.length > 0) return {};
  if (document.contents === null) return {};
  if (!isMap(document.contents)) {
    findings.push(finding("config-no-map", {}, at(0)));
    return {};
  }
  const values: Values = {};
  for (const pair of document.contents.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const position = at(isNode(pair.key) ? pair.key.range?.[0] : undefined);
    if (!isKey(name)) {
      findings.push(
        finding("config-key-unknown", { key: name, nearest: nearest(name, Object.keys(CONFIG_KEYS)) }, position),
      );
      continue;
    }
    const value = isScalar(pair.value) ? pair.value.value : undefined;
    if (typeof value !== CONFIG_KEYS[name]) {
      findings.push(finding("config-value", { key: name, expected: CONFIG_KEYS[name] }, position));
    } else if (typeof value === "string" || typeof value === "boolean") values[name] = value;
  }
  return values;
}

function isKey(name: string): name is Key {
  return Object.hasOwn(CONFIG_KEYS, name);
}
