/** A day of the calendar in UTC, as it is written: `2026-12-01`. Two of them compare as texts do. */
export type Day = string;

/** A span of time as people agree on it: months are those of the calendar. */
export interface Period {
  readonly months: number;
  readonly days: number;
}

const UNITS: Readonly<Record<string, Period>> = {
  day: { months: 0, days: 1 },
  week: { months: 0, days: 7 },
  month: { months: 1, days: 0 },
  year: { months: 12, days: 0 },
};

/** @param text `6 months`, `90 days`. @returns undefined for anything else, also for nothing at all and a century. */
export function parsePeriod(text: string): Period | undefined {
  const [, count, word] = /^([1-9]\d{0,3}) (day|week|month|year)s?$/.exec(text) ?? [];
  const unit = UNITS[word ?? ""];
  if (unit === undefined) return undefined;
  const period = { months: unit.months * Number(count), days: unit.days * Number(count) };
  return period.months > 1200 ? undefined : period;
}

/** Milliseconds since 1970, at the first moment of the day in UTC. */
export function timeOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

export function addDays(day: Day, days: number): Day {
  return dayOf(timeOf(day) + days * 86_400_000);
}

/** In a month that is too short, its last day: half a year after 31 August is 28 February. */
export function addPeriod(day: Day, { months, days }: Period): Day {
  const date = new Date(timeOf(day));
  const wanted = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(wanted, last));
  return addDays(dayOf(date.getTime()), days);
}

/** The days from one to another; negative when the other is before. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((timeOf(to) - timeOf(from)) / 86_400_000);
}

/** The last day that is written with four digits: 9999-12-31 stands for never, and what follows it does too. */
const LAST = Date.UTC(9999, 11, 31);

function dayOf(time: number): Day {
  return new Date(Math.min(time, LAST)).toISOString().slice(0, "YYYY-MM-DD".length);
}
