import { type Finding, finding } from "./finding.ts";
import { plural } from "./plural.ts";
import { reservedIn } from "./reserved-words.ts";
import { splitVersion } from "./version-names.ts";
import { WELL_KNOWN_PACKAGE } from "./well-known-types.ts";

/** As buf's PACKAGE_LOWER_SNAKE_CASE, with a letter first, as protobuf wants it. */
const PART = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** What a new service is to be called, as a person wrote it. */
export interface GivenName {
  /** `shipping`, or in full `bookstore.shipping`. */
  readonly name: string;
  /** `v1`. */
  readonly version: string;
}

/** What the packages of the tree begin with. A bare name is put below the first; none where nobody can tell. */
export type Roots = readonly string[];

/** @returns the proto package without its version, or everything that is wrong with the name. */
export function readServiceName({ name, version }: GivenName, roots: Roots): string | readonly Finding[] {
  const findings: Finding[] = [];
  if (splitVersion(`a.${version}`) === undefined) findings.push(finding("service-version", { version }));
  const versioned = splitVersion(name);
  if (versioned !== undefined) {
    const args = { name, api: versioned.api || "shipping", version: versioned.version };
    return [...findings, finding("service-versioned", args)];
  }
  const reason = malformation(name);
  if (reason !== undefined) return [...findings, finding("service-name", { name, reason, instead: mended(name) })];
  const parts = name.split(".");
  const [root] = roots;
  for (const word of parts) {
    const language = reservedIn(word);
    if (language !== undefined)
      findings.push(finding("service-word", { name, word, language, instead: freeWord(word) }));
  }
  if (name.endsWith("_service")) {
    findings.push(finding("service-ending", { name, instead: name.slice(0, -"_service".length) }));
  }
  if (parts.length === 1 && root === undefined) findings.push(finding("service-root-missing", { name }));
  const [first = ""] = parts;
  if (parts.length > 1 && root !== undefined && !roots.includes(first)) {
    findings.push(finding("service-root", { root: first, instead: [root, ...parts.slice(1)].join(".") }));
  }
  const full = parts.length === 1 && root !== undefined ? `${root}.${name}` : name;
  if (isWellKnownPackage(full)) findings.push(finding("well-known-package", { package: full }));
  else findings.push(...checkShadows(full, roots));
  return findings.length > 0 ? findings : full;
}

function isWellKnownPackage(name: string): boolean {
  return name === WELL_KNOWN_PACKAGE || name.startsWith(`${WELL_KNOWN_PACKAGE}.`);
}

function malformation(name: string): string | undefined {
  const parts = name.split(".");
  if (parts.includes("")) return "a part of it is empty";
  if (parts.every((part) => PART.test(part))) return undefined;
  if (/[A-Z]/.test(name)) return "it has capital letters";
  if (parts.some((part) => /^\d/.test(part))) return "a part of it begins with a digit";
  const [strange] = /[^a-z0-9_.]/u.exec(name) ?? [];
  return strange === undefined
    ? "its underscores are not between letters and digits"
    : `it has ${quoted(strange)} in it`;
}

function quoted(character: string): string {
  return character === " " ? "a space" : `"${character}"`;
}

/** What was most likely meant. */
function mended(name: string): string {
  const parts = name.split(".").map((part) =>
    part
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^[_0-9]+|_+$/g, ""),
  );
  const kept = parts.filter((part) => PART.test(part) && reservedIn(part) === undefined);
  return kept.join(".") || "shipping";
}

function freeWord(word: string): string {
  const many = plural(word);
  return reservedIn(many) === undefined && !/\d/.test(word) ? many : "shipping";
}

/**
 * Names are looked up from the inside out: in the package `bookstore.google.v1`, `google.protobuf.Timestamp` would be
 * something in `bookstore.google`.
 */
function checkShadows(full: string, roots: Roots): readonly Finding[] {
  const parts = full.split(".");
  return parts.flatMap((word, index) => {
    if (index === 0 || !(word === "google" || word === parts[0] || roots.includes(word))) return [];
    return [finding("service-shadows", { package: full, word, scope: parts.slice(0, index + 1).join(".") })];
  });
}
