import { usageError } from "./finding.ts";
import { isLoopbackUrl } from "./loopback.ts";

/** What `--against` asks for. */
export type Against =
  /** Nothing: what was published last, where a registry knows it, else the merge base. */
  | { readonly kind: "default" }
  | { readonly kind: "npm" }
  /** One published package and no other. `version` is also a tag such as `latest`. */
  | { readonly kind: "npm-package"; readonly name: string; readonly version: string }
  | { readonly kind: "git"; readonly ref: string }
  /** A folder with schemas, or an image. */
  | { readonly kind: "path"; readonly path: string };

const NPM_PACKAGE = /^npm:(@[a-z0-9][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*)(?:@([\w.+-]+))?$/;

/** @param text as given; undefined when the option was left out. A path that looks like another form: `./npm`. */
export function parseAgainst(text: string | undefined): Against {
  if (text === undefined) return { kind: "default" };
  if (text === "npm") return { kind: "npm" };
  if (text.startsWith("npm:")) {
    const [, name, version = "latest"] = NPM_PACKAGE.exec(text) ?? [];
    if (name === undefined) throw usageError("against-npm-name", { against: text });
    return { kind: "npm-package", name, version };
  }
  if (text.startsWith("git:")) return { kind: "git", ref: text.slice("git:".length) };
  return { kind: "path", path: text };
}

/** A setting that names a closed port on purpose, so that a publish that forgot its registry ends there. */
export function isNowhere(registry: string): boolean {
  return isLoopbackUrl(registry) && new URL(registry).port === "9";
}

/** @throws FindingsError when it is no address of a registry. @returns the address, which ends with a slash. */
export function parseRegistry(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw usageError("registry-url", { registry: text });
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}
