import type { Dates } from "./marks.ts";
import { Metadata, type ReadonlyMetadata } from "./metadata.ts";

/** The keys under which a server announces an end: RFC 9745 and RFC 8594. */
export const DEPRECATION = "deprecation";
const SUNSET = "sunset";

/** The headers of a call whose method is deprecated: `deprecation: @1796083200`, `sunset: Thu, 01 Jul 2027 00:00:00 GMT`. */
export function writeAnnouncement({ since, sunset }: Dates): Metadata {
  const headers = new Metadata({ [DEPRECATION]: `@${Date.parse(since) / 1000}` });
  if (sunset !== undefined) {
    headers.set(SUNSET, new Date(sunset).toUTCString());
  }
  return headers;
}

/**
 * What a server says of the end of a method. Whoever wrote the header: what is no date is left out.
 * @returns undefined when it says nothing of the kind.
 */
export function readAnnouncement(header: ReadonlyMetadata): Partial<Dates> | undefined {
  const text = header.get(DEPRECATION);
  // RFC 9745's drafts had `true` where there was no date, and many servers still write it.
  if (text === undefined || !/^(?:@-?\d{1,12}|true)$/.test(text)) {
    return undefined;
  }
  const since = text === "true" ? undefined : dayOf(Number(text.slice(1)) * 1000);
  const sunset = dayOf(Date.parse(header.get(SUNSET) ?? ""));
  return { ...(since === undefined ? {} : { since }), ...(sunset === undefined ? {} : { sunset }) };
}

/** @returns undefined for no time, and for one that is not written with four digits. */
function dayOf(time: number): string | undefined {
  const date = new Date(time);
  const year = date.getUTCFullYear();
  return year >= 0 && year <= 9999 ? date.toISOString().slice(0, "YYYY-MM-DD".length) : undefined;
}
