import { type Finding, finding } from "./finding.ts";

/** An address that a publish would use, and the setting that says so. */
export interface RegistryTarget {
  /** As a person would look for it: "pnpm config get registry", "publishConfig.registry of @bookstore/catalog-v1". */
  readonly setting: string;
  /** What the setting says; undefined when it says nothing. */
  readonly url: string | undefined;
}

/** True for an address of 127.0.0.0/8 or ::1, as a socket reports it. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
  return plain === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(plain);
}

/**
 * True when `text` is an http address that can only mean this machine: 127.0.0.0/8, [::1] or localhost.
 * Judged on the parsed host, so neither `http://127.0.0.1@evil.example/` nor `http://127.0.0.1.evil.example/` passes.
 */
export function isLoopbackUrl(text: string | undefined): boolean {
  if (text === undefined || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (protocol !== "http:" && protocol !== "https:") return false;
  return hostname === "localhost" || hostname === "[::1]" || isLoopbackAddress(hostname);
}

/** One finding for each address that is not on this machine. Empty: the publish may begin. */
export function findTargetsBeyondLoopback(targets: readonly RegistryTarget[]): readonly Finding[] {
  return targets
    .filter(({ url }) => !isLoopbackUrl(url))
    .map(({ setting, url }) => finding("publish-not-loopback", { setting, url: withoutCredentials(url) }));
}

/** An address as it may be shown. */
export function withoutCredentials(text: string | undefined): string {
  if (text === undefined || text === "") return "(nothing)";
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.href;
}
