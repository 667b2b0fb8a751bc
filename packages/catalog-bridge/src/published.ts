import type { Edition } from "@bookstore/catalog-v2";

type Day = Edition["publishDate"];

/** `2006-01-02`, `2006-01` or `2006`; undefined for other texts. */
export function dayOf(text: string): Day {
  const [found, ...parts] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text) ?? [];
  const [year = 0, month = 0, day = 0] = parts.map((part) => Number(part ?? 0));
  // What is written as zero is no month, and not a month that is not known.
  const isWhole = year > 0 && parts.every((part, at) => part === undefined || [year, month, day][at] !== 0);
  return found !== undefined && isWhole && month <= 12 && day <= 31 ? { year, month, day } : undefined;
}

export function publishedText(day: Day): string {
  if (day === undefined || day.year === 0) return "";
  const parts = day.month === 0 ? [] : day.day === 0 ? [day.month] : [day.month, day.day];
  return [String(day.year).padStart(4, "0"), ...parts.map((part) => String(part).padStart(2, "0"))].join("-");
}
