import type { Day } from "./calendar-day.ts";
import { fnv1a } from "./fingerprint.ts";
import type { LifecycleEntry, LifecycleFile } from "./lifecycle-file.ts";
import type { Names } from "./lifecycle-names.ts";
import { entriesByName, type LifecycleState, stateOf } from "./lifecycle-state.ts";

/** What happens to an element on a day. */
export interface CalendarEvent {
  readonly on: Day;
  readonly event: "deprecated" | "sunset";
  readonly name: string;
  /** `package`, `method`, `enum value`; of what is gone, nobody can tell: `element`. */
  readonly kind: string;
  /** Of the element, on the day that was asked for. */
  readonly state: LifecycleState;
  readonly successor: string | undefined;
  readonly reason: string | undefined;
}

/** `charter lifecycle --format json`. */
export interface Calendar {
  readonly version: 1;
  readonly on: Day;
  readonly events: readonly CalendarEvent[];
  /** What the schemas call deprecated, without a date for anybody to plan by. */
  readonly undated: readonly string[];
}

/** All dates of the file, the first day first, and by name within a day. */
export function assembleCalendar(file: LifecycleFile, names: Names, on: Day): Calendar {
  const entries = entriesByName(file.entries);
  const eventsOf = (entry: LifecycleEntry): readonly CalendarEvent[] => {
    const { name, deprecated, sunset, successor, reason } = entry;
    const kind = names.get(name)?.kind ?? "element";
    const shared = { name, kind, state: stateOf(name, entries, names, on), successor, reason };
    const first: CalendarEvent = { on: deprecated, event: "deprecated", ...shared };
    return sunset === undefined ? [first] : [first, { on: sunset, event: "sunset", ...shared }];
  };
  const events = file.entries.flatMap(eventsOf).sort((a, b) => order(keyOf(a), keyOf(b)));
  return { version: 1, on, events, undated: undated(names, file) };
}

function keyOf({ on, event, name }: CalendarEvent): string {
  return `${on} ${event} ${name}`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The outermost of what is deprecated: who is told of a service need not be told of its methods. */
function undated(names: Names, file: LifecycleFile): readonly string[] {
  const dated = file.entries.map(({ name }) => name);
  const told = (name: string, by: readonly string[]): boolean =>
    by.some((each) => name === each || name.startsWith(`${each}.`));
  const found: string[] = [];
  const marked = [...names].flatMap(([name, { deprecated }]) => (deprecated ? [name] : [])).sort(order);
  for (const name of marked) if (!told(name, dated) && !told(name, found)) found.push(name);
  return found;
}

/** For a person. */
export function renderCalendarText({ on, events, undated }: Calendar): string {
  const lines = events.map(({ on: day, event, name, kind, state, successor }) => {
    const next = successor === undefined ? "" : `, use ${successor}`;
    return `${day}  ${event.padEnd("deprecated".length)}  ${name} (${kind}, ${stateText(state)}${next})`;
  });
  const head = lines.length === 0 ? "Nothing has a date." : `On ${on}:`;
  const rest = undated.length === 0 ? [] : ["", "Deprecated without a date:", ...undated.map((name) => `  ${name}`)];
  return [head, ...lines, ...rest].join("\n");
}

function stateText(state: LifecycleState): string {
  return state === "gone" ? "gone" : `now ${state}`;
}

/** RFC 5545: one event for each date, which without an end lasts the day. What has a UID keeps it, so that a moved date moves in the calendar. */
export function renderCalendarIcs({ on, events }: Calendar): string {
  const stamp = `${compact(on)}T000000Z`;
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Charter//Lifecycle//EN",
    "CALSCALE:GREGORIAN",
    ...events.flatMap((event) => icsOf(event, stamp)),
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join("");
}

function icsOf({ on, event, name, kind, successor, reason }: CalendarEvent, stamp: string): readonly string[] {
  const next = successor === undefined ? "Nothing takes its place." : `Use ${successor}.`;
  return [
    "BEGIN:VEVENT",
    `UID:${fnv1a(new TextEncoder().encode(`${event} ${name}`))}@charter`,
    `DTSTAMP:${stamp}`,
    `DTSTART;VALUE=DATE:${compact(on)}`,
    `SUMMARY:${escapeText(`${name}: ${event}`)}`,
    `DESCRIPTION:${escapeText([`The ${kind} ${name}.`, next, ...(reason === undefined ? [] : [reason])].join(" "))}`,
    "TRANSP:TRANSPARENT",
    "END:VEVENT",
  ];
}

function compact(day: Day): string {
  return day.replaceAll("-", "");
}

function escapeText(text: string): string {
  return text.replace(/[\\;,]/g, (sign) => `\\${sign}`).replace(/\r\n|\r|\n/g, "\\n");
}

/** A line has at most 75 bytes; what goes on begins with a blank. No character is cut apart. */
function fold(line: string): string {
  const lines: string[] = [];
  let [current, length] = ["", 0];
  for (const character of line) {
    const size = new TextEncoder().encode(character).length;
    if (length + size > 75) {
      lines.push(current);
      [current, length] = [" ", 1];
    }
    current += character;
    length += size;
  }
  return [...lines, current].join("\r\n");
}
